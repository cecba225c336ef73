"""The whole state over one Valkey, for tests: the real parts, a clock that can be moved, and an audit of the keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import redis

from tests.articles import make_article, make_event
from worker.models import Article, Claim, ClaimKind, Entry, Event, Feed, FeedId, Reason, Stage, State, Step
from worker.state.feed_store import RedisFeedStore
from worker.state.frontier import Limits, RedisFrontier
from worker.state.ledger import RedisLedger
from worker.state.outbox import RedisOutbox
from worker.state.scripts import Scripts
from worker.state.stories import RedisStories
from worker.urls import article_id, feed_id, host_key

LIMITS = Limits(
    host_delay_s=2.0,
    feed_lease_s=180.0,
    article_lease_s=150.0,
    max_in_flight=400,
    max_pending=200_000,
    max_outbox_bytes=256 << 20,
    max_claims=5,
    seen_days=30,
)
FEED_URL = "https://example.org/feed.xml"
FEED_ID = feed_id(FEED_URL)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Mill:
    """Everything that lives in Redis, under one prefix."""

    def __init__(self, client: redis.Redis, **limits: Any) -> None:
        self.client: Any = client
        self.limits = replace(LIMITS, **limits)
        self.scripts = Scripts(client, "test")
        self.frontier = RedisFrontier(self.scripts, self.limits)
        self.feeds = RedisFeedStore(self.scripts, self.limits)
        self.stories = RedisStories(self.scripts, self.limits)
        self.outbox = RedisOutbox(self.scripts, self.limits)
        self.ledger = RedisLedger(self.scripts)

    def later(self, seconds: float) -> None:
        """Move the scripts' clock."""
        self.scripts.shift_ms += round(seconds * 1000)

    def offer(self, urls: Iterable[str], feed: FeedId = FEED_ID) -> int:
        return self.frontier.offer(feed, FEED_URL, [(article_id(url), host_key(url), make_entry(url)) for url in urls])

    def subscribe(self, urls: Iterable[str]) -> None:
        for url in urls:
            self.feeds.put(Feed(feed_id(url), url))

    def claim(self, limit: int = 100) -> list[Claim]:
        self.frontier.release_due_feeds(2000)
        return self.frontier.claim(limit)

    def claim_one(self) -> Claim:
        [claim] = self.claim()
        return claim

    def audit(self) -> None:
        """What must hold between any two scripts."""
        counts = self.ledger.counts()
        assert counts.offered == sum(counts.states.values()) + counts.pending, counts
        key = self.scripts.key
        client = self.client
        payload = set(client.hkeys(key("articles:payload")))
        assert payload == set(client.hkeys(key("articles:meta")))
        places = [set(client.zrange(key(f"articles:{name}"), 0, -1)) for name in ("queued", "delayed", "inflight")]
        assert sum(map(len, places)) == len(set().union(*places)), "an article stands in two places"
        assert payload == set().union(*places), "an article stands nowhere"
        turns = [set(client.zrange(key(f"feeds:{name}"), 0, -1)) for name in ("due", "waiting", "lease")]
        assert sum(map(len, turns)) == len(set().union(*turns)), "a feed stands in two places"
        assert set(client.hkeys(key("feeds"))) == set().union(*turns), "a feed stands nowhere"
        assert set(client.hkeys(key("feeds:claim"))) == turns[2]
        self._audit_hosts()
        assert client.xlen(key("outbox")) >= int(client.get(key("outbox:documents")) or 0)
        if client.xlen(key("outbox")) == 0:
            assert int(client.get(key("outbox:bytes")) or 0) == 0

    def _audit_hosts(self) -> None:
        client, key = self.client, self.scripts.key
        locked = {name.decode() for name in client.zrange(key("hosts:locked"), 0, -1)}
        hosts = {name.removeprefix(key("host:").encode()).decode() for name in client.scan_iter(key("host:*"))}
        holding = {host for host in hosts if client.hget(key(f"host:{host}"), "token")}
        assert locked == holding, "a lock without its deadline, or the other way round"
        for kind in ("feeds", "articles"):
            ready = {name.decode() for name in client.zrange(key(f"hosts:ready:{kind}"), 0, -1)}
            assert not ready & locked, "a locked host is offered"
            start = key(f"queue:{kind}:").encode()
            queues = {name.removeprefix(start).decode() for name in client.scan_iter(start + b"*")}
            assert queues <= ready | locked, "a host with work is never offered"


def make_entry(url: str, **changes: Any) -> Entry:
    return replace(Entry(id=url, url=url, title=f"Title of {url}", summary="A summary."), **changes)


def make_step(reason: Reason = Reason.TIMEOUT) -> Step:
    return Step(Stage.FETCH, NOW, "retry", reason, "", 12)


def refused(url: str, offer: int = 1) -> Event:
    return make_event(url, offer, state=State.REFUSED, reason=Reason.GONE)


def indexed(url: str, offer: int = 1) -> tuple[Event, Article]:
    return make_event(url, offer, state=State.INDEXED, reason=Reason.STORED), make_article(url)


def urls(count: int, hosts: int = 1, path: str = "a") -> list[str]:
    return [f"https://h{number % hosts}.example/{path}/{number}" for number in range(count)]


def only(claims: Sequence[Claim], kind: ClaimKind) -> list[Claim]:
    return [claim for claim in claims if claim.kind is kind]
