"""Stories in the index: documents follow when two stories turn out to be one, or another text leads.

The order makes it safe to die anywhere. The change itself is in Redis, in one script, together with its entry in the
queue of what is unsettled. From then on every document is seen through it before it is written (`seen_through`). When
nothing is left in the outbox that may have been taken before that, the documents of the story are read and those that
say otherwise are written again; only then does the entry go. Every step may be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from worker.models import MILLISECOND, Article, OutboxItem, StoryNow, StoryRef, Unsettled, Verdict
from worker.ports import ArticleIndex, Outbox, Stories
from worker.query.ast import Equals, Or

BATCH = 500


@dataclass(frozen=True, slots=True)
class Settled:
    """`waiting`: stories that are looked at again, because documents of theirs are still on their way."""

    done: int = 0
    rewritten: int = 0
    waiting: int = 0


def seen_through(items: Sequence[OutboxItem], stories: Stories) -> list[OutboxItem]:
    """The documents with the story and lead that they have today; they may have waited while that changed."""
    now = stories.current({item.article.story.id for item in items if item.article is not None})
    return [
        item if item.article is None else replace(item, article=in_story(item.article, now[item.article.story.id]))
        for item in items
    ]


def in_story(article: Article, story: StoryNow) -> Article:
    """The same document, in this story. Of a story that nothing is known of only the id is changed."""
    lead = story.lead
    if lead is None and story.id == article.story.id:
        return article
    is_lead = article.id == lead
    return replace(
        article,
        story=StoryRef(story.id, is_lead, article.story.containment),
        duplicate_of=None if is_lead else lead or article.duplicate_of,
    )


def settle_stories(stories: Stories, index: ArticleIndex, outbox: Outbox, *, limit: int, lead_growth: int) -> Settled:
    """Up to `limit` stories, longest waiting first. `lead_growth`: how much longer a lead's rival must be, thousandths.

    Raises IndexUnavailable; what was not done stays queued."""
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
    if members and story.lead not in {member.id for member in members}:
        lead = fullest(members, lead_growth)
        stories.set_lead(story.id, lead)
        story = StoryNow(story.id, lead.id)
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


def fullest(members: Sequence[Article], lead_growth: int) -> Article:
    """The lead among documents in order of appearance: the first, unless a later one is much longer."""
    lead = members[0]
    for member in members[1:]:
        if member.word_count * 1000 > lead.word_count * lead_growth:
            lead = member
    return lead
