"""The manners of one claim: what is asked is locked before, and rests between two requests."""

from __future__ import annotations

import asyncio
import math
from typing import Protocol

from worker.errors import Retry
from worker.models import Claim, Reason
from worker.urls import host_key

LONGEST_REST_S = 5.0
BUDGET_S = 20.0
"""All rests of a claim together: they, the deadlines and the wait for the extractor must fit into a lease."""
LOOK_AGAIN_S = 0.5


class Locks(Protocol):
    """What a visit needs of `ports.Frontier`."""

    def domain(self, host: str) -> str: ...

    def acquire(self, host: str, claim: Claim) -> float: ...

    def reach(self, host: str, address: str, claim: Claim) -> float: ...


class Visit:
    """The way of one claim from request to request; made for it, used by one task.

    The claim has locked the domain of its own host already. A domain rests `delay_s` between two requests, a host
    longer when it asked for that (`learn`); between requests to different domains, which may share an address,
    `between_s` pass. `patient`: waits for another claim to leave the host of a redirect, within the same budget.
    """

    def __init__(
        self,
        claim: Claim,
        locks: Locks,
        delay_s: float,
        *,
        between_s: float = 0.0,
        longest_s: float = LONGEST_REST_S,
        budget_s: float = BUDGET_S,
        patient: bool = False,
    ) -> None:
        self._claim = claim
        self._locks = locks
        self._locked = {claim.host}
        self._delay_s = delay_s
        self._between_s = between_s
        self._longest_s = longest_s
        self._budget_s = budget_s
        self._patient = patient
        self._asked_s: dict[str, float] = {}
        self._ended_at: dict[str, float] = {}
        self._current = ""
        self._waits = self._through = False
        self.entered: list[str] = []

    @property
    def host(self) -> str:
        """Who is being asked, or was last."""
        return host_key(self.entered[-1]) if self.entered else self._claim.host

    @property
    def asked(self) -> list[str]:
        """The URLs that requests were sent for, in order."""
        return self.entered[:-1] if self._waits and not self._through else self.entered

    def learn(self, url: str, delay_s: float | None) -> None:
        """What robots.txt asks the host of `url` to be given between two requests; None: nothing."""
        self._asked_s[host_key(url)] = delay_s or 0.0

    def delay_s(self, host: str) -> float:
        return max(self._delay_s, self._asked_s.get(host, 0.0))

    def reach(self, host: str, address: str) -> float:
        """As `ports.Reach`."""
        wait_s = self._locks.reach(host, address, self._claim)
        self._waits, self._through = self._waits or wait_s > 0, self._through or wait_s <= 0
        return wait_s

    async def enter(self, url: str) -> bool:
        """To be awaited right before every request, robots.txt and redirects included; the last one is over then.

        Sleeps for the rest that is due. True, as a `ports.HopGate` has it. Raises Retry(host_busy), with the seconds
        to wait, when another claim has the domain or the rest is too long to hold up a task for it.
        """
        self._leave()
        host = host_key(url)
        if host not in self._locked:
            await self._lock(host)
        rest_s = self._rest_s(host)
        if rest_s > 0:
            if rest_s > min(self._longest_s, self._budget_s):
                raise Retry(Reason.HOST_BUSY, f"waits for {host}", rest_s)
            await self._sleep(rest_s)
        self._current = host
        self._waits = self._through = False
        self.entered.append(url)
        return True

    def _leave(self) -> None:
        if self._current:
            now = asyncio.get_running_loop().time()
            for name in ("", f"host {self._current}", self._locks.domain(self._current)):
                self._ended_at[name] = now
            self._current = ""

    async def _lock(self, host: str) -> None:
        while wait_s := self._locks.acquire(host, self._claim):
            # A request under way takes less than its lock may: so it is looked again before that runs out.
            pause_s = min(wait_s, LOOK_AGAIN_S)
            if not self._patient or pause_s > self._budget_s:
                raise Retry(Reason.HOST_BUSY, f"waits for {host}", wait_s)
            await self._sleep(pause_s)
        self._locked.add(host)

    def _rest_s(self, host: str) -> float:
        now = asyncio.get_running_loop().time()
        owed = {
            self._locks.domain(host): self._delay_s,
            f"host {host}": self._asked_s.get(host, 0.0),
            "": self._between_s,
        }
        return max(rest_s - (now - self._ended_at.get(of, -math.inf)) for of, rest_s in owed.items())

    async def _sleep(self, seconds: float) -> None:
        self._budget_s -= seconds
        await asyncio.sleep(seconds)


class NoLocks:
    """For commands that a person runs: one visitor, who waits for nobody."""

    def domain(self, host: str) -> str:
        return host

    def acquire(self, host: str, claim: Claim) -> float:
        return 0.0

    def reach(self, host: str, address: str, claim: Claim) -> float:
        return 0.0
