"""Metrics of the shared state, read at each scrape: they are true with any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import redis
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from worker.models import Reason, State
from worker.ports import Frontier, Ledger, Outbox

FROM_ZERO = (
    (State.QUARANTINED, Reason.EXTRACT_TIMEOUT),
    (State.QUARANTINED, Reason.EXTRACT_MEMORY),
    (State.QUARANTINED, Reason.EXTRACT_CRASHED),
    (State.QUARANTINED, Reason.WORKER_LOST),
    (State.FAILED, Reason.INDEX_REJECTED),
    (State.FAILED, Reason.INDEX_TOO_LARGE),
)
"""Told before the first one happens: a counter that begins with 1 has not increased, and no alert would see it."""


class StateCollector(Collector):
    """One reading of ledger, frontier and outbox per scrape; a few scripts in Redis, about a millisecond.

    `index_away` says that the index did not answer lately, `memory` is Redis' own account (INFO memory), `swept` how
    many leases of each kind ran out since this process began. Without Redis there is nothing but `feedmill_state_up 0`.
    """

    def __init__(
        self,
        ledger: Ledger,
        frontier: Frontier,
        outbox: Outbox,
        *,
        max_outbox_bytes: int,
        index_away: Callable[[], bool],
        memory: Callable[[], Mapping[str, Any]],
        swept: Callable[[], Mapping[str, int]],
    ) -> None:
        self._ledger = ledger
        self._frontier = frontier
        self._outbox = outbox
        self._max_outbox_bytes = max_outbox_bytes
        self._index_away = index_away
        self._memory = memory
        self._swept = swept

    def describe(self) -> Iterator[Metric]:
        return iter(())  # known only from the server; an empty answer spares a reading at registration

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("feedmill_state_up", "1 while Redis answers.")
        try:
            found = list(self._state())
        except redis.RedisError:
            found = []
        up.add_metric([], 1.0 if found else 0.0)
        yield up
        yield from found

    def _state(self) -> Iterator[Metric]:
        counts = self._ledger.counts()
        offered = CounterMetricFamily("feedmill_entries_offered", "Entries offered to the frontier.")
        offered.add_metric([], counts.offered)
        yield offered
        final = CounterMetricFamily(
            "feedmill_entries_final", "Entries by final state and reason.", labels=["state", "reason"]
        )
        for (state, reason), number in {**dict.fromkeys(FROM_ZERO, 0), **counts.reasons}.items():
            final.add_metric([state.value, reason.value], number)
        yield final
        yield GaugeMetricFamily("feedmill_entries_pending", "Entries without a final state yet.", counts.pending)

        depth = GaugeMetricFamily("feedmill_depth", "Where work stands now.", labels=["place"])
        oldest = GaugeMetricFamily("feedmill_oldest_seconds", "Age of the oldest at each place.", labels=["place"])
        for name, value in self._frontier.depth().items():
            if name.startswith("oldest_"):
                oldest.add_metric([name.removeprefix("oldest_").removesuffix("_s")], value)
            else:
                depth.add_metric([name], value)
        items, size, age = self._outbox.size()
        depth.add_metric(["outbox"], items)
        oldest.add_metric(["outbox"], age)
        yield depth
        yield oldest
        yield GaugeMetricFamily("feedmill_outbox_bytes", "Memory taken by documents that wait for the index.", size)
        yield GaugeMetricFamily(
            "feedmill_outbox_limit_bytes", "The outbox's cap (outbox.max_bytes).", self._max_outbox_bytes
        )
        away = self._index_away()
        yield GaugeMetricFamily("feedmill_index_up", "0 while the index was lately found away.", 0.0 if away else 1.0)
        memory = self._memory()
        yield GaugeMetricFamily("feedmill_state_bytes", "Memory Redis uses.", float(memory.get("used_memory", 0)))
        limit = float(memory.get("maxmemory", 0))
        yield GaugeMetricFamily("feedmill_state_limit_bytes", "Memory Redis may use; 0 = no limit.", limit)
        swept = CounterMetricFamily(
            "feedmill_leases_expired", "Work of processes that ended without giving it back.", labels=["kind"]
        )
        for kind, number in self._swept().items():
            swept.add_metric([kind], number)
        yield swept

        cpu = CounterMetricFamily("feedmill_cpu_seconds", "CPU by stage.", labels=["stage"])
        done = CounterMetricFamily("feedmill_items", "Items by stage.", labels=["stage"])
        for stage, (cpu_ms, number) in self._ledger.costs().items():
            cpu.add_metric([stage], cpu_ms / 1000)
            done.add_metric([stage], number)
        yield cpu
        yield done
