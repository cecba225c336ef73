"""Texts of robots.txt, shared by all workers; compressed, for a copy is kept 30 days."""

from __future__ import annotations

import contextlib
from typing import Any

import zstandard
from redis.exceptions import OutOfMemoryError

from worker.state.scripts import Scripts, ms

MOST_BYTES = 4 << 20


class RedisTextCache:
    """`fetch.robots.TextCache`: what was set is there until its ttl has passed."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._client: Any = scripts.client

    def get(self, key: str) -> str | None:
        found = self._client.get(self._name(key))
        if found is None:
            return None
        data = zstandard.ZstdDecompressor().decompress(found, max_output_size=MOST_BYTES)
        return data.decode("utf-8", "surrogatepass")

    def set(self, key: str, text: str, ttl_s: float) -> None:
        packed = zstandard.ZstdCompressor(level=3).compress(text.encode("utf-8", "surrogatepass"))
        with contextlib.suppress(OutOfMemoryError):  # forgetting early is allowed; a full server must let work out
            self._client.set(self._name(key), packed, px=max(1, ms(ttl_s)))

    def _name(self, key: str) -> bytes:
        return f"{self._scripts.base}text:{key}".encode("utf-8", "surrogatepass")
