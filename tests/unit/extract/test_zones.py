from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import zones

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
    found = zones.placed(local, url, None)
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
    found = zones.placed(SUMMER, "https://news.example.com/", datetime.fromisoformat(feed))
    assert (found.isoformat() if found else None) == wanted


def test_the_feed_goes_before_the_country() -> None:
    feed = datetime(2025, 7, 12, 17, 13, tzinfo=UTC)
    found = zones.placed(SUMMER, "https://www.talbote.ch/", feed)
    assert found is not None
    assert found.isoformat() == "2025-07-12T13:13:00-04:00"


def test_every_zone_of_the_table_exists() -> None:
    assert [label for label in zones._ZONES if zones.of_site(f"https://a.{label}/") is None] == []


@given(
    st.datetimes(),
    st.sampled_from(["https://a.ch/", "https://a.nz/", ""]),
    st.datetimes(timezones=st.just(UTC)) | st.none(),
)
def test_any_time(local: datetime, url: str, feed: datetime | None) -> None:
    found = zones.placed(local, url, feed)
    assert found is None or found.replace(tzinfo=None) == local
