"""Retry-After and HTTP dates (RFC 9110 10.2.3, 5.6.7). Pure; header names are lower-case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DEFAULT_S = 60.0
"""For zero, negative numbers and past dates: who sends the header wants some rest."""
SHORTEST_S = 1.0
LONGEST_S = 86400.0

_NUMBER = re.compile(r"-?[0-9]+")


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the server asked for, taken at its word from a second to a day; None: nothing to read.

    A date counts from the answer's own Date header, so that a wrong clock here does no harm; without one from `now`,
    and without that it means nothing.
    """
    value = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(value):
        seconds = float(value[:12])  # long enough for any delay, short enough for any number
    else:
        then, sent = http_date(value), http_date(headers.get("date", "")) or now
        if then is None or sent is None:
            return None
        seconds = (then - sent).total_seconds()
    return min(max(seconds, SHORTEST_S), LONGEST_S) if seconds > 0 else DEFAULT_S


def http_date(value: str) -> datetime | None:
    if not value or len(value) > 64:
        return None
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
