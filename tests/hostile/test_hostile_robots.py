"""robots.txt and the fetch stage against servers that misbehave (security.md S85, RFC 9309)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from worker.errors import Refuse, Retry, StageError
from worker.fetch.robots import RobotsIgnored, RobotsRules
from worker.fetch.stage import Fetched, Moved, fetch
from worker.models import ArticleId, Claim, ClaimKind, Entry, FeedId, Reason, WorkItem
from worker.net.download import AiohttpDownloader, Limits
from worker.ports import HopGate, Robots
from worker.urls import host_key
from worker.visit import NoLocks, Visit

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


class Locks(NoLocks):
    """A frontier that says of some hosts that they are busy."""

    def __init__(self, busy: dict[str, float]) -> None:
        self.busy = busy

    def acquire(self, host: str, claim: Claim) -> float:
        return self.busy.get(host, 0.0)


class Site:
    """A server on loopback, a downloader and robots.txt rules that all share one cache."""

    def __init__(self, rogue: Any, loopback: Any, pages: Pages, user_agent: str = "Feedmill/0 (test)") -> None:
        self.pages = pages
        self.asked: list[str] = []
        self.asked_at: list[float] = []
        self.delay_s = 0.0
        self.busy: dict[str, float] = {}
        """Authority -> seconds to wait, as a frontier would say."""
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
            self.asked_at.append(time.monotonic())
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

    async def check(self, path: str = "/a", gate: HopGate | None = None) -> Any:
        try:
            return await self.robots.check(self.server.url + path, gate)
        except StageError as error:
            return error

    async def fetch(self, path: str = "/a", *, gate: Any = None, hops: tuple[str, ...] = (), robots: Any = None) -> Any:
        item = work(self.server.url + path, hops)
        chosen: Robots = robots or self.robots
        visit = self.visit()
        try:
            return await fetch(item, downloader=self.downloader, robots=chosen, visit=visit, deadline_s=1, gate=gate)
        except StageError as error:
            return error

    def visit(self) -> Visit:
        return Visit(Claim(ClaimKind.ARTICLE, "", host_key(self.server.url), ""), Locks(self.busy), self.delay_s)


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
    pages = {"/robots.txt": text(b"User-agent: *\nCrawl-delay: 0.1"), "/a": OK}
    outcome, asked = on(pages, lambda site: site.fetch())
    assert isinstance(outcome, Fetched)
    assert (outcome.page.body, outcome.crawl_delay_s) == (b"ok", 0.1)
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
    outcome, asked = on(pages, lambda site: site.fetch())
    check(outcome, Refuse, Reason.ROBOTS_DISALLOWED)
    assert asked == ["/robots.txt", "/a"]


def test_every_request_of_a_claim_waits_for_the_hosts_rest(on: Any) -> None:
    async def play(site: Site) -> Any:
        site.delay_s = 0.2
        return await site.fetch(), site.asked_at

    pages = {"/robots.txt": redirect("/r"), "/r": text(b""), "/a": redirect("/b"), "/b": redirect("/c"), "/c": OK}
    (outcome, times), asked = on(pages, play)
    assert isinstance(outcome, Fetched)
    assert asked == ["/robots.txt", "/r", "/a", "/b", "/c"]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.18


def test_a_crawl_delay_holds_from_the_first_page_on(on: Any) -> None:
    async def play(site: Site) -> Any:
        return await site.fetch(), site.asked_at

    pages = {"/robots.txt": text(b"User-agent: *\nCrawl-delay: 0.3"), "/a": OK}
    (outcome, times), _ = on(pages, play)
    assert outcome.crawl_delay_s == 0.3
    assert times[1] - times[0] >= 0.28


def test_a_long_rest_is_no_sleep_of_a_task(on: Any) -> None:
    async def play(site: Site) -> Any:
        began = time.monotonic()
        first, second = await site.fetch(), await site.fetch()
        went_on = await site.fetch("/b")
        assert time.monotonic() - began < 2
        return first, second, went_on

    rules = text(b"User-agent: *\nCrawl-delay: 30")
    (first, second, went_on), asked = on({"/robots.txt": rules, "/a": redirect("/b"), "/b": OK}, play)
    check(first, Retry, Reason.HOST_BUSY)  # robots.txt was asked just now
    assert 29 < first.after_s <= 30
    assert isinstance(second, Moved)  # not from the beginning again: that would never end
    assert second.url.endswith("/b")
    assert 29 < second.after_s <= 30
    assert isinstance(went_on, Fetched)
    assert asked == ["/robots.txt", "/a", "/b"]


def test_a_robots_txt_elsewhere_waits_for_that_host_and_goes_on_there(on: Any, rogue: Any) -> None:
    async def elsewhere(client: Any) -> None:
        await client.send(text(DISALLOW_ALL))

    async def play(site: Site) -> Any:
        async with rogue(elsewhere) as other:
            authority = host_key(other.url)
            site.pages["/robots.txt"] = redirect(f"{other.url}/rules", 301)
            site.busy = {authority: 7.0}
            waited = [await site.fetch(), await site.fetch()]
            assert not [key for key in site.memory.kept if not key.startswith("robots-way:")]  # no verdict
            assert other.connections == 0
            site.busy = {}
            return waited, await site.fetch(), other.connections, authority

    (waited, free, connections, authority), asked = on({"/a": OK}, play)
    for outcome in waited:
        check(outcome, Retry, Reason.HOST_BUSY)
        assert (outcome.after_s, outcome.detail) == (7.0, f"waits for {authority}")
    check(free, Refuse, Reason.ROBOTS_DISALLOWED)
    assert connections == 1
    assert asked == ["/robots.txt"]  # its redirect was remembered


def test_redirects_of_robots_txt_are_counted_over_all_tries(on: Any) -> None:
    async def play(site: Site) -> Any:
        site.delay_s = 30.0
        return [await site.fetch() for _ in range(8)]

    pages = {"/robots.txt": redirect("/1"), "/a": OK} | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 20)}
    outcomes, asked = on(pages, play)
    assert [type(outcome) for outcome in outcomes] == [Retry] * 6 + [Fetched] * 2
    assert asked == ["/robots.txt", "/1", "/2", "/3", "/4", "/5", "/a", "/a"]


def test_a_gate_that_says_no_is_no_verdict(on: Any) -> None:
    async def play(site: Site) -> Any:
        return await site.check(gate=closed), await site.check()

    (refused, opened), asked = on({"/robots.txt": text(b"")}, play)
    check(refused, Retry, Reason.HOST_BUSY)
    assert opened is None
    assert asked == ["/robots.txt"]


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


async def closed(url: str) -> bool:
    return False


async def stay(url: str) -> bool:
    return url != ELSEWHERE


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
