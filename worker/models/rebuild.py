"""What is known of a rebuild of Redis from the index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    TEACH = "teach"
    """What the index holds is read, newest first, and taught."""
    DECIDE = "decide"
    """What was assigned meanwhile is decided anew, in order of arrival."""
    WRITE = "write"
    """All is known again; documents that say otherwise are written."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RebuildState:
    """Of the rebuild that is at work, or of the last one."""

    host: str
    """Who runs it, for people."""
    phase: Phase
    at_work: bool
    began: datetime
    since: datetime | None
    """Texts were assigned from then on without knowing those of before; None: all were known."""
    reached: datetime | None
    """Every article that was first seen from here to `since`, or to the beginning, is taught."""
    read: int


@dataclass(frozen=True, slots=True)
class Decided:
    left: int
    """How many provisional articles wait; 0: none, and from now on nothing that is assigned is provisional."""
    decided: int
    changed: int
    """Those of the decided that are in another story now."""
