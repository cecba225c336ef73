"""The `FeedStore` port: subscriptions, what is remembered of each, and when it is polled next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from worker.errors import Refuse
from worker.lanes import Lanes
from worker.models import ArticleId, Asked, Claim, Feed, FeedId, FeedState, FeedStatus, Former, Leave, Reason
from worker.schedule.life import subscribed_again
from worker.state import codec, feed_log
from worker.state.limits import Limits
from worker.state.scripts import Scripts, ms
from worker.urls import feed_id as id_of
from worker.urls import host_key

AT_ONCE = 500
UNWATCHED = (FeedStatus.GONE, FeedStatus.PAUSED)
TRIES = 5
"""Of a change that another process was quicker with."""
MOST_FORMER = 20
ERASED = -2
"""A script's answer: its domain was erased."""
AGAIN_S = 300.0
"""A feed that failed when it was unsubscribed, and is subscribed to again, waits so long at most."""
MOST_WAIT_S = 30 * 86400.0


class RedisFeedStore:
    def __init__(self, scripts: Scripts, limits: Limits) -> None:
        self._scripts = scripts
        self._delay = ms(limits.host_delay_s)
        self._lanes = Lanes(limits.many_sites)
        self._log_polls = limits.log_polls

    def put(self, feed: Feed) -> bool:
        for _ in range(TRIES):
            [known_id] = self.known_as([feed.id])
            raw = self._raw(known_id)
            new = _kept(feed, codec.read_feed(raw)) if raw is not None else feed
            done = int(self._put(new, raw, self._left([known_id])[0] if raw is None else None))
            if done == ERASED:
                raise Refuse(Reason.ERASED, feed.url)
            if done >= 0:
                return bool(done)
        raise RuntimeError(f"the subscription to {feed.url} is changed all the time")

    def put_new(self, feeds: Sequence[Feed]) -> int:
        """Subscribe to those that are not there yet, in one go; the others stay as they are. Returns how many.

        Those of a domain that was erased are left out.
        """
        client: Any = self._scripts.client
        if not feeds:
            return 0
        known = client.hmget(self._scripts.key("feeds"), self.known_as([feed.id for feed in feeds]))
        new = [feed for feed, held in zip(feeds, known, strict=True) if held is None]
        calls = [self._given(feed, b"", left) for feed, left in zip(new, self._left([f.id for f in new]), strict=True)]
        return sum(int(done) == 1 for done in self._scripts.run_many("feed_put", calls)) if calls else 0

    def known_as(self, ids: Sequence[FeedId]) -> list[FeedId]:
        """Of ids of URLs: those of the subscriptions that they are, or have become; others as they are."""
        client: Any = self._scripts.client
        found = client.hmget(self._scripts.key("feeds:alias"), list(ids)) if ids else []
        return [FeedId(other.decode()) if other is not None else id_ for id_, other in zip(ids, found, strict=True)]

    def remove(self, feed_id: FeedId) -> bool:
        return bool(self._scripts.run("feed_remove", feed_id))

    def move(
        self, feed_id: FeedId, url: str, *, why: str, now: datetime, state: FeedState | None = None
    ) -> Feed | None:
        for _ in range(TRIES):
            raw = self._raw(feed_id)
            if raw is None:
                return None
            feed, target = codec.read_feed(raw), id_of(url)
            if feed.url == url:
                return feed
            [holder] = self.known_as([target])
            other_raw = None if holder == feed_id else self._raw(holder)
            left = (*feed.former, Former(feed.url, now, why))
            if other_raw is None:
                new = replace(feed, url=url, former=left[-MOST_FORMER:])
            else:
                new = _joined(codec.read_feed(other_raw), feed, left)
            given: list[bytes | str | int] = [
                feed_id, raw, target, holder if other_raw is not None else "", other_raw or b"",
                codec.feed_json(new), self._lane(url),
            ]  # fmt: skip
            if state is not None:
                given.append(codec.state_json(state))
            done = int(self._scripts.run("feed_move", *given))
            if done == ERASED:
                raise Refuse(Reason.ERASED, url)
            if done:
                return new
        raise RuntimeError(f"the subscription to {url} is changed all the time")

    def pause(self, feed_id: FeedId) -> bool:
        return int(self._scripts.run("feed_pause", feed_id)) == 1

    def resume(self, feed_id: FeedId) -> bool:
        found = self.get(feed_id)
        polled = _polled(found[1]) if found is not None else ""
        return bool(self._scripts.run("feed_resume", feed_id, polled))

    def decline(self, feed_id: FeedId, url: str) -> bool:
        for _ in range(TRIES):
            raw = self._raw(feed_id)
            if raw is None:
                return False
            feed = codec.read_feed(raw)
            declined = tuple(dict.fromkeys((*feed.declined, url)))[-MOST_FORMER:]
            if int(self._put(replace(feed, declined=declined), raw)) >= 0:
                return True
        raise RuntimeError(f"the subscription to {feed.url} is changed all the time")

    def poll_now(self, feed_id: FeedId) -> bool:
        """Due at once, whatever was planned. False: not subscribed, paused, gone, or on its way already."""
        return bool(self._scripts.run("feed_due", feed_id))

    def get(self, feed_id: FeedId) -> tuple[Feed, FeedState] | None:
        pipe: Any = self._scripts.client.pipeline()
        pipe.hget(self._scripts.key("feeds"), feed_id)
        pipe.hget(self._scripts.key("feeds:state"), feed_id)
        feed, state = pipe.execute()
        return (codec.read_feed(feed), _state(state)) if feed is not None else None

    def show(self, feed_id: FeedId) -> tuple[Feed, FeedState, datetime] | None:
        """One row of `all`."""
        found = self.get(feed_id)
        if found is None:
            return None
        [(next_at, paused)] = self._turns([feed_id])
        return found[0], _shown(found[1], paused), next_at

    def all(self) -> Iterator[tuple[Feed, FeedState, datetime]]:
        """A feed that is being polled, or waits for its host's turn, has the moment it was due."""
        client: Any = self._scripts.client
        key = self._scripts.key
        feeds = sorted(map(codec.read_feed, client.hvals(key("feeds"))), key=lambda feed: feed.url)
        for first in range(0, len(feeds), AT_ONCE):
            part = feeds[first : first + AT_ONCE]
            ids = [feed.id for feed in part]
            states = client.hmget(key("feeds:state"), ids)
            for feed, state, (next_at, paused) in zip(part, states, self._turns(ids), strict=True):
                yield feed, _shown(_state(state), paused), next_at

    def subscribed(self) -> Iterator[Feed]:
        """All subscriptions and nothing of their states, in no order; read in steps."""
        client: Any = self._scripts.client
        for _, feed in client.hscan_iter(self._scripts.key("feeds"), count=AT_ONCE):
            yield codec.read_feed(feed)

    def _turns(self, ids: Sequence[FeedId]) -> list[tuple[datetime, bool]]:
        """When each is polled next, and whether it is paused."""
        pipe: Any = self._scripts.client.pipeline()
        pipe.time()
        pipe.get(self._scripts.key("clock"))
        for name in ("due", "waiting", "paused"):
            pipe.zmscore(self._scripts.key(f"feeds:{name}"), ids)
        (seconds, _), set_by, due, waiting, paused = pipe.execute()
        set_by_ms = int(set_by or 0)
        turns = []
        for scores in zip(due, waiting, paused, strict=True):
            score = next((score for score in scores if score is not None), int(seconds) * 1000 - set_by_ms)
            turns.append((codec.from_ms(int(score) + set_by_ms), scores[2] is not None))
        return turns

    def _raw(self, feed_id: FeedId) -> bytes | None:
        client: Any = self._scripts.client
        raw: bytes | None = client.hget(self._scripts.key("feeds"), feed_id)
        return raw

    def _put(self, feed: Feed, expected: bytes | None, left: FeedState | None = None) -> Any:
        return self._scripts.run("feed_put", *self._given(feed, expected or b"", left))

    def _given(self, feed: Feed, expected: bytes, left: FeedState | None) -> tuple[bytes | str | int, ...]:
        row = (feed.id, self._lane(feed.url), codec.feed_json(feed), expected)
        if left is None:
            return (*row, "", ms(MOST_WAIT_S), -1)
        wait_s = AGAIN_S if left.failures else MOST_WAIT_S
        again = subscribed_again(left)
        return (*row, codec.state_json(again), ms(wait_s), _polled(again))

    def _left(self, ids: Sequence[FeedId]) -> list[FeedState | None]:
        """What subscriptions of the last 30 days have left."""
        pipe: Any = self._scripts.client.pipeline(transaction=False)
        for id_ in ids:
            pipe.hget(self._scripts.key(f"left:{id_}"), "state")
        return [codec.read_state(found) if found is not None else None for found in pipe.execute()] if ids else []

    def ask(self, claim: Claim, asked: Asked, *, rest_s: float, in_full: bool) -> Leave:
        client: Any = self._scripts.client
        line = feed_log.line_of(asked)
        code, *more = self._scripts.run("feed_ask", claim.id, claim.token, ms(rest_s), "1" if in_full else "0", line)
        if code < 0:
            return Leave(False, int(more[0]) / 1000)
        if code == 0:
            return Leave(False)
        if more[0]:
            key = self._scripts.key("feeds:log")
            log = feed_log.added(client.hget(key, claim.id), feed_log.asked_of(more[0]), self._log_polls)
            client.hset(key, claim.id, log)
        return Leave(True, again=bool(more[0]))

    def log(self, feed_id: FeedId) -> list[Asked]:
        client: Any = self._scripts.client
        found = client.hget(self._scripts.key("feeds:log"), feed_id) or client.hget(
            self._scripts.key(f"left:{feed_id}"), "log"
        )
        pending = client.hget(self._scripts.key("feeds:asked"), feed_id)
        last = [feed_log.asked_of(pending.split(b" ", 2)[2])] if pending is not None else []
        return [*feed_log.read(found), *last]

    def save(
        self,
        claim: Claim,
        state: FeedState,
        next_poll_at: datetime,
        window: Mapping[ArticleId, str] | None,
        delay_s: float | None = None,
        asked_by: str = "",
        *,
        now: datetime | None = None,
        asked: Asked | None = None,
        in_full: bool = False,
    ) -> bool:
        given: list[bytes | str | int] = ["0" if window is None else "1"]
        for id_, tag in (window or {}).items():
            given += (bytes.fromhex(id_)[:8], codec.tag_bytes(tag))
        done = self._scripts.run(
            "feed_save",
            claim.id,
            self._lanes.of(claim.host),
            claim.token,
            self._delay if delay_s is None or asked_by else ms(delay_s),
            self._lanes.of(asked_by) if asked_by else "",
            ms(delay_s or 0.0),
            codec.state_json(state),
            codec.to_ms(next_poll_at) - codec.to_ms(now or self._scripts.now()),
            _polled(state),
            self._logged(claim, asked) if asked is not None and self._log_polls else b"",
            "1" if in_full else "0",
            *given,
        )
        return bool(done)

    def _logged(self, claim: Claim, asked: Asked) -> bytes:
        client: Any = self._scripts.client
        return feed_log.added(client.hget(self._scripts.key("feeds:log"), claim.id), asked, self._log_polls)

    def _lane(self, url: str) -> str:
        return self._lanes.of(host_key(url))

    def unpolled(self, since: datetime) -> int:
        """Feeds that are gone or paused are not waited for."""
        client: Any = self._scripts.client
        return int(client.zcount(self._scripts.key("feeds:polled"), "-inf", f"({codec.to_ms(since)}"))


def _state(data: bytes | None) -> FeedState:
    return codec.read_state(data) if data is not None else FeedState()


def _shown(state: FeedState, paused: bool) -> FeedState:
    """A pause lies over where the feed stands: that is what it comes back to."""
    return replace(state, status=FeedStatus.PAUSED) if paused else state


def _polled(state: FeedState) -> int | str:
    """For `unpolled`: ms, -1 for never, "" where nobody waits for the feed."""
    if state.status in UNWATCHED:
        return ""
    return codec.to_ms(state.polled_at) if state.polled_at is not None else -1


def _kept(given: Feed, known: Feed) -> Feed:
    """A subscription given once more, perhaps under an address that it has left: where it went to stays as it is."""
    return replace(given, id=known.id, url=known.url, former=known.former, declined=known.declined)


def _joined(other: Feed, feed: Feed, left: tuple[Former, ...]) -> Feed:
    """Two subscriptions to one feed as one: what a person has said of either."""
    return replace(
        other,
        title=other.title or feed.title,
        language=other.language or feed.language,
        folder=other.folder or feed.folder,
        former=(*other.former, *left)[-MOST_FORMER:],
    )
