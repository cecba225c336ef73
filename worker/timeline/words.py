"""What one text has that another has not, word by word. Pure; bounded for any two texts.

Texts are strangers': the usual algorithms take quadratic time and more on words that repeat. Here anchors come first:
sequences of words that stand once in each text, in the same order (the idea of Bram Cohen's patience diff). What lies
between two anchors is compared exactly where it is small, and is otherwise one dropped and one added piece.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["same", "dropped", "added"]

MOST_WORDS = 20_000
"""Of each text; the longest articles have half of it."""
EXACT_CELLS = 10_000
"""A gap of so many pairs of words (a hundred by a hundred) is compared exactly: a millisecond."""
MOST_ROUNDS = 8
"""How often a gap is searched for further anchors: each round reads both texts once at most."""
ANCHOR_WORDS = (4, 2, 1)
"""Long anchors are surer; single words are tried where nothing longer is left."""

_WORD = re.compile(r"\S+")
_EDGES = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Kind
    words: tuple[str, ...]
    """As written; of `same` as the new text has them."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a text came out of another one, in words."""

    kept: int
    added: int
    dropped: int

    @property
    def kept_share(self) -> float:
        """Of the words of the old text, 0..1."""
        return self.kept / max(1, self.kept + self.dropped)

    @property
    def added_share(self) -> float:
        """Of the words of the new text, 0..1."""
        return self.added / max(1, self.kept + self.added)


def words_of(text: str) -> list[str]:
    """At most MOST_WORDS of them, with their punctuation."""
    found: list[str] = []
    for match in _WORD.finditer(text):
        if len(found) == MOST_WORDS:
            break
        found.append(match.group())
    return found


def compare(old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    """The pieces in reading order; case and punctuation at the edges of words do not count.

    `same` and `dropped` together are the old text, `same` and `added` the new one. Two neighbours differ in kind.
    """
    old, new = old[:MOST_WORDS], new[:MOST_WORDS]
    pairs = _pairs([_key(word) for word in old], [_key(word) for word in new])
    pieces: list[Piece] = []
    at_old = at_new = 0
    for first_old, first_new, length in (*pairs, (len(old), len(new), 0)):
        for kind, words in (
            ("dropped", old[at_old:first_old]),
            ("added", new[at_new:first_new]),
            ("same", new[first_new : first_new + length]),
        ):
            if words:
                pieces.append(Piece(kind, tuple(words)))  # type: ignore[arg-type]
        at_old, at_new = first_old + length, first_new + length
    return pieces


def change(pieces: Sequence[Piece]) -> Change:
    sums = {
        kind: sum(len(piece.words) for piece in pieces if piece.kind == kind) for kind in ("same", "added", "dropped")
    }
    return Change(sums["same"], sums["added"], sums["dropped"])


def _key(word: str) -> str:
    return (_EDGES.sub("", word) or word).casefold()


_Run = tuple[int, int, int]
"""Where it begins in the old and in the new text, and how long it is."""


def _pairs(old: list[str], new: list[str]) -> list[_Run]:
    """Equal runs in order, touching ones as one."""
    runs = sorted(_runs(old, new))
    joined: list[_Run] = []
    for run in runs:
        if joined and (last := joined[-1])[0] + last[2] == run[0] and last[1] + last[2] == run[1]:
            joined[-1] = (last[0], last[1], last[2] + run[2])
        else:
            joined.append(run)
    return joined


def _runs(old: list[str], new: list[str]) -> Iterator[_Run]:
    gaps = [(0, len(old), 0, len(new), 0)]
    while gaps:
        low_old, high_old, low_new, high_new, rounds = gaps.pop()
        head = _common(old, new, low_old, low_new, min(high_old - low_old, high_new - low_new))
        if head:
            yield low_old, low_new, head
            low_old, low_new = low_old + head, low_new + head
        tail = _common_end(old, new, high_old, high_new, min(high_old - low_old, high_new - low_new))
        if tail:
            high_old, high_new = high_old - tail, high_new - tail
            yield high_old, high_new, tail
        if low_old == high_old or low_new == high_new:
            continue
        if (high_old - low_old) * (high_new - low_new) <= EXACT_CELLS:
            yield from _exact(old, new, low_old, high_old, low_new, high_new)
            continue
        if rounds == MOST_ROUNDS:
            continue
        anchors = _anchors(old, new, low_old, high_old, low_new, high_new)
        for (at_old, at_new), (next_old, next_new) in zip(
            [(low_old, low_new), *anchors], [*anchors, (high_old, high_new)], strict=True
        ):
            if anchors:  # the anchor itself is the common beginning of the gap that starts at it
                gaps.append((at_old, next_old, at_new, next_new, rounds + 1))


def _common(old: list[str], new: list[str], at_old: int, at_new: int, most: int) -> int:
    length = 0
    while length < most and old[at_old + length] == new[at_new + length]:
        length += 1
    return length


def _common_end(old: list[str], new: list[str], end_old: int, end_new: int, most: int) -> int:
    length = 0
    while length < most and old[end_old - 1 - length] == new[end_new - 1 - length]:
        length += 1
    return length


def _anchors(
    old: list[str], new: list[str], low_old: int, high_old: int, low_new: int, high_new: int
) -> list[tuple[int, int]]:
    """Starts of sequences that stand once in each range, as many as keep their order."""
    for size in ANCHOR_WORDS:
        in_old, in_new = _once(old, low_old, high_old, size), _once(new, low_new, high_new, size)
        found = sorted((at, in_new[words]) for words, at in in_old.items() if words in in_new)
        if found:
            return _rising(found)
    return []


def _once(words: list[str], low: int, high: int, size: int) -> dict[tuple[str, ...], int]:
    seen: dict[tuple[str, ...], int] = {}
    for at in range(low, high - size + 1):
        sequence = tuple(words[at : at + size])
        seen[sequence] = -1 if sequence in seen else at
    return {sequence: at for sequence, at in seen.items() if at >= 0}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second numbers rise as the first do."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for number, (_, at) in enumerate(pairs):
        place = bisect_left(ends, at)
        if place == len(ends):
            ends.append(at)
            places.append(number)
        else:
            ends[place], places[place] = at, number
        before.append(places[place - 1] if place else -1)
    chain = []
    number = places[-1] if places else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _exact(old: list[str], new: list[str], low_old: int, high_old: int, low_new: int, high_new: int) -> Iterator[_Run]:
    """The longest common subsequence by the textbook's table."""
    rows, columns = high_old - low_old, high_new - low_new
    table = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        below, here, word = table[row + 1], table[row], old[low_old + row]
        for column in range(columns - 1, -1, -1):
            if word == new[low_new + column]:
                here[column] = below[column + 1] + 1
            else:
                here[column] = max(below[column], here[column + 1])
    row = column = 0
    while row < rows and column < columns:
        if old[low_old + row] == new[low_new + column]:
            yield low_old + row, low_new + column, 1
            row, column = row + 1, column + 1
        elif table[row + 1][column] >= table[row][column + 1]:
            row += 1
        else:
            column += 1
