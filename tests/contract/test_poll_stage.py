"""The poll stage over real parts: a scripted server on loopback, the downloader, the sandbox's child, Valkey."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from itertools import pairwise

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.valkey import Valkey, valkey, valkey_server
from worker.models import Claim, ClaimKind, Entry, Feed, FeedState, Reason, State
from worker.net.download import AiohttpDownloader
from worker.net.download import Limits as DownloadLimits
from worker.net.sandbox import ChildSandbox, SandboxLimits
from worker.poll.outcome import Polled
from worker.poll.stage import change_tag, poll
from worker.poll.wire import entry_from_json
from worker.state.feed_store import RedisFeedStore
from worker.state.frontier import RedisFrontier
from worker.state.ledger import RedisLedger
from worker.state.limits import Limits
from worker.state.scripts import Scripts
from worker.state.server import connect
from worker.urls import article_id, feed_id, host_key

__all__ = ["valkey", "valkey_server"]

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LIMITS = Limits(
    host_delay_s=0.0,
    feed_lease_s=60.0,
    article_lease_s=60.0,
    max_in_flight=100,
    max_pending=10_000,
    max_outbox_bytes=1 << 24,
    max_claims=5,
    seen_days=30,
    address_delay_s=0.0,
)
UNPARSABLE = {"parse_feed": "no_such_module:run"}
"""A sandbox with this cannot parse: what passes through it was not parsed."""


def rss(*titles: str, extra: str = "") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://news.example/{title.partition(',')[0]}?utm_source=rss</link>"
        f"<pubDate>Thu, 0{number + 1} Oct 2026 10:00:00 GMT</pubDate></item>"
        for number, title in enumerate(titles)
    )
    return f"<rss version='2.0'><channel><title>News</title>{extra}{items}</channel></rss>".encode()


SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
SITEMAP_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
SITEMAP_ENTRY = (
    "<url><loc>https://news.example/one</loc><n:news><n:publication><n:name>News</n:name><n:language>en</n:language>"
    "</n:publication><n:publication_date>2026-11-20T10:00:00Z</n:publication_date><n:title>One</n:title></n:news></url>"
)


@dataclass
class Server:
    """Answers its requests with what `answers` holds, in turn; the last one again and again."""

    answers: list[tuple[int, dict[str, str], bytes]]
    requests: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    url: str = ""
    host: str = "127.0.0.1"

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"http://{host}:{port}/feed.xml"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        self.times.append(time.monotonic())
        self.requests.append({name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])})
        status, headers, body = self.answers[min(len(self.requests), len(self.answers)) - 1]
        sent = {"Content-Length": str(len(body)), "Connection": "close"} | headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1") + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


class Mill:
    """One feed and the parts that poll it."""

    def __init__(self, valkey: Valkey, url: str, functions: dict[str, str] | None = None) -> None:
        scripts = Scripts(connect(valkey.url), "test")
        self.frontier = RedisFrontier(scripts, LIMITS)
        self.store = RedisFeedStore(scripts, LIMITS)
        self.ledger = RedisLedger(scripts)
        self.downloader = AiohttpDownloader(DownloadLimits(), user_agent="test", allow=[ip_network("127.0.0.0/8")])
        self.sandbox = ChildSandbox(SandboxLimits(), **({"functions": functions} if functions else {}))
        self.host_delay_s = 0.0
        self.patience_s = 60.0
        self.feed = Feed(feed_id(url), url)
        self.store.put(self.feed)

    async def __aenter__(self) -> Mill:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.downloader.close()
        await self.sandbox.close()

    def claim(self) -> Claim:
        self.frontier.release_due_feeds(10)
        (claim,) = [claim for claim in self.frontier.claim(10) if claim.kind is ClaimKind.FEED]
        self.frontier.begin([claim])
        return claim

    async def poll(self, state: FeedState | None = None, claim: Claim | None = None) -> Polled:
        claim = claim or self.claim()
        found = self.store.get(self.feed.id)
        assert found is not None
        polled = await poll(
            self.feed,
            found[1] if state is None else state,
            claim,
            downloader=self.downloader,
            sandbox=self.sandbox,
            frontier=self.frontier,
            now=NOW,
            host_delay_s=self.host_delay_s,
            deadline_s=5.0,
            patience_s=self.patience_s,
        )
        assert self.store.save(claim, polled.state, datetime(2020, 1, 1, tzinfo=UTC), polled.window, polled.delay_s)
        return polled


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scenario(), 30)

    asyncio.run(bounded())


@pytest.fixture
def known() -> Iterator[FeedState]:
    """A feed that was polled well before."""
    yield FeedState(
        etag='W/"old"', last_modified="Mon, 1 Jan 2024 00:00:00 +0000", body_hash="0" * 32, polls=3, hint_s=60.0
    )


def test_first_poll_then_304_then_new_entries(valkey: Valkey) -> None:
    validators = {"ETag": 'W/"v 1"', "Last-Modified": "Mon, 1 Jan 2024 00:00:00 +0000", "Cache-Control": "max-age=600"}
    broken = "<item><title>No link</title></item><item><link>javascript:x</link></item>"
    answers = [
        (200, validators, rss("one", "two", extra=broken)),
        (304, {"ETag": 'W/"v 2"', "Cache-Control": "max-age=1200"}, b""),
        (200, {"ETag": '"v3"'}, rss("one, now with more", "two", "three", extra=broken)),
    ]

    async def scenario() -> None:
        async with Server(answers) as server, Mill(valkey, server.url) as mill:
            first = await mill.poll()
            assert (first.reason, first.offered, first.entries_found, first.rejected) == (Reason.NEW_ENTRIES, 2, 4, 2)
            assert "if-none-match" not in server.requests[0]
            assert "if-modified-since" not in server.requests[0]
            assert first.window is not None
            assert set(first.window) == {article_id("https://news.example/one"), article_id("https://news.example/two")}
            assert first.state.etag == 'W/"v 1"'
            assert first.state.last_modified == validators["Last-Modified"]
            assert (first.state.hint_s, first.state.ttl_s, first.state.title) == (600.0, 0.0, "News")
            assert first.sightings is not None
            assert [sighting.new for sighting in first.sightings] == [True, True]
            assert (first.state.new_entry_at, first.state.succeeded_at, first.state.polls) == (NOW, NOW, 1)
            assert first.detail == "2 without a usable URL"
            assert first.feed_url == server.url
            assert mill.frontier.depth()["queued"] == 2
            assert mill.frontier.pending(article_id("https://news.example/one")) is not None
            assert mill.ledger.counts().states[State.REFUSED] == 2

            assert _is_backlog(mill, "one") and _is_backlog(mill, "two")

            second = await mill.poll()
            assert second.reason is Reason.NOT_MODIFIED
            assert server.requests[1]["if-none-match"] == 'W/"v 1"'
            assert server.requests[1]["if-modified-since"] == validators["Last-Modified"]
            assert second.window is None
            assert second.sightings is None
            assert second.state.etag == 'W/"v 2"'
            assert second.state.last_modified == validators["Last-Modified"]
            assert (second.state.hint_s, second.state.polls, second.state.entries_offered) == (1200.0, 2, 2)

            third = await mill.poll()
            assert server.requests[2]["if-none-match"] == 'W/"v 2"'
            assert (third.reason, third.offered) == (Reason.NEW_ENTRIES, 1)  # "one" is still queued: replaced in place
            assert (third.state.etag, third.state.last_modified) == ('"v3"', "")
            assert mill.ledger.counts().states[State.REFUSED] == 2
            item = mill.frontier.pending(article_id("https://news.example/one"))
            assert item is not None
            assert item[1].entry.title == "one, now with more"
            assert _is_backlog(mill, "one"), "it stood there before the feed was first read, whatever it says now"
            assert not _is_backlog(mill, "three")

    run(scenario)


def _is_backlog(mill: Mill, name: str) -> bool:
    item = mill.frontier.pending(article_id(f"https://news.example/{name}"))
    assert item is not None
    return item[1].entry.backlog


def test_wishes_of_the_document_hold_on_and_full_answers_are_counted(valkey: Valkey) -> None:
    wishes = "<ttl>90</ttl><skipHours><hour>1</hour><hour>2</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
    answers = [
        (200, {"ETag": '"a"', "Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, rss("one", extra=wishes)),
        (200, {"ETag": '"b"', "Cache-Control": "max-age=60"}, rss("one", extra=wishes)),
        (200, {"ETag": '"c"'}, rss("one", extra=wishes + " ")),
        (304, {}, b""),
        (200, {"ETag": '"d"'}, rss("one")),
    ]

    async def scenario() -> None:
        async with Server(answers) as server, Mill(valkey, server.url) as mill:
            seen = [(await mill.poll()).state for _ in answers]
        assert [state.full_answers for state in seen] == [0, 1, 2, 0, 1]
        assert [state.hint_s for state in seen] == [0.0, 60.0, 0.0, 0.0, 0.0]
        assert [state.ttl_s for state in seen] == [5400.0] * 4 + [0.0]
        assert [(state.skip_hours, state.skip_days) for state in seen] == [(6, 64)] * 4 + [(0, 0)]

    run(scenario)


def test_who_gives_no_validators_counts_as_one_however_much_is_new(valkey: Valkey) -> None:
    answers = [(200, {}, rss(*(f"n{entry}" for entry in range(number + 1)))) for number in range(4)]

    async def scenario() -> None:
        async with Server(answers) as server, Mill(valkey, server.url) as mill:
            seen = [await mill.poll() for _ in answers]
        assert [polled.offered for polled in seen] == [1, 1, 1, 1]
        assert [polled.state.full_answers for polled in seen] == [0, 1, 2, 3]

    run(scenario)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, rss("one")), (304, b""), (404, b""), (403, b""), (410, b"")],
    ids=lambda value: str(value)[:3],
)
def test_who_names_a_time_is_left_alone_until_then_whatever_else_is_said(
    valkey: Valkey, known: FeedState, status: int, body: bytes
) -> None:
    async def scenario() -> None:
        async with Server([(status, {"Retry-After": "9000"}, body)]) as server, Mill(valkey, server.url) as mill:
            polled = await mill.poll(replace(known, validators_of=server.url))
        assert polled.retry_after_s == 9000.0
        assert polled.delay_s is None, "only a 429 or 503 speaks for its whole domain"

    run(scenario)


def test_a_redirected_index_finds_its_sitemaps_where_it_is(valkey: Valkey) -> None:
    """As from the bare name to www: the feed is subscribed to on one host, and answers on another."""

    async def scenario() -> None:
        async with Server([]) as there, Server([]) as here:
            moved = there.url.replace("127.0.0.1", "localhost")
            child = moved.replace("feed.xml", "news.xml")
            index = f"<sitemap><loc>{child}</loc><lastmod>{NOW.isoformat()}</lastmod></sitemap>"
            there.answers = [
                (200, {}, f'<sitemapindex xmlns="{SITEMAP}">{index}</sitemapindex>'.encode()),
                (200, {}, f'<urlset xmlns="{SITEMAP}" xmlns:n="{SITEMAP_NEWS}">{SITEMAP_ENTRY}</urlset>'.encode()),
            ]
            here.answers = [(301, {"Location": moved}, b"")]
            async with Mill(valkey, here.url) as mill:
                polled = await mill.poll()
        assert (polled.reason, polled.offered) == (Reason.NEW_ENTRIES, 1), polled.detail

    run(scenario)


def test_the_same_body_costs_no_parse(valkey: Valkey) -> None:
    async def scenario() -> None:
        async with Server([(200, {"ETag": '"a"'}, rss("one"))]) as server:
            async with Mill(valkey, server.url) as mill:
                first = await mill.poll()
            async with Mill(valkey, server.url, UNPARSABLE) as mill:
                second = await mill.poll()
            assert (second.reason, second.window) == (Reason.SAME_BODY, None)
            assert second.state.body_hash == first.state.body_hash
            assert second.state.failures == 0

    run(scenario)


ERRORS = [
    (404, {}, b"", Reason.CLIENT_ERROR),
    (410, {}, b"", Reason.GONE),
    (403, {}, b"", Reason.FORBIDDEN),
    (429, {"Retry-After": "120"}, b"", Reason.RATE_LIMITED),
    (503, {"Retry-After": "0"}, b"", Reason.SERVER_ERROR),
    (500, {"Retry-After": "3600"}, b"", Reason.SERVER_ERROR),
    (204, {}, b"", Reason.NOT_A_FEED),
    (206, {}, rss("one"), Reason.PROTOCOL_ERROR),
    (200, {}, b"<!doctype html><html><body>Please log in</body></html>", Reason.NOT_A_FEED),
    (200, {}, b"", Reason.NOT_A_FEED),
    (200, {}, b"<rss><channel><item", Reason.NOT_A_FEED),
    (200, {"Content-Encoding": "gzip"}, b"no gzip", Reason.DECODE_ERROR),
    (302, {}, b"", Reason.REDIRECT_INVALID),
    (302, {"Location": "http://10.0.0.1/"}, b"", Reason.ADDRESS_BLOCKED),
    (302, {"Location": "file:///etc/passwd"}, b"", Reason.SCHEME_BLOCKED),
]


@pytest.mark.parametrize(("status", "headers", "body", "reason"), ERRORS)
def test_errors_change_nothing_that_matters(
    valkey: Valkey, known: FeedState, status: int, headers: dict[str, str], body: bytes, reason: Reason
) -> None:
    async def scenario() -> None:
        sent = {"ETag": '"of an error"', "Last-Modified": "never", **headers}
        async with Server([(status, sent, body)]) as server, Mill(valkey, server.url) as mill:
            polled = await mill.poll(known)
            assert polled.reason is reason
            assert polled.window is None
            expected = replace(
                known,
                failures=1,
                polls=4,
                polled_at=NOW,
                reason=reason,
                detail=polled.detail,
            )
            assert polled.state == expected
            after = {"120": 120.0, "0": 60.0, "3600": 3600.0}.get(headers.get("Retry-After", ""))
            assert polled.retry_after_s == after
            assert polled.delay_s == (after if status in (429, 503) else None)

    run(scenario)


def test_nobody_answers(valkey: Valkey, known: FeedState) -> None:
    async def scenario() -> None:
        async with Server([]) as server:
            url = server.url
        async with Mill(valkey, url) as mill:
            polled = await mill.poll(known)
            assert polled.reason is Reason.CONNECT_FAILED
            assert polled.state.etag == known.etag
            assert polled.state.failures == 1

    run(scenario)


def test_a_304_that_nobody_asked_for_is_an_error(valkey: Valkey) -> None:
    async def scenario() -> None:
        async with Server([(304, {"ETag": '"x"'}, b"")]) as server, Mill(valkey, server.url) as mill:
            polled = await mill.poll()
            assert polled.reason is Reason.PROTOCOL_ERROR
            assert polled.state.etag == ""

    run(scenario)


def test_a_parser_that_had_to_be_stopped_is_a_failure(valkey: Valkey, known: FeedState) -> None:
    async def scenario() -> None:
        # json.loads takes one argument: calling it as a parser fails inside the child.
        async with (
            Server([(200, {}, rss("one"))]) as server,
            Mill(valkey, server.url, {"parse_feed": "json:loads"}) as mill,
        ):
            polled = await mill.poll(known)
            assert polled.reason is Reason.EXTRACT_CRASHED
            assert polled.state.body_hash == known.body_hash
            assert polled.state.failures == 1

    run(scenario)


@pytest.mark.parametrize(
    ("statuses", "noted"), [([301], True), ([308, 301], True), ([302], False), ([301, 302], False), ([307, 308], False)]
)
def test_only_permanent_redirects_are_noted(valkey: Valkey, statuses: list[int], noted: bool) -> None:
    hops = [(status, {"Location": f"/{number}"}, b"") for number, status in enumerate(statuses)]

    async def scenario() -> None:
        async with Server([*hops, (200, {}, rss("one"))]) as server, Mill(valkey, server.url) as mill:
            polled = await mill.poll()
            target = server.url.replace("/feed.xml", f"/{len(hops) - 1}")
            assert polled.moved_to == (target if noted else "")
            assert polled.in_full
            assert polled.offered == 1

    run(scenario)


def test_a_redirect_to_another_host_waits_for_it(valkey: Valkey, known: FeedState) -> None:
    """The feed itself was asked: it waits within the poll, and when that is too long the poll has failed."""

    async def scenario() -> None:
        there, here = Server([(200, {}, rss("one"))], host="127.0.0.2"), Server([])
        async with there, here:
            here.answers = [(301, {"Location": there.url}, b"")]
            async with Mill(valkey, here.url) as mill:
                mine = mill.claim()
                neighbour = Feed(feed_id(there.url), there.url)
                mill.store.put(neighbour)
                mill.frontier.release_due_feeds(10)
                (theirs,) = mill.frontier.claim(10)
                assert theirs.host == host_key(there.url)

                mill.patience_s = 0.6
                busy = await mill.poll(known, mine)
                assert (busy.reason, busy.state.failures) == (Reason.TIMEOUT, 1)
                assert host_key(there.url) in busy.detail
                assert (len(here.requests), there.requests) == (1, [])

                mill.patience_s = 60.0
                waiting = asyncio.create_task(mill.poll(known))
                while len(here.requests) < 2:
                    await asyncio.sleep(0.01)
                mill.frontier.begin([theirs])
                mill.frontier.release(theirs, 0.0)
                free = await waiting
                assert (free.reason, free.offered) == (Reason.NEW_ENTRIES, 1)
                assert free.moved_to == there.url
                assert len(there.requests) == 1
                assert "if-none-match" not in there.requests[0]

    run(scenario)


HOPS = [(301, {"Location": "/1"}, b""), (302, {"Location": "/2"}, b"")]


def test_redirects_on_the_own_host_wait_for_its_rest(valkey: Valkey) -> None:
    async def scenario() -> None:
        async with Server([*HOPS, (200, {}, rss("one"))]) as server, Mill(valkey, server.url) as mill:
            mill.host_delay_s = 0.2
            polled = await mill.poll()
            assert polled.reason is Reason.NEW_ENTRIES
            assert len(server.times) == 3
            assert min(later - earlier for earlier, later in pairwise(server.times)) >= 0.18

    run(scenario)


def test_a_rest_that_is_too_long_for_a_poll_ends_it(valkey: Valkey, known: FeedState) -> None:
    """It was asked: to come back soon and ask the first URL again would be a poll too early."""

    async def scenario() -> None:
        async with Server([*HOPS, (200, {}, rss("one"))]) as server, Mill(valkey, server.url) as mill:
            mill.host_delay_s = 3600.0
            polled = await mill.poll(known)
            assert (polled.reason, polled.state.failures) == (Reason.TIMEOUT, 1)
            assert polled.retry_after_s is None
            assert len(server.requests) == 1

    run(scenario)


def test_an_address_that_is_taken_is_no_poll(valkey: Valkey, known: FeedState) -> None:
    async def scenario() -> None:
        async with Server([(200, {}, rss("one"))]) as server, Mill(valkey, server.url) as mill:
            mine = mill.claim()
            neighbour = Feed(feed_id("http://news.example/feed"), "http://news.example/feed")
            mill.store.put(neighbour)
            mill.frontier.release_due_feeds(10)
            (theirs,) = mill.frontier.claim(10)
            assert mill.frontier.reach("news.example", "127.0.0.1", theirs) == 0.0
            busy = await mill.poll(known, mine)
            assert busy.reason is Reason.HOST_BUSY
            assert busy.state == replace(known, reason=Reason.HOST_BUSY, detail=busy.detail)
            assert busy.retry_after_s is not None
            assert 0 < busy.retry_after_s <= 5
            assert server.requests == []
            mill.frontier.release(theirs, 0.0)
            assert (await mill.poll(known)).reason is Reason.NEW_ENTRIES

    run(scenario)


def test_no_state_when_the_frontier_is_away(valkey: Valkey) -> None:
    async def scenario() -> None:
        async with Server([(200, {}, rss("one"))]) as server, Mill(valkey, server.url) as mill:
            claim = mill.claim()
            scripts = Scripts(connect(valkey.url), "test")
            scripts.client = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
            mill.frontier = RedisFrontier(scripts, LIMITS)
            with pytest.raises(redis.RedisError):
                await mill.poll(claim=claim)
            found = mill.store.get(mill.feed.id)
            assert found is not None
            assert found[1] == FeedState()

    run(scenario)


def entry(
    title: str = "t", published: str | None = None, updated: str | None = None, url: str = "https://e.example/"
) -> Entry:
    return entry_from_json(
        {
            "id": url, "url": url, "title": title, "summary": "", "published_at": published, "updated_at": updated,
            "authors": [], "tags": [], "image": None,
        }
    )  # fmt: skip


def test_change_tag_follows_title_and_update() -> None:
    one = entry("a", "2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z")
    assert change_tag(one) == change_tag(entry("a", None, "2026-10-02T00:00:00Z", "https://e.example/x"))
    assert len({change_tag(one), change_tag(replace(one, title="b")), change_tag(replace(one, updated_at=NOW))}) == 3
