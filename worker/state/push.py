"""The ports `Pushes` (what polls need of WebSub) and `Subscriptions` (what the subscriber keeps), in Redis.

Bounded by the feeds that name hubs: a record of at most some kB each, and one more while a hub is being left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worker.models import FeedId, Pushed, Standing, Subscription, Wish
from worker.state import codec
from worker.state.scripts import Scripts, ms, text

TAKE_LEASE_S = 300.0
"""A subscription that a subscriber has in hand is seen by no other for so long."""


class RedisPushes:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def look(self, feed_id: FeedId) -> Pushed:
        pipe: Any = self._scripts.client.pipeline(transaction=False)
        pipe.hget(self._scripts.key("websub:until"), feed_id)
        pipe.hget(self._scripts.key("websub:pinged"), feed_id)
        until, ping = pipe.execute()
        return Pushed(None if until is None else codec.from_ms(int(until)), "" if ping is None else text(ping))

    def polled(self, feed_id: FeedId, *, hubs: Sequence[str], topic: str, wait_s: float, answered: str) -> bool:
        wish = "\n".join((topic, *hubs)) if hubs and topic else ""
        return bool(self._scripts.run("push_polled", feed_id, wish, ms(wait_s), answered))

    def ping(self, feed_id: FeedId) -> bool:
        return bool(self._scripts.run("push_ping", feed_id))


class RedisSubscriptions:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def changed(self, limit: int) -> list[Wish]:
        client: Any = self._scripts.client
        ids = [FeedId(text(each)) for each in client.srandmember(self._scripts.key("websub:changed"), limit)]
        return self.wishes(ids)

    def wishes(self, ids: Sequence[FeedId]) -> list[Wish]:
        if not ids:
            return []
        client: Any = self._scripts.client
        key = self._scripts.key
        wanted = client.hmget(key("websub:wanted"), ids)
        tokens = client.hmget(key("websub:current"), ids)
        return [
            Wish(id_, *_wish(wish), self.get(text(token)) if token else None)
            for id_, wish, token in zip(ids, wanted, tokens, strict=True)
        ]

    def settled(self, wish: Wish) -> None:
        """Nothing is left to be done for it, unless it changed again meanwhile."""
        client: Any = self._scripts.client
        client.srem(self._scripts.key("websub:changed"), wish.feed_id)
        if _wish(client.hget(self._scripts.key("websub:wanted"), wish.feed_id)) != (wish.topic, wish.hubs):
            client.sadd(self._scripts.key("websub:changed"), wish.feed_id)

    def due(self, limit: int) -> list[Subscription]:
        found = self._scripts.run("push_take", limit, ms(TAKE_LEASE_S))
        return [_read(record) for record in found]

    def get(self, token: str) -> Subscription | None:
        client: Any = self._scripts.client
        record = client.hget(self._scripts.key("websub:records"), token)
        return None if record is None else _read(record)

    def of_feed(self, feed_id: FeedId) -> Subscription | None:
        client: Any = self._scripts.client
        token = client.hget(self._scripts.key("websub:current"), feed_id)
        return None if token is None else self.get(text(token))

    def put(self, old: Subscription | None, new: Subscription | None) -> bool:
        """Replace `old` (None: there is none yet) by `new` (None: it is over). False: somebody else was quicker."""
        given = new or old
        assert given is not None
        own = new is not None and new.standing is not Standing.LEAVING
        until = new.until if new is not None else None
        done = self._scripts.run(
            "push_put",
            given.token,
            given.feed_id,
            b"" if old is None else _write(old),
            b"" if new is None else _write(new),
            codec.to_ms(given.due_at),
            "" if until is None else codec.to_ms(until),
            "1" if own else "0",
        )
        return bool(done)

    def count(self) -> int:
        client: Any = self._scripts.client
        return int(client.hlen(self._scripts.key("websub:records")))


def _wish(raw: bytes | None) -> tuple[str, tuple[str, ...]]:
    topic, *hubs = text(raw).split("\n") if raw else [""]
    return topic, tuple(hubs)


def _write(it: Subscription) -> bytes:
    times = [None if at is None else codec.to_ms(at) for at in (it.made_at, it.due_at, it.until, it.asked_at)]
    words = [it.token, it.feed_id, it.hub, it.hubs, it.topic, it.secret, it.standing.value, it.tries, it.detail]
    return codec.dumps([*words, *times])


def _read(record: bytes) -> Subscription:
    *words, made_at, due_at, until, asked_at = codec.loads(record)
    token, feed_id, hub, hubs, topic, secret, standing, tries, detail = words
    return Subscription(
        token=token,
        feed_id=FeedId(feed_id),
        hub=hub,
        hubs=tuple(hubs),
        topic=topic,
        secret=secret,
        made_at=codec.from_ms(made_at),
        due_at=codec.from_ms(due_at),
        standing=Standing(standing),
        until=None if until is None else codec.from_ms(until),
        asked_at=None if asked_at is None else codec.from_ms(asked_at),
        tries=tries,
        detail=detail,
    )
