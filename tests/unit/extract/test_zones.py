from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import zones
from worker.extract.zones import Site

SUMMER = datetime(2025, 7, 12, 13, 13)  # noqa: DTZ001 - a clock without a zone is what this is about
WINTER = datetime(2025, 1, 12, 13, 13)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("local", "url", "wanted"),
    [
        (SUMMER, "https://www.talbote.ch/x", "2025-07-12T13:13:00+02:00"),
        (WINTER, "https://www.talbote.ch/x", "2025-01-12T13:13:00+01:00"),
        (SUMMER, "https://ellery.co.uk/x", "2025-07-12T13:13:00+01:00"),
        (SUMMER, "https://ellery.jp", "2025-07-12T13:13:00+09:00"),
        (SUMMER, "https://times.in:8443/x", "2025-07-12T13:13:00+05:30"),
        (SUMMER, "https://wetter.berlin/", "2025-07-12T13:13:00+02:00"),
        (SUMMER, "https://news.example.com/", None),
        (SUMMER, "https://folha.com.br/", None),
        (SUMMER, "https://talbote.example/", None),
        (SUMMER, "http://[::1", None),
        (SUMMER, "", None),
    ],
)
def test_the_site_s_country(local: datetime, url: str, wanted: str | None) -> None:
    found = zones.placed(local, Site(url))
    assert (found.isoformat() if found else None) == wanted


@pytest.mark.parametrize(
    ("feed", "wanted"),
    [
        ("2025-07-12T11:13:00+00:00", "2025-07-12T13:13:00+02:00"),
        ("2025-07-12T11:14:30+00:00", "2025-07-12T13:13:00+02:00"),
        ("2025-07-12T17:13:00+00:00", "2025-07-12T13:13:00-04:00"),
        ("2025-07-12T07:28:00+00:00", "2025-07-12T13:13:00+05:45"),
        ("2025-07-12T11:20:00+00:00", None),
        ("2025-07-13T13:13:00+00:00", None),
    ],
)
def test_the_feed_s_time_of_the_same_article(feed: str, wanted: str | None) -> None:
    found = zones.placed(SUMMER, Site("https://news.example.com/", "", datetime.fromisoformat(feed)))
    assert (found.isoformat() if found else None) == wanted


@pytest.mark.parametrize(
    ("url", "locale", "feed", "wanted"),
    [
        ("https://www.talbote.ch/", "en-GB", "2025-07-12T17:13:00-04:00", "+02:00"),
        ("https://a.com/", "de", "2025-07-12T17:13:00+00:00", "-04:00"),
        ("https://a.com/", "en", "2025-07-12T14:00:00-05:00", "-05:00"),
        ("https://a.com/", "en", "2025-07-12T14:00:00+00:00", None),
        ("https://a.com/", "de", "2025-07-12T14:00:00+00:00", "+02:00"),
        ("https://a.com/", "de-AT", None, "+02:00"),
        ("https://a.com/", "en_GB", None, "+01:00"),
        ("https://a.com/", "en-US", None, None),
        ("https://a.com/", "fr", None, None),
        ("https://a.com/", "fr-FR", None, "+02:00"),
        ("https://a.com/", "es", None, None),
        ("https://a.com/", "ja", None, "+09:00"),
        ("https://a.com.au/", "en-GB", None, None),
        ("https://zeitung.na/", "de", None, None),
        ("https://a.com/", "", None, None),
    ],
)
def test_the_order_of_evidence(url: str, locale: str, feed: str | None, wanted: str | None) -> None:
    found = zones.placed(SUMMER, Site(url, locale, datetime.fromisoformat(feed) if feed else None))
    assert (found.isoformat()[-6:] if found else None) == wanted


@pytest.mark.parametrize(
    ("name", "url", "locale", "wanted"),
    [
        ("GMT", "", "", 0), ("UTC", "", "", 0), ("BST", "", "en", 60), ("MESZ", "", "de", 120), ("CEST", "", "", 120),
        ("EST", "", "", -300), ("ET", "", "en", -240), ("+02:00", "", "", 120), ("UTC+2", "", "", 120),
        ("GMT+5:30", "", "", 330), ("-0330", "", "", -210), ("(MEZ)", "", "", 60), ("Z", "", "", 0),
        ("IST", "https://a.in/", "en", 330), ("IST", "https://a.ie/", "en", 60), ("IST", "https://a.com/", "hi", 330),
        ("IST", "https://a.com/", "en", None), ("CST", "https://a.cn/", "en", 480), ("CST", "", "en-US", -360),
        ("CST", "https://a.com/", "en", None), ("EST", "https://a.com.au/", "en", 600),
        ("PT", "https://a.de/", "de", None),
        ("BST", "https://a.bd/", "en", 360), ("UHR", "", "de", None), ("XYZ", "", "", None), ("+99:00", "", "", None),
        ("", "", "", None),
    ],
)  # fmt: skip
def test_a_written_zone(name: str, url: str, locale: str, wanted: int | None) -> None:
    zone = zones.written(name, Site(url, locale))
    assert (None if zone is None else zone.utcoffset(SUMMER) / timedelta(minutes=1)) == wanted  # type: ignore[operator]


def test_every_zone_of_the_table_exists() -> None:
    assert [label for label in zones._ZONES if zones.of_site(f"https://a.{label}/") is None] == []


@given(
    st.datetimes(),
    st.sampled_from(["https://a.ch/", "https://a.nz/", ""]),
    st.datetimes(timezones=st.just(UTC)) | st.none(),
    st.sampled_from(["", "de", "en-GB", "pt-BR"]),
)
def test_any_time(local: datetime, url: str, feed: datetime | None, locale: str) -> None:
    found = zones.placed(local, Site(url, locale, feed))
    assert found is None or found.replace(tzinfo=None) == local


def test_the_tables_name_zones_that_exist() -> None:
    assert [code for code in zones._BY_LANGUAGE if zones.of_locale(code) is None] == []
    assert [name for name in zones._AMERICAN if zones.written(name, Site("", "en")) is None] == []
    assert not zones._SEVERAL & zones._ZONES.keys()
