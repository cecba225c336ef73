"""Dates of feeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.poll.dates import EARLIEST, FUTURE, parse_date, sane_date

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu, 01 Oct 2026 10:00:00 GMT", "2026-10-01T10:00:00"),
        ("Thu, 1 Oct 2026 10:00:00 +0200", "2026-10-01T08:00:00"),
        ("Thursday, 01 October 2026 10:00:00 +0200", "2026-10-01T08:00:00"),
        ("Thu,01 Oct 2026 10:00:00 GMT", "2026-10-01T10:00:00"),
        ("01 Oct 2026 10:00 -0330", "2026-10-01T13:30:00"),
        ("Thu, 01-Oct-2026 10:00:00 GMT", "2026-10-01T10:00:00"),
        ("Thu, 01 Oct 26 10:00:00 Z", "2026-10-01T10:00:00"),
        ("Thu, 01 Oct 2026 10:00:00 EST", "2026-10-01T15:00:00"),
        ("Thu, 01 Oct 2026 10:00:00 PDT", "2026-10-01T17:00:00"),
        ("Thu, 01 Oct 2026 10:00:00 CEST", "2026-10-01T08:00:00"),
        ("Thu, 01 Oct 2026 10:00:00 +0200 (CEST)", "2026-10-01T08:00:00"),
        ("Thu, 01 Oct 2026 24:00:00 GMT", "2026-10-02T00:00:00"),
        ("Thu, 31 Dec 2026 23:59:60 GMT", "2026-12-31T23:59:59"),
        ("Thu Oct  1 10:00:00 2026", "2026-10-01T10:00:00"),
        ("2026-10-01", "2026-10-01T00:00:00"),
        ("20261001", "2026-10-01T00:00:00"),
        ("2026-10", "2026-10-01T00:00:00"),
        ("2026-10-01T10:00:00Z", "2026-10-01T10:00:00"),
        ("2026-10-01t10:00:00.123456z", "2026-10-01T10:00:00"),
        ("2026-10-01T10:00:00+02:00", "2026-10-01T08:00:00"),
        ("2026-10-01T10:00:00-0500", "2026-10-01T15:00:00"),
        ("2026-10-01 10:00", "2026-10-01T10:00:00"),
        (" 20261001T100000Z\n", "2026-10-01T10:00:00"),
    ],
)
def test_dates_that_feeds_write(text: str, expected: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "never",
        "1700000000",
        "01/02/2026",
        "99999-01-01T00:00:00Z",
        "2026-13-01",
        "2026-02-30",
        "2026-01-01T25:61:61Z",
        "2026-01-01T00:00:00+99:00",
        "2026-01-01T00:00:00+01:75",
        "+2026-01-01",
        "Mon, 30 Feb 2026 00:00:00 GMT",
        "Thu, 32 Oct 2026 00:00:00 GMT",
        "Thu, 01 Oct 2026 25:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "Thu, 01 Oct 2026 00:00:00 +9999",
        "lundi 1 janvier 2026",
        "٢٠٢٦-٠١-٠١",
        "9" * 200_000,
        "Thu, 01 Oct 2026 " + "1:" * 30,
    ],
    ids=lambda text: text[:30],
)
def test_anything_else_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text", ["1994-12-31T23:59:59Z", "1970-01-01", "0001-01-01T00:00:00Z", "9999-12-31", "2026-11-02T12:00:01Z"]
)
def test_dates_that_cannot_be_are_dropped(text: str) -> None:
    assert parse_date(text) is not None
    assert sane_date(text, NOW) is None


def test_the_bounds_are_sane() -> None:
    assert sane_date("1995-01-01T00:00:00Z", NOW) == EARLIEST
    assert sane_date("2026-11-02T12:00:00Z", NOW) == NOW + FUTURE


@given(st.text(max_size=70))
def test_no_text_raises(text: str) -> None:
    sane_date(text, NOW)


@given(
    st.integers(0, 30 * 365 * 86400).map(lambda seconds: datetime(1996, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.integers(-14 * 60, 14 * 60),
)
def test_both_standards_round_trip(moment: datetime, minutes: int) -> None:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    expected = moment - timedelta(minutes=minutes)
    assert sane_date(f"{moment:%Y-%m-%dT%H:%M:%S}{sign}{hours:02}:{rest:02}", NOW) == expected
    assert sane_date(f"{moment:%a, %d %b %Y %H:%M:%S} {sign}{hours:02}{rest:02}", NOW) == expected
