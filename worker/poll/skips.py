"""skipHours and skipDays of RSS 0.91 to 2.0. Pure. feedparser keeps only the last <hour>, so they are read here."""

from __future__ import annotations

import re

_ENTRY = re.compile(r"<item(?=[\s>/])")
_MAX_CHARS = 20_000
"""Read before the first and after the last item; a channel's own elements are rarely a tenth of it."""
_HOURS = re.compile(r"<skipHours\b[^>]{0,100}>(.{0,2000}?)</skipHours\s*>", re.DOTALL | re.IGNORECASE)
_DAYS = re.compile(r"<skipDays\b[^>]{0,100}>(.{0,1000}?)</skipDays\s*>", re.DOTALL | re.IGNORECASE)
_HOUR = re.compile(r"<hour\s*>\s*(\d{1,2})\s*</hour\s*>", re.IGNORECASE)
_DAY = re.compile(r"<day\s*>\s*([A-Za-z]{3,9})\s*</day\s*>", re.IGNORECASE)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def skipped(document: str | bytes) -> tuple[int, int]:
    """Hours (bit 0: from 0:00 GMT) and days (bit 0: Monday) in which the channel asks not to be polled.

    0 to 23; 24 is what RSS 0.91 calls midnight. Anything else is not there. Bytes are UTF-8.
    """
    head, tail = _text(document[:_MAX_CHARS]), _text(document[-_MAX_CHARS:])
    first = _ENTRY.search(head)
    channel = head[: first.start()] if first else head
    ends = tail.rfind("</item")
    channel += tail[ends:] if ends >= 0 else ""
    hours = days = 0
    for block in _HOURS.findall(channel):
        for number in map(int, _HOUR.findall(block)):
            if number <= 24:
                hours |= 1 << number % 24
    for block in _DAYS.findall(channel):
        for name in map(str.lower, _DAY.findall(block)):
            if name in _NAMES:
                days |= 1 << _NAMES.index(name)
    return hours, days


def _text(part: str | bytes) -> str:
    return part if isinstance(part, str) else part.decode("utf-8", "replace")
