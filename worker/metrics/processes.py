"""A worker's processes as the system sees them: how many there are and what memory they hold. Linux only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

PROC = Path("/proc")


def descendants(pid: int, proc: Path = PROC) -> list[int]:
    """All processes below `pid`; empty where there is no /proc."""
    found: list[int] = []
    for path in proc.glob(f"{pid}/task/*/children"):
        try:
            children = [int(word) for word in path.read_text().split()]
        except (OSError, ValueError):  # it ended while we looked
            continue
        for child in children:
            found += [child, *descendants(child, proc)]
    return found


def resident_bytes(pid: int, proc: Path = PROC) -> int:
    """Memory of its own that a process holds; 0 when it is gone."""
    try:
        resident, shared = map(int, (proc / str(pid) / "statm").read_text().split()[1:3])
    except (OSError, ValueError):
        return 0
    return max(resident - shared, 0) * os.sysconf("SC_PAGE_SIZE")


class ProcessesCollector(Collector):
    """The processes below this one: pool children and their extraction children."""

    def collect(self) -> Iterator[Metric]:
        below = descendants(os.getpid())
        yield GaugeMetricFamily("feedmill_worker_processes", "Processes below the worker's own.", len(below))
        held = [resident_bytes(pid) for pid in below]
        yield GaugeMetricFamily("feedmill_worker_resident_bytes", "Unshared memory they hold together.", sum(held))
        largest = max(held, default=0)
        yield GaugeMetricFamily("feedmill_worker_largest_bytes", "Unshared memory of the largest of them.", largest)
