"""What the processes of one worker did, stage by stage: counts and times in memory that parent and children share.

Prefork children come and go; a child writes into the row of its place in the pool, so nothing is lost or counted
twice when one is replaced, and no lock is needed: each number has one writer.
"""

from __future__ import annotations

import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from worker.models import Reason, Stage, State

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""From an extraction of a small page to the deadline of a fetch."""

FROM_ZERO: tuple[tuple[Stage, str, Reason | None], ...] = tuple(
    (stage, outcome, reason)
    for stage, outcome in ((Stage.POLL, "failed"), (Stage.FETCH, State.REFUSED.value))
    for reason in (Reason.ADDRESS_BLOCKED, Reason.PORT_BLOCKED)
)
"""Told before the first one happens: a counter that begins with 1 has not increased, and no alert would see it."""

OUTCOMES = ("ok", "retry", "moved", "failed", *(state.value for state in State if state.value != "failed"))
_STAGES, _REASONS = tuple(Stage), (None, *Reason)
_BUCKETS = len(BOUNDS_S) + 1
_COUNTS = len(_STAGES) * len(OUTCOMES) * len(_REASONS)
_ROW = _COUNTS + len(_STAGES) * (_BUCKETS + 1)
_NUMBER = struct.Struct("d")


class StageTable:
    """Made before the fork, with one row for each process of the pool."""

    def __init__(self, rows: int) -> None:
        self._rows = max(rows, 1)
        self._memory = mmap.mmap(-1, self._rows * _ROW * _NUMBER.size)  # anonymous and shared with what is forked

    def observe(self, row: int, stage: Stage, outcome: str, reason: Reason | None, seconds: float) -> None:
        """Row: the place of this process in the pool; one that the table does not have is not counted."""
        if not 0 <= row < self._rows or outcome not in OUTCOMES:
            return
        place = _STAGES.index(stage)
        count = (place * len(OUTCOMES) + OUTCOMES.index(outcome)) * len(_REASONS) + _REASONS.index(reason)
        times = _COUNTS + place * (_BUCKETS + 1)
        self._add(row, count, 1.0)
        self._add(row, times + bisect_left(BOUNDS_S, seconds), 1.0)
        self._add(row, times + _BUCKETS, seconds)

    def counts(self) -> Iterator[tuple[Stage, str, Reason | None, float]]:
        """What happened at least once."""
        sums = self._sums()
        for place, stage in enumerate(_STAGES):
            for number, outcome in enumerate(OUTCOMES):
                for index, reason in enumerate(_REASONS):
                    if value := sums[(place * len(OUTCOMES) + number) * len(_REASONS) + index]:
                        yield stage, outcome, reason, value

    def times(self) -> Iterator[tuple[Stage, list[float], float]]:
        """Per stage that ran: how many fell into each bucket (the last has no bound), and the seconds in all."""
        sums = self._sums()
        for place, stage in enumerate(_STAGES):
            first = _COUNTS + place * (_BUCKETS + 1)
            buckets = sums[first : first + _BUCKETS]
            if any(buckets):
                yield stage, buckets, sums[first + _BUCKETS]

    def _add(self, row: int, cell: int, value: float) -> None:
        at = (row * _ROW + cell) * _NUMBER.size
        _NUMBER.pack_into(self._memory, at, _NUMBER.unpack_from(self._memory, at)[0] + value)

    def _sums(self) -> list[float]:
        size = _ROW * _NUMBER.size
        rows = [struct.unpack_from(f"{_ROW}d", self._memory, row * size) for row in range(self._rows)]
        return [sum(column) for column in zip(*rows, strict=True)]


class StageCollector(Collector):
    def __init__(self, table: StageTable) -> None:
        self._table = table

    def collect(self) -> Iterator[Metric]:
        done = CounterMetricFamily(
            "feedmill_stage_outcomes", "What the stages of this worker did.", labels=["stage", "outcome", "reason"]
        )
        counted = {(stage, outcome, reason): number for stage, outcome, reason, number in self._table.counts()}
        counted = dict.fromkeys(FROM_ZERO, 0.0) | counted
        for (stage, outcome, reason), number in counted.items():
            done.add_metric([stage.value, outcome, reason.value if reason else ""], number)
        yield done
        took = HistogramMetricFamily("feedmill_stage_seconds", "Wall time of one item in a stage.", labels=["stage"])
        for stage, buckets, seconds in self._table.times():
            total, rows = 0.0, []
            for bound, number in zip((*map(str, BOUNDS_S), "+Inf"), buckets, strict=True):
                total += number
                rows.append((bound, total))
            took.add_metric([stage.value], rows, seconds)
        yield took
