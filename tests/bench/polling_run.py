"""One rule over many feeds at one knob: how many polls, and how late every entry was found."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from tests.bench.polling_rules import Rule
from tests.bench.polling_traces import START_S, Trace
from worker.schedule.hours import DAY_S, HOUR_S

HISTORY_D, WARM_UP_D, MEASURED_D = 7, 14, 14
DAYS = HISTORY_D + WARM_UP_D + MEASURED_D
FLOOR_H, CAP_H = 5 / 60, 24.0
TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class Run:
    polls: int
    delays_min: np.ndarray
    missed: int

    @property
    def mean(self) -> float:
        return float(self.delays_min.mean())

    @property
    def median(self) -> float:
        return float(np.median(self.delays_min))

    @property
    def p95(self) -> float:
        return float(np.percentile(self.delays_min, 95))

    @property
    def missed_percent(self) -> float:
        return 100 * self.missed / (len(self.delays_min) + self.missed)


def run(rule: type[Rule], knob: float, traces: list[Trace]) -> Run:
    """Polls and entries of the measured fortnight; the rule has had a week of history and a fortnight of polls."""
    polls = missed = 0
    delays: list[float] = []
    measured_s = START_S + (HISTORY_D + WARM_UP_D) * DAY_S
    end_s = START_S + DAYS * DAY_S
    begin = random.Random(1)
    for number, trace in enumerate(traces):
        times, window = trace.times_s, trace.window
        feed = rule(knob, trace, number)
        now_s = START_S + HISTORY_D * DAY_S + begin.random() * HOUR_S
        seen = bisect_right(times, now_s - 1e-9)
        first_measured = bisect_right(times, measured_s)
        while now_s < end_s:
            upto = bisect_right(times, now_s)
            found = max(seen, upto - window)
            if now_s >= measured_s:
                polls += 1
                missed += max(0, found - max(seen, first_measured))
                for time in times[max(found, first_measured) : upto]:
                    delays.append(now_s - time)
            wait_h = feed.next_h(now_s, times[found:upto], times[max(0, upto - window) : upto])
            seen = upto
            now_s += min(max(wait_h, FLOOR_H), CAP_H) * HOUR_S
    return Run(polls, np.array(delays) / 60, missed)


def at_equal_requests(
    rule: type[Rule], traces: list[Trace], per_feed_day: float, guess: float = 1.0
) -> tuple[Run, float]:
    """The run whose knob makes `per_feed_day` polls per feed and day, to within half a percent or as near as 12 tries
    come, and that knob."""
    wanted = per_feed_day * len(traces) * MEASURED_D
    low, high = math.log(1e-4), math.log(1e4)
    at = math.log(guess)
    tried: list[tuple[float, float, Run]] = []
    for _ in range(12):
        done = run(rule, math.exp(at), traces)
        error = math.log(max(done.polls, 1) / wanted)
        tried.append((at, error, done))
        if abs(error) < TOLERANCE:
            break
        low, high = (at, high) if error > 0 else (low, at)
        at = _next_guess(tried, low, high)
    best = min(tried, key=lambda one: abs(one[1]))
    return best[2], math.exp(best[0])


def _next_guess(tried: list[tuple[float, float, Run]], low: float, high: float) -> float:
    """Secant through the last two, kept inside the bracket; polls go about as a power of the knob."""
    two, error_two, _ = tried[-1]
    one, error_one = tried[-2][:2] if len(tried) > 1 else (two + 1, error_two - 0.6)
    guess = two - error_two * (two - one) / (error_two - error_one) if error_two != error_one else low
    return guess if low < guess < high else (low + high) / 2
