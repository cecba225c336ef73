"""What the status of a feed's answer means. Pure."""

from __future__ import annotations

from datetime import datetime

from worker.errors import Refuse, Retry
from worker.models import Reason
from worker.ports import Answer
from worker.retry_after import retry_after_s

_FORBIDDEN = frozenset({401, 402, 403, 451})
_EMPTY = frozenset({204, 205})


def refuse_other_than_feed(answer: Answer, *, asked_if_changed: bool, now: datetime) -> None:
    """Returns for 200 and 203, and for the 304 that validators were sent for; raises what else the status means.

    Refuse: gone (410), forbidden, client_error (404 and other 4xx), not_a_feed (204, 205), redirect_invalid.
    Retry: rate_limited (429) and server_error (503) with `block_host`, server_error (other 5xx), timeout (408),
    protocol_error (other 2xx, a 304 that nobody asked for); each with the server's Retry-After.
    """
    status = answer.status
    detail = f"status {status}"
    if status in (200, 203) or (status == 304 and asked_if_changed):
        return
    if status == 410:
        raise Refuse(Reason.GONE, detail)
    if status in _FORBIDDEN:
        raise Refuse(Reason.FORBIDDEN, detail)
    if status in _EMPTY:
        raise Refuse(Reason.NOT_A_FEED, detail)
    after_s = retry_after_s(answer.page.headers, now)
    if status == 429:
        raise Retry(Reason.RATE_LIMITED, detail, after_s, block_host=True)
    if status == 503:
        raise Retry(Reason.SERVER_ERROR, detail, after_s, block_host=True)
    if status == 408:
        raise Retry(Reason.TIMEOUT, detail, after_s)
    if status < 300 or status == 304:
        raise Retry(Reason.PROTOCOL_ERROR, detail, after_s)
    if status < 400:
        raise Refuse(Reason.REDIRECT_INVALID, detail)
    if status < 500:
        raise Refuse(Reason.CLIENT_ERROR, detail)
    raise Retry(Reason.SERVER_ERROR, detail, after_s)
