"""How far any rule can come: one that has seen the whole trace, its future included, and forgot all but two habits.

It knows each feed's true mean rate by the hour, as the oracle does, and on top how many entries follow, in this very
trace, at each distance after the last one: bursts, batches and pauses as they will be. What it does not know is when
the entries come. So it is a bound for rules that go by hour and by the time since the last entry.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from tests.bench.polling_rules import Oracle
from tests.bench.polling_traces import START_S, Trace
from worker.schedule.hours import HOUR_S

AGES_H = np.array([0.0, 2 / 60, 5 / 60, 10 / 60, 20 / 60, 40 / 60, 80 / 60, 160 / 60, 320 / 60, 640 / 60, 1e9])
LAGS_H = np.concatenate([np.arange(0, 1, 1 / 12), np.arange(1, 3, 0.25), np.arange(3, 8, 1.0), np.arange(8, 25, 4.0)])
STEP_H = 0.02
FEWEST = 30
"""Entries in a trace, for fewer the true rate alone."""
PRIOR = 2.0
"""Entries that come at the mean rate in each cell: hindsight into single entries would be no habit."""


class Hindsight(Oracle):
    """Our threshold with those rates."""

    _known: ClassVar[dict[int, tuple[Trace, np.ndarray | None]]] = {}

    def __init__(self, knob: float, trace: Trace, seed: int) -> None:
        super().__init__(knob, trace, seed)
        if id(trace) not in self._known:
            self._known[id(trace)] = (trace, _habits(trace))
        self.habits = self._known[id(trace)][1]

    def next_h(self, now_s: float, fresh: list[float], stands: list[float]) -> float:
        if self.habits is None or not stands:
            return super().next_h(now_s, fresh, stands)
        row = self.habits[min(int(np.digitize((now_s - stands[-1]) / HOUR_S, AGES_H)) - 1, len(AGES_H) - 2)]
        entries = delay = 0.0
        for lag, length, times in zip(LAGS_H, np.diff(LAGS_H), row, strict=False):
            hour = int((now_s - START_S) / HOUR_S + lag)
            per_h = max(times * self.trace.rate[min(hour, len(self.trace.rate) - 1)], 1e-4)
            needed = (math.sqrt(entries * entries + 2 * per_h * max(self.knob - delay, 0.0)) - entries) / per_h
            if needed <= length:
                return float(lag + needed)
            delay += entries * length + per_h * length * length / 2
            entries += per_h * length
        return 24.0


def _habits(trace: Trace) -> np.ndarray | None:
    """[time since the last entry, lag] -> how many times the mean rate; in a time that runs with the feed's rate."""
    rate = np.array(trace.rate)
    if len(trace.times_s) < FEWEST or rate.mean() <= 0:
        return None
    clock = np.concatenate([[0.0], np.cumsum(rate / rate.mean())])
    entries = np.interp((np.array(trace.times_s) - START_S) / HOUR_S, np.arange(len(clock)), clock)
    mean = len(entries) / clock[-1]
    moments = np.arange(entries[0], clock[-1] - 1, STEP_H)
    since = moments - entries[np.searchsorted(entries, moments, side="right") - 1]
    cell = np.digitize(since, AGES_H) - 1
    watched = np.bincount(cell, minlength=len(AGES_H) - 1) * STEP_H
    habits = np.ones((len(AGES_H) - 1, len(LAGS_H) - 1))
    for number, (lag, length) in enumerate(zip(LAGS_H, np.diff(LAGS_H), strict=False)):
        came = np.searchsorted(entries, moments + lag + length) - np.searchsorted(entries, moments + lag)
        total = np.bincount(cell, weights=came * STEP_H / length, minlength=len(AGES_H) - 1)
        habits[:, number] = (total + PRIOR) / (watched + PRIOR / mean) / mean
    return habits
