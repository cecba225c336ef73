"""Prometheus metrics of the shared state, read at each scrape: they are true with any number of workers."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from worker.ports import Frontier, Ledger, Outbox
from worker.settings import Metrics


class StateCollector(Collector):
    """One consistent reading of ledger, frontier and outbox per scrape; a few scripts in Redis, about a millisecond."""

    def __init__(self, ledger: Ledger, frontier: Frontier, outbox: Outbox) -> None:
        self._ledger = ledger
        self._frontier = frontier
        self._outbox = outbox

    def describe(self) -> Iterator[Metric]:
        return iter(())  # known only from the server; an empty answer spares a reading at registration

    def collect(self) -> Iterator[Metric]:
        counts = self._ledger.counts()
        offered = CounterMetricFamily("feedmill_entries_offered", "Entries offered to the frontier.")
        offered.add_metric([], counts.offered)
        yield offered
        final = CounterMetricFamily(
            "feedmill_entries_final", "Entries by final state and reason.", labels=["state", "reason"]
        )
        for (state, reason), number in counts.reasons.items():
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

        cpu = CounterMetricFamily("feedmill_cpu_seconds", "CPU by stage.", labels=["stage"])
        done = CounterMetricFamily("feedmill_items", "Items by stage.", labels=["stage"])
        for stage, (cpu_ms, number) in self._ledger.costs().items():
            cpu.add_metric([stage], cpu_ms / 1000)
            done.add_metric([stage], number)
        yield cpu
        yield done


def serve(settings: Metrics, collector: StateCollector) -> None:
    """Starts an HTTP server thread when a port is set."""
    if settings.port:
        registry = CollectorRegistry()
        registry.register(collector)
        start_http_server(settings.port, settings.host, registry)
