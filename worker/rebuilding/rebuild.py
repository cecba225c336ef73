"""All of it: teach what the index holds, decide again what came meanwhile, and have the documents follow.

Everything may be repeated, and a rebuild that was killed goes on where it was. The order makes it right: until all is
taught, what is assigned is provisional; it is then decided again in order of arrival, as if all had been known, by the
rules that assign; only when none of it is left is anything final, at one moment for all; documents are written last,
from what the scripts say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from worker.models import Decided, Phase, RebuildState
from worker.ports import Aliases, ArticleIndex, Furniture, Outbox, Rebuild, Stories
from worker.query.ast import Between, Node, Or
from worker.rebuilding.follow import MARKED, OutboxStuck, decide, enlist, in_batches, outbox_is_past, write_all
from worker.rebuilding.teach import Teacher, batches, opens, slices

MARGIN = timedelta(minutes=5)
"""Clocks of workers differ from that of Redis."""
BEAT_S = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    phase: Phase
    read: int
    """Articles read from the index."""
    reached: datetime | None
    """Back to when; None: the beginning was not yet read."""
    decided: int = 0
    """Provisional articles that were decided anew."""
    changed: int = 0
    """Those of them that are in another story now."""
    written: int = 0
    """Documents that followed."""
    left: int = 0
    """Documents that could not be brought to follow; a rebuild that is started again tries anew."""


@dataclass(frozen=True, slots=True)
class Parts:
    index: ArticleIndex
    stories: Stories
    aliases: Aliases
    furniture: Furniture
    outbox: Outbox
    rebuild: Rebuild
    write_some: Callable[[], int]
    """Index a batch of the outbox here and now -> how many items went; workers may do the same beside it."""
    now: Callable[[], datetime]
    """The clock of Redis."""
    changed: Callable[[Collection[str]], None] = lambda _: None
    """Told of stories whose documents were written."""


def rebuild(parts: Parts, state: RebuildState, days: int) -> Iterator[Progress]:
    """`state`: as `Rebuild.begin` gave it. The last Progress has the phase DONE, unless documents are `left`.

    Raises IndexUnavailable, RebuildTaken and what Redis raises; start it again then.
    """
    last, phase = Progress(state.phase, state.read, state.reached), state.phase
    if phase is Phase.TEACH:
        for last in _teach(parts, state, days):
            yield last
        # Where nothing is that was not known here, what was decided here was decided rightly.
        phase = Phase.DECIDE if state.since is not None and last.read else Phase.WRITE
        parts.rebuild.beat(phase=phase)
    try:
        if phase is Phase.DECIDE:
            last = replace(last, phase=phase)
            yield last
            for done in _decide(parts, state):
                last = replace(last, decided=last.decided + done.decided, changed=last.changed + done.changed)
                yield last
        last = replace(last, phase=Phase.WRITE)
        for written, left in write_all(parts):
            last = replace(last, written=written, left=left)
            yield last
    except OutboxStuck as stuck:
        last = replace(last, left=stuck.items)
    if not last.left:
        last = replace(last, phase=Phase.DONE)
    yield last


def _teach(parts: Parts, state: RebuildState, days: int) -> Iterator[Progress]:
    """What was first seen since Redis began anew is known here, if provisionally: it is left to the next part."""
    from_ = state.since or state.began
    read, beaten = state.read, time.monotonic()
    with Teacher(parts.stories, parts.aliases, parts.furniture, opens(parts.now())) as teacher:
        for low, high in slices(state.reached or from_, from_ - timedelta(days=days)):
            for batch in batches(parts.index, low, high):
                teacher.teach(batch)
                read += len(batch)
                if time.monotonic() - beaten > BEAT_S:
                    parts.rebuild.beat()
                    beaten = time.monotonic()
                yield Progress(Phase.TEACH, read, high)
            teacher.wait()
            parts.rebuild.beat(reached=low, read=read)
            yield Progress(Phase.TEACH, read, low)


def _decide(parts: Parts, state: RebuildState) -> Iterator[Decided]:
    """What came before this rebuild was at work stands in the index, or is on its way there; the rest is enlisted."""
    assert state.since is not None
    outbox_is_past(parts)
    for batch in in_batches(parts.index, Or((_written_since(state.since), MARKED))):
        enlist(parts, batch)
    yield from decide(parts)


def _written_since(since: datetime) -> Node:
    return Or((Between("fetched_at", low=since - MARGIN), Between("first_seen_at", low=since)))
