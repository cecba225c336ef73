"""When the others would poll next, each by its published rule; and ours, driven through the real policy code.

Every rule has one knob (`knob`), by which all its intervals are scaled (ours: the threshold), so that all can be
compared at the same number of requests. Sources: ../shared/research/feeds.md 1.1. The others know every entry that was
published until now, those that they missed included: a little better than in life.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from tests.bench.polling_traces import START_S, Trace
from worker.models import FeedState, Pace, Reason, Sighting
from worker.schedule.delay import wait_until
from worker.schedule.hours import DAY_S, FLAT, HOUR_S, bin_of
from worker.schedule.pace import profile_of
from worker.schedule.policy import PROFILE_ENTRIES, Limits, next_poll

WEEK_H = 168.0


class Rule:
    """One feed under one rule. `next_h(now_s, fresh, window)`: hours until the next poll, before floor and cap."""

    def __init__(self, knob: float, trace: Trace, seed: int) -> None:
        self.knob, self.trace, self.times = knob, trace, trace.times_s
        self.rng = random.Random(seed)

    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        raise NotImplementedError

    def between(self, now_s: float, days: float) -> int:
        return bisect_right(self.times, now_s) - bisect_right(self.times, now_s - days * DAY_S)


class Fixed(Rule):
    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        return self.knob


class Miniflux(Rule):
    """entry_frequency: a week over the entries of the last week, from their mean gap; a day when there are none."""

    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        first, last = bisect_right(self.times, now_s - 7 * DAY_S), bisect_right(self.times, now_s)
        if last - first < 2:
            return 24.0
        gap_h = max((self.times[last - 1] - self.times[first]) / (last - first - 1) / HOUR_S, 1e-6)
        return self.knob * WEEK_H / math.ceil(WEEK_H / gap_h)


class NewsBlur(Rule):
    """By stories per day of the last month: an hour for one and more, up to twelve below, a day for none; jitter."""

    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        per_day = self.between(now_s, 30) / min(30.0, max(1.0, (now_s - START_S) / DAY_S))
        minutes = 60 if per_day >= 1 else 720 * (1 - per_day) if per_day > 0 else 1440
        return self.knob * minutes / 60 * (1 + self.rng.random() / 4)


class MediaCloud(Rule):
    """Up by ten minutes when two thirds of a document are known, down by an hour when two thirds are new."""

    minutes = 360.0

    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        known = 100.0 if not stands else 100 * (len(stands) - min(len(fresh), len(stands))) / len(stands)
        if known >= 67:
            self.minutes = min(1440.0, self.minutes + 10)
        elif known < 33:
            self.minutes = max(10.0, 360.0 if self.minutes > 360 else self.minutes - 60)
        return self.knob * self.minutes / 60


class MovingAverage(Rule):
    """Palladian's MAV: mean gap of the document; nothing new: its oldest gap becomes the time since the last."""

    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        if len(stands) < 2:
            return self.knob
        gap_s = (stands[-1] - stands[0]) / (len(stands) - 1)
        if not fresh:
            gap_s += ((now_s - stands[-1]) - (stands[1] - stands[0])) / (len(stands) - 1)
        return self.knob * max(gap_s / HOUR_S, 1e-3)


class SquareRoot(Rule):
    """Sia, Cho and Cho: polls in proportion to the square root of the rate of the last two weeks, evenly spaced."""

    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        hours = min(336.0, max(24.0, (now_s - START_S) / HOUR_S))
        return self.knob / math.sqrt((self.between(now_s, 14) + 0.5) / hours)


class Oracle(Rule):
    """Our threshold with the true rates, bursts included: what no poller can know."""

    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        rate, first = self.trace.rate, int(START_S // HOUR_S)

        def true(hour: int) -> float:
            return max(1e-4, rate[min(hour - first, len(rate) - 1)])

        return wait_until(
            now_s / HOUR_S, true, 1.0, threshold=self.knob, most=Limits().guard * self.trace.window, cap_h=24.0
        ).hours


@dataclass(frozen=True, slots=True)
class Poll:
    """What `next_poll` is told of a poll."""

    state: FeedState
    reason: Reason
    sightings: tuple[Sighting, ...] | None
    retry_after_s: float | None = None
    moved_to: str = ""
    in_full: bool = False


class Ours(Rule):
    """worker.schedule.policy.next_poll as the pipeline calls it: stored record, floors, jitter and all."""

    limits = Limits(cap_s=DAY_S)
    profile = FLAT

    def __init__(self, knob: float, trace: Trace, seed: int) -> None:
        super().__init__(knob, trace, seed)
        self.pace = Pace(knob, self.profile)
        self.state = FeedState()

    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        sightings = None
        if fresh or not self.state.rhythm:
            old = len(stands) - len(fresh)
            sightings = tuple(Sighting(moment(time), number >= old) for number, time in enumerate(stands))
        reason = Reason.NEW_ENTRIES if fresh else Reason.NOT_MODIFIED
        now = moment(now_s)
        plan = next_poll(Poll(self.state, reason, sightings), now, self.rng, self.limits, self.pace)
        self.state = plan.state
        return (plan.at - now).total_seconds() / HOUR_S


@cache
def moment(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def learned_profile(traces: list[Trace], until_s: float) -> tuple[float, ...]:
    """The profile of all feeds that their entries until then give (the worker gathers the same poll by poll)."""
    weights: dict[int, float] = {}
    for trace in traces:
        known = trace.times_s[: bisect_right(trace.times_s, until_s)]
        for time in known:
            weights[bin_of(time)] = weights.get(bin_of(time), 0.0) + 1 / max(PROFILE_ENTRIES, len(known))
    return profile_of(weights)
