"""One asyncio loop per worker process, in a thread of its own, in which all batches of the process run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any


class Runner:
    """Batches go on here after their task stopped waiting: one slow site never holds a process.

    What still runs when the process ends is lost on purpose: it runs under leases and comes back.
    """

    def __init__(self, max_stragglers: int = 40) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="feedmill-loop", daemon=True)
        self._thread.start()
        self._running: set[Future[Any]] = set()
        self._max_stragglers = max_stragglers

    def run(self, jobs: list[Coroutine[Any, Any, None]], wait_s: float) -> int:
        """Start all jobs; wait until they are done, or `wait_s` long. Returns how many of this process still run.

        While more than `max_stragglers` run, the wait goes on: the process takes no new work then.
        """
        futures = [asyncio.run_coroutine_threadsafe(job, self._loop) for job in jobs]
        for future in futures:
            self._running.add(future)
            future.add_done_callback(self._running.discard)
        wait(futures, wait_s)
        while len(self._running) > self._max_stragglers:
            wait(list(self._running), 1.0, FIRST_COMPLETED)
        return len(self._running)

    def call(self, job: Coroutine[Any, Any, Any], wait_s: float) -> Any:
        """Run one job to its end and return its result."""
        return asyncio.run_coroutine_threadsafe(job, self._loop).result(wait_s)

    def drain(self, wait_s: float) -> int:
        """Wait for the stragglers; returns how many are left."""
        wait(list(self._running), wait_s)
        return len(self._running)

    def close(self) -> None:
        """Stops the loop; what still runs is abandoned."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2.0)
        if not self._thread.is_alive():
            self._loop.close()
