"""The `StoryLog` port: a bounded set of stories, each with the number of its last change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from worker.state.scripts import Scripts

MOST = 100_000
"""10 MB. More change only while nobody sums up; the longest waiting go, and are told of with their next change."""
_PORTION = 1000


class RedisStoryLog:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._client: Any = scripts.client
        self._key = scripts.key("stories:changed")

    def add(self, story_ids: Collection[str]) -> None:
        ids = list(story_ids)
        for first in range(0, len(ids), _PORTION):
            self._scripts.run("stories_changed", MOST, *map(bytes.fromhex, ids[first : first + _PORTION]))

    def oldest(self, limit: int) -> dict[str, int]:
        found = self._client.zrange(self._key, 0, limit - 1, withscores=True)
        return {story.hex(): int(change) for story, change in found}

    def drop(self, told: Mapping[str, int]) -> None:
        pairs = list(told.items())
        for first in range(0, len(pairs), _PORTION):
            part = pairs[first : first + _PORTION]
            self._scripts.run("stories_told", *(value for id_, n in part for value in (bytes.fromhex(id_), n)))
