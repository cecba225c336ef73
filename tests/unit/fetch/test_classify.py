"""Every status means one thing (S38 for Retry-After)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.errors import Refuse, Retry, StageError
from worker.fetch.classify import classify
from worker.models import Page, Reason
from worker.ports import Answer

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


def answer(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, Page(url="https://a.example/", body=b"x", headers=named))


def raised(status: int, **headers: str) -> StageError:
    with pytest.raises(StageError) as caught:
        classify(answer(status, **headers))
    return caught.value


@pytest.mark.parametrize("status", [200, 203])
def test_a_page(status: int) -> None:
    assert classify(answer(status)).body == b"x"


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (201, Retry, Reason.PROTOCOL_ERROR),
        (202, Retry, Reason.SERVER_ERROR),
        (204, Refuse, Reason.EMPTY),
        (205, Refuse, Reason.EMPTY),
        (206, Retry, Reason.PROTOCOL_ERROR),
        (226, Retry, Reason.PROTOCOL_ERROR),
        (300, Refuse, Reason.REDIRECT_INVALID),
        (304, Retry, Reason.PROTOCOL_ERROR),
        (305, Refuse, Reason.REDIRECT_INVALID),
        (400, Refuse, Reason.CLIENT_ERROR),
        (401, Refuse, Reason.FORBIDDEN),
        (402, Refuse, Reason.FORBIDDEN),
        (403, Refuse, Reason.FORBIDDEN),
        (404, Refuse, Reason.GONE),
        (405, Refuse, Reason.CLIENT_ERROR),
        (406, Refuse, Reason.CLIENT_ERROR),
        (408, Retry, Reason.TIMEOUT),
        (410, Refuse, Reason.GONE),
        (418, Refuse, Reason.CLIENT_ERROR),
        (425, Retry, Reason.SERVER_ERROR),
        (429, Retry, Reason.RATE_LIMITED),
        (451, Refuse, Reason.FORBIDDEN),
        (500, Retry, Reason.SERVER_ERROR),
        (502, Retry, Reason.SERVER_ERROR),
        (503, Retry, Reason.SERVER_ERROR),
        (504, Retry, Reason.SERVER_ERROR),
        (520, Retry, Reason.SERVER_ERROR),
        (599, Retry, Reason.SERVER_ERROR),
    ],
)
def test_every_other_status(status: int, kind: type[StageError], reason: Reason) -> None:
    error = raised(status)
    assert (type(error), error.reason, error.detail) == (kind, reason, f"status {status}")


@settings(deadline=None)  # a busy machine pauses for longer than any example takes
@given(st.integers(200, 599))
def test_no_status_is_left_over(status: int) -> None:
    try:
        assert classify(answer(status)).body == b"x"
    except (Refuse, Retry):
        assert status not in (200, 203)


@pytest.mark.parametrize("status", [429, 503])
def test_the_host_rests_where_it_asked_for_rest(status: int) -> None:
    error = raised(status, retry_after="120")
    assert isinstance(error, Retry)
    assert (error.after_s, error.block_host) == (120.0, True)
    plain = raised(status)
    assert isinstance(plain, Retry)
    assert (plain.after_s, plain.block_host) == (None, True)


def test_other_errors_are_the_pages_alone() -> None:
    error = raised(500, retry_after="120")
    assert isinstance(error, Retry)
    assert (error.after_s, error.block_host) == (None, False)
