"""The Downloader port on aiohttp: bounded in time and bytes, guarded at every hop, and forgetful.

Two things that callers should know beyond the port's contract: a body is read for 2xx answers only (the status of any
other is known with its headers, and its body is nobody's business), and exactly one content coding is undone.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from yarl import URL

from worker.errors import Refuse, Retry
from worker.models import Page, Reason
from worker.net.decode import ACCEPT_ENCODING, decoder
from worker.net.faults import translate
from worker.net.guard import Network, check_address
from worker.net.tls import ResumingContext, system_context
from worker.net.wire import READ_CHUNK_BYTES, Exchange, GuardedConnector, current
from worker.ports import Answer, HopGate, Reach
from worker.urls import clean_url, host_key

MAX_FIELD_BYTES = 32 << 10
MAX_FIELDS = 200
MAX_HEAD_BYTES = 100 << 10
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
SAME_METHOD = frozenset({307, 308})

_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\U0010ffff]|[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Limits:
    dns_timeout_s: float = 5.0
    connect_timeout_s: float = 10.0
    """TCP and TLS handshake."""
    max_wire_bytes: int = 5 << 20
    max_decoded_bytes: int = 10 << 20
    max_redirects: int = 5


class AiohttpDownloader:
    """`ports.Downloader`. Made anywhere; belongs to the event loop of its first `get`.

    `allow`: networks outside the public internet that may be reached, at any port. `proxy`: an HTTP proxy for every
    request; names are then resolved by the proxy, so only addresses written in URLs are checked. `tls`: another
    context than the system's certificates.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        user_agent: str,
        allow: Sequence[Network] = (),
        proxy: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._user_agent = user_agent
        self._allow = tuple(allow)
        self._proxy = proxy
        self._tls = tls
        self._open: aiohttp.ClientSession | None = None

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        headers_for: str = "",
        gate: HopGate | None = None,
        reach: Reach | None = None,
        deadline_s: float,
    ) -> Answer:
        # Validators of our own store; one that cannot be sent as a header is not sent.
        extra = {name: value for name, value in (headers or {}).items() if not _UNSENDABLE.search(value)}
        try:
            async with asyncio.timeout(deadline_s) as deadline:
                return await self._follow(url, extra, headers_for, gate, reach, deadline)
        except TimeoutError:
            if not deadline.expired():  # the gate's own
                raise
            raise Retry(Reason.TIMEOUT, f"not done within {deadline_s:g} s") from None

    async def post(
        self, url: str, form: Mapping[str, str], *, gate: HopGate | None = None, deadline_s: float
    ) -> Answer:
        try:
            async with asyncio.timeout(deadline_s) as deadline:
                return await self._follow(url, {}, "", gate, None, deadline, form)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise Retry(Reason.TIMEOUT, f"not done within {deadline_s:g} s") from None

    async def close(self) -> None:
        if self._open is not None:
            await self._open.close()
            self._open = None

    async def _follow(
        self,
        url: str,
        headers: Mapping[str, str],
        headers_for: str,
        gate: HopGate | None,
        reach: Reach | None,
        deadline: asyncio.Timeout,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        url = _clean(url, "", Reason.URL_INVALID)
        wanted = _clean(headers_for, "", Reason.URL_INVALID) if headers_for else url
        hops: list[str] = []
        permanent = True
        while True:
            exchange = Exchange(partial(reach, host_key(url)) if reach is not None else None)
            answer, location = await self._request(url, headers if url == wanted else {}, form, exchange)
            if location is None or (form is not None and answer.status not in SAME_METHOD):
                page = Page(
                    url=url,
                    body=answer.page.body,
                    content_type=answer.page.content_type,
                    headers=answer.page.headers,
                    hops=tuple(hops),
                    permanent=bool(hops) and permanent,
                )
                return replace(answer, page=page)
            target = _clean(location, url, Reason.REDIRECT_INVALID)
            permanent = permanent and answer.status in PERMANENT
            if target == url or target in hops:
                raise Refuse(Reason.TOO_MANY_REDIRECTS, "redirects in a circle")
            if len(hops) >= self._limits.max_redirects:
                raise Refuse(Reason.TOO_MANY_REDIRECTS, f"more than {self._limits.max_redirects}")
            if gate is not None and not await _opens(gate, target, deadline):
                page = Page(url=url, body=b"", headers=answer.page.headers, hops=tuple(hops), permanent=permanent)
                return Answer(answer.status, page, next_url=target)
            hops.append(url)
            url = target

    async def _request(
        self, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None, exchange: Exchange
    ) -> tuple[Answer, str | None]:
        """One exchange; the second value is the Location of a redirect. Raises nothing but Refuse and Retry, and what
        `reach` raises."""
        scheme, _, rest = url.partition("://")
        authority, _, path = rest.partition("/")
        # Built, not parsed: yarl would drop a lone `?` at the end, and what we send is byte for byte what was asked.
        target = URL.build(scheme=scheme, authority=authority, path=f"/{path}", encoded=True)
        if self._proxy:
            self._check_literal(target)
        token = current.set(exchange)
        try:
            async with self._session.request(
                "GET" if form is None else "POST",
                target,
                headers=headers,
                data=form,
                proxy=self._proxy or None,
                allow_redirects=False,
            ) as response:
                found = await self._read(url, response, exchange)
        except Exception as error:
            if isinstance(error, aiohttp.ClientSSLError) and isinstance(self._tls, ResumingContext):
                self._tls.forget(target.host or "")
            raise exchange.error or translate(error, exchange) from None
        finally:
            current.reset(token)
        if exchange.tls is not None and isinstance(self._tls, ResumingContext):
            self._tls.keep(exchange.tls)
        return found

    async def _read(self, url: str, response: ClientResponse, exchange: Exchange) -> tuple[Answer, str | None]:
        if not 200 <= response.status <= 599:
            raise Retry(Reason.PROTOCOL_ERROR, f"status {response.status}")
        if response.version is None or response.version < aiohttp.HttpVersion10:
            raise Retry(Reason.PROTOCOL_ERROR, "HTTP version")
        if sum(len(name) + len(value) for name, value in response.raw_headers) > MAX_HEAD_BYTES:
            raise Retry(Reason.PROTOCOL_ERROR, "headers too large")
        location = None
        if response.status in REDIRECTS:
            location = response.headers.get("Location")
            if not location:
                raise Refuse(Reason.REDIRECT_INVALID, f"{response.status} without Location")
        body, received = await self._body(response, exchange) if 200 <= response.status <= 299 else (b"", 0)
        kept: dict[str, str] = {}
        for name, value in response.headers.items():
            lower, shown = name.lower(), value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            if lower == "link" and lower in kept:  # a list by its nature (RFC 8288): hubs come in lines of their own
                kept[lower] = f"{kept[lower]}, {shown}"
            elif lower == "x-robots-tag" and lower in kept:  # a robot's name holds for its own line
                kept[lower] = f"{kept[lower]}\n{shown}"
            kept.setdefault(lower, shown)
        page = Page(url=url, body=body, content_type=kept.get("content-type", ""), headers=kept)
        return Answer(response.status, page, received), location

    async def _body(self, response: ClientResponse, exchange: Exchange) -> tuple[bytes, int]:
        """Decoded, and its bytes as they were sent."""
        room = self._limits.max_wire_bytes
        if (response.content_length or 0) > room:
            raise Refuse(Reason.TOO_LARGE, "Content-Length")
        exchange.allow_body(room)
        decoding = decoder(", ".join(response.headers.getall("Content-Encoding", ())), self._limits.max_decoded_bytes)
        try:
            while chunk := await response.content.readany():
                room -= len(chunk)
                if room < 0:
                    raise Refuse(Reason.TOO_LARGE, "on the wire")
                decoding.feed(chunk)
        except Exception:
            if exchange.exhausted:
                raise Refuse(Reason.TOO_LARGE, "on the wire") from None
            raise
        framed = response.content_length is not None or "Transfer-Encoding" in response.headers
        if exchange.broken and not framed:
            # aiohttp takes any end of the connection for the end of such a body, a reset too.
            raise Retry(Reason.CONNECTION_LOST, "within the body")
        if not decoding.complete:
            # Framed as the server wanted it, and still cut: it will be so next time. Else the connection was cut.
            if framed:
                raise Refuse(Reason.DECODE_ERROR, "the coding's end is missing")
            raise Retry(Reason.TRUNCATED, "the coding's end is missing")
        return decoding.body(), self._limits.max_wire_bytes - room

    def _check_literal(self, target: URL) -> None:
        host = target.host or ""
        if host == "localhost" or host.endswith(".localhost"):
            host = "127.0.0.1"
        if ":" in host or host.rpartition(".")[2].isdigit():  # clean_url left only plain addresses and names
            check_address(host, target.port or 0, self._allow)

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._open is None:
            self._tls = self._tls or system_context()
            self._open = aiohttp.ClientSession(
                connector=GuardedConnector(
                    self._allow,
                    self._limits.dns_timeout_s,
                    self._tls,
                    guarded=not self._proxy,
                ),
                headers={"User-Agent": self._user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPT_ENCODING},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_timeout_s),
                max_line_size=8190,
                max_field_size=MAX_FIELD_BYTES,
                max_headers=MAX_FIELDS,
                read_bufsize=READ_CHUNK_BYTES,
                middlewares=(_once,),
            )
        return self._open


async def _once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """aiohttp asks again by itself when a connection breaks; we do so only when it was an old one that had gone stale.

    A server that resets a fresh connection has answered: the next try is the backoff's business.
    """
    exchange = current.get()
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        if isinstance(error, aiohttp.ClientConnectorError) or exchange is None:
            raise
        if exchange.reused and not exchange.exhausted:
            raise
        raise translate(error, exchange) from None


async def _opens(gate: HopGate, url: str, deadline: asyncio.Timeout) -> bool:
    """The deadline stands still meanwhile: the rest that we owe a host is no slowness of the server."""
    clock = asyncio.get_running_loop().time
    left_s = (deadline.when() or 0.0) - clock()
    deadline.reschedule(None)
    try:
        return await gate(url)
    finally:
        deadline.reschedule(clock() + left_s)


def _clean(url: str, base: str, reason: Reason) -> str:
    try:
        return clean_url(url, base)
    except Refuse as error:
        if error.reason is Reason.SCHEME_BLOCKED:
            raise
        raise Refuse(reason, error.detail or str(error.reason)) from None
