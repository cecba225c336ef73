"""The log of one feed's polls as bytes: newest last, bounded, small. Pure.

Lines of JSON under zstd: most polls are like the one before, and take some twenty bytes. To add one, those before need
not be read.
"""

from __future__ import annotations

from typing import Any

import zstandard

from worker.models import Answered, Asked, Reason
from worker.state import codec

MOST_BYTES = 24 << 10
"""Packed. Only a server that sends another long validator every time comes near."""
MOST_CHARS = 400
"""Of one URL, validator or detail."""
MOST_FURTHER = 6
MOST_UNPACKED = 8 << 20


def added(packed: bytes | None, asked: Asked, most: int) -> bytes:
    """The log with one more poll, cut to the newest `most`."""
    lines = [*_lines(packed), line_of(asked)][-most:]
    while len(made := _pack(lines)) > MOST_BYTES and len(lines) > 1:
        lines = lines[len(lines) // 4 + 1 :]
    return made


def read(packed: bytes | None) -> list[Asked]:
    """Oldest first."""
    return [asked_of(line) for line in _lines(packed)]


def line_of(asked: Asked) -> bytes:
    got = asked.answered
    given: list[Any] = [
        codec.to_ms(asked.at), asked.why, _cut(asked.url), _cut(asked.etag), _cut(asked.last_modified),
        [_cut(url) for url in asked.further[:MOST_FURTHER]], got.status, got.received, _cut(got.etag),
        _cut(got.last_modified), got.retry_after_s, asked.reason.value if asked.reason else None,
        _cut(asked.detail), asked.entries, asked.new, asked.took_ms,
        codec.to_ms(asked.next_at) if asked.next_at else None, asked.next_why,
    ]  # fmt: skip
    return codec.dumps(given)


def asked_of(line: bytes) -> Asked:
    at, why, url, etag, modified, further, status, received, got_etag, got_modified, retry_s, reason, *rest = (
        codec.loads(line)
    )
    detail, entries, new, took_ms, next_at, next_why = rest
    return Asked(
        at=codec.from_ms(at), why=why, url=url, etag=etag, last_modified=modified, further=tuple(further),
        answered=Answered(status, received, got_etag, got_modified, retry_s),
        reason=Reason(reason) if reason else None, detail=detail, entries=entries, new=new, took_ms=took_ms,
        next_at=codec.from_ms(next_at) if next_at is not None else None, next_why=next_why,
    )  # fmt: skip


def _lines(packed: bytes | None) -> list[bytes]:
    if not packed:
        return []
    return zstandard.ZstdDecompressor().decompress(packed, max_output_size=MOST_UNPACKED).split(b"\n")


def _pack(lines: list[bytes]) -> bytes:
    return zstandard.ZstdCompressor(level=3, write_checksum=False).compress(b"\n".join(lines))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARS else text[:MOST_CHARS] + "…"
