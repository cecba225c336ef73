"""The order of an erasure, in which it may be killed anywhere: run again, it finds what is left and goes on.

First the tombstones, in the index and in Redis: from then on nothing comes in. Then what is on its way, so that nothing
is written any more; then what was derived; the documents, by which that is found, then; what is told of them last.
Every step may be repeated. At the end each place is searched again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from worker.erasing.find import Found, Unwritten, find
from worker.erasing.request import Request
from worker.index.erased import hashes_of
from worker.models import Article, ArticleId, Sought, Tombstone
from worker.ports import Aliases, ArticleIndex
from worker.ports.erasing import Holder

ROUNDS = 5
BETWEEN_S = 0.5
SEEN = "versions"
"""The holder that also knows what was seen."""


class KeptAway(Protocol):
    """The tombstones in Redis."""

    def add(self, tombstones: Sequence[Tombstone]) -> None: ...

    def remove(self, tombstones: Sequence[Tombstone]) -> None: ...

    def refused(self) -> Sequence[ArticleId]:
        """What was offered again meanwhile."""

    def forget_refused(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Erasing:
    """The parts: holders of what is on its way, of what is remembered of it, and of what is archived.

    `changed` is told of the stories that stay: they are summed up anew.
    `compact` makes the bytes leave the index's disk (of everything, when asked so), `rewrite` Redis's files; what they
    could not do in a line, else empty.
    """

    index: ArticleIndex
    aliases: Aliases
    kept_away: KeptAway
    unwritten: Unwritten
    coming: Sequence[Holder]
    remembered: Sequence[Holder]
    archived: Sequence[Holder]
    changed: Callable[[Collection[str]], None]
    compact: Callable[[bool], str]
    rewrite: Callable[[], str]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep

    @property
    def holders(self) -> tuple[Holder, ...]:
        return (*self.coming, *self.remembered, *self.archived)

    def find(self, request: Request) -> Found:
        return find(request, index=self.index, aliases=self.aliases, unwritten=self.unwritten, now=self.clock())


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one place."""

    place: str
    erased: int
    left: int


@dataclass(frozen=True, slots=True)
class Erased:
    lines: tuple[Line, ...]
    tombstones: tuple[Tombstone, ...]
    problems: tuple[str, ...]
    """What could not be done although nothing is left: bytes that stay on a disk for now."""

    @property
    def done(self) -> bool:
        return not self.problems and not any(line.left for line in self.lines)


def counted(parts: Erasing, sought: Sought) -> dict[str, int]:
    """How much each place holds."""
    return {holder.name: holder.held(sought) for holder in parts.holders}


def erase(parts: Erasing, request: Request, found: Found, tell: Callable[[str], None]) -> Erased:
    """Raises IndexUnavailable, ServerError, RedisError: then it is done in part, and to be run again."""
    erased = dict.fromkeys((holder.name for holder in parts.holders), 0)
    tell("keeping it away from now on")
    _keep_away(parts, found)
    tell("taking it out")
    for holder in parts.coming:
        erased[holder.name] += holder.erase(found.sought)
    # What was on its way a moment ago may have been written meanwhile.
    now = parts.find(request)
    now = replace(now, sought=found.sought.joined(now.sought))
    _keep_away(parts, now)
    for holder in (*parts.remembered, *parts.archived):
        erased[holder.name] += holder.erase(now.sought)
    parts.changed(now.sought.kept_stories)
    tell("looking again")
    left = _look_again(parts, now.sought, erased)
    tell("taking the bytes off the disks")
    problems = _compact(parts, found, any(erased.values()))
    lines = tuple(Line(name, number, left[name]) for name, number in erased.items())
    return Erased(lines, now.tombstones, problems)


def let_come(parts: Erasing, tombstones: Sequence[Tombstone]) -> int:
    """Take tombstones away; how many there were. Nothing comes back by itself, but what feeds offer again is new."""
    gone = parts.index.exhume([each.id for each in tombstones])
    parts.kept_away.remove(tombstones)
    ids = {*parts.kept_away.refused(), *(ArticleId(key) for each in tombstones for key in each.hashes)}
    for holder in parts.remembered:
        if holder.name == SEEN:
            holder.erase(Sought(ids=frozenset(ids)))
    parts.kept_away.forget_refused()
    return gone


def forget(remembered: Sequence[Holder], documents: Sequence[Article]) -> None:
    """What the last gate held back left traces on its way there: Redis did not know then that it was erased."""
    sought = Sought(
        ids=frozenset(document.id for document in documents),
        keys=frozenset(key for document in documents for key in hashes_of(document.url)),
        stories={document.id: document.story.id for document in documents},
        sites=frozenset(document.site for document in documents),
    )
    for holder in remembered:
        holder.erase(sought)


def _keep_away(parts: Erasing, found: Found) -> None:
    """In the index first: it is the record; Redis is told from it."""
    parts.index.entomb(found.tombstones)
    parts.kept_away.add(found.tombstones)


def _look_again(parts: Erasing, sought: Sought, erased: dict[str, int]) -> dict[str, int]:
    """A slow process may have brought something meanwhile; it is taken out again, a few times."""
    left: dict[str, int] = {}
    for number in range(ROUNDS):
        left = {holder.name: holder.held(sought) for holder in parts.holders}
        if not any(left.values()):
            break
        if number < ROUNDS - 1:
            parts.sleep(BETWEEN_S)
            for holder in parts.holders:
                if left[holder.name]:
                    erased[holder.name] += holder.erase(sought)
    return left


def _compact(parts: Erasing, found: Found, any_erased: bool) -> tuple[str, ...]:
    """Also where nothing was found but the tombstone: the run before this one may have been killed right here."""
    if not any_erased and not found.again:
        return ()
    return tuple(filter(None, (parts.compact(found.again), parts.rewrite())))
