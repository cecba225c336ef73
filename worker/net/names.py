"""Host names to addresses: a bounded number of threads, a time limit, and every answer must pass the guard."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress

from aiohttp.abc import AbstractResolver, ResolveResult

from worker.errors import Refuse, Retry
from worker.models import Reason
from worker.net.guard import Network, check_address

MAX_LOOKUPS = 32
MAX_ANSWERS = 16
KEPT_S = 60.0
MOST_KEPT = 5000

_Answers = list[tuple[str, int, int]]
"""(address, family, protocol)"""


class GuardedResolver(AbstractResolver):
    """getaddrinfo in threads of its own: asyncio's pool is small, shared, and waited for when the process ends.

    A look-up that outlives its time limit keeps its thread until the system gives up, so threads are counted by
    their own end, not by the wait: a silent name server costs at most `MAX_LOOKUPS` sleeping threads.
    `guarded=False` is for a configured proxy, the one host that the operator vouches for. Answers are kept for a
    minute, and given in the same order every time: who takes turns at an address must meet there again.
    """

    def __init__(self, timeout_s: float, allow: Sequence[Network], *, guarded: bool = True) -> None:
        self._timeout_s = timeout_s
        self._allow = allow
        self._guarded = guarded
        self._slots = asyncio.Semaphore(MAX_LOOKUPS)
        self._kept: OrderedDict[tuple[str, int], tuple[float, _Answers]] = OrderedDict()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises Retry(dns_failed), or Refuse when one answer, any of them, may not be reached or the name is none."""
        name = host.rstrip(".").lower()
        if name == "localhost" or name.endswith(".localhost"):
            # RFC 6761: never asked of a name server, which could answer anything.
            answers: _Answers = [("127.0.0.1", socket.AF_INET, socket.IPPROTO_TCP)]
        else:
            try:
                answers = self._known(host, family) or await self._asked(host, port, family)
            except TimeoutError:
                raise Retry(Reason.DNS_FAILED, f"no answer within {self._timeout_s:g} s") from None
            except UnicodeError:
                raise Refuse(Reason.URL_INVALID, "bad host name") from None
            except OSError as error:
                raise Retry(Reason.DNS_FAILED, error.strerror or type(error).__name__) from None
        if not answers:
            raise Retry(Reason.DNS_FAILED, "no address")
        if self._guarded:
            for address, _, _ in answers:
                check_address(address, port, self._allow)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=proto, flags=socket.AI_NUMERICHOST)
            for address, kind, proto in answers
        ]

    def _known(self, host: str, family: int) -> _Answers:
        until, answers = self._kept.get((host, family), (0.0, []))
        return answers if until > asyncio.get_running_loop().time() else []

    async def _asked(self, host: str, port: int, family: socket.AddressFamily) -> _Answers:
        async with asyncio.timeout(self._timeout_s):
            found = await self._look_up(host, port, family)
        preferred = [kind for _, kind, _ in found]
        answers = sorted(found, key=lambda each: (preferred.index(each[1]), each[0]))
        self._kept[host, family] = asyncio.get_running_loop().time() + KEPT_S, answers
        self._kept.move_to_end((host, family))
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return answers

    async def close(self) -> None:
        """Nothing is held: the threads end by themselves and block no exit."""

    async def _look_up(self, host: str, port: int, family: socket.AddressFamily) -> _Answers:
        await self._slots.acquire()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Answers] = loop.create_future()

        def done(answers: _Answers | None, error: Exception | None) -> None:
            self._slots.release()
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(answers or [])

        def ask() -> None:
            answers: _Answers | None = None
            failure: Exception | None = None
            try:
                found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
                # A scope id (fe80::1%2) stays in the text, so that the guard sees it.
                answers = [(str(item[4][0]), item[0], item[2]) for item in found[:MAX_ANSWERS]]
            except Exception as error:
                failure = error
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(done, answers, failure)

        threading.Thread(target=ask, name="feedmill-dns", daemon=True).start()
        return await future
