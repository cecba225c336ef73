"""Cleaning stored articles, and learning from them anew: over a real Valkey and each index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.articles import make_article
from tests.state import LIMITS, Mill
from tests.valkey import Valkey
from worker.cleaning import Cleaned, clean_site, relearn
from worker.deduplicate.stage import deduplicate
from worker.extract.unfurnish import SHORT_QUALITY, unfurnish
from worker.index.compose import compose_article
from worker.index.documents import content_hash
from worker.models import Article, Assignment, CleaningJob, Extracted, Fingerprint
from worker.pipeline import identify
from worker.ports import ArticleIndex
from worker.query.ast import Everything, Search, Word
from worker.state.furniture import FurnitureLimits, RedisFurniture
from worker.urls import article_id, site_of

GIVEN = FurnitureLimits(stories=3, max_blocks=4000, days=30, gather_s=0)
MIN_WORDS = 10
BOXES = (
    "Our desk relies on readers: please support independent reporting with a monthly gift.",
    "Comments on this article are closed. 12 readers have written to us so far.",
)
WORDS = (
    "harbour",
    "council",
    "tram",
    "kelp",
    "ferry",
    "seal",
    "storm",
    "letter",
    "bridge",
    "market",
    "school",
    "choir",
)


def text_of(number: int) -> list[str]:
    """Three paragraphs that no other number shares."""
    word, other = WORDS[number % 12], WORDS[number // 12 % 12]
    return [f"The {word} near {other} was in the news, part {part}{number} of what {word} folk say." for part in "abc"]


class Desk:
    """What the pipeline does with one page, from the extracted text to the index."""

    def __init__(self, valkey: Valkey, index: ArticleIndex) -> None:
        self.index = index
        self.mill = Mill(valkey.client)
        self.furniture = RedisFurniture(self.mill.scripts, LIMITS, GIVEN)
        self.now = self.mill.scripts.now()

    def take(self, number: int, *boxes: str, site: str = "a.example", deliver: bool = True) -> Assignment:
        url = f"https://{site}/{number}"
        body = "\n\n".join([*text_of(number), *boxes])
        title = f"{WORDS[number % 12]} {number} {WORDS[number // 12 % 12]}er"
        page = Extracted(title=title, summary="In short.", body=body, language="en", method="test", quality=0.9)
        self.now += timedelta(seconds=1)
        bare = unfurnish(page, site, self.furniture, min_words=MIN_WORDS)
        id_ = article_id(url)
        content = identify(id_, bare, self.furniture)
        found = deduplicate(id_, bare.extracted, content=content, site=site, now=self.now, stories=self.mill.stories)
        if found.unchanged:
            return found
        self.furniture.learn(
            site, story=found.story.id, title=title, fetched_at=self.now, blocks=bare.lines.blocks(), known=bare.known
        )  # fmt: skip
        article = compose_article(
            id_, "https://a.example/feed", bare.extracted, found, url=url, site=site_of(url), fetched_at=self.now
        )
        self.index.write([replace(article, indexed_at=self.now)], [])
        if deliver:  # what `finish` does with the record
            self.mill.stories.restore(article, content=content, fingerprint=Fingerprint())
        self.index.refresh()
        return found

    def clean(self, limit: int = 100) -> list[Cleaned]:
        """Until no site is left."""
        shares = []
        while (job := self.furniture.claim()) is not None:
            shares.append(self.share(job, limit))
        self.index.refresh()
        return shares

    def share(self, job: CleaningJob, limit: int = 100) -> Cleaned:
        return clean_site(
            job, index=self.index, furniture=self.furniture, stories=self.mill.stories, limit=limit,
            min_words=MIN_WORDS, now=self.now,
        )  # fmt: skip

    def stored(self, number: int, site: str = "a.example") -> Article:
        found = self.index.get(article_id(f"https://{site}/{number}"))
        assert found is not None
        return found

    def with_boxes(self, numbers: Sequence[int]) -> list[int]:
        return [number for number in numbers if any(box in self.stored(number).body for box in BOXES)]


@pytest.fixture
def desk(valkey: Valkey, index: ArticleIndex) -> Desk:
    return Desk(valkey, index)


def test_after_three_articles_no_later_body_has_furniture_and_cleaning_mends_the_first(desk: Desk) -> None:
    numbers = range(15)
    for number in numbers:
        desk.take(number, *BOXES)
    assert desk.with_boxes(numbers) == [0, 1, 2]
    before = [desk.stored(number) for number in numbers]

    assert sum(share.cleaned for share in desk.clean()) == 3
    assert desk.furniture.pending() == 0
    after = [desk.stored(number) for number in numbers]
    assert [article.body for article in after] == ["\n\n".join(text_of(number)) for number in numbers]
    for old, new in zip(before[:3], after[:3], strict=True):
        assert new.version == old.version + 1
        assert new.word_count < old.word_count
        assert len(new.extraction.cut) == 2
        same = {"body": "", "word_count": 0, "fetched_at": desk.now, "indexed_at": None, "extraction": old.extraction}
        assert replace(new, **same) == replace(old, **same), "id, revision, story, first_seen_at and all else stay"
    assert after[3:] == before[3:], "nothing is written that need not be"
    assert desk.index.search(Search(Word("monthly"))).total == 0
    assert desk.index.search(Search(Everything())).total == 15


def test_the_unchanged_page_is_unchanged_after_the_cleaning_and_before(desk: Desk) -> None:
    for number in range(5):
        desk.take(number, *BOXES)
    again = [desk.take(number, *BOXES) for number in range(5)]
    assert [(found.unchanged, found.revision) for found in again] == [(True, 1)] * 5, "stored with the boxes, and known"
    desk.clean()
    again = [desk.take(number, *BOXES) for number in range(5)]
    assert [(found.unchanged, found.revision) for found in again] == [(True, 1)] * 5
    changed = desk.take(1, *BOXES, "A correction was added at noon by the desk.")
    assert (changed.unchanged, changed.revision) == (False, 2)


def test_a_copy_without_the_boxes_joins_the_story_of_a_cleaned_article(desk: Desk) -> None:
    for number in range(3):
        desk.take(number, *BOXES)
    desk.clean()
    copy = desk.take(0, site="b.example")
    assert (copy.story.id, copy.duplicate_of) == (desk.stored(0).id, desk.stored(0).id)


def test_what_was_stored_when_only_some_was_known_is_unchanged_too(desk: Desk) -> None:
    for number in range(3):
        desk.take(number, BOXES[0])
    desk.take(3, *BOXES)  # the first box is cut, the second is not known yet
    assert BOXES[1] in desk.stored(3).body
    for number in (4, 5):
        desk.take(number, *BOXES)
    again = desk.take(3, *BOXES)
    assert (again.unchanged, again.revision) == (True, 1)
    desk.clean()
    assert desk.with_boxes(range(6)) == []
    assert len(desk.stored(3).extraction.cut) == 2


def test_cleaning_in_small_shares_comes_to_the_end(desk: Desk) -> None:
    for number in range(12):
        desk.take(number, *(BOXES[:1] if number % 3 else BOXES))
    for limit in (1, 4):
        desk.take(20 + limit, "Another plea to subscribe to our letter of the week.")
    shares = desk.clean(limit=2)
    assert len(shares) >= 7
    assert all(share.read <= 2 for share in shares)
    assert sum(share.read for share in shares) == 14, "each once"
    assert desk.with_boxes(range(12)) == []


def test_a_newer_text_is_never_undone_and_a_late_copy_of_the_old_one_neither(desk: Desk) -> None:
    for number in range(4):
        desk.take(number, *BOXES)
    old = desk.stored(0)
    job = desk.furniture.claim()
    assert job is not None
    newer = replace(old, body="A new text altogether.", fetched_at=desk.now + timedelta(hours=1), revision=2)
    desk.index.write([newer], [])
    desk.index.refresh()
    desk.share(job)
    desk.index.refresh()
    assert desk.stored(0).body == newer.body
    cleaned = desk.stored(1)
    desk.index.write(
        [replace(cleaned, body="with the box", fetched_at=cleaned.fetched_at - timedelta(milliseconds=1))], []
    )
    desk.index.refresh()
    assert desk.stored(1).body == cleaned.body


def test_a_worker_that_dies_leaves_the_share_to_its_lease(desk: Desk) -> None:
    for number in range(4):
        desk.take(number, *BOXES)
    assert desk.furniture.claim() is not None
    assert desk.clean() == []
    desk.mill.later(121)
    desk.clean()
    assert desk.with_boxes(range(4)) == []


def test_copies_on_one_site_keep_their_paragraphs(desk: Desk) -> None:
    """The same text under five addresses, and a box: the box goes when others have it, the text stays."""
    wire = [f"The wire tells part {part} of the long story of the harbour in many words." for part in "abcdefgh"]
    for number in range(30, 35):
        url = f"https://a.example/{number}"
        page = Extracted(title="Harbour story told", body="\n\n".join([*wire, BOXES[0]]), language="en")
        desk.now += timedelta(seconds=1)
        bare = unfurnish(page, "a.example", desk.furniture, min_words=MIN_WORDS)
        content = content_hash(page.title, "", bare.extracted.body)
        found = deduplicate(
            article_id(url), bare.extracted, content=content, site="a.example", now=desk.now, stories=desk.mill.stories
        )
        desk.furniture.learn(
            "a.example", story=found.story.id, title=page.title, fetched_at=desk.now,
            blocks=bare.lines.blocks(), known=bare.known,
        )  # fmt: skip
        assert bare.marks == ()
    for number in range(2):
        desk.take(number, BOXES[0])
    bare = unfurnish(page, "a.example", desk.furniture, min_words=MIN_WORDS)
    assert bare.extracted.body == "\n\n".join(wire)
    assert bare.detail == "1 block of site furniture cut"


def test_an_article_that_is_short_without_its_boxes_stays_one(desk: Desk) -> None:
    for number in range(3):
        desk.take(number, *BOXES)
    page = Extracted(title="Flash", body="\n\n".join(["The tram stands still since noon.", *BOXES[:1]]), quality=0.9)
    bare = unfurnish(page, "a.example", desk.furniture, min_words=MIN_WORDS)
    assert (bare.extracted.body, bare.extracted.fulltext) == ("The tram stands still since noon.", True)
    assert bare.extracted.quality == SHORT_QUALITY
    page = replace(page, body="\n\n".join(["Tram stands still.", *BOXES]))
    bare = unfurnish(page, "a.example", desk.furniture, min_words=MIN_WORDS)
    assert bare.extracted == page, "more than four fifths would go"


def test_furniture_is_learned_anew_from_the_index(desk: Desk) -> None:
    """Redis was lost. The stored bodies have no boxes any more, but the documents say what was cut."""
    for number in range(6):
        desk.take(number, *BOXES)
    desk.take(7, "Another plea to subscribe to our letter of the week.", site="b.example")
    desk.clean()
    marks = [bytes.fromhex(mark) for mark in desk.stored(5).extraction.cut]
    desk.mill.client.flushall()
    since = datetime.fromtimestamp(0, desk.now.tzinfo)
    assert relearn(desk.index, desk.furniture, since=since, site="b.example") == (1, 0)
    assert relearn(desk.index, desk.furniture, since=since) == (7, 2)
    assert relearn(desk.index, desk.furniture, since=since) == (7, 0)
    assert set(desk.furniture.look("a.example", marks)) == set(marks)
    desk.take(8, *BOXES)
    assert desk.with_boxes([8]) == []
    desk.clean()
    assert desk.with_boxes(range(6)) == []


def test_documents_that_were_never_cut_teach_as_well(desk: Desk) -> None:
    articles = [
        make_article(
            f"https://a.example/{number}", body="\n\n".join([*text_of(number), *BOXES]), title=WORDS[number],
            first_seen_at=desk.now, fetched_at=desk.now,
        )
        for number in range(5)
    ]  # fmt: skip
    desk.index.write(articles, [])
    desk.index.refresh()
    assert relearn(desk.index, desk.furniture, since=desk.now - timedelta(days=1)) == (5, 2)
    desk.clean()
    assert desk.with_boxes(range(5)) == []
