"""A pause of the index stage, shared by all workers, that grows while the index is away."""

from __future__ import annotations

import redis

FIRST_PAUSE_S = 1
LONGEST_PAUSE_S = 30


class IndexBreaker:
    """Tripped by a worker that found the index away; open, it spares the others the same time-out."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self._client = client
        self._pause = f"{{{prefix}}}:index:pause"
        self._trips = f"{{{prefix}}}:index:trips"

    def is_open(self) -> bool:
        return bool(self._client.exists(self._pause))

    def trip(self) -> int:
        """Opens it; returns the pause in seconds: 1, 2, 4 .. 30."""
        trips = int(self._client.incr(self._trips))
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S << min(trips - 1, 10))
        self._client.set(self._pause, "1", ex=pause_s)
        self._client.expire(self._trips, 10 * LONGEST_PAUSE_S)
        return pause_s

    def reset(self) -> None:
        self._client.delete(self._pause, self._trips)
