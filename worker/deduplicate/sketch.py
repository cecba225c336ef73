"""FracMinHash sketches of a text's shingles, and the facts in it: numbers, dates and names with their places. Pure.

A sketch keeps the shingle hashes up to a threshold `tau`, so two sketches compare as the texts themselves would, only
coarser, at the smaller of the two thresholds: containment, which survives when a copy is cut short (Irber et al. 2022,
"Lightweight compositional analysis of metagenomes with FracMinHash").

A fact is a number, a date or a capitalised word; its place is the words around it. Two texts that have
other facts at the same places are two fillings of one template. A copy that was shortened or edited has other places.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xxhash

from worker.deduplicate.parameters import (
    ANCHOR_MAX,
    ANCHOR_MIN,
    ANCHOR_SHARE,
    FACT_MAX,
    SEGMENTS,
    SHINGLE_WORDS,
    SKETCH_MAX,
    SKETCH_MIN,
    SKETCH_SHARE,
)
from worker.deduplicate.stopwords import DATE_WORDS, STOPWORDS

FULL = 0xFFFF_FFFF
NAMES_FROM = 0x8000  # places of numbers and dates are below: they come first
_KNOWN_WORDS = 50_000
# The lowest bits of a word's hash say what it is; what is left identifies it.
_STOP, _NUMBER, _NAME = np.uint64(1), np.uint64(2), np.uint64(4)
_KIND = np.uint64(7)
_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_MIX = (np.uint64(0xBF58_476D_1CE4_E5B9), np.uint64(0x94D0_49BB_1331_11EB))
_HALF = np.uint64(32)

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Sketch:
    hashes: bytes = b""
    """Ascending, 4 bytes each, big-endian."""
    tau: int = FULL
    """Every shingle hash of the text up to here is in `hashes`."""
    anchors: int = 0
    """How many of them are posted."""
    segments: bytes = b""
    """Where in the text each of the hashes stands first, in eighths: one byte (0..7) a hash."""
    facts: bytes = b""
    """Place and value, 2 bytes each, ascending by place: all facts up to the last place, or all there are when fewer
    than FACT_MAX. The places of numbers and dates have their first bit clear, so they come first."""


class _Words(dict[str, int]):
    """A word's 64-bit hash: of its folded form, three bits for its kind. Remembers the commonest."""

    def __init__(self, stopwords: frozenset[str]) -> None:
        super().__init__()
        self._stopwords = stopwords

    def __missing__(self, word: str) -> int:
        folded = word.casefold()
        value = xxhash.xxh3_64_intdigest(folded.encode("utf-8", "surrogatepass")) & ~7
        if folded in self._stopwords:
            value |= 1
        elif word[0].isdigit() or folded in DATE_WORDS:
            value |= 2
        elif word[0].isupper():
            value |= 4
        if len(self) < _KNOWN_WORDS:
            self[word] = value
        return value


_WORDS = {language: _Words(stopwords) for language, stopwords in STOPWORDS.items()}
_OTHER = _Words(frozenset())


def sketch(words: list[str], language: str) -> Sketch:
    """Of the words as written. Empty when fewer content words are left than one shingle takes."""
    known = _WORDS.get(language, _OTHER)
    hashes = np.fromiter(map(known.__getitem__, words), dtype=np.uint64, count=len(words))
    content = hashes[(hashes & _STOP) == 0] & ~_KIND
    if len(content) < SHINGLE_WORDS:
        return Sketch()
    kept, segments = _shingles(content)
    count, tau = _share(kept, SKETCH_SHARE, SKETCH_MIN, SKETCH_MAX)
    kept = kept[:count]
    anchors, _ = _share(kept, ANCHOR_SHARE, ANCHOR_MIN, ANCHOR_MAX)
    return Sketch(kept.astype(">u4").tobytes(), tau, anchors, segments[:count].tobytes(), _facts(hashes))


def _shingles(content: Hashes) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """The 32-bit hashes of all shingles, each once, ascending: a polynomial over the words' hashes, then mixed.

    And in which eighth of the text each stands first.
    """
    size = len(content) - SHINGLE_WORDS + 1
    joined = content[:size].copy()
    for offset in range(1, SHINGLE_WORDS):
        joined *= _ODD
        joined += content[offset : offset + size]
    # Hash above, place below: one sort does both. (np.unique would be three times as slow here.)
    placed = _mix(joined) >> _HALF << _HALF | np.arange(size, dtype=np.uint64)
    placed.sort()
    found = (placed >> _HALF).astype(np.uint32)
    first = np.ones(size, dtype=bool)
    np.not_equal(found[1:], found[:-1], out=first[1:])
    segments = ((placed[first] & np.uint64(FULL)) * np.uint64(SEGMENTS) // np.uint64(size)).astype(np.uint8)
    return found[first], segments


def _mix(value: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele et al. 2014)."""
    value ^= value >> np.uint64(30)
    value *= _MIX[0]
    value ^= value >> np.uint64(27)
    value *= _MIX[1]
    value ^= value >> np.uint64(31)
    return value


def _share(hashes: npt.NDArray[np.uint32], share: int, least: int, most: int) -> tuple[int, int]:
    """-> how many of the ascending hashes are kept, and the threshold up to which all are."""
    limit = FULL // share
    below = int(np.searchsorted(hashes, np.uint32(limit), "right"))
    count = min(max(below, least), most, len(hashes))
    if count == len(hashes):
        return count, FULL
    return count, limit if count == below else int(hashes[count - 1])


def _facts(hashes: Hashes) -> bytes:
    """A place is the two words before and the one after; for a name one before, as names stand beside what varies."""
    kinds = hashes & _KIND
    found = np.flatnonzero(kinds[2:-1] >= _NUMBER) + 2
    if not len(found):
        return b""
    around = np.where(kinds == _NUMBER, _ODD, hashes)  # a number beside a number: its value is no place
    is_number = kinds[found] == _NUMBER
    place = around[found - 2] * is_number
    place += around[found - 1] * _ODD
    place *= _MIX[0]
    place += around[found + 1]
    place ^= place >> _HALF
    place *= _MIX[1]
    place >>= np.uint64(49)
    place[~is_number] |= np.uint64(NAMES_FROM)
    pairs = place << np.uint64(16) | hashes[found] >> np.uint64(48)
    pairs.sort()
    # The same place twice ("vs", "cts") says nothing: which is which depends on what was cut.
    place = pairs >> np.uint64(16)
    same = place[1:] == place[:-1]
    single = np.ones(len(place), dtype=bool)
    single[1:] &= ~same
    single[:-1] &= ~same
    facts: bytes = pairs[single][:FACT_MAX].astype(">u4").tobytes()
    return facts
