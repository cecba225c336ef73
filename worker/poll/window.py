"""What two polls of one feed have in common: gaps, ids that change, links that change. Pure.

A sample of the last document is remembered, twelve bytes an entry: short hashes of its article id, of its own id, and
of its URL without the query. It is small enough for the feed's record, and a hash that is taken for another one (once
in forty million comparisons) makes at worst a gap unseen.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import xxhash

from worker.models import ArticleId, Entry

MAX_SAMPLE = 100
MIN_TO_JUDGE = 5
"""With fewer entries nothing is said about a feed's habits."""
MOST, FEW = 0.9, 0.1

_BYTES = 4


@dataclass(frozen=True, slots=True)
class Compared:
    """The document against the sample of the last one."""

    gap: bool = False
    """Nothing of the last document is in this one: entries may have come and gone unseen between the two polls."""
    unstable_ids: bool | None = None
    """The ids changed while the URLs stayed; None when it cannot be told."""
    rewritten_links: bool | None = None
    """The URLs changed while the ids stayed; None when it cannot be told."""
    known: frozenset[ArticleId] = frozenset()
    """With rewritten links: the entries that are old ones under a new query string."""


def sample(entries: Mapping[ArticleId, Entry]) -> str:
    """To be kept until the next poll: at most 1,600 characters; of more than 100 entries some, spread evenly."""
    items = list(entries.items())
    if len(items) > MAX_SAMPLE:
        items = [items[index * len(items) // MAX_SAMPLE] for index in range(MAX_SAMPLE)]
    return base64.b64encode(b"".join(b"".join(_marks(key, entry)) for key, entry in items)).decode("ascii")


def compare(last: str, entries: Mapping[ArticleId, Entry]) -> Compared:
    """`last`: what `sample` gave at the last poll, or "" when there was none."""
    old = _read(last)
    if not old or not entries:
        return Compared()
    new = {key: _marks(key, entry) for key, entry in entries.items()}
    urls, ids = {marks[0] for marks in new.values()}, {marks[1] for marks in new.values()}
    same_urls = sum(marks[0] in urls for marks in old) / len(old)
    same_ids = sum(marks[1] in ids for marks in old) / len(old)
    gap = same_urls == 0 and same_ids == 0
    if gap or len(old) < MIN_TO_JUDGE:
        return Compared(gap)
    rewritten = same_ids > MOST and same_urls < FEW
    paths = {marks[1]: marks[2] for marks in old}
    known = {key for key, marks in new.items() if paths.get(marks[1]) == marks[2]} if rewritten else set()
    return Compared(
        unstable_ids=(same_ids < FEW) if same_urls > MOST else None,
        rewritten_links=rewritten if same_ids > MOST else None,
        known=frozenset(known),
    )


def in_common(last: str, articles: Collection[ArticleId]) -> int:
    """How many of the sampled articles are among these."""
    marks = {bytes.fromhex(article)[:_BYTES] for article in articles}
    return sum(row[0] in marks for row in _read(last))


def _marks(key: ArticleId, entry: Entry) -> tuple[bytes, bytes, bytes]:
    return bytes.fromhex(key)[:_BYTES], _hash(entry.id), _hash(entry.url.partition("?")[0])


def _hash(text: str) -> bytes:
    return xxhash.xxh32_digest(text.encode("utf-8", "surrogatepass"))


def _read(last: str) -> list[tuple[bytes, bytes, bytes]]:
    try:
        data = base64.b64decode(last, validate=True)
    except (binascii.Error, ValueError):
        return []
    size = 3 * _BYTES
    rows = (data[start : start + size] for start in range(0, len(data) - size + 1, size))
    return [(row[:_BYTES], row[_BYTES : 2 * _BYTES], row[2 * _BYTES :]) for row in rows]
