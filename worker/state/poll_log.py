"""The `PollLog` port: a bounded list of the last polls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from worker.models import FeedId, Poll, Reason
from worker.state import codec
from worker.state.scripts import Scripts

MOST = 20_000
"""2.5 MB: twelve minutes of the polls of a hundred thousand feeds, most of a day of those of a thousand."""


class RedisPollLog:
    def __init__(self, scripts: Scripts) -> None:
        self._client: Any = scripts.client
        self._key = scripts.key("polls:log")

    def add(self, poll: Poll) -> None:
        pipe = self._client.pipeline(transaction=False)
        pipe.rpush(self._key, _line(poll))
        pipe.ltrim(self._key, -MOST, -1)
        pipe.execute()

    def oldest(self, limit: int) -> list[Poll]:
        return [_poll(line) for line in self._client.lrange(self._key, 0, limit - 1)]

    def drop(self, polls: Sequence[Poll]) -> None:
        """By value: polls that were added, or fell out, meanwhile do not shift the rest."""
        pipe = self._client.pipeline(transaction=False)
        for poll in polls:
            pipe.lrem(self._key, 1, _line(poll))  # from the head, where they stand
        if polls:
            pipe.execute()


def _line(poll: Poll) -> bytes:
    return json.dumps(
        [
            poll.feed_id, poll.feed_url, codec.to_ms(poll.at), poll.failed, poll.reason.value,
            poll.took_ms, poll.entries, poll.offered,
        ],
        separators=(",", ":"),
    ).encode()  # fmt: skip


def _poll(line: bytes) -> Poll:
    feed_id, url, at, failed, reason, took_ms, entries, offered = json.loads(line)
    return Poll(FeedId(feed_id), url, codec.from_ms(at), failed, Reason(reason), took_ms, entries, offered)
