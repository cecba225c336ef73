"""Whether the state server's clock was set: found out by a clock that nobody can set. Pure.

Every wait (the next poll, a host's rest, a lease) is kept as a moment on the server's clock. Set forward by an hour, it
would have every feed polled an hour too early; set back, none for an hour. So what it was set by is found out here, and
left out of the count of all waits (lua/_steady.lua).
"""

from __future__ import annotations

import time
from collections.abc import Callable

TOLERANCE_S = 10.0
"""Less does nobody harm."""
SLOW_S = 2.0
"""Who had to wait longer for the answer knows too little."""


def boot_clock() -> float:
    """Seconds that go on while the machine sleeps, and that nobody can set."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Steady:
    """Compares two clocks from one look to the next."""

    def __init__(self, clock: Callable[[], float] = boot_clock) -> None:
        self._clock = clock
        self._ours = self._theirs = 0.0
        self._known = False

    def look(self, read: Callable[[], float]) -> float:
        """`read` asks the server for its time, in seconds. Returns by how much that was set since the last look: 0.0
        for nothing, or for a difference too small to matter or to be sure of."""
        before = self._clock()
        theirs = read()
        ours = self._clock()
        step = (theirs - self._theirs) - (ours - self._ours)
        known, self._known = self._known, ours - before <= SLOW_S
        self._ours, self._theirs = ours, theirs
        if not (known and self._known) or abs(step) <= TOLERANCE_S:
            return 0.0
        self._known = False  # whoever sets it right, we or another, the server's time jumps back
        return step
