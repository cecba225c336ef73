"""The `Ledger` port: how everything that was offered has ended, and what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from worker.models import Counts, Event, Reason, State
from worker.state import codec
from worker.state.scripts import Scripts, text


class RedisLedger:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._client: Any = scripts.client

    def counts(self) -> Counts:
        pending, flat = self._scripts.run("counts")
        numbers = {text(name): int(value) for name, value in zip(flat[::2], flat[1::2], strict=True)}
        offered = numbers.pop("offered", 0)
        reasons: dict[tuple[State, Reason], int] = {}
        states: Counter[State] = Counter()
        for name, number in numbers.items():
            state, _, reason = name.partition("/")
            reasons[State(state), Reason(reason)] = number
            states[State(state)] += number
        return Counts(offered=offered, pending=int(pending), states=dict(states), reasons=reasons)

    def recent(self, limit: int) -> list[Event]:
        """At most the 200 newest are kept."""
        if limit <= 0:
            return []
        return [codec.read_event(row) for row in self._client.lrange(self._scripts.key("recent"), 0, limit - 1)]

    def add_cost(self, stage: str, cpu_ms: float, items: int) -> None:
        pipe = self._client.pipeline()
        pipe.hincrbyfloat(self._scripts.key("costs"), f"{stage}:cpu_ms", cpu_ms)
        pipe.hincrby(self._scripts.key("costs"), f"{stage}:items", items)
        pipe.execute()

    def costs(self) -> Mapping[str, tuple[float, int]]:
        rows = {text(name): float(value) for name, value in self._client.hgetall(self._scripts.key("costs")).items()}
        stages = {name.rpartition(":")[0] for name in rows}
        return {stage: (rows.get(f"{stage}:cpu_ms", 0.0), int(rows.get(f"{stage}:items", 0))) for stage in stages}
