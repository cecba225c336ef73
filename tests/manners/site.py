"""A scripted web server that writes down every byte that it is asked with, and a feed's life in simulated time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Self

from worker.models import Feed, FeedState
from worker.pipeline import Pipeline
from worker.poll.outcome import Polled
from worker.settings import Settings
from worker.urls import feed_id
from worker.wiring import Wiring, utc_now

RSS = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html"}


@dataclass(frozen=True)
class Request:
    """`head`: as it came, to the byte."""

    at: datetime
    head: bytes
    connection: int

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode("latin-1")

    def field(self, name: str) -> bytes | None:
        """The value's bytes; None when it was not sent; fails when it was sent twice."""
        found = [line for line in self.head.split(b"\r\n")[1:] if line.lower().startswith(name.lower().encode() + b":")]
        assert len(found) <= 1, found
        return found[0].split(b":", 1)[1][1:] if found else None

    @property
    def names(self) -> set[str]:
        return {line.partition(b":")[0].decode().lower() for line in self.head.split(b"\r\n")[1:] if line}


@dataclass(frozen=True)
class Given:
    """An answer. `headers`: text, or bytes where every byte matters."""

    status: int = 200
    headers: Mapping[str, str | bytes] | Sequence[tuple[str, str | bytes]] = ()
    body: bytes = b""
    abort: bool = False
    """The connection is broken in place of an answer."""

    def bytes(self, *, close: bool) -> bytes:
        pairs = list(self.headers.items() if isinstance(self.headers, Mapping) else self.headers)
        pairs += [("Content-Length", str(len(self.body)))]
        pairs += [("Connection", "close")] if close else []
        lines = [name.encode() + b": " + (v if isinstance(v, bytes) else v.encode("latin-1")) for name, v in pairs]
        return b"HTTP/1.1 %d X\r\n" % self.status + b"\r\n".join(lines) + b"\r\n\r\n" + self.body


Script = Given | Callable[[Request], Given]


class Site:
    """Answers by path; what is not there is 404. A list gives its answers in turn, the last one again and again.

    `keep`: connections stay open after an answer.
    """

    def __init__(
        self, pages: Mapping[str, Script | list[Script]] | None = None, *, host: str = "127.0.0.1", keep: bool = False
    ) -> None:
        self.pages: dict[str, Script | list[Script]] = dict(pages or {})
        self.host, self.keep = host, keep
        self.tls: ssl.SSLContext | None = None
        self.resumed: list[bool] = []
        self.requests: list[Request] = []
        self.clock: Callable[[], datetime] = utc_now
        self.at_once = self.most_at_once = self._connections = 0
        self.delay_s = 0.0

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        name = "localhost" if self.tls else self.host
        self.url = f"{'https' if self.tls else 'http'}://{name}:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.requests]

    def of(self, target: str) -> list[Request]:
        return [request for request in self.requests if request.target == target]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._connections += 1
        number = self._connections
        if self.tls:
            self.resumed.append(writer.get_extra_info("ssl_object").session_reused)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                request = Request(self.clock(), head[:-4], number)
                self.requests.append(request)
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                await asyncio.sleep(self.delay_s)
                self.at_once -= 1
                given = self._answer(request)
                if given.abort:
                    writer.transport.abort()
                    return
                writer.write(given.bytes(close=not self.keep))
                await writer.drain()
                if not self.keep:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    def _answer(self, request: Request) -> Given:
        script = self.pages.get(request.target, Given(404))
        if isinstance(script, list):
            script = script.pop(0) if len(script) > 1 else script[0]
        return script if isinstance(script, Given) else script(request)


class World:
    """One feed, who polls it, and a clock that jumps from poll to poll."""

    def __init__(self, wiring: Wiring, pipeline: Pipeline, site: Site, path: str = "/feed") -> None:
        self.wiring, self.site = wiring, site
        self.shift = timedelta()
        polling = pipeline.polling
        upkeep = replace(polling.upkeep, clock=self.now)
        self.pipeline = replace(pipeline, clock=self.now, polling=replace(polling, clock=self.now, upkeep=upkeep))
        site.clock = self.now
        self.use(path)

    def use(self, path: str) -> None:
        """From here on the feed at this path is the one, the only one, that is polled."""
        for feed in list(self.wiring.feeds.subscribed()):
            self.wiring.feeds.remove(feed.id)
        self.later(timedelta(seconds=5))
        self.feed = Feed(feed_id(self.site.url + path), self.site.url + path)
        self.wiring.feeds.put(self.feed)

    def now(self) -> datetime:
        return utc_now() + self.shift

    def later(self, span: timedelta) -> None:
        self.shift += span
        self.wiring.scripts.shift_ms = round(self.shift.total_seconds() * 1000)

    @property
    def next(self) -> datetime:
        shown = self.wiring.feeds.show(self.feed.id)
        assert shown is not None
        return shown[2]

    @property
    def wait(self) -> timedelta:
        return self.next - self.now()

    @property
    def state(self) -> FeedState:
        found = self.wiring.feeds.get(self.feed.id)
        assert found is not None
        return found[1]

    async def poll(self) -> Polled | None:
        """The next poll, when its time has come; None when nothing may be asked then."""
        self.later(max(self.wait, timedelta()) + timedelta(seconds=1))
        self.wiring.frontier.release_due_feeds(10)
        [claim] = [each for each in self.wiring.frontier.claim(10) if each.id == self.feed.id]
        self.wiring.frontier.begin([claim])
        return await self.pipeline.poll_feed(claim)


def rss(*names: str, headers: Mapping[str, str | bytes] | None = None, now: datetime | None = None) -> Given:
    date = format_datetime((now or utc_now()) - timedelta(minutes=5))
    items = "".join(
        f"<item><title>{name}</title><link>https://news.example/{name}</link><pubDate>{date}</pubDate></item>"
        for name in names
    )
    body = f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"
    return Given(200, RSS | dict(headers or {}), body.encode())


Scenario = Callable[[World], Awaitable[None]]


def live(
    scenario: Scenario,
    site: Site,
    valkey_url: str,
    folder: Path,
    prewarm: Sequence[str] = ("parse_feed",),
    **settings: Any,
) -> None:
    """Run a scenario with a feed at `/feed` of the site. `settings`: groups, over those of a quick test."""
    net = {"allow": "127.0.0.0/8", "host_delay_s": 0.01, "address_delay_s": 0.01} | settings.pop("net", {})
    chosen = Settings.model_validate({"data_dir": folder, "redis": {"url": valkey_url}, "net": net} | settings)

    async def whole() -> None:
        async with site:
            with Wiring(chosen) as wiring:
                pipeline = await wiring.pipeline(prewarm=prewarm)
                try:
                    await asyncio.wait_for(scenario(World(wiring, pipeline, site)), 280)
                finally:
                    await pipeline.sandbox.close()
                    await pipeline.downloader.close()

    asyncio.run(whole())
