from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.articles import make_article, make_event
from worker.index.documents import (
    article_from_json,
    article_to_json,
    content_hash,
    event_from_json,
    event_to_json,
    parse_time,
    rfc3339,
)

KEYS = [
    "id",
    "url",
    "site",
    "feed",
    "title",
    "summary",
    "body",
    "language",
    "published_at",
    "published_at_source",
    "published_at_precision",
    "updated_at",
    "first_seen_at",
    "fetched_at",
    "indexed_at",
    "authors",
    "section",
    "tags",
    "agencies",
    "image",
    "captions",
    "kind",
    "paywall",
    "word_count",
    "revision",
    "story",
    "duplicate_of",
    "extraction",
    "lag",
]


def test_the_shape_is_the_documented_one() -> None:
    assert list(article_to_json(make_article())) == KEYS


def test_an_article_survives_json() -> None:
    article = make_article(image="", indexed_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert article_from_json(json.loads(json.dumps(article_to_json(article)))) == article


def test_an_event_survives_json() -> None:
    event = make_event()
    assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2025, 7, 12, 13, 13, tzinfo=timezone(timedelta(hours=2))), "2025-07-12T13:13:00+02:00"),
        (datetime(2025, 7, 12, 11, 13, tzinfo=UTC), "2025-07-12T11:13:00Z"),
        (datetime(2025, 7, 12, 11, 13, 0, 123456, tzinfo=UTC), "2025-07-12T11:13:00.123Z"),
    ],
)
def test_times_keep_their_offset(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text
    assert abs(parse_time(text) - moment) < timedelta(milliseconds=1)


def test_a_time_without_zone_is_utc() -> None:
    assert parse_time("2026-01-01T00:00:00").tzinfo is UTC


@given(st.text(), st.text(), st.text())
def test_white_space_does_not_make_a_new_version(title: str, summary: str, body: str) -> None:
    assert content_hash(title, summary, body) == content_hash(title, summary, f"  {body}\n")


def test_a_word_moved_between_fields_makes_a_new_version() -> None:
    assert content_hash("a b", "c", "d") != content_hash("a", "b c", "d")
