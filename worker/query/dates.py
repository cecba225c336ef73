"""Dates of the query language: every date is a period, because `2026-07` means the whole month. Pure."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_MOMENT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:[Tt](?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?)?"
    r"(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_RELATIVE = re.compile(r"now(?:(?P<sign>[+-])(?P<number>\d{1,6})(?P<unit>[smhdwMy]))?", re.ASCII)
_AGO = re.compile(r"(?P<number>\d{1,6})(?P<unit>[smhdwMy])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

FORMS = "2026, 2026-07, 2026-07-12, 2026-07-12T13:30, today, yesterday, now-2d"


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, not including, `end`; an instant (`now-2d`) has both equal."""

    start: datetime
    end: datetime

    @property
    def instant(self) -> bool:
        return self.start == self.end


def read_period(text: str, now: datetime) -> Period:
    """A date as people write it. Without a zone it is taken in the zone of `now`. Raises ValueError."""
    now = now.replace(microsecond=0)
    if text.lower() in ("today", "yesterday"):
        start = now.replace(hour=0, minute=0, second=0) - timedelta(days=text.lower() == "yesterday")
        return Period(start, start + timedelta(days=1))
    if match := _RELATIVE.fullmatch(text):
        moment = now
        if match["unit"]:
            sign = -1 if match["sign"] == "-" else 1
            moment = _shift(now, sign * int(match["number"]), match["unit"])
        return Period(moment, moment)
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return _calendar_period(match, now.tzinfo or UTC)


def read_since(text: str, now: datetime) -> Period:
    """As `read_period`, and `7d`, `12h` for that long ago. Raises ValueError."""
    if match := _AGO.fullmatch(text):
        moment = _shift(now.replace(microsecond=0), -int(match["number"]), match["unit"])
        return Period(moment, moment)
    return read_period(text, now)


def _shift(now: datetime, number: int, unit: str) -> datetime:
    """Months and years by the calendar, the last day of the month where the day does not exist."""
    try:
        if unit in _UNITS:
            moved = now + timedelta(**{_UNITS[unit]: number})
        else:
            months = now.year * 12 + now.month - 1 + number * (12 if unit == "y" else 1)
            year, month = divmod(months, 12)
            day = min(now.day, calendar.monthrange(year, month + 1)[1])
            moved = now.replace(year=year, month=month + 1, day=day)
    except (OverflowError, ValueError, calendar.IllegalMonthError):
        raise ValueError("too far from now") from None
    return _sane(moved)


def _sane(moment: datetime) -> datetime:
    # Room on both sides, so that no later step (zone, end of period) leaves what a datetime can hold.
    if not 1000 <= moment.year <= 9998:
        raise ValueError("year out of range")
    return moment


def _calendar_period(match: re.Match[str], zone: tzinfo) -> Period:
    if match["zone"]:
        zone = _zone(match["zone"])
    year, month, day = int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    microsecond = int((match["fraction"] or "0").ljust(6, "0")[:6])
    start = _sane(datetime(year, month, day, hour, minute, second, microsecond // 1000 * 1000, tzinfo=zone))
    if match["fraction"]:
        return Period(start, start + timedelta(milliseconds=1))
    if match["second"]:
        return Period(start, start + timedelta(seconds=1))
    if match["minute"]:
        return Period(start, start + timedelta(minutes=1))
    if match["hour"]:
        return Period(start, start + timedelta(hours=1))
    if match["day"]:
        return Period(start, start + timedelta(days=1))
    if match["month"]:
        return Period(start, _sane_month_after(start))
    return Period(start, start.replace(year=year + 1))


def _sane_month_after(start: datetime) -> datetime:
    return start.replace(year=start.year + 1, month=1) if start.month == 12 else start.replace(month=start.month + 1)


def _zone(text: str) -> tzinfo:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 18 or minutes > 59:
        raise ValueError("no such zone")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
