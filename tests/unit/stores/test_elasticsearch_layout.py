from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from fnmatch import fnmatchcase

import pytest

from worker.stores.elasticsearch.layout import ARTICLES, EVENTS, FEEDS, KINDS, IndexKind, events_end


@pytest.mark.parametrize(
    ("moment", "index"),
    [
        (datetime(2026, 11, 22, 8, tzinfo=UTC), "news-articles-v1-2026.11"),
        (datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), "news-articles-v1-2026.11"),
        (datetime(2026, 11, 30, 23, 30, tzinfo=timezone(timedelta(hours=-1))), "news-articles-v1-2026.12"),
        (datetime(999, 1, 1, tzinfo=UTC), "news-articles-v1-0999.01"),
    ],
)
def test_articles_lie_by_month_of_utc(moment: datetime, index: str) -> None:
    assert ARTICLES.index("news", 1, moment) == index


def test_events_lie_by_day_and_the_name_says_when_it_is_over() -> None:
    at = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
    index = EVENTS.index("news", 12, at)
    assert index == "news-events-v12-2026.02.28"
    assert events_end("news", index) == datetime(2026, 3, 1, tzinfo=UTC)


def test_feeds_lie_together() -> None:
    assert FEEDS.index("news", 3, datetime(2026, 2, 28, tzinfo=UTC)) == "news-feeds-v3" == FEEDS.pattern("news", 3)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.word)
def test_a_name_says_what_it_is(kind: IndexKind) -> None:
    index = kind.index("news", 7, datetime(2026, 2, 28, tzinfo=UTC))
    part = kind.read("news", index)
    assert part is not None and kind.index_of("news", part.generation, part.period) == index
    assert [other for other in KINDS if other.read("news", index)] == [kind]
    assert fnmatchcase(index, kind.every("news")) and fnmatchcase(index, kind.pattern("news", 7))
    for other in (kind.pattern("news", 1), *(each.every("news") for each in KINDS if each is not kind)):
        assert not fnmatchcase(index, other)
    for alias in (kind.alias("news"), kind.next_alias("news")):
        assert kind.read("news", alias) is None and not fnmatchcase(alias, kind.every("news"))


@pytest.mark.parametrize(
    "index",
    [
        "news-articles-v1-2026.11",
        "other-events-v1-2026.11.22",
        "news-events-v0-2026.11.22",
        "news-events-v1-2026.11",
        "news-events-v1-2026.13.01",
        "news-events-v1-2026.11.22-copy",
        "news-events-v1-9999.12.31",
        "news-events-v1",
        "",
    ],
)
def test_what_is_not_ours_has_no_end_and_is_never_dropped(index: str) -> None:
    assert events_end("news", index) is None
