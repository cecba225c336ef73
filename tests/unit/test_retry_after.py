from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.retry_after import DEFAULT_S, LONGEST_S, SHORTEST_S, retry_after_s

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
NOW = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 120 ", 120.0),
        ("2", 2.0),
        ("0", DEFAULT_S),
        ("-5", DEFAULT_S),
        ("1000000000000", LONGEST_S),
        ("9" * 4000, LONGEST_S),
        ("Sun, 06 Nov 1994 08:59:37 GMT", 600.0),
        ("Sunday, 06-Nov-94 08:59:37 GMT", 600.0),
        ("Sun, 06 Nov 1994 07:49:37 GMT", DEFAULT_S),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_S),
        ("", None),
        ("soon", None),
        ("12.5", None),
        ("--5", None),
        ("-", None),
        ("１２０", None),
        ("1e9", None),
        ("Sun, 99 Nov 1994 08:59:37 GMT", None),
        ("x" * 10_000, None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value, "date": DATE}) == seconds


@pytest.mark.parametrize("date", ["", "junk", "Sun, 99 Nov 1994 08:59:37 GMT"])
def test_a_date_counts_from_the_servers_own_clock_or_the_one_given(date: str) -> None:
    headers = {"retry-after": "Sun, 06 Nov 1994 08:59:37 GMT", "date": date}
    assert retry_after_s(headers) is None
    assert retry_after_s(headers, NOW) == 600.0
    assert retry_after_s({"retry-after": "90", "date": date}) == 90.0


def test_without_the_header_nothing_was_asked() -> None:
    assert retry_after_s({}) is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_header_breaks_it(value: str, date: str) -> None:
    seconds = retry_after_s({"retry-after": value, "date": date}, NOW)
    assert seconds is None or SHORTEST_S <= seconds <= LONGEST_S
