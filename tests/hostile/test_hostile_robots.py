"""robots.txt and the fetch stage against servers that misbehave (security.md S85, RFC 9309)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from worker.errors import Refuse, Retry, StageError
from worker.fetch.robots import RobotsIgnored, RobotsRules
from worker.fetch.stage import Fetched, Moved, fetch
from worker.models import ArticleId, Entry, FeedId, Reason, WorkItem
from worker.net.download import AiohttpDownloader, Limits
from worker.ports import Robots

Pages = dict[str, bytes]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok"
NONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
DISALLOW_ALL = b"User-agent: *\nDisallow: /"


def text(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def redirect(location: str, status: int = 302) -> bytes:
    return b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location.encode())


class Memory:
    """What a process without Redis remembers; `now` is set by the test."""

    def __init__(self) -> None:
        self.now = 0.0
        self.kept: dict[str, tuple[str, float]] = {}

    def get(self, key: str) -> str | None:
        found, until = self.kept.get(key, ("", 0.0))
        return found if until > self.now else None

    def set(self, key: str, text: str, ttl_s: float) -> None:
        self.kept[key] = (text, self.now + ttl_s)


class Site:
    """A server on loopback, a downloader and robots.txt rules that all share one cache."""

    def __init__(self, rogue: Any, loopback: Any, pages: Pages, user_agent: str = "Feedmill/0 (test)") -> None:
        self.pages = pages
        self.asked: list[str] = []
        self.server = rogue(self._serve)
        self.memory = Memory()
        self.downloader = AiohttpDownloader(
            Limits(max_wire_bytes=2_000_000, connect_timeout_s=0.5), user_agent=user_agent, allow=loopback
        )
        self.robots = RobotsRules(
            self.downloader, self.memory, user_agent=user_agent, max_crawl_delay_s=60, ttl_s=86400
        )

    async def _serve(self, client: Any) -> None:
        while True:
            path = client.head.split(b" ")[1].decode()
            self.asked.append(path)
            page = self.pages.get(path, NONE)
            await client.send(page)
            if b"Connection: close" in page:
                return
            await client.read_head()

    async def __aenter__(self) -> Site:
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.downloader.close()
        await self.server.__aexit__()

    async def check(self, path: str = "/a") -> Any:
        try:
            return await self.robots.check(self.server.url + path)
        except StageError as error:
            return error

    async def fetch(self, path: str = "/a", *, gate: Any = None, hops: tuple[str, ...] = (), robots: Any = None) -> Any:
        item = work(self.server.url + path, hops)
        chosen: Robots = robots or self.robots
        try:
            return await fetch(item, downloader=self.downloader, robots=chosen, deadline_s=1, gate=gate)
        except StageError as error:
            return error


def work(url: str, hops: tuple[str, ...]) -> WorkItem:
    return WorkItem(
        article_id=ArticleId("0" * 32),
        url=url,
        entry=Entry(id="1", url=url),
        feed_id=FeedId("1" * 32),
        feed_url="http://127.0.0.1/feed",
        offered_at=datetime(2026, 1, 1, tzinfo=UTC),
        offer=1,
        hops=hops,
    )


@pytest.fixture
def on(rogue: Any, loopback: Any) -> Callable[[Pages, Callable[[Site], Awaitable[Any]]], Any]:
    """Run a coroutine with a site of these pages; returns its result and the paths that were asked for."""

    def run(pages: Pages, play: Callable[[Site], Awaitable[Any]]) -> tuple[Any, list[str]]:
        async def main() -> tuple[Any, list[str]]:
            async with Site(rogue, loopback, pages) as site:
                return await play(site), site.asked

        return asyncio.run(main())

    return run


def check(outcome: Any, kind: type[Exception], reason: Reason) -> None:
    assert type(outcome) is kind, outcome
    assert outcome.reason is reason, outcome


@pytest.mark.parametrize(
    "robots",
    [
        NONE,
        text(b"", b"403 Forbidden"),
        text(b"", b"401 Unauthorized"),
        text(b"", b"410 Gone"),
        text(b"<html>hello</html>"),
        text(b""),
        text(b"User-agent: *\nAllow: /"),
        text(b"User-agent: other\nDisallow: /"),
        redirect("/robots.txt"),
        redirect("http://10.0.0.1/robots.txt"),
        redirect("file:///etc/passwd"),
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_s85_what_means_allowed(on: Any, robots: bytes) -> None:
    outcome, asked = on({"/robots.txt": robots}, lambda site: site.check())
    assert outcome is None
    assert asked == ["/robots.txt"]


@pytest.mark.parametrize(
    "robots",
    [
        text(b"", b"500 Oops"),
        text(b"", b"503 Busy"),
        text(b"", b"429 Slow"),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\nUser-agent",
        b"no http",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        text(b"#" * 3_000_000),
    ],
)
def test_s85_what_means_not_now(on: Any, robots: bytes) -> None:
    async def play(site: Site) -> Any:
        first, second = await site.check(), await site.check("/b")
        site.memory.now = 61
        site.pages["/robots.txt"] = text(b"")
        return first, second, await site.check()

    (first, second, later), asked = on({"/robots.txt": robots}, play)
    check(first, Retry, Reason.ROBOTS_UNREACHABLE)
    check(second, Retry, Reason.ROBOTS_UNREACHABLE)
    assert later is None
    assert asked == ["/robots.txt"] * 2  # nobody hammers a server that is down


def test_disallowed_and_allowed(on: Any) -> None:
    async def play(site: Site) -> Any:
        return await site.check("/private/x"), await site.check("/public"), await site.check("/robots.txt")

    rules = text(b"User-agent: *\nDisallow: /private\nCrawl-delay: 7")
    (private, public, itself), asked = on({"/robots.txt": rules}, play)
    check(private, Refuse, Reason.ROBOTS_DISALLOWED)
    assert (public, itself) == (7.0, 7.0)
    assert asked == ["/robots.txt"]


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        ("1", 1.0),
        ("0.5", 0.5),
        ("3600", 60.0),
        ("1e300", 60.0),
        ("-3", None),
        ("nan", None),
        ("inf", None),
        ("x", None),
    ],
)
def test_crawl_delays_are_capped(on: Any, delay: str, expected: float | None) -> None:
    outcome, _ = on({"/robots.txt": text(b"User-agent: *\nCrawl-delay: " + delay.encode())}, lambda site: site.check())
    assert outcome == expected


def test_five_redirects_lead_to_the_rules(on: Any) -> None:
    pages = {"/robots.txt": redirect("/1")} | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 5)}
    outcome, _ = on({**pages, "/5": text(DISALLOW_ALL)}, lambda site: site.check())
    check(outcome, Refuse, Reason.ROBOTS_DISALLOWED)
    outcome, _ = on({**pages, "/5": redirect("/6"), "/6": text(DISALLOW_ALL)}, lambda site: site.check())
    assert outcome is None


def test_one_fetch_a_day_and_an_old_copy_while_the_server_is_down(on: Any) -> None:
    async def play(site: Site) -> Any:
        seen = [await site.check()]
        site.memory.now = 86_399
        seen.append(await site.check())
        site.pages["/robots.txt"] = text(b"", b"500 Oops")
        for at in (86_401, 86_900, 87_100, 29 * 86_400):
            site.memory.now = at
            seen.append(await site.check())
        site.memory.now = 40 * 86_400
        return seen, await site.check()

    (seen, last), asked = on({"/robots.txt": text(DISALLOW_ALL)}, play)
    assert [error.reason for error in seen] == [Reason.ROBOTS_DISALLOWED] * 6
    check(last, Retry, Reason.ROBOTS_UNREACHABLE)
    assert len(asked) == 5  # day 0; then at 86_401, 87_100, day 29 and day 40


def test_rules_that_the_cache_forgot_are_fetched_again(on: Any) -> None:
    async def play(site: Site) -> Any:
        await site.check()
        site.memory.kept = {key: kept for key, kept in site.memory.kept.items() if not key.startswith("robots-text")}
        other = RobotsRules(site.downloader, site.memory, user_agent="Feedmill/0", max_crawl_delay_s=1, ttl_s=10)
        site.robots = other
        return await site.check()

    outcome, asked = on({"/robots.txt": text(DISALLOW_ALL)}, play)
    check(outcome, Refuse, Reason.ROBOTS_DISALLOWED)
    assert len(asked) == 2


def test_a_600_kb_file_with_10_k_rules(on: Any) -> None:
    rules = b"User-agent: *\n" + b"".join(
        b"Disallow: /section-%06d/*/archive/*.html?*print=1$\n" % n for n in range(12_000)
    )
    assert len(rules) > 600_000
    outcome, _ = on({"/robots.txt": text(rules)}, lambda site: site.check("/section-000001/x/archive/y.html?print=1"))
    check(outcome, Refuse, Reason.ROBOTS_DISALLOWED)


def test_a_page(on: Any) -> None:
    pages = {"/robots.txt": text(b"User-agent: *\nCrawl-delay: 3"), "/a": OK}
    outcome, asked = on(pages, lambda site: site.fetch())
    assert isinstance(outcome, Fetched)
    assert (outcome.page.body, outcome.crawl_delay_s) == (b"ok", 3.0)
    assert asked == ["/robots.txt", "/a"]


def test_a_page_that_robots_forbids_is_not_asked_for(on: Any) -> None:
    outcome, asked = on({"/robots.txt": text(DISALLOW_ALL), "/a": OK}, lambda site: site.fetch())
    check(outcome, Refuse, Reason.ROBOTS_DISALLOWED)
    assert asked == ["/robots.txt"]


def test_robots_switched_off(on: Any) -> None:
    pages = {"/robots.txt": text(DISALLOW_ALL), "/a": OK}
    outcome, asked = on(pages, lambda site: site.fetch(robots=RobotsIgnored()))
    assert isinstance(outcome, Fetched)
    assert asked == ["/a"]


def test_a_redirect_into_a_forbidden_part_is_not_kept(on: Any) -> None:
    pages = {"/robots.txt": text(b"User-agent: *\nDisallow: /private"), "/a": redirect("/private/b"), "/private/b": OK}
    outcome, _ = on(pages, lambda site: site.fetch())
    check(outcome, Refuse, Reason.ROBOTS_DISALLOWED)


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (b"404 Not Found", Refuse, Reason.GONE),
        (b"403 Forbidden", Refuse, Reason.FORBIDDEN),
        (b"429 Slow\r\nRetry-After: 90", Retry, Reason.RATE_LIMITED),
        (b"500 Oops", Retry, Reason.SERVER_ERROR),
    ],
)
def test_answers_that_are_no_page(on: Any, status: bytes, kind: type[Exception], reason: Reason) -> None:
    outcome, _ = on({"/robots.txt": NONE, "/a": text(b"sorry", status)}, lambda site: site.fetch())
    check(outcome, kind, reason)
    if reason is Reason.RATE_LIMITED:
        assert (outcome.after_s, outcome.block_host) == (90.0, True)


async def stay(url: str) -> bool:
    return False


async def go(url: str) -> bool:
    return True


ELSEWHERE = "http://127.0.0.7:9/story"


def test_another_host_is_left_to_the_frontier(on: Any, connects: list[Any]) -> None:
    pages = {"/robots.txt": NONE, "/a": redirect("/b", 301), "/b": redirect(ELSEWHERE)}
    outcome, asked = on(pages, lambda site: site.fetch(gate=stay))
    assert outcome == Moved(ELSEWHERE)
    assert asked == ["/robots.txt", "/a", "/b"]
    assert not [address for address in connects if address[0] == "127.0.0.7"]


def test_a_host_that_the_gate_opens_is_asked_for_its_robots_first(on: Any, connects: list[Any]) -> None:
    pages = {"/robots.txt": NONE, "/a": redirect(ELSEWHERE)}
    outcome, _ = on(pages, lambda site: site.fetch(gate=go))
    check(outcome, Retry, Reason.ROBOTS_UNREACHABLE)  # nobody listens there
    assert len([address for address in connects if address[0] == "127.0.0.7"]) == 1


def test_moves_between_hosts_end(on: Any) -> None:
    pages = {"/robots.txt": NONE, "/a": redirect(ELSEWHERE)}
    hosts = tuple(f"http://h{number}.example/" for number in range(5))
    for hops in (hosts, (ELSEWHERE,)):
        outcome, _ = on(pages, lambda site, hops=hops: site.fetch(gate=stay, hops=hops))
        check(outcome, Refuse, Reason.TOO_MANY_REDIRECTS)
    outcome, _ = on(pages, lambda site: site.fetch(gate=stay, hops=hosts[:4]))
    assert outcome == Moved(ELSEWHERE)


def test_the_whole_way_is_in_the_page(on: Any) -> None:
    pages = {"/robots.txt": NONE, "/a": redirect("/b", 301), "/b": OK}
    outcome, _ = on(pages, lambda site: site.fetch(hops=("http://old.example/x",)))
    assert outcome.page.hops[0] == "http://old.example/x"
    assert outcome.page.hops[1].endswith("/a")
    assert not outcome.page.permanent
