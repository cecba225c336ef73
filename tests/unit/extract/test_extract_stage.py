from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from worker.extract.disk import describe
from worker.extract.page import extracted_from_json, run
from worker.extract.stage import merge
from worker.models import DateSource, Entry, Extracted, Reason

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PAGE = Extracted(
    title="Page title", summary="Page summary", body="Body", published_at=NOON, published_at_source=DateSource.META,
    authors=("Page Author",), method="trafilatura", quality=0.9,
)  # fmt: skip
ENTRY = Entry(
    id="1", url="https://a.example/1", title="Feed title", summary="Feed summary",
    published_at=NOON + timedelta(days=1),
    authors=("Feed Author",), tags=("feed",), image="https://a.example/feed.jpg",
)  # fmt: skip
FIXTURES = Path(__file__).parents[2] / "fixtures" / "pages"


def test_the_page_goes_first_but_for_the_summary() -> None:
    merged = merge(PAGE, ENTRY, NOW)
    assert (merged.title, merged.authors) == (PAGE.title, PAGE.authors)
    assert (merged.published_at, merged.published_at_source) == (ENTRY.published_at, "feed")
    assert merged.summary == "Feed summary"
    assert (merged.tags, merged.image) == (ENTRY.tags, ENTRY.image)
    assert merged.fulltext


def test_the_feed_fills_what_the_page_lacks() -> None:
    merged = merge(Extracted(body="Body", summary="Page summary"), replace(ENTRY, summary=""), NOW)
    assert (merged.title, merged.authors, merged.published_at) == (ENTRY.title, ENTRY.authors, ENTRY.published_at)
    assert merged.published_at_source == "feed"
    assert merged.summary == "Page summary"


def test_a_refused_page_leaves_the_feed_s_words_and_its_reason() -> None:
    refused = replace(PAGE, reason=Reason.LOGIN_WALL, detail="login form", fulltext=False)
    merged = merge(refused, ENTRY, NOW)
    assert (merged.title, merged.summary, merged.body) == ("Feed title", "Feed summary", "")
    assert (merged.reason, merged.detail) == (Reason.LOGIN_WALL, "login form")
    assert (merged.method, merged.fulltext, merged.canonical_url) == ("feed", False, "")
    assert merged.quality < 0.2


def test_a_refused_page_without_feed_title_keeps_its_own() -> None:
    merged = merge(replace(PAGE, reason=Reason.TOO_SHORT), Entry(id="1", url="https://a.example/1"), NOW)
    assert (merged.title, merged.summary) == ("Page title", "Page summary")


DAY = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("page", "feed", "wanted", "source"),
    [
        (NOON, NOON - timedelta(hours=1), NOON - timedelta(hours=1), "feed"),
        (NOON, NOON + timedelta(seconds=30), NOON, "meta"),
        (NOON, DAY, NOON, "meta"),
        (NOON, DAY - timedelta(days=3), DAY - timedelta(days=3), "feed"),
        (DAY, NOON, NOON, "feed"),
        (DAY, NOON + timedelta(days=2), NOON + timedelta(days=2), "feed"),
        (datetime(1970, 1, 1, tzinfo=UTC), NOON, NOON, "feed"),
        (NOW + timedelta(days=2), NOON, NOON, "feed"),
        (datetime(2031, 1, 1, tzinfo=UTC), datetime(1980, 1, 1, tzinfo=UTC), None, None),
        (None, None, None, None),
        (None, NOON, NOON, "feed"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), NOON, NOON, "feed"),
    ],
)
def test_which_date_wins(page: datetime | None, feed: datetime | None, wanted: datetime | None, source: str) -> None:
    merged = merge(replace(PAGE, published_at=page), replace(ENTRY, published_at=feed), NOW)
    assert (merged.published_at, merged.published_at_source) == (wanted, source)


def test_a_feed_that_dates_the_last_change_does_not_make_it_the_publication() -> None:
    changed = NOON + timedelta(hours=5)
    merged = merge(replace(PAGE, updated_at=changed), replace(ENTRY, published_at=changed), NOW)
    assert (merged.published_at, merged.published_at_source, merged.updated_at) == (NOON, "meta", changed)


def test_the_page_keeps_the_offset_of_its_site() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=1)))
    merged = merge(replace(PAGE, published_at=local), replace(ENTRY, published_at=NOON), NOW)
    assert merged.published_at is not None
    assert merged.published_at.isoformat() == "2026-03-10T13:00:00+01:00"


def test_an_update_before_publication_is_dropped() -> None:
    entry = replace(ENTRY, published_at=None)
    assert merge(replace(PAGE, updated_at=NOON - timedelta(hours=1)), entry, NOW).updated_at is None
    assert merge(replace(PAGE, updated_at=NOON + timedelta(hours=1)), entry, NOW).updated_at == NOON + timedelta(
        hours=1
    )


def test_the_feed_s_time_reaches_the_page() -> None:
    body = (FIXTURES / "semantic_de.html").read_text(encoding="utf-8")
    argument = {"url": "https://a.example/1", "min_words": 40, "now": NOW.isoformat(), "method": "trafilatura"}
    shown = body.replace("2026-03-10T21:40:00+01:00", "2026-03-10T21:40:00")
    found = extracted_from_json(run({**argument, "feed_time": "2026-03-10T20:40:00+00:00"}, shown.encode()))
    assert found.published_at is not None
    assert (found.published_at.isoformat(), found.method) == ("2026-03-10T21:40:00+01:00", "trafilatura")


def test_a_page_from_disk() -> None:
    line = describe((FIXTURES / "tiny_it.html").read_bytes(), url="https://g.example/x", filename="tiny.html", now=NOW)
    assert (line["file"], line["reason"], line["url"]) == ("tiny.html", "too_short", "https://g.example/x")
    assert "non è più disponibile" in line["body"]
    line = describe((FIXTURES / "semantic_de.html").read_bytes(), filename="a.html", now=NOW)
    assert line["reason"] is None
    assert line["extraction"]["method"] == "own"
    assert line["published_at"] == "2026-03-10T21:40:00+01:00"


def test_where_the_feed_s_words_are_kept_the_language_is_theirs() -> None:
    summary = (
        "Le conseil municipal a adopté mardi soir le budget de la nouvelle bibliothèque, après trois heures de débat."
    )
    argument = {"feed_title": "Budget adopté", "feed_summary": summary, "min_words": 40, "now": NOW.isoformat()}
    page = b"<html lang=en><body><p>Please log in to read on, dear reader of this very English page.</p></body></html>"
    for body in (b"%PDF-1.7 ...", page):
        found = extracted_from_json(run(argument, body))
        assert found.reason is not None
        assert found.language == "fr"
