"""Weeks in the life of a feed, through the real pipeline, store and downloader, against a server that follows a script.

Time is moved, not waited for: each step is the poll that was planned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Self

import pytest

from tests.valkey import Valkey, valkey, valkey_server
from worker.cli.feeds_show import proposal_of, remarks
from worker.models import ClaimKind, Feed, FeedState, FeedStatus, Reason
from worker.pipeline import Pipeline
from worker.poll.outcome import Polled
from worker.run import sync_feeds
from worker.schedule.life import started_anew
from worker.settings import Settings
from worker.urls import feed_id, host_key
from worker.wiring import Wiring, utc_now

__all__ = ["valkey", "valkey_server"]

S = FeedStatus
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SELDOM_S = 5400.0
"""A floor at which a feed is polled about five times a day: enough where only days matter."""
Given = tuple[int, dict[str, str], bytes]


class Server:
    """What `pages` say by path: an answer, or what makes one of the request's headers."""

    def __init__(self) -> None:
        self.pages: dict[str, Given | Callable[[Mapping[str, str]], Given]] = {}
        self.asked: list[tuple[datetime, str, Mapping[str, str]]] = []
        self.clock: Callable[[], datetime] = utc_now
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        path = head[0].split()[1]
        self.asked.append((self.clock(), path, fields))
        given = self.pages.get(path, (404, {}, b""))
        status, headers, body = given if isinstance(given, tuple) else given(fields)
        sent = {"Content-Length": str(len(body)), "Connection": "close"} | headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1") + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


class World:
    """One feed at `/feed`, a clock, and who polls."""

    def __init__(self, wiring: Wiring, server: Server, pipeline: Pipeline) -> None:
        self.wiring, self.server = wiring, server
        self.shift = timedelta()
        polling = pipeline.polling
        upkeep = replace(polling.upkeep, clock=self.now)
        self.pipeline = replace(pipeline, clock=self.now, polling=replace(polling, clock=self.now, upkeep=upkeep))
        server.clock = self.now
        self.feed = Feed(feed_id(server.url + "/feed"), server.url + "/feed", origin="file")
        wiring.feeds.put(self.feed)

    def now(self) -> datetime:
        return utc_now() + self.shift

    def later(self, span: timedelta) -> None:
        self.shift += span
        self.wiring.scripts.shift_ms = round(self.shift.total_seconds() * 1000)

    async def poll(self) -> Polled:
        """The next poll when its time has come."""
        shown = self.wiring.feeds.show(self.feed.id)
        assert shown is not None
        self.later(max(shown[2] - self.now(), timedelta()) + timedelta(seconds=1))
        self.wiring.frontier.release_due_feeds(10)
        claims = [claim for claim in self.wiring.frontier.claim(10) if claim.kind is ClaimKind.FEED]
        [claim] = [claim for claim in claims if claim.id == self.feed.id]
        self.wiring.frontier.begin([claim])
        polled = await self.pipeline.poll_feed(claim)
        assert polled is not None
        return polled

    async def polls(self, span: timedelta) -> list[Polled]:
        """All of a time."""
        until, found = self.now() + span, []
        while self.next < until:
            found.append(await self.poll())
        return found

    @property
    def subscription(self) -> Feed:
        found = self.wiring.feeds.get(self.feed.id)
        assert found is not None
        return found[0]

    @property
    def state(self) -> FeedState:
        found = self.wiring.feeds.get(self.feed.id)
        assert found is not None
        return found[1]

    @property
    def next(self) -> datetime:
        shown = self.wiring.feeds.show(self.feed.id)
        assert shown is not None
        return shown[2]

    def rss(self, *ages: timedelta, title: str = "The News", site: str = "/") -> Given:
        """Entries that are so old now; each is always the same article."""
        items = "".join(
            f"<item><title>E</title><link>https://news.example/{int((self.now() - age).timestamp()) // 60}</link>"
            f"<pubDate>{format_datetime(self.now() - age)}</pubDate></item>"
            for age in ages
        )
        own = f"<title>{title}</title><link>{self.server.url}{site}</link>"
        body = f"<rss version='2.0'><channel>{own}{items}</channel></rss>"
        return 200, {"Content-Type": "application/rss+xml"}, body.encode()


