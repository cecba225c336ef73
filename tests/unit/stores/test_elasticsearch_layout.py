from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from worker.stores.elasticsearch.layout import articles_index, events_end, events_index


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
    assert articles_index("news", moment) == index


def test_events_lie_by_day_and_the_name_says_when_it_is_over() -> None:
    at = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
    index = events_index("news", at)
    assert index == "news-events-v1-2026.02.28"
    assert events_end("news", index) == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "index",
    [
        "news-articles-v1-2026.11",
        "other-events-v1-2026.11.22",
        "news-events-v9-2026.11.22",
        "news-events-v1-2026.13.01",
        "news-events-v1-2026.11.22-copy",
        "news-events-v1-9999.12.31",
        "news-events-v1",
        "",
    ],
)
def test_what_is_not_ours_has_no_end_and_is_never_dropped(index: str) -> None:
    assert events_end("news", index) is None
