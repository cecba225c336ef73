"""Dates as readers see them: `12.07.2025, 13:13 Uhr`, `July 12, 2025 at 9:05 a.m. ET`, `2025年7月12日 13時13分`. Pure.

Nothing is guessed: a date with slashes whose order the language does not tell is no date, and a clock is only what
stands beside the date as a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from worker.extract import zones
from worker.extract.zones import Site

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner january janvier gennaio enero janeiro januari jan janv gen ene", "februar feber february"
            " février fevrier febbraio febrero fevereiro februari feb févr fév fev", "märz maerz march mars marzo março"
            " maart mar mär mrz", "april avril aprile abril apr avr abr", "mai may maggio mayo maio mei mag",
            "juni june juin giugno junio junho jun giu", "juli july juillet luglio julio julho jul juil lug",
            "august août aout agosto augustus aug ago",
            "september septembre settembre septiembre setembro sep sept set",
            "oktober october octobre ottobre octubre outubro okt oct ott out", "november novembre noviembre novembro"
            " nov", "dezember december décembre decembre dicembre diciembre dezembro dez dec déc dic",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_DATES = re.compile(
    r"(?<![\d.])(?P<y1>\d{4})(?P<m>[-./])(?P<m1>\d{1,2})(?P=m)(?P<d1>\d{1,2})(?!\d)"
    r"|(?<!\d)(?P<y2>\d{4})\s?[年년]\s?(?P<m2>\d{1,2})\s?[月월]\s?(?P<d2>\d{1,2})\s?[日일]"
    r"|(?<![\d.])(?P<d3>\d{1,2})(?P<s3>[./-])(?P<m3>\d{1,2})(?P=s3)(?P<y3>\d{4}|\d\d(?![\d.]))(?!\d)"
    r"|(?<!\d)(?P<d4>\d{1,2})(?:\.|º|er|ero|st|nd|rd|th)?\s(?:de\s|of\s)?(?P<n4>[^\W\d_]{3,10})\.?,?\s(?:de\s|del\s)?"
    r"(?P<y4>\d{4})(?!\d)"
    r"|(?<!\w)(?P<n5>[^\W\d_]{3,10})\.?\s(?P<d5>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<y5>\d{4})(?!\d)",
    re.I,
)
_YEAR = re.compile(r"\d{4}|\d\.\d\d(?!\d)")
_ZONE = r"(?:\s?\(?(?P<zone>(?:UTC|GMT)?\s?[+\-\u2212]\d{1,2}(?::?\d{2})?(?![\d:])|[A-Z]{2,4}(?!\w)))?"
_HALF = r"(?:(?P<half>上午|午前|下午|午後|오전|오후)\s?)?"
_CLOCK = (
    rf"{_HALF}(?P<hour>\d{{1,2}})(?:[:.hH時点시](?P<minute>\d{{2}})(?:[:分분](?P<second>\d{{2}})?)?(?!\d(?!\d[./-]\d)|[.:]\d)"
    r"|(?=\s?[aApP]\.?[mM]\b)|(?=\s?Uhr\b)|h\b)(?:\s?(?P<ampm>[aApP])\.?[mM]\b\.?)?(?:\s?(?:Uhr|h|hrs|hs|Hrs)\b\.?)?"
)
_LINK = r"(?:um|à|alle|ore|a las|às|as|at|kl\.?|om|ab|@)"
_AFTER = re.compile(rf"(?!\s?[\-–]\s?\d{{1,2}}\.)[\s,.|·•–—\-/T(]{{1,4}}(?:{_LINK}\s)?{_CLOCK}{_ZONE}")
_BEFORE = re.compile(
    rf"(?<![\d.:]){_CLOCK}{_ZONE}[\s,|·•–—\-/]{{1,4}}(?:[^\W\d_]{{2,10}}\.?,?\s)?(?:am\s|on\s|le\s|el\s|il\s)?$"
)
_RANGE = re.compile(r"\s?(?:-|–|—|bis|to|au|al|à)\s?(?=\d)")
_HALVES = {"a": 0, "p": 12, "上午": 0, "午前": 0, "오전": 0, "下午": 12, "午後": 12, "오후": 12}
_MONTH_FIRST = frozenset({"us", "ph", "ca"})


@dataclass(frozen=True, slots=True)
class Shown:
    local: datetime
    """Without zone."""
    has_clock: bool
    zone: tzinfo | None
    """As written beside the clock."""
    start: int
    end: int
    """Of the date in the line."""


def names_day(line: str) -> bool:
    """A date with the name of its month stands in the short line, whatever it dates."""
    return any((match["n4"] or match["n5"] or "").lower() in _MONTHS for match in _DATES.finditer(line[:300]))


def read(line: str, site: Site) -> Iterator[Shown]:
    """The dates of a short line in their order, both ends of a range left out."""
    line = line[:300]
    if not _YEAR.search(line):
        return
    skipped = -1
    for match in _DATES.finditer(line):
        if match.start() == skipped:
            continue
        if (until := _range_end(line, match)) >= 0:
            skipped = until
            continue
        day = _day(match, site)
        if day is None:
            continue
        after = _AFTER.match(line, match.end())
        clock = after or _BEFORE.search(line[max(0, match.start() - 40) : match.start()])
        local = _with_clock(day, clock) if clock else None
        zone = zones.written(clock["zone"], site) if clock and local and clock["zone"] else None
        end = after.end() if after and local else match.end()
        yield Shown(local or day, local is not None, zone, match.start(), end)


def _day(match: re.Match[str], site: Site) -> datetime | None:
    part = match.groupdict()
    if part["y1"] or part["y2"]:
        key = "1" if part["y1"] else "2"
        year, month, day = int(part[f"y{key}"]), int(part[f"m{key}"]), int(part[f"d{key}"])
    elif part["y3"]:
        first, second, year = int(part["d3"]), int(part["m3"]), int(part["y3"])
        if len(part["y3"]) == 2:
            if part["s3"] != ".":
                return None
            year += 2000
        order = _order(part["s3"], first, second, site)
        if order is None:
            return None
        day, month = order
    else:
        key = "4" if part["y4"] else "5"
        year, month, day = int(part[f"y{key}"]), _MONTHS.get(part[f"n{key}"].lower(), 0), int(part[f"d{key}"])
    try:
        return datetime(year, month, day)  # noqa: DTZ001 - the zone follows
    except ValueError:
        return None


def _order(mark: str, first: int, second: int, site: Site) -> tuple[int, int] | None:
    """(day, month). In English `3/4/2025` is what the site's country says, and nothing where none does."""
    if mark == ".":
        return first, second
    country = zones.country_of(site)
    if country in _MONTH_FIRST:
        return second, first
    if site.locale[:2].lower() in ("", "en") and not country:
        return (first, second) if first > 12 else (second, first) if second > 12 else None
    return first, second


def _range_end(line: str, match: re.Match[str]) -> int:
    """Where the second date begins, of two that say from when to when something happens; -1 when there is none."""
    after = _RANGE.match(line, match.end())
    return after.end() if after is not None and _DATES.match(line, after.end()) else -1


def _with_clock(day: datetime, clock: re.Match[str]) -> datetime | None:
    hour, minute = int(clock["hour"]), int(clock["minute"] or 0)
    half = _HALVES.get((clock["half"] or clock["ampm"] or "").lower())
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + half
    try:
        return day.replace(hour=hour, minute=minute, second=int(clock["second"] or 0))
    except ValueError:
        return None
