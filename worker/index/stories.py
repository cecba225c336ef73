"""Stories in the index: documents follow when two stories turn out to be one, or another text leads.

The order makes it safe to die anywhere. The change itself is in Redis, in one script, together with its entry in the
queue of what is unsettled. From then on every document is seen through it before it is written (`seen_through`). When
nothing is left in the outbox that may have been taken before that, the documents of the story are read and those that
say otherwise are written again; only then does the entry go. Every step may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from worker.models import (
    MILLISECOND,
    Article,
    ArticleId,
    Kind,
    OutboxItem,
    Placed,
    StoryNow,
    Unsettled,
    Verdict,
)
from worker.ports import ArticleIndex, Outbox, Stories
from worker.query.ast import Equals, Or

BATCH = 500
AS_FULL = 1000
"""Any longer text leads."""


@dataclass(frozen=True, slots=True)
class Settled:
    """`waiting`: stories that are looked at again, because documents of theirs are still on their way."""

    done: int = 0
    rewritten: int = 0
    waiting: int = 0


def seen_through(items: Sequence[OutboxItem], stories: Stories) -> list[OutboxItem]:
    """The documents with the story and lead that they have today; they may have waited while that changed.

    What was provisional when it was assigned says so only while a rebuild is at work that has yet to decide it. Where a
    story's lead was erased, the fullest of them leads from now on; the story's other documents follow.
    """
    articles = [item.article for item in items if item.article is not None]
    now = dict(stories.current({article.story.id for article in articles}))
    if any(story.vacant for story in now.values()):
        for story in {story.id: story for story in now.values() if story.vacant}.values():
            members = [article for article in articles if now[article.story.id].id == story.id]
            new_lead(story.id, members, stories, AS_FULL)
        now = dict(stories.current(now))
    placed = stories.placed([article.id for article in articles if article.story.provisional])
    return [
        item if (article := item.article) is None else replace(item, article=_today(article, now, placed))
        for item in items
    ]


def _today(article: Article, now: Mapping[str, StoryNow], placed: Mapping[ArticleId, Placed]) -> Article:
    if not article.story.provisional:
        return in_story(article, now[article.story.id])
    if article.id in placed:
        return in_place(article, placed[article.id])
    return in_story(replace(article, story=replace(article.story, provisional=False)), now[article.story.id])


def in_place(article: Article, placed: Placed) -> Article:
    """The same document, in the story that it was given since; one that is a round-up after all, or none, says so."""
    is_lead, kind = placed.story.is_lead, article.kind
    if placed.is_digest:
        kind = Kind.DIGEST
    elif kind is Kind.DIGEST and article.story.is_lead and not is_lead:
        kind = Kind.ARTICLE
    return replace(article, story=placed.story, duplicate_of=None if is_lead else placed.lead, kind=kind)


def in_story(article: Article, story: StoryNow) -> Article:
    """The same document, in this story. Of a story that nothing is known of only the id is changed."""
    lead = story.lead
    if lead is None and story.id == article.story.id:
        return article
    is_lead = article.id == lead
    return replace(
        article,
        story=replace(article.story, id=story.id, is_lead=is_lead),
        duplicate_of=None if is_lead else lead or article.duplicate_of,
    )


def settle_stories(
    stories: Stories,
    index: ArticleIndex,
    outbox: Outbox,
    *,
    limit: int,
    lead_growth: int,
    changed: Callable[[Collection[str]], None] = lambda _: None,
) -> Settled:
    """Up to `limit` stories, longest waiting first. `lead_growth`: how much longer a lead's rival must be, thousandths.

    `changed` is told of them, under all their ids. Raises IndexUnavailable; what was not done stays queued."""
    todo = stories.unsettled(limit)
    for work in todo:
        if work.other:
            stories.merge(work.story, work.other)  # the first time this asks anew: see merge.lua
    items, _, oldest_s = outbox.size()
    ready = [work for work in todo if not items or oldest_s < work.waits_s]
    if ready:
        index.refresh()
    rewritten = done = 0
    handled: set[str] = set()
    for work in ready:
        story = stories.current([work.story])[work.story]
        if story.id in handled:  # what was just written is not visible yet; next time there is nothing left to do
            continue
        handled.add(story.id)
        written, complete = _settle(work, story, stories, index, lead_growth)
        changed({story.id, work.story, work.other} - {""})
        rewritten += written
        done += complete and stories.settled(work)
    return Settled(done, rewritten, len(todo) - done)


def _settle(
    work: Unsettled, story: StoryNow, stories: Stories, index: ArticleIndex, lead_growth: int
) -> tuple[int, bool]:
    """-> documents rewritten, whether the story's documents now agree."""
    wanted = {story.id, work.story, work.other} - {""}
    members = list(index.scan(Or(tuple(Equals("story.id", name) for name in sorted(wanted)))))
    members = [member for member in members if member.story.id in wanted]
    if members and story.lead not in {member.id for member in members} and not _belongs(story, stories, index):
        lead = new_lead(story.id, members, stories, lead_growth)
        story = StoryNow(story.id, lead.id if lead else None)
    return bring_into_line(members, story, index)


def bring_into_line(members: Sequence[Article], story: StoryNow, index: ArticleIndex) -> tuple[int, bool]:
    """Write anew what says otherwise of its story -> how many documents, whether all of them were stored."""
    changed = [
        # A newer version of the same fetch: a write that was under way meanwhile must not undo it, the next fetch must.
        replace(after, fetched_at=before.fetched_at + MILLISECOND)
        for before in members
        if (after := in_story(before, story)) != before
    ]
    results = [
        result for first in range(0, len(changed), BATCH) for result in index.write(changed[first : first + BATCH], [])
    ]
    return len(changed), all(result.verdict is Verdict.STORED for result in results)


def new_lead(story: str, members: Sequence[Article], stories: Stories, lead_growth: int) -> Article | None:
    """The fullest of the documents that may lead: one that was erased, and is not gone yet, may not."""
    left = sorted(members, key=lambda member: member.first_seen_at)
    while left:
        lead = fullest(left, lead_growth)
        if stories.set_lead(story, lead):
            return lead
        left.remove(lead)
    return None


def _belongs(story: StoryNow, stories: Stories, index: ArticleIndex) -> bool:
    """Is its lead a document that still bears the id of a story that was merged into this one?"""
    lead = index.get(story.lead) if story.lead else None
    return lead is not None and stories.current([lead.story.id])[lead.story.id].id == story.id


def fullest(members: Sequence[Article], lead_growth: int) -> Article:
    """The lead among documents in order of appearance: the first, unless a later one is much longer."""
    lead = members[0]
    for member in members[1:]:
        if member.word_count * 1000 > lead.word_count * lead_growth:
            lead = member
    return lead
