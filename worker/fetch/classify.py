"""What an HTTP answer means for an article. Pure."""

from __future__ import annotations

from worker.errors import Refuse, Retry
from worker.models import Page, Reason
from worker.ports import Answer
from worker.retry_after import retry_after_s

_GONE = frozenset({404, 410})
_FORBIDDEN = frozenset({401, 402, 403, 451, 999})
_LATER = {
    202: Reason.SERVER_ERROR,  # "accepted": bot checks and pages still being made answer so
    408: Reason.TIMEOUT,
    425: Reason.SERVER_ERROR,
}


def classify(answer: Answer) -> Page:
    """The page of a 200 (or 203). Everything else raises:

    - Refuse(gone) for 404 and 410; Refuse(forbidden) for 401, 402, 403, 451; Refuse(client_error) for other 4xx;
    - Retry(rate_limited) for 429 and Retry(server_error) for 503, both with Retry-After and `block_host`;
    - Retry(server_error) for other 5xx, for 202 and 425; Retry(timeout) for 408;
    - Refuse(empty) for 204 and 205, which promise that there is nothing;
    - Retry(protocol_error) for 206, 304 and other 2xx: nobody asked for a part or sent a validator;
    - Refuse(redirect_invalid) for a 3xx that is no redirect.
    """
    status = answer.status
    detail = f"status {status}"
    if status in (200, 203):
        return answer.page
    if status in _GONE:
        raise Refuse(Reason.GONE, detail)
    if status in _FORBIDDEN:
        raise Refuse(Reason.FORBIDDEN, detail)
    if status in (429, 503):
        reason = Reason.RATE_LIMITED if status == 429 else Reason.SERVER_ERROR
        raise Retry(reason, detail, retry_after_s(answer.page.headers), block_host=True)
    if status in _LATER:
        raise Retry(_LATER[status], detail)
    if status in (204, 205):
        raise Refuse(Reason.EMPTY, detail)
    if status < 300 or status == 304:
        raise Retry(Reason.PROTOCOL_ERROR, detail)
    if status < 400:
        raise Refuse(Reason.REDIRECT_INVALID, detail)
    if status < 500:
        raise Refuse(Reason.CLIENT_ERROR, detail)
    raise Retry(Reason.SERVER_ERROR, detail)
