"""Pairs of real texts by their exact containment, without any sketch: what the links are judged against."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

WORD = re.compile(r"\w+")
MOST_TEXTS = 200
"""A sequence in more texts than this is a phrase of the trade; it counts, but finds no pairs."""


def near_pairs(texts: Sequence[str], least: float, words: int = 4) -> Iterator[tuple[int, int, float]]:
    """(earlier, later, share of the smaller text's `words`-word sequences that the other has), from `least` up."""
    where: dict[int, list[int]] = defaultdict(list)
    sets = [sequences(text, words) for text in texts]
    for number, grams in enumerate(sets):
        shared: Counter[int] = Counter()
        for gram in grams:
            found = where[gram]
            if len(found) < MOST_TEXTS:
                shared.update(found)
                found.append(number)
        for other, count in shared.items():
            smaller = min(len(grams), len(sets[other]))
            if count >= 0.5 * least * smaller:
                exact = len(grams & sets[other]) / smaller
                if exact >= least:
                    yield other, number, exact


def sequences(text: str, words: int) -> set[int]:
    tokens = WORD.findall(text.lower())
    return {hash(tuple(tokens[i : i + words])) for i in range(max(1, len(tokens) - words + 1))}
