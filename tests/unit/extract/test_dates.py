from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import dates, jsonld, markup, meta, own, rooms

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("2026-03-10T21:40:00+01:00", "2026-03-10T21:40:00+01:00"),
        ("2026-03-10T21:40:00.123Z", "2026-03-10T21:40:00+00:00"),
        ("2026-03-10 21:40", "2026-03-10T21:40:00+00:00"),
        ("2026-03-10T21:40:00 -0530", "2026-03-10T21:40:00-05:30"),
        ("2026-03-10T21:40:00+01", "2026-03-10T21:40:00+01:00"),
        ("2026-03-10", "2026-03-10T00:00:00+00:00"),
        ("2026-3-9", "2026-03-09T00:00:00+00:00"),
        ("Tue, 10 Mar 2026 21:40:00 +0100", "2026-03-10T21:40:00+01:00"),
        ("2026-02-30", None),
        ("2026-03-10T99:99", None),
        ("2026-03-10T10:00:00+99:99", None),
        ("0000-00-00", None),
        ("yesterday", None),
        ("", None),
        ("9" * 200_000, None),
    ],
)
def test_parse(raw: str, wanted: str | None) -> None:
    found = dates.parse(raw)
    assert (found.isoformat() if found else None) == wanted


@given(st.text(max_size=100))
def test_parse_never_raises_and_always_has_a_zone(raw: str) -> None:
    found = dates.parse(raw)
    assert found is None or found.utcoffset() is not None


@given(st.datetimes(timezones=st.timezones()))
def test_sanity_never_raises(moment: datetime) -> None:
    assert dates.is_sane(moment, NOW) in (True, False)


def published(html: str, url: str = "", feed: datetime | None = None) -> datetime | None:
    tree = markup.parse(html)
    assert tree is not None
    layout = rooms.read(tree)
    clues = dates.Clues(tree, meta.tags(tree), jsonld.read(tree), layout, own.headline_of(layout, ""), url, "de", feed)
    return dates.published(clues, html, NOW)


TEASER = '<nav><time datetime="2026-04-30T10:00:00Z"></time></nav><a href="/x"><time datetime="2026-04-29"></time></a>'


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<meta property="article:published_time" content="2026-01-02T03:04:05+02:00">', "2026-01-02T03:04:05+02:00"),
        ('<meta property="article:published_time" content="2031-01-01"><meta name="date" content="2025-01-01">',
         "2025-01-01T00:00:00+00:00"),
        ('<meta itemprop="datePublished" content="2026-02-03T10:00Z">', "2026-02-03T10:00:00+00:00"),
        (f'<article>{TEASER}<time datetime="2026-02-01T08:00:00-05:00">x</time></article>',
         "2026-02-01T08:00:00-05:00"),
        ("<h1>Title</h1><div><span>07.02.2026, 13:13 Uhr</span></div>", "2026-02-07T00:00:00+00:00"),
        ("<h1>Title</h1><div>Am 07.02.2026 fand das Treffen im Rathaus statt.</div>", None),
        ("<h1>Title</h1><div>31.02.2026</div>", None),
        ("<p>No date at all</p>", None),
    ],
)  # fmt: skip
def test_published(html: str, wanted: str | None) -> None:
    found = published(f"<html><body>{html}</body></html>")
    assert (found.isoformat() if found else None) == wanted


H1 = "<h1>Title</h1>"
TAIL = "<p>Der Rat hat am Mittwoch entschieden.</p>"
CH = "https://www.talbote.ch/x"


@pytest.mark.parametrize(
    ("shown", "url", "wanted"),
    [
        ("12.07.2025, 13:13", CH, "2025-07-12T13:13:00+02:00"),
        ("12.07.2025, 13:13", "", "2025-07-12T00:00:00+00:00"),
        ("Von Petra Keller, 12.01.2025 um 13.13 Uhr", CH, "2025-01-12T13:13:00+01:00"),
        ("<span>12.07.2025, 13:13</span><span>12.07.2025, 14:00</span>", CH, "2025-07-12T13:13:00+02:00"),
        ("Samstag, 12. Juli 2025, 13:13 Uhr", CH, "2025-07-12T13:13:00+02:00"),
        ("Publié le 12 juillet 2025 à 13h13", "https://lac.fr/x", "2025-07-12T13:13:00+02:00"),
        ("12 de julio de 2025", "https://diario.es/x", "2025-07-12T00:00:00+02:00"),
        ("12 July 2025", "https://ellery.co.uk/x", "2025-07-12T00:00:00+01:00"),
        ("1. März 2025", CH, "2025-03-01T00:00:00+01:00"),
        ("12/07/2025 13:13", CH, "2025-07-12T13:13:00+02:00"),
        ("32.07.2025, 13:13", CH, None),
        ("12.07.2031, 13:13", CH, None),
        ("Am 12.07.2025 um 13:13 trafen sich die Räte.", CH, None),
        ("<a href=/x>12.07.2025, 13:13</a>", CH, None),
    ],
)
def test_a_date_that_is_shown_at_the_headline(shown: str, url: str, wanted: str | None) -> None:
    found = published(f"<html><body>{H1}<div>{shown}</div>{TAIL}</body></html>", url)
    assert (found.isoformat() if found else None) == wanted


def test_the_feed_tells_the_zone_of_a_shown_clock() -> None:
    feed = datetime(2025, 7, 12, 17, 13, tzinfo=UTC)
    found = published(f"<html><body>{H1}<div>12.07.2025, 13:13</div>{TAIL}</body></html>", "https://a.example/", feed)
    assert found is not None
    assert found.isoformat() == "2025-07-12T13:13:00-04:00"


def test_a_stated_time_without_zone_is_the_site_s() -> None:
    html = '<meta property="article:published_time" content="2026-01-02T03:04:05">'
    found = published(f"<html><head>{html}</head><body></body></html>", CH)
    assert found is not None
    assert found.isoformat() == "2026-01-02T03:04:05+01:00"


def test_the_url_s_date_is_the_last_resort() -> None:
    assert published("<html><body><p>x</p></body></html>", "https://a.example/2026/03/04/x") == datetime(
        2026, 3, 4, tzinfo=UTC
    )


def test_a_change_before_publication_is_dropped() -> None:
    found = {"article:modified_time": "2026-01-01T00:00:00Z"}
    since = datetime(2026, 1, 1, tzinfo=UTC)
    tree = markup.parse("<p>x</p>")
    assert tree is not None
    clues = dates.Clues(tree, found, jsonld.LinkedData(), rooms.read(tree), -1)
    assert dates.modified(clues, since, NOW) == since
    assert dates.modified(clues, since + timedelta(seconds=1), NOW) is None
