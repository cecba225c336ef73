"""One threshold for all feeds, steered slowly so that polls meet their budget. Pure.

The threshold c moves by integral control of the measured polls: log c += gain * dt * (polls / budget - 1). Polls go
with the inverse root of c and answer to it after about one mean interval, so a gain of half an inverse interval is
stable; beyond the first days it is ten times a day at most, so that the rush of every morning is not "corrected" but
evened out over the day. When more is due than the workers can do, c grows until it is not: every feed is polled less
often in the same proportion, and no queue builds up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from worker.models import Pace
from worker.schedule.hours import BINS, DAY_S, HOUR_S, SHARE, normalised

STEP_S = 60.0
LONGEST_STEP_S = 600.0
"""Nothing steered for longer: nothing ran, and the polls of that time say nothing."""
LEAST, MOST = 1e-4, 1e5
SLOW_PER_H = 0.1
OVERLOAD_PER_H = 1.0
OVERDUE_S = 60.0
"""A feed is overdue when it should have been polled this long ago."""
OVERLOADED_S, OVERLOADED_FEEDS = 120.0, 20
"""Overloaded: more is overdue than the budget polls in this time, and more than this."""
LARGEST_STEP = 0.5
PROFILE_PRIOR = 5.0
"""Feeds whose weight a flat profile has against the measured one."""


@dataclass(frozen=True, slots=True)
class Budget:
    """`per_feed_day`: polls of a feed a day, in the mean; `per_s`: of all feeds together at most, 0 = no limit."""

    per_feed_day: float = 24.0
    per_s: float = 0.0

    def polls_per_s(self, feeds: int) -> float:
        wanted = feeds * self.per_feed_day / DAY_S
        return min(wanted, self.per_s) if self.per_s > 0 else wanted


@dataclass(frozen=True, slots=True)
class Measured:
    """One step's figures. `threshold` None: the first step ever."""

    threshold: float | None
    elapsed_s: float
    age_s: float
    """How long this installation has been steered."""
    polls: int
    feeds: int
    overdue: int


def steered(measured: Measured, budget: Budget) -> float:
    """The threshold after this step, within `LEAST` and `MOST`."""
    per_s = budget.polls_per_s(measured.feeds)
    if measured.threshold is None:
        return start(budget, measured.feeds)
    if per_s <= 0 or not 0 < measured.elapsed_s <= LONGEST_STEP_S:
        return measured.threshold
    hours = measured.elapsed_s / HOUR_S
    if measured.overdue > max(OVERLOADED_S * per_s, OVERLOADED_FEEDS):
        change = OVERLOAD_PER_H * hours
    else:
        interval_h = measured.feeds / per_s / HOUR_S
        fast_per_h = 0.5 / interval_h
        gain_per_h = min(max(HOUR_S / max(measured.age_s, 1.0), SLOW_PER_H), fast_per_h)
        change = gain_per_h * hours * (measured.polls / (per_s * measured.elapsed_s) - 1)
    change = min(max(change, -LARGEST_STEP), LARGEST_STEP)
    return min(max(measured.threshold * math.exp(change), LEAST), MOST)


def start(budget: Budget, feeds: int) -> float:
    """A first guess: what feeds of five entries a day need at this budget (square-root law)."""
    per_s = budget.polls_per_s(feeds)
    interval_h = feeds / per_s / HOUR_S if per_s > 0 else 1.0
    return min(max(interval_h * interval_h * (5 / 24) / 2, LEAST), MOST)


def profile_of(weights: Mapping[int, float]) -> tuple[float, ...]:
    """What all feeds together published in each of the 48 hours -> relative rates, mean 1 over a week."""
    known = [max(weights.get(at, 0.0), 0.0) for at in range(BINS)]
    if not math.isfinite(sum(known)):
        return Pace().profile
    return normalised(tuple(PROFILE_PRIOR + weight / share for weight, share in zip(known, SHARE, strict=True)))
