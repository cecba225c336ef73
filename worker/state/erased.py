"""The tombstones as the scripts see them: a copy of what the index says, under which nothing erased comes in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from worker.models import ArticleId, Tombstone
from worker.state.scripts import Scripts, text

CHUNK = 5000


class RedisErased:
    """`fill` is called when a process starts, and once an hour: a Redis that was lost, or restored, is told again."""

    def __init__(self, scripts: Scripts) -> None:
        self._client: Any = scripts.client
        self._hashes = scripts.key("erased:hashes")
        self._domains = scripts.key("erased:domains")
        self._refused = scripts.key("erased:refused")

    def add(self, tombstones: Sequence[Tombstone]) -> None:
        self._change("sadd", _hashes(tombstones), _domains(tombstones))

    def remove(self, tombstones: Sequence[Tombstone]) -> None:
        self._change("srem", _hashes(tombstones), _domains(tombstones))

    def domains(self) -> set[str]:
        return {text(each) for each in self._client.smembers(self._domains)}

    def refused(self) -> list[ArticleId]:
        """What feeds offered again since it was erased, and does not count as new."""
        return [ArticleId(raw.hex()) for raw in self._client.smembers(self._refused)]

    def forget_refused(self) -> None:
        self._client.delete(self._refused)

    def fill(self, read: Callable[[], Sequence[Tombstone]]) -> int:
        """As the index has it; how many tombstones that are. What is added meanwhile stays: it is read here first."""
        hashes = set(self._client.smembers(self._hashes))
        domains = self.domains()
        found = read()
        self.add(found)
        self._change("srem", hashes - _hashes(found), domains - _domains(found))
        return len(found)

    def _change(self, command: str, hashes: set[bytes], domains: set[str]) -> None:
        for key, members in ((self._hashes, list(hashes)), (self._domains, list(domains))):
            for first in range(0, len(members), CHUNK):
                getattr(self._client, command)(key, *members[first : first + CHUNK])


def _hashes(tombstones: Sequence[Tombstone]) -> set[bytes]:
    return {bytes.fromhex(each) for tombstone in tombstones for each in tombstone.hashes}


def _domains(tombstones: Sequence[Tombstone]) -> set[str]:
    return {tombstone.domain for tombstone in tombstones if tombstone.domain}
