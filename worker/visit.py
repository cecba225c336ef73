"""The manners of one claim: a host is locked before it is asked, and rests between two requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from worker.errors import Retry
from worker.models import Reason
from worker.urls import host_key

LONGEST_REST_S = 5.0
BUDGET_S = 20.0
"""All rests of a claim together: they, the deadlines and the wait for the extractor must fit into a lease."""


class Visit:
    """The way of one claim from request to request; made for it, used by one task.

    `host` is the one that the claim has locked already. `lock` locks another one for it, as `Frontier.acquire` does:
    0.0 = granted, else the seconds to wait. A host rests `delay_s`, or longer when it asked for that (`learn`).
    """

    def __init__(
        self,
        host: str,
        lock: Callable[[str], float],
        delay_s: float,
        *,
        longest_s: float = LONGEST_REST_S,
        budget_s: float = BUDGET_S,
    ) -> None:
        self._locked = {host}
        self._lock = lock
        self._delay_s = delay_s
        self._longest_s = longest_s
        self._budget_s = budget_s
        self._asked_s: dict[str, float] = {}
        self._ended_at: dict[str, float] = {}
        self._current = ""

    def learn(self, url: str, delay_s: float | None) -> None:
        """What robots.txt asks the host of `url` to be given between two requests; None: nothing."""
        self._asked_s[host_key(url)] = delay_s or 0.0

    def delay_s(self, host: str) -> float:
        return max(self._delay_s, self._asked_s.get(host, 0.0))

    async def enter(self, url: str) -> bool:
        """To be awaited right before every request, robots.txt and redirects included; the last one is over then.

        Sleeps for the rest that the host is due. True, as a `ports.HopGate` has it. Raises Retry(host_busy), with
        the seconds to wait, when another claim has the host or the rest is too long to hold up a task for it; what
        `lock` raises comes through.
        """
        now = asyncio.get_running_loop().time()
        if self._current:
            self._ended_at[self._current] = now
            self._current = ""
        host = host_key(url)
        if host not in self._locked:
            wait_s = self._lock(host)
            if wait_s > 0:
                raise Retry(Reason.HOST_BUSY, f"waits for {host}", wait_s)
            self._locked.add(host)
        rest_s = self.delay_s(host) - (now - self._ended_at[host]) if host in self._ended_at else 0.0
        if rest_s > 0:
            if rest_s > min(self._longest_s, self._budget_s):
                raise Retry(Reason.HOST_BUSY, f"waits for {host}", rest_s)
            self._budget_s -= rest_s
            await asyncio.sleep(rest_s)
        self._current = host
        return True