Scenario = Callable[[World], Awaitable[None]]


@pytest.fixture
def live(valkey: Valkey, tmp_path: Path) -> Callable[..., None]:
    def run(scenario: Scenario, **schedule: Any) -> None:
        settings = Settings.model_validate(
            {
                "data_dir": tmp_path,
                "redis": {"url": valkey.url},
                "schedule": schedule,
                "net": {"allow": "127.0.0.0/8", "host_delay_s": 0.01, "address_delay_s": 0.01},
            }
        )

        async def whole() -> None:
            async with Server() as server:
                with Wiring(settings) as wiring:
                    pipeline = await wiring.pipeline()
                    try:
                        await asyncio.wait_for(scenario(World(wiring, server, pipeline)), 110)
                    finally:
                        await pipeline.sandbox.close()
                        await pipeline.downloader.close()

        asyncio.run(whole())

    return run


def moved(url: str, status: int = 301) -> Given:
    return status, {"Location": url}, b""


HOURLY = tuple(HOUR * n for n in range(1, 60))


def test_a_subscription_follows_redirects_that_last(live: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        server = world.server
        server.pages["/feed"] = world.rss(*HOURLY)
        await world.poll()
        document = world.rss(timedelta(), *HOURLY)
        server.pages |= {"/feed": moved("/hop", 308), "/hop": moved("/new"), "/new": document}
        began = world.now()
        while world.subscription.url.endswith("/feed"):
            assert world.now() - began < 2 * DAY
            polled = await world.poll()
            assert polled.reason in (Reason.NEW_ENTRIES, Reason.NO_NEW_ENTRIES, Reason.SAME_BODY)
            if world.subscription.url.endswith("/feed"):
                assert world.state.status is S.MOVED
        assert world.now() - began >= DAY
        assert world.state.status is S.ACTIVE
        assert world.subscription.url == server.url + "/new"
        assert [(former.url, former.why) for former in world.subscription.former] == [(server.url + "/feed", "moved")]
        assert polled.detail == f"subscribed to at {server.url}/new from now on"
        server.asked.clear()
        await world.polls(DAY)
        assert set(server.paths()) == {"/new"}
        # The list that brought the feed still has its old address: nothing comes twice, nothing goes.
        sync_feeds(world.wiring, [world.feed])
        assert [feed.url for feed, _, _ in world.wiring.feeds.all()] == [server.url + "/new"]
        sync_feeds(world.wiring, [])
        assert list(world.wiring.feeds.all()) == []

    live(scenario, floor_s=SELDOM_S)


@pytest.mark.parametrize("status", [302, 303, 307])
def test_redirects_for_now_are_never_followed_for_good(live: Callable[..., None], status: int) -> None:
    async def scenario(world: World) -> None:
        world.server.pages |= {"/feed": moved("/hop"), "/hop": moved("/new", status), "/new": world.rss(*HOURLY)}
        await world.polls(3 * DAY)
        assert (world.subscription, world.state.status) == (world.feed, S.ACTIVE)

    live(scenario, floor_s=SELDOM_S)


def test_redirects_to_what_is_no_feed_are_not_followed(live: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        server = world.server
        server.pages |= {"/feed": moved("/"), "/": (200, {"Content-Type": "text/html"}, b"<!doctype html><p>Hello")}
        await world.polls(5 * DAY)
        assert (world.subscription, world.state.status) == (world.feed, S.FAILING)
        assert world.state.reason is Reason.NOT_A_FEED

    live(scenario, floor_s=SELDOM_S)


def test_where_the_target_is_subscribed_to_already_one_is_left(live: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        server = world.server
        url = server.url + "/new"
        world.wiring.feeds.put(Feed(feed_id(url), url, title="Theirs"))
        world.wiring.feeds.pause(feed_id(url))
        server.pages |= {"/feed": moved("/new"), "/new": world.rss(*HOURLY)}
        while world.wiring.feeds.get(world.feed.id) is not None:
            await world.poll()
        [(feed, _, _)] = world.wiring.feeds.all()
        assert (feed.url, feed.title, [each.url for each in feed.former]) == (url, "Theirs", [world.feed.url])
        sync_feeds(world.wiring, [world.feed])
        assert len(list(world.wiring.feeds.all())) == 1

    live(scenario, floor_s=SELDOM_S)


def test_gone_twice_then_once_a_week_until_it_is_back(live: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        server = world.server
        server.pages["/feed"] = world.rss(*HOURLY)
        await world.poll()
        server.pages["/feed"] = (410, {}, b"")
        await world.poll()
        assert world.state.status is S.BACKING_OFF
        await world.poll()
        assert world.state.status is S.GONE
        assert DAY - timedelta(minutes=1) <= world.next - world.now() <= 1.1 * DAY
        server.asked.clear()
        await world.polls(30 * DAY)
        assert world.state.status is S.GONE
        assert 4 <= server.paths().count("/feed") <= 6
        assert any(path == "/" for path in server.paths()), "it was looked for on its site"
        server.pages["/feed"] = world.rss(timedelta(), HOUR)
        polled = await world.poll()
        assert (polled.offered, world.state.status, world.state.failures) == (2, S.ACTIVE, 0)

    live(scenario)


HEAD = '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="{}"></head><body>News'


def page(*feeds: str) -> Given:
    return 200, {"Content-Type": "text/html"}, "".join(HEAD.format(feed) for feed in feeds).encode()


def test_a_feed_that_is_refused_for_days_is_found_again_and_accepted(live: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        server = world.server
        server.pages |= {"/feed": (*world.rss(*HOURLY, site="/front")[:1], {"ETag": '"old"'}, world.rss(*HOURLY)[2])}
        await world.poll()
        ages = (timedelta(), *HOURLY)
        server.pages |= {
            "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /rss\n"),
            "/feed": (404, {}, b""),
            "/": page("/sport", "/feeds/all"),
            "/sport": world.rss(timedelta(minutes=7), title="Sport"),
            "/feeds/all": (200, {"ETag": '"new"'}, world.rss(*ages)[2]),
        }
        server.asked.clear()
        polls = await world.polls(2 * DAY)
        assert {poll.reason for poll in polls} == {Reason.CLIENT_ERROR}
        assert world.state.status is S.FAILING
        found = proposal_of(world.subscription, world.state)
        assert found is not None
        assert (found.url, found.title, found.same) == (server.url + "/feeds/all", "The News", True)
        searched = [path for path in server.paths() if path != "/feed"]
        assert searched == ["/robots.txt", "/", "/sport", "/feeds/all"], "once, in six requests at most"
        assert world.subscription.url == world.feed.url, "a proposal is no decision"
        told = remarks(world.subscription, world.state, None)
        assert any("found on its site, the same feed" in line for line in told)
        await world.polls(40 * DAY)
        assert server.paths().count("/") == 3, "after one, two, four weeks again"
        assert world.next - world.now() > 5 * DAY, "a month of refusals: once a week"

        server.pages["/feeds/all"] = 200, {"ETag": '"new"'}, world.rss(timedelta(), HOUR)[2]
        url = found.url
        anew = started_anew(world.state)
        assert world.wiring.feeds.move(world.feed.id, url, why="accepted", now=world.now(), state=anew) is not None
        server.asked.clear()
        polled = await world.poll()
        assert (polled.reason, world.state.status) == (Reason.NEW_ENTRIES, S.ACTIVE)
        assert polled.offered == 2
        [(_, path, fields)] = server.asked
        assert (path, "if-none-match" in fields) == ("/feeds/all", False), "a validator of another address is none"
        assert world.state.proposal is None

    live(scenario)


@pytest.mark.parametrize("apply", [False, True])
def test_a_silent_feed_s_successor(live: Callable[..., None], apply: bool) -> None:
    async def scenario(world: World) -> None:
        server = world.server
        # An entry an hour for a month, in a document that the server keeps.
        server.pages["/feed"] = world.rss(*(HOUR * n for n in range(1, 700)))
        await world.poll()
        world.later(3 * DAY)
        fresh = world.rss(HOUR, 2 * HOUR, title="the  news")
        server.pages |= {"/": page("/feed", "/feed2"), "/feed2": fresh}
        await world.polls(8 * HOUR)
        if apply:
            assert world.subscription.url == server.url + "/feed2"
            assert [former.why for former in world.subscription.former] == ["applied"]
            assert world.state.status is S.ACTIVE
            assert world.state.new_entry_at is not None
            assert world.now() - world.state.new_entry_at < DAY
        else:
            assert (world.subscription.url, world.state.status) == (world.feed.url, S.SILENT)
            assert world.state.proposal is not None
            assert world.state.proposal.url == server.url + "/feed2"
            # It was only a pause: the proposal goes with it.
            server.pages["/feed"] = world.rss(timedelta(), HOUR)
            await world.poll()
            assert (world.state.status, world.state.proposal) == (S.ACTIVE, None)

    live(scenario, apply_proposals=apply)


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_a_server_that_says_not_modified_for_ever_is_found_out(live: Callable[..., None], validator: str) -> None:
    async def scenario(world: World) -> None:
        server = world.server
        name = {"ETag": "if-none-match", "Last-Modified": "if-modified-since"}[validator]
        value = {"ETag": '"1"', "Last-Modified": "Thu, 01 Oct 2026 10:00:00 GMT"}[validator]
        began = world.now()

        def feed(fields: Mapping[str, str]) -> Given:
            if fields.get(name) == value:
                return 304, {validator: value}, b""
            hours = int((world.now() - began) / HOUR)
            return (
                200,
                {validator: value},
                world.rss(*(world.now() - began - HOUR * n for n in range(hours - 40, hours)))[2],
            )

        server.pages["/feed"] = feed
        first = await world.poll()
        assert first.offered == 40

        def unconditional() -> list[datetime]:
            return [at for at, _, fields in server.asked if name not in fields]

        while not world.state.lies:
            assert world.now() - began < 3 * DAY
            polled = await world.poll()
            assert polled.reason in (Reason.NOT_MODIFIED, Reason.NEW_ENTRIES)
        assert polled.offered > 20
        at = unconditional()
        assert len(at) == 2
        assert at[1] - at[0] >= DAY
        assert any("not modified" in line for line in remarks(world.subscription, world.state, None))
        # From now on its news comes, for a request an entry at most.
        server.asked.clear()
        polls = await world.polls(6 * DAY)
        assert sum(poll.offered for poll in polls) >= 6 * 24 - 12
        assert len(unconditional()) == len(server.asked) <= 6 * 24 + 10
        # After a week it is believed again, until it lies again.
        await world.polls(4 * DAY)
        assert world.state.lies == 2

    live(scenario)


def test_nothing_is_asked_while_paused(live: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        world.server.pages["/feed"] = world.rss(*HOURLY)
        await world.poll()
        world.wiring.feeds.pause(world.feed.id)
        world.later(30 * DAY)
        world.wiring.frontier.release_due_feeds(10)
        assert [claim for claim in world.wiring.frontier.claim(10) if claim.kind is ClaimKind.FEED] == []
        world.wiring.feeds.resume(world.feed.id)
        assert (await world.poll()).reason is Reason.SAME_BODY
        assert host_key(world.feed.url) in world.server.url

    live(scenario)
