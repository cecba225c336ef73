"""Counts what was asked of the newsroom, so that tests can see how polite a reader was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass(slots=True)
class SiteCount:
    """`min_gap_s` is the shortest rest between the end of one request and the start of the next, seconds."""

    requests: int = 0
    not_modified: int = 0
    in_flight: int = 0
    max_in_flight: int = 0
    min_gap_s: float | None = None
    last_end: float | None = None
    by_status: Counter[int] = field(default_factory=Counter)
    by_path: Counter[str] = field(default_factory=Counter)


class Statistics:
    """Per host; safe between the server's thread and a test's. Times are seconds of any one monotonic clock."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sites: dict[str, SiteCount] = {}

    def begin(self, host: str, path: str, now: float) -> None:
        with self._lock:
            count = self._sites.setdefault(host, SiteCount())
            if count.last_end is not None and not count.in_flight:
                gap = now - count.last_end
                count.min_gap_s = gap if count.min_gap_s is None else min(gap, count.min_gap_s)
            count.requests += 1
            count.by_path[path] += 1
            count.in_flight += 1
            count.max_in_flight = max(count.max_in_flight, count.in_flight)

    def end(self, host: str, status: int | None, now: float) -> None:
        """`status` is None when the reader hung up before the answer."""
        with self._lock:
            count = self._sites.setdefault(host, SiteCount())
            count.in_flight = max(0, count.in_flight - 1)
            count.last_end = now
            if status is not None:
                count.by_status[status] += 1
            if status == 304:
                count.not_modified += 1

    def reset(self) -> None:
        """Forget the past; requests under way are still counted as in flight when they end."""
        with self._lock:
            self._sites.clear()

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Host -> requests, not_modified, max_in_flight, min_gap_s, by_status, by_path."""
        with self._lock:
            return {
                host: {
                    "requests": count.requests,
                    "not_modified": count.not_modified,
                    "max_in_flight": count.max_in_flight,
                    "min_gap_s": count.min_gap_s,
                    "by_status": {str(status): number for status, number in sorted(count.by_status.items())},
                    "by_path": dict(sorted(count.by_path.items())),
                }
                for host, count in sorted(self._sites.items())
            }
