"""What was erased is written down in the index itself: kept, found by any of its keys, taken away again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from worker.index.erased import hashes_of
from worker.models import Tombstone, TombstoneKind
from worker.ports import ArticleIndex

AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
ONE, OTHER = hashes_of("https://example.org/1"), hashes_of("https://example.org/2")
ARTICLE = Tombstone(ONE[0], TombstoneKind.URL, AT, ONE, note="asked by letter")
DOMAIN = Tombstone("domain:example.org", TombstoneKind.DOMAIN, AT + timedelta(seconds=1), domain="example.org")


def test_nothing_is_erased_at_first(index: ArticleIndex) -> None:
    assert index.tombstones() == []
    assert index.tombstones([ONE[0]]) == []
    assert index.exhume([ONE[0]]) == 0


def test_they_are_there_at_once_newest_first(index: ArticleIndex) -> None:
    index.entomb([ARTICLE, DOMAIN])
    assert index.tombstones() == [DOMAIN, ARTICLE]


def test_each_is_found_by_any_of_its_keys(index: ArticleIndex) -> None:
    index.entomb([ARTICLE, DOMAIN])
    for key in ONE:
        assert index.tombstones([key, OTHER[0]]) == [ARTICLE]
    assert index.tombstones(["example.org", *ONE]) == [DOMAIN, ARTICLE]
    assert index.tombstones(OTHER) == []
    assert index.tombstones([]) == []


def test_a_known_id_is_replaced_with_all_its_keys(index: ArticleIndex) -> None:
    index.entomb([ARTICLE])
    wider = Tombstone(ARTICLE.id, TombstoneKind.URL, AT, (ONE[0], *OTHER), note="and this one")
    index.entomb([wider])
    assert index.tombstones() == [wider]
    assert index.tombstones(OTHER) == [wider]
    assert index.tombstones([ONE[1]]) == []


def test_what_is_taken_away_is_away(index: ArticleIndex) -> None:
    index.entomb([ARTICLE, DOMAIN])
    assert index.exhume([ARTICLE.id, "0" * 32]) == 1
    assert index.tombstones() == [DOMAIN]
    assert index.tombstones(ONE) == []


def test_thousands_are_found(index: ArticleIndex) -> None:
    many = [Tombstone(f"{n:032x}", TombstoneKind.URL, AT, (f"{n:032x}", f"{n + 9000:032x}")) for n in range(1200)]
    index.entomb(many)
    assert {each.id for each in index.tombstones()} == {each.id for each in many}
    assert len(index.tombstones([f"{n + 9000:032x}" for n in range(1200)])) == len(many)
