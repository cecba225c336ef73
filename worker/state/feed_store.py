"""The `FeedStore` port: subscriptions, what is remembered of each, and when it is polled next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from worker.models import ArticleId, Claim, Feed, FeedId, FeedState, FeedStatus
from worker.state import codec
from worker.state.frontier import Limits
from worker.state.scripts import Scripts, ms
from worker.urls import host_key

AT_ONCE = 500
WATCHED = (FeedStatus.ACTIVE, FeedStatus.BACKING_OFF)


class RedisFeedStore:
    def __init__(self, scripts: Scripts, limits: Limits) -> None:
        self._scripts = scripts
        self._delay = ms(limits.host_delay_s)

    def put(self, feed: Feed) -> bool:
        return bool(self._scripts.run("feed_put", feed.id, host_key(feed.url), codec.feed_json(feed)))

    def remove(self, feed_id: FeedId) -> bool:
        return bool(self._scripts.run("feed_remove", feed_id))

    def poll_now(self, feed_id: FeedId) -> bool:
        """Due at once, whatever was planned. False: not subscribed, paused, gone, or on its way already."""
        client: Any = self._scripts.client
        now = codec.to_ms(self._scripts.now())
        return bool(client.zadd(self._scripts.key("feeds:due"), {feed_id: now}, xx=True, ch=True))

    def get(self, feed_id: FeedId) -> tuple[Feed, FeedState] | None:
        pipe: Any = self._scripts.client.pipeline()
        pipe.hget(self._scripts.key("feeds"), feed_id)
        pipe.hget(self._scripts.key("feeds:state"), feed_id)
        feed, state = pipe.execute()
        return (codec.read_feed(feed), _state(state)) if feed is not None else None

    def show(self, feed_id: FeedId) -> tuple[Feed, FeedState, datetime] | None:
        """One row of `all`."""
        found = self.get(feed_id)
        return (*found, self._next_polls([feed_id])[0]) if found is not None else None

    def all(self) -> Iterator[tuple[Feed, FeedState, datetime]]:
        """A feed that is being polled, or waits for its host's turn, has the moment it was due."""
        client: Any = self._scripts.client
        key = self._scripts.key
        feeds = sorted(map(codec.read_feed, client.hvals(key("feeds"))), key=lambda feed: feed.url)
        for first in range(0, len(feeds), AT_ONCE):
            part = feeds[first : first + AT_ONCE]
            ids = [feed.id for feed in part]
            states = client.hmget(key("feeds:state"), ids)
            for feed, state, next_at in zip(part, states, self._next_polls(ids), strict=True):
                yield feed, _state(state), next_at

    def _next_polls(self, ids: Sequence[FeedId]) -> list[datetime]:
        pipe: Any = self._scripts.client.pipeline()
        pipe.time()
        pipe.zmscore(self._scripts.key("feeds:due"), ids)
        pipe.zmscore(self._scripts.key("feeds:waiting"), ids)
        (seconds, _), due, waiting = pipe.execute()
        scores = zip(due, waiting, strict=True)
        return [
            codec.from_ms(int(next(score for score in (*pair, int(seconds) * 1000) if score is not None)))
            for pair in scores
        ]

    def save(
        self,
        claim: Claim,
        state: FeedState,
        next_poll_at: datetime,
        window: Mapping[ArticleId, str] | None,
        delay_s: float | None = None,
    ) -> bool:
        polled = codec.to_ms(state.polled_at) if state.polled_at is not None else -1
        given: list[bytes | str | int] = ["0" if window is None else "1"]
        for id_, tag in (window or {}).items():
            given += (bytes.fromhex(id_)[:8], codec.tag_bytes(tag))
        done = self._scripts.run(
            "feed_save",
            claim.id,
            claim.host,
            claim.token,
            self._delay if delay_s is None else ms(delay_s),
            codec.state_json(state),
            codec.to_ms(next_poll_at),
            polled if state.status in WATCHED else "",
            *given,
        )
        return bool(done)

    def unpolled(self, since: datetime) -> int:
        """Feeds that are gone or paused are not waited for."""
        client: Any = self._scripts.client
        return int(client.zcount(self._scripts.key("feeds:polled"), "-inf", f"({codec.to_ms(since)}"))


def _state(data: bytes | None) -> FeedState:
    return codec.read_state(data) if data is not None else FeedState()
