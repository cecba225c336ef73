"""Documents with more entries than anybody reads are cut before they are parsed, so that they cost no more. Pure."""

from __future__ import annotations

import re

from worker.poll.dates import parse_date

_START = re.compile(r"<(?:[A-Za-z_][\w.-]{0,30}:)?(?:item|entry)(?=[\s>/])")
_END = re.compile(r"</(?:[A-Za-z_][\w.-]{0,30}:)?(?:item|entry)\s*>")
_DATE = re.compile(r"<(?:pubDate|published|updated|modified|issued|dc:date)\b[^>]{0,100}>([^<]{1,64})<")


def cut_entries(text: str, limit: int) -> tuple[str, int]:
    """At most `limit` entries of `text`, which stays well-formed, and how many were cut.

    The first ones stay, or the last ones where the document runs from old to new.
    """
    starts = [match.start() for match in _START.finditer(text)]
    if len(starts) <= limit:
        return text, 0
    surplus = len(starts) - limit
    first = _date(text[starts[0] : starts[1]])
    last = _date(text[starts[-1] :])
    if first is not None and last is not None and last > first:
        return text[: starts[0]] + text[starts[surplus] :], surplus
    end = 0
    for match in _END.finditer(text, starts[-1]):
        end = match.end()
    return text[: starts[limit]] + (text[end:] if end else ""), surplus


def _date(entry: str) -> float | None:
    match = _DATE.search(entry)
    moment = parse_date(match[1]) if match else None
    return moment.timestamp() if moment else None
