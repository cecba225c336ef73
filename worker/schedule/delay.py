"""Poll when the delay that has probably piled up reaches a threshold. Pure.

With entries at rate r(s), the expected accumulated delay t hours after a poll is A(t) = integral of r(s) (t - s) ds:
the sum over all entries that wait to be found. Polling every feed when its A reaches one constant c minimises the
mean delay at a given number of polls; for a constant rate it is the square-root law of Sia, Cho and Cho (IEEE TKDE
19(7), 2007): t = sqrt(2 c / r). c is in entries times hours.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from worker.models import Why
from worker.schedule.rhythm import BURST_HALF_LIFE_H


@dataclass(frozen=True, slots=True)
class Wait:
    hours: float
    bound: Why
    """delay, window or cap."""


def wait_until(
    start_h: float, rate: Callable[[int], float], burst: float, *, threshold: float, most: float, cap_h: float
) -> Wait:
    """Hours from `start_h` (hours since 1970) until A reaches `threshold`, or `most` entries are expected, or the cap.

    `rate(hour)`: entries per hour in that hour, above 0; `burst` multiplies it now and fades. Exact inside an hour.
    """
    entries = delay = 0.0
    at = start_h
    end_h = start_h + cap_h
    while at < end_h:
        hour = math.floor(at)
        per_h = rate(hour)
        if burst != 1.0:
            per_h *= 1 + (burst - 1) * 0.5 ** ((at - start_h) / BURST_HALF_LIFE_H)
        length = min(hour + 1.0, end_h) - at
        to_delay = (math.sqrt(entries * entries + 2 * per_h * max(threshold - delay, 0.0)) - entries) / per_h
        to_window = max(most - entries, 0.0) / per_h
        if min(to_delay, to_window) <= length:
            bound = Why.DELAY if to_delay <= to_window else Why.WINDOW
            return Wait(at + min(to_delay, to_window) - start_h, bound)
        delay += entries * length + per_h * length * length / 2
        entries += per_h * length
        at += length
    return Wait(cap_h, Why.CAP)


def expected_entries(start_h: float, hours: float, rate: Callable[[int], float], burst: float) -> float:
    """How many entries the same rates expect in the `hours` after `start_h`."""
    entries, at, end_h = 0.0, start_h, start_h + hours
    while at < end_h:
        hour = math.floor(at)
        length = min(hour + 1.0, end_h) - at
        fading = 1 + (burst - 1) * 0.5 ** ((at - start_h) / BURST_HALF_LIFE_H)
        entries += rate(hour) * fading * length
        at += length
    return entries
