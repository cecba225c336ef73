"""Feeds found from a page, over the real downloader, child and robots.txt: what is asked, how often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from tests.web import Given, Web, atom, moved, page, rss
from worker.errors import Refuse, StageError
from worker.fetch.robots import RobotsRules
from worker.models import Claim, ClaimKind, Reason
from worker.net.download import AiohttpDownloader, Limits
from worker.net.sandbox import ChildSandbox, SandboxLimits
from worker.poll.discover import Format, Found, find_again, find_feeds
from worker.visit import NoLocks, Visit

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
Pages = dict[str, Given]


class Memory:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def set(self, key: str, text: str, ttl_s: float) -> None:
        self.kept[key] = text


class Parts:
    def __init__(self) -> None:
        self.downloader = AiohttpDownloader(Limits(), user_agent="Feedmill/1", allow=[ip_network("127.0.0.0/8")])
        self.sandbox = ChildSandbox(SandboxLimits())

    async def look(self, address: str, *, typed: bool = True) -> Found:
        robots = RobotsRules(self.downloader, Memory(), user_agent="Feedmill/1", max_crawl_delay_s=1.0, ttl_s=60.0)
        visit = Visit(Claim(ClaimKind.FEED, "", "", ""), NoLocks(), 0.0)
        return await find_feeds(
            address, downloader=self.downloader, sandbox=self.sandbox, robots=robots, gate=visit.enter, now=NOW,
            deadline_s=5.0, typed=typed,
        )  # fmt: skip


def run(scenario: Callable[[Parts], Awaitable[None]]) -> None:
    async def whole() -> None:
        parts = Parts()
        try:
            await asyncio.wait_for(scenario(parts), 30)
        finally:
            await parts.sandbox.close()
            await parts.downloader.close()

    asyncio.run(whole())


HEAD = "<head><link rel=alternate type=application/rss+xml href='{}'>"
IN_HEADER = page("", Link='</f>; rel="alternate"; type="application/rss+xml"')
RULES = (200, {}, b"User-agent: *\nDisallow: /feed\nDisallow: /rss")
CASES: list[tuple[Pages, str, list[str], list[str]]] = [
    # pages, asked for, paths that were asked, feeds that were found
    ({"/rss": rss("a", "b")}, "/rss", ["/rss"], ["/rss"]),
    ({"/": page(HEAD.format("news.xml")), "/news.xml": rss("a")}, "/", ["/", "/news.xml"], ["/news.xml"]),
    ({"/": IN_HEADER, "/f": rss("a")}, "/", ["/", "/f"], ["/f"]),
    # a redirect is a request; only a permanent one changes the address
    ({"/": moved("/de/"), "/de/": page(HEAD.format("f")), "/de/f": rss("a")}, "/", ["/", "/de/", "/de/f"], ["/de/f"]),
    ({"/": page(HEAD.format("f")), "/f": moved("/g"), "/g": rss("a")}, "/", ["/", "/f", "/g"], ["/g"]),
    ({"/": page(HEAD.format("f")), "/f": moved("/g", 302), "/g": rss("a")}, "/", ["/", "/f", "/g"], ["/f"]),
    # what is named and is none; then what is linked, for which robots.txt is asked
    (
        {"/": page(HEAD.format("gone") + "<body><a href='/rss.xml'>RSS</a>"), "/rss.xml": rss("a")},
        "/", ["/", "/gone", "/robots.txt", "/rss.xml"], ["/rss.xml"],
    ),
    # guesses, to the end of what may be asked
    ({"/": page("<p>nothing"), "/rss": rss("a")}, "/", ["/", "/robots.txt", "/feed", "/rss"], ["/rss"]),
    ({"/": page("<p>nothing")}, "/", ["/", "/robots.txt", "/feed", "/rss", "/atom.xml", "/feed.json"], []),
    (
        {"/": page("x"), "/robots.txt": RULES, "/atom.xml": atom("a")},
        "/", ["/", "/robots.txt", "/atom.xml"], ["/atom.xml"],
    ),
    # a page that names a feed that is a page again
    (
        {"/": page(HEAD.format("/a")), "/a": page(HEAD.format("/b")), "/b": rss("a")},
        "/", ["/", "/a", "/robots.txt", "/feed", "/rss", "/atom.xml"], [],
    ),
]  # fmt: skip


def test_what_is_asked_and_what_is_found() -> None:
    async def scenario(parts: Parts) -> None:
        for pages, address, asked, feeds in CASES:
            async with Web(pages) as web:
                found = await parts.look(web.url + address)
                assert (web.asked, [each.url for each in found.candidates]) == (asked, [web.url + f for f in feeds])
                assert found.requests == len(asked) <= 6

    run(scenario)


def test_several_feeds_are_told_apart() -> None:
    links = "".join(HEAD.format(path) for path in ("/comments/feed", "/all", "/all.atom", "/sport"))

    async def scenario(parts: Parts) -> None:
        pages = {
            "/": page(links),
            "/all": rss("a", "b", title="All"),
            "/all.atom": atom("a", "b", title="All as Atom"),
            "/sport": rss("c", title="Sport"),
            "/comments/feed": rss("d", title="Comments"),
        }
        async with Web(pages) as web:
            found = await parts.look(web.url)
            all_, sport, double, comments = found.candidates
            assert (all_.title, all_.format, all_.entries) == ("All", Format.RSS, 2)
            assert all_.newest_at == datetime(2026, 10, 2, 10, tzinfo=UTC)
            assert sport.url == f"{web.url}/sport"
            assert (double.format, double.same_as) == (Format.ATOM, all_.url)
            assert comments.comments
            assert found.plain == (all_, sport)

    run(scenario)


def test_more_feeds_than_requests_are_named() -> None:
    async def scenario(parts: Parts) -> None:
        pages = {"/": page("".join(HEAD.format(f"/{n}") for n in range(9)))} | {f"/{n}": rss(f"e{n}") for n in range(9)}
        async with Web(pages) as web:
            found = await parts.look(web.url)
            assert len(web.asked) == 6
            assert [each.url for each in found.candidates] == [f"{web.url}/{n}" for n in range(5)]
            assert [link.url for link in found.unasked] == [f"{web.url}/{n}" for n in range(5, 9)]

    run(scenario)


def test_an_address_without_a_scheme_is_tried_as_https_first() -> None:
    async def scenario(parts: Parts) -> None:
        async with Web({"/": page(HEAD.format("f")), "/f": rss("a")}) as web:
            found = await parts.look(web.url.removeprefix("http://"))
            assert [each.url for each in found.candidates] == [f"{web.url}/f"]
            assert found.requests == 3

    run(scenario)


REFUSED = [
    ("http://10.0.0.1/", Reason.ADDRESS_BLOCKED),
    ("http://169.254.169.254/latest", Reason.ADDRESS_BLOCKED),
    ("10.1.2.3/feed", Reason.ADDRESS_BLOCKED),
    ("/missing", Reason.CLIENT_ERROR),
    ("/private", Reason.FORBIDDEN),
]


def test_what_cannot_be_had_is_said_and_hostile_addresses_are_not_asked() -> None:
    async def scenario(parts: Parts) -> None:
        async with Web({"/private": (403, {}, b"")}) as web:
            for address, reason in REFUSED:
                with pytest.raises(StageError) as caught:
                    await parts.look(web.url + address if address.startswith("/") else address)
                assert caught.value.reason is reason
        inside = "http://10.0.0.1/feed"
        async with Web({"/": page(HEAD.format(inside)), "/feed": moved(inside, 302)}) as web:
            found = await parts.look(web.url)
            assert found.candidates == ()
            assert found.requests == 6

    run(scenario)


def test_a_machine_obeys_robots_for_the_page_too() -> None:
    async def scenario(parts: Parts) -> None:
        pages = {"/robots.txt": (200, {}, b"User-agent: *\nDisallow: /"), "/": page(HEAD.format("f")), "/f": rss("a")}
        async with Web(pages) as web:
            with pytest.raises(Refuse, match="robots_disallowed"):
                await parts.look(web.url, typed=False)
            assert web.asked == ["/robots.txt"]
            assert len((await parts.look(web.url, typed=True)).candidates) == 1
        async with Web({"/": page(HEAD.format("f")), "/f": rss("a")}) as web:
            robots = RobotsRules(parts.downloader, Memory(), user_agent="F/1", max_crawl_delay_s=1.0, ttl_s=60.0)
            visit = Visit(Claim(ClaimKind.FEED, "", "", ""), NoLocks(), 0.0)
            found = await find_again(
                [f"{web.url}/nothing", web.url], downloader=parts.downloader, sandbox=parts.sandbox, robots=robots,
                gate=visit.enter, reach=visit.reach, learn=visit.learn, now=NOW, deadline_s=5.0,
            )  # fmt: skip
            assert [each.url for each in found.candidates] == [f"{web.url}/f"]
            assert web.asked[-4:] == ["/robots.txt", "/nothing", "/", "/f"]
            assert found.requests == 4

    run(scenario)
