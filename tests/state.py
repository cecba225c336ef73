"""The whole state over one Valkey, for tests: the real parts, a clock that can be moved, and an audit of the keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import redis

from tests.articles import make_article, make_event
from worker.deduplicate.stage import recall
from worker.index.documents import content_hash
from worker.models import Article, Claim, ClaimKind, Entry, Event, Feed, FeedId, Known, Reason, Stage, State, Step
from worker.state.aliases import RedisAliases
from worker.state.erased import RedisErased
from worker.state.feed_store import RedisFeedStore
from worker.state.frontier import RedisFrontier
from worker.state.ledger import RedisLedger
from worker.state.limits import Limits
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

    def __init__(self, client: redis.Redis, prefix: str = "test", **limits: Any) -> None:
        self.client: Any = client
        self.limits = replace(LIMITS, **limits)
        self.scripts = Scripts(client, prefix)
        self.frontier = RedisFrontier(self.scripts, self.limits)
        self.feeds = RedisFeedStore(self.scripts, self.limits)
        self.stories = RedisStories(self.scripts, self.limits)
        self.aliases = RedisAliases(self.scripts, self.limits)
        self.outbox = RedisOutbox(self.scripts, self.limits)
        self.ledger = RedisLedger(self.scripts)
        self.erased = RedisErased(self.scripts)

    def recall(self, article: Article, before: Known) -> Article:
        content = content_hash(article.title, article.summary, article.body)
        return recall(article, before, content=content, stories=self.stories)

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
        due, waiting, lease, paused = (
            set(client.zrange(key(f"feeds:{name}"), 0, -1)) for name in ("due", "waiting", "lease", "paused")
        )
        assert sum(map(len, (due, waiting, lease))) == len(due | waiting | lease), "a feed stands in two places"
        assert not paused & (due | waiting), "a paused feed is to be polled"
        assert set(client.hkeys(key("feeds"))) == due | waiting | lease | paused, "a feed stands nowhere"
        assert set(client.hkeys(key("feeds:claim"))) == lease
        aliases = client.hgetall(key("feeds:alias"))
        assert set(aliases.values()) <= set(client.hkeys(key("feeds"))), "an address leads nowhere"
        self._audit_hosts()
        assert client.xlen(key("outbox")) >= int(client.get(key("outbox:documents")) or 0)
        if client.xlen(key("outbox")) == 0:
            assert int(client.get(key("outbox:bytes")) or 0) == 0

    def _audit_hosts(self) -> None:
        key = self.scripts.key
        locked = self._members("domains:locked")
        holding = {name for name in self._named("domain:") if self.client.hget(key(f"domain:{name}"), "token")}
        assert locked == holding, "a lock without its deadline, or the other way round"
        waiting: set[str] = set()
        for address in self._named("waits:"):
            assert self.client.zscore(key("addresses:wake"), address) is not None, "nobody lets them in"
            waiting |= self._members(f"waits:{address}")
        for kind in ("feeds", "articles"):
            ready = self._members(f"domains:ready:{kind}")
            assert not ready & locked, "a locked domain is offered"
            turns = {domain: self._members(f"turns:{kind}:{domain}") for domain in self._named(f"turns:{kind}:")}
            assert turns.keys() <= ready | locked, "a domain with work is never offered"
            in_line = {lane for lanes in turns.values() for lane in lanes}
            at_doors = {entry.partition(" ")[2] for entry in waiting if entry.startswith(f"{kind} ")}
            assert self._named(f"queue:{kind}:") <= in_line | at_doors, "a host with work has no turn"

    def _named(self, start: str) -> set[str]:
        """What follows `start` in the names of keys."""
        begin = self.scripts.key(start).encode()
        return {name.removeprefix(begin).decode() for name in self.client.scan_iter(begin + b"*")}

    def _members(self, name: str) -> set[str]:
        return {member.decode() for member in self.client.zrange(self.scripts.key(name), 0, -1)}


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
