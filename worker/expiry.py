"""Events are dropped after their retention: by one of all schedulers, once a day, beside its loop.

The scheduler does it and not a worker, because a worker meets the web: its key deletes nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError

from worker.errors import IndexUnavailable
from worker.ports import ArticleIndex

log = structlog.get_logger("scheduler")

LOOKS_EVERY_S = 60.0
ENDS_WITHIN_S = 3.0
"""A step takes milliseconds; one that waits for a slow index must not hold up the end of the process."""


class Expiry:
    """`first` says whether this process is the one of today."""

    def __init__(
        self, index: ArticleIndex, *, first: Callable[[], bool], days: int, clock: Callable[[], datetime]
    ) -> None:
        self._index = index
        self._first = first
        self._days = days
        self._clock = clock

    def step(self) -> None:
        try:
            if not self._first():
                return
            gone = self._index.expire_events(self._clock() - timedelta(days=self._days))
        except IndexUnavailable as error:
            log.warning("old events were not removed; again tomorrow", stage="schedule", error=str(error))
        except RedisError:
            return  # the scheduler's loop says it
        else:
            log.info("old events removed", stage="schedule", events=gone, older_than_days=self._days)

    @contextlib.contextmanager
    def running(self, stop: threading.Event) -> Iterator[None]:
        """In a thread of its own, until `stop`: the loop never waits for the index.

        On the way out a step in hand may still end, for it uses what the process closes next.
        """
        thread = threading.Thread(target=self._run, args=(stop,), name="expiry", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(ENDS_WITHIN_S)

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.step()
            stop.wait(LOOKS_EVERY_S)
