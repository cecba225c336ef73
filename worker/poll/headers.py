"""What the headers of a feed's answer say about the next request. Pure; header names are lower-case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from worker.retry_after import http_date

MAX_HINT_S = 7 * 86400.0
MAX_VALIDATOR_CHARS = 1024

_MAX_AGE = re.compile(r"(?:^|[\s,;])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_NO_HINT = re.compile(r"(?:^|[\s,;])no-(?:store|cache)\b", re.IGNORECASE)
# No control character; no U+FFFD, which stands for bytes that are no UTF-8 and cannot be sent back as they were.
_SEEN = r"\x21-\x7e\x80-\ud7ff\ue000-\ufffc\ufffe-\U0010ffff"
_VALIDATOR = re.compile(f"[{_SEEN}](?:[ {_SEEN}]*[{_SEEN}])?")


def validator(value: str) -> str:
    """An ETag or Last-Modified that can be sent back byte for byte; "" when it is too long or could break a header."""
    return value if len(value) <= MAX_VALIDATOR_CHARS and _VALIDATOR.fullmatch(value) else ""


def conditional(etag: str, last_modified: str) -> dict[str, str]:
    """The request's headers: both validators as the server gave them, never an invented or an empty one."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def hint_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which the answer says it is fresh, at most a week; 0.0 when it says "not at all", None for nothing.

    RFC 9111 4.2.1: max-age before Expires, less the Age it already has.
    """
    control = headers.get("cache-control", "")
    if _NO_HINT.search(control):
        return 0.0
    max_age = _MAX_AGE.search(control)
    if max_age:
        return min(max(float(max_age[1]) - _number(headers.get("age", "")), 0.0), MAX_HINT_S)
    if "expires" not in headers:
        return None
    expires, sent = http_date(headers["expires"]), http_date(headers.get("date", "")) or now
    if expires is None:  # RFC 9111 5.3: an invalid date, especially "0", means already expired
        return 0.0
    return min(max((expires - sent).total_seconds(), 0.0), MAX_HINT_S)


def _number(digits: str) -> float:
    return float(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else 0.0
