"""Headers of a feed's answer, and what its status means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Refuse, Retry, StageError
from worker.models import Page, Reason
from worker.poll.answer import refuse_other_than_feed
from worker.poll.headers import conditional, hint_s, validator
from worker.ports import Answer

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ['"abc"', 'W/"abc"', "unquoted", "Mon, 1 Jan 2024 00:00:00 +0000", '"' + "x" * 1000 + '"', '"\xe4€"']
)
def test_validators_are_kept_byte_for_byte(value: str) -> None:
    assert validator(value) == value


@pytest.mark.parametrize(
    "value", ["", '"a\r\nX-Evil: 1"', '"a\nb"', '"' + "x" * 1024 + '"', "\x00", " ", '"\ufffd"', ' "a"', '"\ud800"']
)
def test_validators_that_cannot_be_sent_back_are_dropped(value: str) -> None:
    assert validator(value) == ""


def test_conditional_sends_what_is_known_and_nothing_else() -> None:
    assert conditional("", "") == {}
    assert conditional('W/"1"', "") == {"If-None-Match": 'W/"1"'}
    assert conditional("", "x") == {"If-Modified-Since": "x"}
    assert conditional('"1"', "x") == {"If-None-Match": '"1"', "If-Modified-Since": "x"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600.0),
        ({"cache-control": "public, MAX-AGE = 600", "age": "100"}, 500.0),
        ({"cache-control": "max-age=600", "age": "700"}, 0.0),
        ({"cache-control": "max-age=600", "age": "-5"}, 600.0),
        ({"cache-control": 'max-age="600"', "expires": "0"}, 600.0),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "no-cache, max-age=600"}, 0.0),
        ({"cache-control": "no-store"}, 0.0),
        ({"cache-control": "max-age=999999999999"}, 604800.0),
        ({"cache-control": "private"}, None),
        ({"expires": "Sun, 01 Nov 2026 12:10:00 GMT"}, 600.0),
        ({"expires": "Sun, 01 Nov 2026 12:10:00 GMT", "date": "Sun, 01 Nov 2026 12:05:00 GMT"}, 300.0),
        ({"expires": "Sun, 01 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"expires": "0"}, 0.0),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, 604800.0),
    ],
)
def test_hint(headers: dict[str, str], expected: float | None) -> None:
    assert hint_s(headers, NOW) == expected


@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "age", "date"]), st.text(max_size=40)))
def test_no_header_raises(headers: dict[str, str]) -> None:
    hint = hint_s(headers, NOW)
    assert hint is None or 0 <= hint <= 604800


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (204, Refuse, Reason.NOT_A_FEED),
        (206, Retry, Reason.PROTOCOL_ERROR),
        (300, Refuse, Reason.REDIRECT_INVALID),
        (304, Retry, Reason.PROTOCOL_ERROR),
        (400, Refuse, Reason.CLIENT_ERROR),
        (401, Refuse, Reason.FORBIDDEN),
        (403, Refuse, Reason.FORBIDDEN),
        (404, Refuse, Reason.CLIENT_ERROR),
        (408, Retry, Reason.TIMEOUT),
        (410, Refuse, Reason.GONE),
        (418, Refuse, Reason.CLIENT_ERROR),
        (429, Retry, Reason.RATE_LIMITED),
        (451, Refuse, Reason.FORBIDDEN),
        (500, Retry, Reason.SERVER_ERROR),
        (503, Retry, Reason.SERVER_ERROR),
        (599, Retry, Reason.SERVER_ERROR),
    ],
)
def test_status(status: int, error: type[StageError], reason: Reason) -> None:
    answer = Answer(status, Page("https://e.example/", b"", headers={"retry-after": "300"}))
    with pytest.raises(error) as caught:
        refuse_other_than_feed(answer, asked_if_changed=False, now=NOW)
    assert caught.value.reason is reason
    assert str(status) in caught.value.detail
    if isinstance(caught.value, Retry):
        assert caught.value.after_s == 300.0
        assert caught.value.block_host is (status in (429, 503))


def test_good_statuses() -> None:
    page = Page("https://e.example/", b"")
    refuse_other_than_feed(Answer(200, page), asked_if_changed=False, now=NOW)
    refuse_other_than_feed(Answer(203, page), asked_if_changed=True, now=NOW)
    refuse_other_than_feed(Answer(304, page), asked_if_changed=True, now=NOW)
