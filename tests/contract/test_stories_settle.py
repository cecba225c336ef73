"""Stories in the index follow merges and leads: real Valkey, every index, died at every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.articles import make_article, make_event
from tests.state import NOW, Mill
from tests.texts import edited, sentences, text
from tests.valkey import Valkey
from worker.deduplicate.fingerprint import fingerprint
from worker.deduplicate.parameters import RULES
from worker.errors import IndexUnavailable
from worker.index.documents import content_hash
from worker.index.stage import index_batch
from worker.index.stories import Settled, fullest, in_story, settle_stories
from worker.models import Article, Event, StoryNow, StoryRef, WriteResult
from worker.ports import ArticleIndex
from worker.query.ast import Everything

LONG = sentences(1, 30)


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def put(mill: Mill, name: str, body: Sequence[str], hours: float = 0) -> Article:
    """Through the script and into the outbox."""
    url, words = f"https://{name}.example/1", text(body)
    article = make_article(url, body=words, word_count=len(words.split()), fetched_at=NOW + timedelta(hours=hours))
    answer = mill.stories.assign(
        article.id, site=article.site, language="en", content=content_hash("", "", words),
        fingerprint=fingerprint(words, "en"), now=article.fetched_at,
    )  # fmt: skip
    article = replace(
        article, story=answer.story, duplicate_of=answer.duplicate_of, revision=answer.revision,
        first_seen_at=answer.first_seen_at,
    )  # fmt: skip
    mill.outbox.append_direct(make_event(url, int(hours * 100) + 1), article)
    return article


def write(mill: Mill, index: ArticleIndex) -> None:
    index_batch(
        mill.outbox, index, mill.stories, consumer="w", limit=100, now=NOW, max_deliveries=5, recall=mill.recall
    )


def settle(mill: Mill, index: ArticleIndex) -> Settled:
    return settle_stories(mill.stories, index, mill.outbox, limit=10, lead_growth=RULES.lead_growth)


def stories(index: ArticleIndex) -> dict[str, tuple[StoryRef, str | None]]:
    index.refresh()
    return {article.site: (article.story, article.duplicate_of) for article in index.scan(Everything())}


def check_one_story(index: ArticleIndex, first: Article, long: Article, count: int) -> None:
    found = stories(index)
    assert len(found) == count
    assert {story.id for story, _ in found.values()} == {first.story.id}
    assert {site for site, (story, _) in found.items() if story.is_lead} == {long.site}
    assert {of for site, (_, of) in found.items() if site != long.site} == {long.id}


def three(mill: Mill) -> tuple[Article, Article, Article]:
    return put(mill, "one", LONG[:13]), put(mill, "two", LONG[13:], 1), put(mill, "both", LONG, 2)


def test_two_stories_become_one_in_the_index(mill: Mill, index: ArticleIndex) -> None:
    first, second, long = three(mill)
    write(mill, index)
    assert stories(index)["two.example"][0].id == second.story.id != first.story.id
    settle(mill, index)
    left = [work for work in mill.stories.unsettled(10) if work.other]
    assert left, "merged just now: what was under way may still arrive"
    for _ in range(3):
        mill.later(1)
        settle(mill, index)
    assert mill.stories.unsettled(10) == []
    check_one_story(index, first, long, 3)
    before = {article.id: article.version for article in index.scan(Everything())}
    assert settle(mill, index) == Settled()
    put(mill, "copy", edited(LONG[13:], 1, 15), 3)
    write(mill, index)
    check_one_story(index, first, long, 4)
    assert {a.id: a.version for a in index.scan(Everything()) if a.id in before} == before


def test_a_rewritten_document_keeps_all_but_its_story(mill: Mill, index: ArticleIndex) -> None:
    _, second, _ = three(mill)
    write(mill, index)
    index.refresh()
    before = index.get(second.id)
    for _ in range(4):
        mill.later(1)
        settle(mill, index)
    after = index.get(second.id)
    assert before is not None
    assert after is not None
    assert after.version == before.version + 1
    assert after.revision == before.revision
    assert replace(after, story=before.story, duplicate_of=before.duplicate_of, fetched_at=before.fetched_at) == before
    index.write([before], [])
    assert index.get(second.id) == after, "a late repetition of the first write does not undo it"


def test_what_waits_in_the_outbox_is_waited_for(mill: Mill, index: ArticleIndex) -> None:
    first, _, long = three(mill)
    assert settle(mill, index).done == 0
    mill.later(1)
    assert settle(mill, index) == Settled(0, 0, len(mill.stories.unsettled(10)))
    assert mill.stories.unsettled(10) != []
    write(mill, index)
    for _ in range(2):
        mill.later(1)
        settle(mill, index)
    assert mill.stories.unsettled(10) == []
    check_one_story(index, first, long, 3)


def test_a_document_written_by_one_who_took_it_before_the_merger(mill: Mill, index: ArticleIndex) -> None:
    """The slow writer: its batch was seen through before the two became one, and is written after."""
    first, second, long = three(mill)
    slow = mill.outbox.take("slow", 100)
    settle(mill, index)
    mill.later(1)
    assert settle(mill, index).rewritten == 0
    index.write([item.article for item in slow if item.article is not None], [])
    mill.later(1)
    assert settle(mill, index).done == 0, "not acknowledged yet"
    mill.outbox.ack([(item, item.event.state, item.event.reason) for item in slow])
    assert stories(index)["two.example"][0].id == second.story.id
    settle(mill, index)
    check_one_story(index, first, long, 3)


class Dying:
    """An index that dies before or after its n-th write."""

    def __init__(self, index: ArticleIndex, left: int, *, after: bool) -> None:
        self._index, self._left, self._after = index, left, after

    def __getattr__(self, name: str) -> object:
        return getattr(self._index, name)

    def write(self, articles: Sequence[Article], events: Sequence[Event]) -> list[WriteResult]:
        self._left -= 1
        if self._left >= 0:
            return self._index.write(articles, events)
        if self._after:
            self._index.write(articles, events)
        raise IndexUnavailable("gone")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("left", [0, 1])
def test_died_in_between(mill: Mill, index: ArticleIndex, left: int, after: bool) -> None:
    first, _, long = three(mill)
    write(mill, index)
    dying: ArticleIndex = Dying(index, left, after=after)  # type: ignore[assignment]
    for _ in range(3):
        mill.later(1)
        try:
            settle(mill, dying)
        except IndexUnavailable:
            assert mill.stories.unsettled(10) != []
            break
    for _ in range(3):
        mill.later(1)
        settle(mill, index)
    assert mill.stories.unsettled(10) == []
    check_one_story(index, first, long, 3)


def test_a_fuller_text_takes_the_lead_in_the_index(mill: Mill, index: ArticleIndex) -> None:
    brief = put(mill, "brief", LONG[:10])
    write(mill, index)
    assert stories(index)["brief.example"][0].is_lead
    full = put(mill, "full", LONG, 1)
    write(mill, index)
    mill.later(1)
    assert settle(mill, index) == Settled(done=1, rewritten=1)
    check_one_story(index, brief, full, 2)


def test_a_story_whose_lead_became_another_text_gets_a_new_one(mill: Mill, index: ArticleIndex) -> None:
    put(mill, "one", LONG)
    copy = put(mill, "two", edited(LONG, 1, 14), 1)
    write(mill, index)
    put(mill, "one", sentences(5, 30), 2)
    write(mill, index)
    for _ in range(3):
        mill.later(1)
        settle(mill, index)
    found = stories(index)
    assert found["two.example"] == (StoryRef(copy.story.id, True, copy.story.containment), None)
    assert found["one.example"][0].is_lead
    assert found["one.example"][0].id != copy.story.id
    assert put(mill, "three", edited(LONG, 2, 14), 3).duplicate_of == copy.id


def test_what_nothing_is_known_of_stays_as_it_is() -> None:
    article = make_article(story=StoryRef("a" * 32, False, 0.8), duplicate_of=make_article("https://b.example/").id)
    assert in_story(article, StoryNow("a" * 32, None)) is article
    merged = in_story(article, StoryNow("b" * 32, None))
    assert (merged.story, merged.duplicate_of) == (StoryRef("b" * 32, False, 0.8), article.duplicate_of)


def test_the_lead_is_the_first_unless_a_later_one_is_much_longer() -> None:
    members = [make_article(f"https://{n}.example/", word_count=n) for n in (100, 124, 126, 150, 160)]
    assert fullest(members[:2], 1250).word_count == 100
    assert fullest(members, 1250).word_count == 160
