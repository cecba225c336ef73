"""What a worker process has in hand: kept alive while it works on it, given back when it stops."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from redis.exceptions import RedisError

from worker.models import Claim
from worker.state.frontier import RedisFrontier

log = structlog.get_logger("worker")


class HeldClaims:
    """Belongs to one event loop. A lease speaks of the process: it runs on while the process lives, however long a page
    waits for its turn, and ends when the process is gone or stopped. What was lost all the same is cancelled."""

    def __init__(self, frontier: RedisFrontier, shortest_lease_s: float) -> None:
        self._frontier = frontier
        self._beat_s = shortest_lease_s / 3
        self._tasks: dict[Claim, asyncio.Task[None]] = {}
        self._heart: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def hold(self, claim: Claim) -> AsyncIterator[None]:
        """The current task works on `claim`; it is cancelled when the lease is lost or the process stops."""
        if self._heart is None:
            self._heart = asyncio.create_task(self._beat())
        task = asyncio.current_task()
        assert task is not None
        self._tasks[claim] = task
        try:
            yield
        finally:
            if self._tasks.get(claim) is task:
                del self._tasks[claim]

    async def stop(self) -> int:
        """Cancels what still runs and gives it back as if never claimed; returns how many that were."""
        if self._heart is not None:
            self._heart.cancel()
        held = dict(self._tasks)
        for task in held.values():
            task.cancel()
        await asyncio.gather(*held.values(), return_exceptions=True)
        return self._frontier.give_back(list(held), by_worker=True) if held else 0

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._beat_s)
            held = list(self._tasks)
            if not held:
                continue
            try:
                ours = self._frontier.renew(held)
            except RedisError as error:
                log.warning("leases not renewed: Redis does not answer", error=str(error))
                continue
            for claim in held:
                if claim.id not in ours and claim in self._tasks:
                    self._tasks[claim].cancel()
