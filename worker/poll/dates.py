"""Dates of feeds: many spellings in, sane moments or nothing out. Pure.

Not feedparser's own parser: it lets impossible dates roll over (30 February, 25:61:61, month 13) into wrong ones.
"""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from functools import lru_cache

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before this no feed existed; 0001-01-01, 1970-01-01 and the like are what software writes for "no date"."""
FUTURE = timedelta(days=1)
"""Clocks and time zones are wrong by hours; a date further ahead is a mistake or a trick."""

_MAX_CHARS = 64
# As RFC 822 and 1123 want it; the mail parser, which knows all else, takes ten times as long.
_REGULAR = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([12]\d{3})"
    r" (\d\d):(\d\d):(\d\d) (GMT|UTC|Z|[+-]\d{4})"
)
_MONTHS = {name: at + 1 for at, name in enumerate(re.findall("...", "JanFebMarAprMayJunJulAugSepOctNovDec"))}
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:[0-5]\d)", re.ASCII)
_NO_OFFSET, _LARGEST_OFFSET = timedelta(), timedelta(hours=15)
_ISO = re.compile(
    r"(\d{4})-?(\d{2})(?:-?(\d{2}))?"
    r"(?:[T ]+(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?:[^\W\d]+\.?(?:,\s*|\s+))?\d{1,2}[\s-]+[^\W\d]+\.?[\s-]+(\d{2,4})(?:[\s,]+\d{1,2}:\d{2}(?::\d{2})?.*)?"
)
_ASCTIME = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{1,2}:\d{2}:\d{2} (\d{4})")
# Names that the mail parser does not know and European sites write.
_ZONES = {
    **dict.fromkeys(("CET", "MEZ", "BST", "WEST"), "+0100"),
    **dict.fromkeys(("CEST", "MESZ", "EET"), "+0200"),
    **dict.fromkeys(("EEST", "MSK"), "+0300"),
}
_ZONE_NAME = re.compile(rf"\b({'|'.join(_ZONES)})\b")


def parse_date(text: str) -> datetime | None:
    """The moment that RFC 822, RFC 3339 and their common misspellings name; None for anything else.

    The offset is kept: it tells the clock of the site. A date without one is taken as UTC, a day without a time as its
    beginning.
    """
    text = text.strip()
    if not text or len(text) > _MAX_CHARS or not text.isascii():
        return None
    try:
        if text[19:20] in ("Z", "+", "-") and _RFC3339.fullmatch(text):  # nearly all of Atom's
            with contextlib.suppress(ValueError):  # a leap second, 24:00: read below
                moment = datetime.fromisoformat(text)
                if abs(moment.utcoffset() or _NO_OFFSET) <= _LARGEST_OFFSET:
                    return moment
        regular = _REGULAR.fullmatch(text)
        if regular:
            day, month, year, hour, minute, second, zone = regular.groups()
            return _moment(
                int(year),
                _MONTHS[month],
                int(day),
                int(hour),
                int(minute),
                int(second),
                _iso_offset(zone),
            )
        iso = _ISO.fullmatch(text)
        return _from_iso(iso) if iso else _from_mail(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def sane_date(text: str, now: datetime) -> datetime | None:
    """`parse_date`, within 1995 and a day after `now`; otherwise None."""
    moment = parse_date(text)
    return moment if moment is not None and EARLIEST <= moment <= now + FUTURE else None


def _from_iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    return _moment(year, month, day or 1, hour, minute, second, _iso_offset(match[7] or "Z"))


def _iso_offset(zone: str) -> int:
    if zone[0] not in "+-":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if minutes > 59:
        raise ValueError(zone)
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def _from_mail(text: str) -> datetime | None:
    match = _MAIL.fullmatch(text) or _ASCTIME.fullmatch(text)
    # The mail parser reads the year 0001 as 2001.
    if match is None or len(match[1]) == 3 or match[1].startswith("00"):
        return None
    parts = parsedate_tz(_ZONE_NAME.sub(lambda name: _ZONES[name[1]], text))
    if parts is None:
        return None
    return _moment(*parts[:6], parts[9] or 0)


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int, offset_s: int) -> datetime:
    if abs(offset_s) > _LARGEST_OFFSET.total_seconds():
        raise ValueError("no such zone")
    extra = timedelta()
    if hour == 24 and minute == second == 0:  # RFC 822 has it not, feeds do: midnight at the day's end
        hour, extra = 0, timedelta(days=1)
    # A leap second has no place in a datetime.
    second = 59 if second == 60 else second
    if not offset_s and not extra:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone(offset_s)) + extra
    if not 1 < year < 9999:
        moment.astimezone(UTC)  # raises where the calendar ends
    return moment


@lru_cache(maxsize=256)
def _zone(offset_s: int) -> timezone:
    return timezone(timedelta(seconds=offset_s))
