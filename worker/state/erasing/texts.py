"""What is remembered of articles and their texts: versions, addresses, sketches. All of it hashes; it goes as well."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import xxhash

from worker.models import Sought
from worker.state.aliases import RedisAliases
from worker.state.limits import Limits
from worker.state.scripts import Scripts, text

PORTION = 500
_HEAD = struct.Struct(">IHHBBB4s16s")
"""REP of lua/_near.lua: tau, epoch, words, hashes, anchors, facts, site, story."""
_UNIT = 32
_PROVISIONAL = 128
"""Added to the number of facts of those that a rebuild decides again."""
_ID_BYTES, _FIELD_BYTES = 16, 8


class Versions:
    """What stories know of each article, that it was seen, and the entries of feeds that it came from."""

    name = "versions"

    def __init__(self, scripts: Scripts, limits: Limits) -> None:
        self._scripts = scripts
        self._epoch_ms = limits.epoch_ms

    def held(self, sought: Sought) -> int:
        """Not counted: that it was seen, which the next refusal says again."""
        return self._run(sought, only_count=True)

    def erase(self, sought: Sought) -> int:
        known = self._run(sought, only_count=False)
        client: Any = self._scripts.client
        fields = {bytes.fromhex(id_)[:_FIELD_BYTES] for id_ in sought.ids}
        for window, rows in _hashes(client, self._scripts.key("window:*")):
            if gone := fields & rows.keys():
                client.hdel(window, *gone)
        return known

    def _run(self, sought: Sought, *, only_count: bool) -> int:
        known, ids = 0, sorted(sought.ids)
        for first in range(0, len(ids), PORTION):
            given: list[bytes] = []
            for id_ in ids[first : first + PORTION]:
                given += (bytes.fromhex(id_), bytes.fromhex(sought.stories.get(id_, "")))
            known += int(self._scripts.run("erase_article", self._epoch_ms, "1" if only_count else "0", *given))
        return known


class Links:
    """Other addresses, and which text stands at a place."""

    name = "addresses"

    def __init__(self, aliases: RedisAliases) -> None:
        self._aliases = aliases

    def held(self, sought: Sought) -> int:
        return self._aliases.forget(sought.ids, only_count=True) if sought.ids else 0

    def erase(self, sought: Sought) -> int:
        return self._aliases.forget(sought.ids) if sought.ids else 0


class Sketches:
    """Hashes of the texts, by which copies find them."""

    name = "sketches"

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._client: Any = scripts.client

    def held(self, sought: Sought) -> int:
        """Of stories that others stay in the sketches are theirs, once they are taught again."""
        kept = self._names(map(bytes.fromhex, sought.kept_stories))
        found = [*(story for *_, story in self._reps(sought)), *(story for *_, story in self._exact(sought))]
        return sum(story[:_FIELD_BYTES] not in kept for story in found)

    def erase(self, sought: Sought) -> int:
        gone = 0
        for key, at, head, size, _ in list(self._reps(sought)):
            gone += int(self._scripts.run("erase_rep", key, at, head, size))
        for bucket, field, _ in list(self._exact(sought)):
            gone += int(self._client.hdel(bucket, field))
        return gone

    def _reps(self, sought: Sought) -> Iterator[tuple[str, int, bytes, int, bytes]]:
        """Key (without the prefix), offset, first bytes, size, story."""
        stories = self._names(_stories(sought))
        sites = {xxhash.xxh32_digest(site.encode("utf-8", "surrogatepass")) for site in sought.sites}
        if not stories:
            return
        for key in self._client.scan_iter(self._scripts.key("near:*:reps:*"), count=PORTION):
            data = self._client.get(key) or b""
            for at, site, story, size in _reps_in(data):
                if site in sites and story[:_FIELD_BYTES] in stories:
                    yield text(key).removeprefix(self._scripts.base), at, data[at : at + _HEAD.size], size, story

    def _exact(self, sought: Sought) -> Iterator[tuple[bytes, bytes, bytes]]:
        stories = self._names(_stories(sought))
        if not stories:
            return
        for key, rows in _hashes(self._client, self._scripts.key("exact:*")):
            for field, value in rows.items():
                if value[:_FIELD_BYTES] in stories:
                    yield key, field, value[:_ID_BYTES]

    def _names(self, stories: Iterable[bytes]) -> set[bytes]:
        """The beginnings of these stories' ids, and of those that were merged into them."""
        names = {story[:_FIELD_BYTES] for story in stories}
        merged = [
            (field, value[:_FIELD_BYTES])
            for _, rows in _hashes(self._client, self._scripts.key("alias:*"))
            for field, value in rows.items()
        ]
        while more := {younger for younger, older in merged if older in names} - names:
            names |= more
        return names


def _stories(sought: Sought) -> set[bytes]:
    """Also those that an article names without being a document."""
    return {bytes.fromhex(story) for story in (*sought.stories.values(), *sought.ids)}


def _reps_in(data: bytes) -> Iterator[tuple[int, bytes, bytes, int]]:
    at = 0
    while at + _HEAD.size <= len(data):
        _, _, _, hashes, anchors, facts, site, story = _HEAD.unpack_from(data, at)
        facts %= _PROVISIONAL
        if not hashes:
            at += _UNIT
            continue
        size = _HEAD.size + hashes * 3 + facts * 4 + (hashes + 1) // 2 + anchors
        yield at, site, story, size
        at += -(-size // _UNIT) * _UNIT


def _hashes(client: Any, pattern: str) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    keys = client.scan_iter(pattern, count=PORTION)
    while part := list(islice(keys, PORTION)):
        pipe = client.pipeline(transaction=False)
        for key in part:
            pipe.hgetall(key)
        yield from zip(part, pipe.execute(), strict=True)
