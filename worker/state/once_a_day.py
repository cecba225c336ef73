"""Work that one process of an installation does about once a day, whichever comes first."""

from __future__ import annotations

import redis

DAY_S = 86_400


class OnceADay:
    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self._client = client
        self._base = f"{{{prefix}}}:daily:"

    def first(self, name: str, for_s: float = DAY_S) -> bool:
        """True for the first who asks for `name`, then False for everybody for a day, also when that one dies.

        `for_s`: for another time than a day.
        """
        return bool(self._client.set(self._base + name, "1", nx=True, px=max(int(for_s * 1000), 1)))
