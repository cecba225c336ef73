"""The connections: every address is checked at the moment of connecting, every byte is counted where it arrives.

Counting at the socket bounds what a client library does not count: headers, endless 1xx replies, chunk extensions,
trailers, TLS records.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import aiohttp
from aiohttp.connector import AddrInfoType, Connection

from worker.errors import Retry
from worker.models import Reason
from worker.net.guard import Network, check_address
from worker.net.names import GuardedResolver

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.tracing import Trace

# Bytes that may arrive before the status line and headers are complete. A first read may bring 256 KiB of body along.
HEAD_BYTES = 1 << 20
CONNECTIONS = 256
# A host rests some seconds between two requests: longer than that, and a few processes share its visits.
KEEPALIVE_S = 15.0
READ_CHUNK_BYTES = 1 << 16


class AddressBusy(OSError):
    """Another request is under way there: the connector goes on to the host's next address, as after any OSError."""


class Exchange:
    """One request and its answer, as the connector sees it. `reach` says how many seconds an address must wait."""

    __slots__ = ("_reach", "busy_s", "error", "reused", "socket", "tls")

    def __init__(self, reach: Callable[[str], float] | None = None) -> None:
        self.socket: MeteredSocket | None = None
        self.tls: Any = None
        """The connection's `ssl.SSLObject`, where it has one."""
        self.reused = True
        self.busy_s = 0.0
        """The shortest wait for an address that could not be asked now; 0: all could."""
        self.error: Exception | None = None
        """What `reach` raised: no matter of this exchange, so it comes through as it is."""
        self._reach = reach

    def is_free(self, address: str) -> bool:
        try:
            wait_s = self._reach(address) if self._reach is not None else 0.0
        except Exception as error:
            self.error = error
            return False
        if wait_s > 0:
            self.busy_s = min(self.busy_s or wait_s, wait_s)
        return wait_s <= 0

    def allow_body(self, max_bytes: int) -> None:
        """The head is there: let the body in. A sixteenth more for TLS records and chunk sizes."""
        if self.socket is not None:
            self.socket.allowance = max_bytes + max_bytes // 16 + HEAD_BYTES

    @property
    def exhausted(self) -> bool:
        return self.socket is not None and self.socket.exhausted

    @property
    def broken(self) -> bool:
        """The connection ended by an error, not by the peer's orderly close."""
        return self.socket is not None and self.socket.broken


current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


class MeteredSocket(socket.socket):
    """A socket that reads at most `allowance` bytes more, then fails as if the connection had broken."""

    allowance = HEAD_BYTES
    exhausted = False
    broken = False

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        try:
            data = super().recv(bufsize, flags)
        except OSError as error:
            self._note(error)
            raise
        self._count(len(data))
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0, /) -> int:
        try:
            count = super().recv_into(buffer, nbytes, flags)
        except OSError as error:
            self._note(error)
            raise
        self._count(count)
        return count

    def _count(self, count: int) -> None:
        self.allowance -= count
        if self.allowance < 0:
            self.exhausted = True
            raise ConnectionAbortedError("byte limit")

    def _note(self, error: OSError) -> None:
        if not isinstance(error, BlockingIOError | InterruptedError):
            self.broken = True


class GuardedConnector(aiohttp.TCPConnector):
    """aiohttp's connector with the guard in its two public hooks: the resolver, and the maker of sockets.

    The second is what counts: aiohttp does not ask a resolver about IP literals. With a proxy every connection goes
    to the proxy, and nothing is checked here.
    """

    def __init__(self, allow: Sequence[Network], dns_timeout_s: float, tls: Any, *, guarded: bool = True) -> None:
        super().__init__(
            resolver=GuardedResolver(dns_timeout_s, allow, guarded=guarded),
            socket_factory=self._make_socket,
            ssl=tls,
            limit=CONNECTIONS,
            keepalive_timeout=KEEPALIVE_S,
            use_dns_cache=False,  # the resolver has one, and gives addresses in the same order every time
        )
        self._allow = allow
        self._guarded = guarded
        self._sockets: WeakValueDictionary[int, MeteredSocket] = WeakValueDictionary()

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        connection = await super().connect(req, traces, timeout)
        exchange = current.get()
        transport = connection.transport
        if exchange is not None and transport is not None:
            if exchange.reused and self._guarded and not exchange.is_free(transport.get_extra_info("peername")[0]):
                connection.release()
                raise Retry(Reason.HOST_BUSY, "waits for its address", exchange.busy_s)
            exchange.tls = transport.get_extra_info("ssl_object")
            exchange.socket = self._sockets.get(transport.get_extra_info("socket").fileno())
            if exchange.socket is not None:
                exchange.socket.allowance = HEAD_BYTES
        return connection

    def _make_socket(self, info: AddrInfoType) -> socket.socket:
        family, kind, proto, _, address = info
        exchange = current.get()
        if exchange is not None:
            exchange.reused = False
        if self._guarded:
            check_address(str(address[0]), int(address[1]), self._allow)
            if exchange is not None and not exchange.is_free(str(address[0])):
                raise AddressBusy(errno.EBUSY, os.strerror(errno.EBUSY))
        made = MeteredSocket(family, kind, proto)
        self._sockets[made.fileno()] = made
        return made
