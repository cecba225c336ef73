"""What is remembered of a text to tell whether another address shows the same one: 41 bytes at most. Pure.

Two pages that claim to be one article are mostly equal but for furniture, and otherwise have nothing in common; so the
smallest hashes of the sketch are enough to tell. `_link.lua` compares.
"""

from __future__ import annotations

import re

import xxhash

from worker.models import Fingerprint

HASHES = 11
HASH_BYTES = 3
"""The upper bytes of each: eleven of sixteen million values are not met twice by chance."""
_HASH_IN_SKETCH = 4
_WORDS = re.compile(r"\w+")
NONE = b"\0\0\0\0"


def evidence(title: str, fingerprint: Fingerprint) -> bytes:
    """Title (4 bytes), equal text (4), then the smallest hashes of its shingles; empty for a text without any."""
    if fingerprint.exact is None and not fingerprint.hashes:
        return b""
    words = " ".join(_WORDS.findall(title.casefold()))
    headline = xxhash.xxh32_digest(words.encode("utf-8", "surrogatepass")) if words else NONE
    exact = fingerprint.exact[:4] if fingerprint.exact else NONE
    found = fingerprint.hashes[: HASHES * _HASH_IN_SKETCH]
    hashes = b"".join(found[at : at + HASH_BYTES] for at in range(0, len(found), _HASH_IN_SKETCH))
    return headline + exact + hashes
