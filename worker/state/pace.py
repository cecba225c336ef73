"""The `Pacer` port: one small record in Redis, read by every worker and moved by any scheduler."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from worker.models import Pace
from worker.schedule.pace import OVERDUE_S, STEP_S, Budget, Measured, profile_of, start, steered
from worker.state.scripts import Scripts, ms, text

KEEP_S = 10.0
"""How long a process goes by what it read; the threshold hardly moves in that time."""


class RedisPacer:
    """`clock`: monotonic seconds."""

    def __init__(self, scripts: Scripts, budget: Budget, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._scripts = scripts
        self._budget = budget
        self._clock = clock
        self._known: Pace | None = None
        self._read_at = 0.0

    def pace(self) -> Pace:
        now = self._clock()
        if self._known is None or now - self._read_at >= KEEP_S:
            self._known, self._read_at = self._read(), now
        return self._known

    def polled(self, weights: Mapping[int, float], *, counts: bool) -> None:
        given: list[str | int] = [int(counts)]
        for at, weight in weights.items():
            given += (at, f"{weight:.6g}")
        if counts or weights:
            self._scripts.run("pace_polled", *given)

    def steer(self) -> float | None:
        now, last, threshold, age, polls, feeds, overdue = (
            text(part) if isinstance(part, bytes) else part for part in self._scripts.run("pace_read", ms(OVERDUE_S))
        )
        elapsed_ms = int(now) - int(last) if last else 0
        if last and 0 <= elapsed_ms < ms(STEP_S):
            return None
        measured = Measured(
            threshold=float(threshold) if threshold else None,
            elapsed_s=elapsed_ms / 1000,
            age_s=int(age) / 1000,
            polls=int(polls),
            feeds=int(feeds),
            overdue=int(overdue),
        )
        new = steered(measured, self._budget)
        age_ms = int(age) + min(max(elapsed_ms, 0), ms(10 * STEP_S))
        done = self._scripts.run("pace_steer", last, now, repr(new), age_ms, polls)
        return new if done else None

    def _read(self) -> Pace:
        pipe: Any = self._scripts.client.pipeline()
        pipe.hget(self._scripts.key("pace"), "threshold")
        pipe.hgetall(self._scripts.key("pace:profile"))
        threshold, weights = pipe.execute()
        profile = profile_of({int(at): float(weight) for at, weight in weights.items()})
        return Pace(start(self._budget, 1) if threshold is None else float(threshold), profile)
