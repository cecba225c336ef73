"""How a site sees us: feeds, robots.txt and pages of several hosts through the real pipeline, counted at the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.valkey import Valkey, valkey, valkey_server
from worker.demo.statistics import Statistics
from worker.models import ClaimKind, Feed, State
from worker.settings import Settings
from worker.urls import feed_id
from worker.wiring import Wiring

__all__ = ["valkey", "valkey_server"]

DELAY_S = 0.2
TOLERANCE_S = 0.02
FRIENDS = ("one", "two", "three", "four")
"""Hosts whose robots.txt is a redirect to the same other host."""
WORDS = " ".join(f"Sentence number {number} tells of the harbour and its ships." for number in range(30))
PAGE = f"<html><head><title>Harbour</title></head><body><article><p>{WORDS}</p></article></body></html>"

Answer = tuple[int, dict[str, str], str]


def moved(location: str, status: int = 302) -> Answer:
    return status, {"Location": location}, ""


class Sites:
    """Many hosts on one port; every answer takes a while, so that a second request would meet it."""

    def __init__(self) -> None:
        self.statistics = Statistics()
        self.port = 0
        self.at_once = self.most_at_once = 0
        self.began_at: list[float] = []

    def url(self, name: str, path: str) -> str:
        return f"http://{name}.localhost:{self.port}{path}"

    def answer(self, name: str, path: str) -> Answer:
        if name == "central":
            return (200, {}, "User-agent: *\nDisallow: /private\n") if path == "/robots.txt" else (404, {}, "")
        if name in FRIENDS:
            return moved(self.url("central", "/robots.txt"), 301) if path == "/robots.txt" else (200, {}, PAGE)
        ways: dict[str, Answer] = {
            "/robots.txt": moved("/rules.txt"),
            "/rules.txt": (200, {}, "User-agent: *\nDisallow: /private\n"),
            "/feed": moved("/feed/"),
            "/feed/": moved("/feed/all"),
            "/feed/all": (200, {"Content-Type": "application/rss+xml"}, self._feed()),
            "/a": moved("/b"),
            "/b": moved("/c"),
            "/lost": moved("/private/page"),
        }
        return ways.get(path, (200, {}, PAGE))

    def _feed(self) -> str:
        urls = [self.url("home", path) for path in ("/a", "/lost", "/d")]
        urls += [self.url(name, "/story") for name in FRIENDS]
        items = "".join(f"<item><title>Story {url}</title><link>{url}</link></item>" for url in urls)
        return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = lines[0].split(" ")[1]
        host = next(line for line in lines if line.lower().startswith("host:"))[5:].strip()
        name = host.partition(".")[0]
        self.statistics.begin(name, path, time.monotonic())
        self.began_at.append(time.monotonic())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.05)
        self.at_once -= 1
        status, headers, body = self.answer(name, path)
        sent = {"Content-Type": "text/html", "Content-Length": str(len(body)), "Connection": "close"} | headers
        head = "".join(f"{field}: {value}\r\n" for field, value in sent.items())
        self.statistics.end(name, status, time.monotonic())
        writer.write(f"HTTP/1.1 {status} X\r\n{head}\r\n{body}".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def work_off(wiring: Wiring, offered: int) -> None:
    """What the scheduler and the workers do, in one loop."""
    pipeline, frontier = await wiring.pipeline(), wiring.frontier
    running: set[asyncio.Task[object]] = set()
    try:
        while True:
            frontier.release_due_feeds(10)
            claims = frontier.claim(10)
            ours = frontier.begin(claims)
            for claim in claims:
                item = ours[claim.id]
                job = pipeline.poll_feed(claim) if item is None else pipeline.ingest_article(claim, item)
                assert (item is None) == (claim.kind is ClaimKind.FEED)
                running.add(asyncio.ensure_future(job))
            done = {task for task in running if task.done()}
            running -= done
            for task in done:
                task.result()
            depth = frontier.depth()
            left = len(running) + depth["queued"] + depth["delayed"] + depth["in_flight"]
            if wiring.ledger.counts().offered == offered and not left:
                return
            await asyncio.sleep(0.01)
    finally:
        await pipeline.sandbox.close()
        await pipeline.downloader.close()


@pytest.mark.timeout(90)
@pytest.mark.parametrize("shared", ["loopback", ""])
def test_p12_nobody_is_asked_twice_at_once_or_without_a_rest(valkey: Valkey, tmp_path: Path, shared: str) -> None:
    """Every name is a domain of its own; where its address counts, too, all of them take turns."""
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "redis": {"url": valkey.url},
            # Who meets a locked host comes back when that lock would have run out.
            "schedule": {"article_lease_s": 2.0},
            "net": {
                "allow": "127.0.0.0/8",
                "host_delay_s": DELAY_S,
                "address_delay_s": DELAY_S / 2,
                "shared_addresses": shared,
            },
        }
    )
    sites = Sites()

    async def scenario() -> None:
        with Wiring(settings) as wiring:
            async with sites.serve():
                url = sites.url("home", "/feed")
                wiring.feeds.put(Feed(feed_id(url), url))
                await asyncio.wait_for(work_off(wiring, offered=7), 60)
            counts = wiring.ledger.counts()
            assert counts.states[State.REFUSED] == 1
            assert wiring.outbox.size()[0] == 7  # six documents, one event

    asyncio.run(scenario())
    assert (sites.most_at_once == 1) is (shared == "")
    if not shared:
        gaps = [later - earlier for earlier, later in pairwise(sites.began_at)]
        assert min(gaps) >= DELAY_S / 2 - TOLERANCE_S
    seen = sites.statistics.as_dict()
    assert set(seen) == {"home", "central", *FRIENDS}
    for name, site in seen.items():
        assert site["max_in_flight"] == 1, (name, site)
        assert site["min_gap_s"] is None or site["min_gap_s"] >= DELAY_S - TOLERANCE_S, (name, site)
    assert "/private/page" not in seen["home"]["by_path"]
    for path in ("/robots.txt", "/rules.txt", "/feed", "/feed/", "/feed/all", "/a", "/b", "/c", "/lost", "/d"):
        assert seen["home"]["by_path"][path] == 1, path
    assert seen["central"]["by_path"] == {"/robots.txt": len(FRIENDS)}
    for name in FRIENDS:
        assert seen[name]["by_path"] == {"/robots.txt": 1, "/story": 1}
