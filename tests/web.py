"""A small web site for tests: paths with their answers, and what was asked of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

Answer = TypeVar("Answer")
Site = TypeVar("Site", bound="Web")
Given = tuple[int, dict[str, str], bytes]


@dataclass
class Web:
    """Serves on a loopback address of its own; a path that is not there is 404. `{url}` in headers is its root."""

    pages: dict[str, Given]
    host: str = "127.0.0.1"
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    together: int = 0
    url: str = ""
    loop: asyncio.AbstractEventLoop | None = None

    def call(self, job: Coroutine[Any, Any, Answer]) -> Answer:
        """Run something of the site's own, where it is served in a thread of its own."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(job, self.loop).result(10)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.url = f"http://{self.host}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(1)
        if not first.isalpha():  # TLS to a server that has none
            writer.close()
            return
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        self.bodies.append(await reader.readexactly(int(fields.get("content-length", 0))))
        path = head[0].split()[1]
        self.asked.append(path)
        await self.before(path)
        status, headers, body = self.answer(path, self.bodies[-1])
        sent = {"Content-Length": str(len(body)), "Connection": "close"} | headers
        lines = "".join(f"{name}: {value.replace('{url}', self.url)}\r\n" for name, value in sent.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1") + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def before(self, path: str) -> None:
        """The request is read; the answer may wait here."""

    def answer(self, path: str, body: bytes) -> Given:
        return self.pages.get(path, (404, {}, b""))


def rss(*names: str, title: str = "News") -> Given:
    items = "".join(
        f"<item><title>{name}</title><link>https://news.example/{name}</link>"
        f"<pubDate>Thu, 0{number + 1} Oct 2026 10:00:00 GMT</pubDate></item>"
        for number, name in enumerate(names)
    )
    body = f"<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>"
    return 200, {"Content-Type": "application/rss+xml"}, body.encode()


def atom(*names: str, title: str = "News") -> Given:
    entries = "".join(
        f"<entry><id>{name}</id><title>{name}</title><link href='https://news.example/{name}'/>"
        f"<updated>2026-10-0{number + 1}T10:00:00Z</updated></entry>"
        for number, name in enumerate(names)
    )
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{title}</title>{entries}</feed>"
    return 200, {"Content-Type": "application/atom+xml"}, body.encode()


def page(markup: str, **headers: str) -> Given:
    return 200, {"Content-Type": "text/html; charset=utf-8", **headers}, f"<!DOCTYPE html><html>{markup}".encode()


def moved(target: str, status: int = 301) -> Given:
    return status, {"Location": target}, b""


@contextmanager
def serving(web: Site) -> Iterator[Site]:
    """The site in a thread of its own, for callers that block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    web.loop = loop
    try:
        web.call(web.__aenter__())
        yield web
    finally:
        web.call(web.__aexit__())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
