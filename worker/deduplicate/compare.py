"""Two fingerprints compared as the script compares them. Pure."""

from __future__ import annotations

from bisect import bisect_right

from worker.deduplicate.parameters import RULES
from worker.models import Fingerprint

_HASH_BYTES = 4


def containment(one: Fingerprint, other: Fingerprint) -> float | None:
    """Share of the smaller text's shingles that the other has, 0..1; None where there is too little to compare."""
    if one.exact is not None and one.exact == other.exact:
        return 1.0
    limit = min(one.tau, other.tau).to_bytes(_HASH_BYTES, "big")
    ours, theirs = _up_to(one, limit), _up_to(other, limit)
    smaller = min(len(ours), len(theirs))
    if smaller < RULES.min_compared:
        return None
    return len(ours & theirs) / smaller


def is_same_text(one: Fingerprint, other: Fingerprint) -> bool:
    """Two versions of one page: a later one of the same text, or another text altogether? In doubt the same."""
    found = containment(one, other)
    return found is None or found * 1000 >= RULES.keep_revision


def _up_to(given: Fingerprint, limit: bytes) -> set[bytes]:
    hashes = [given.hashes[at : at + _HASH_BYTES] for at in range(0, len(given.hashes), _HASH_BYTES)]
    return set(hashes[: bisect_right(hashes, limit)])
