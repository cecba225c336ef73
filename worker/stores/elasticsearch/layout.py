"""Names of the indices, aliases and templates. Pure.

Indices are of a few kinds. All of one kind are read through one alias, `<name>-<kind>`, and are called
`<name>-<kind>-v<generation>[-<period>]`. Articles lie in one index per month of `first_seen_at`, which never changes:
the place of a document can be computed, so writing it again meets it. Events lie in one index per day, so that old ones
are dropped without a delete query. A change that indices cannot take in place makes the next generation (migrate.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

FIRST = 1
"""The generation of a new installation."""


class Period(Enum):
    """What one index of a kind holds."""

    ALL = ""
    MONTH = "{0.year:04}.{0.month:02}"
    DAY = "{0.year:04}.{0.month:02}.{0.day:02}"


@dataclass(frozen=True, slots=True)
class IndexKind:
    """One row of `KINDS`; its templates are `config/elasticsearch/<word>.component.json` and `<word>.index.json`."""

    word: str
    period: Period
    sought: bool = False
    """A document may come again with another `at`: it is looked for first, and stays where it is."""

    def alias(self, name: str) -> str:
        return f"{name}-{self.word}"

    def next_alias(self, name: str) -> str:
        """Of the indices of the next generation while they are being filled; nobody searches it."""
        return f"{name}-{self.word}-next"

    def component(self, name: str, generation: int) -> str:
        """The component template with settings, analysis and mappings."""
        return f"{name}-{self.word}-v{generation}"

    def index(self, name: str, generation: int, at: datetime) -> str:
        return self.index_of(name, generation, self.period.value.format(at.astimezone(UTC)))

    def index_of(self, name: str, generation: int, period: str) -> str:
        return f"{name}-{self.word}-v{generation}" + (f"-{period}" if period else "")

    def pattern(self, name: str, generation: int) -> str:
        """All indices of one generation."""
        return self.index_of(name, generation, "" if self.period is Period.ALL else "*")

    def every(self, name: str) -> str:
        """All indices of all generations, as a pattern; it does not meet the aliases."""
        return f"{name}-{self.word}-v*"

    def read(self, name: str, index: str) -> Part | None:
        """The inverse of `index_of`; None when `index` is not ours."""
        start = f"{name}-{self.word}-v"
        found = _PART[self.period].fullmatch(index.removeprefix(start)) if index.startswith(start) else None
        return Part(int(found["generation"]), found["period"] or "") if found else None


@dataclass(frozen=True, slots=True)
class Part:
    """What an index is called, taken apart."""

    generation: int
    period: str


_GENERATION = r"(?P<generation>[1-9]\d{0,5})"
_PART = {
    Period.ALL: re.compile(_GENERATION + "(?P<period>)"),
    Period.MONTH: re.compile(_GENERATION + r"-(?P<period>\d{4}\.\d\d)"),
    Period.DAY: re.compile(_GENERATION + r"-(?P<period>\d{4}\.\d\d\.\d\d)"),
}

ARTICLES = IndexKind("articles", Period.MONTH, sought=True)
STORIES = IndexKind("stories", Period.MONTH, sought=True)
"""One document per story that was printed more than once, by the month in which it was first seen."""
EVENTS = IndexKind("events", Period.DAY)
FEEDS = IndexKind("feeds", Period.ALL)
"""One document per feed, written over: it does not grow with time."""
ERASED = IndexKind("erased", Period.ALL)
"""One document per erased article or domain."""
KINDS = (ARTICLES, STORIES, EVENTS, FEEDS, ERASED)


def events_end(name: str, index: str) -> datetime | None:
    """The moment after the last event that `index` can hold; None when it is no events index of `name`."""
    part = EVENTS.read(name, index)
    if part is None:
        return None
    try:
        return datetime.strptime(part.period, "%Y.%m.%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
