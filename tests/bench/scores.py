"""Pairwise precision, recall and F1 of a grouping, and its adjusted Rand index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scores:
    precision: float
    recall: float
    f1: float
    ari: float

    def __str__(self) -> str:
        return f"P {self.precision:.3f}  R {self.recall:.3f}  F1 {self.f1:.3f}  ARI {self.ari:.3f}"


def scores(truth: Sequence[Hashable], found: Sequence[Hashable]) -> Scores:
    """Both name a group per document, in the same order."""
    both = sum(map(_pairs, Counter(zip(truth, found, strict=True)).values()))
    true, said = (sum(map(_pairs, Counter(groups).values())) for groups in (truth, found))
    precision, recall = both / said if said else 1.0, both / true if true else 1.0
    f1 = 2 * precision * recall / (precision + recall) if both else 0.0
    by_chance = true * said / max(1, _pairs(len(truth)))
    spread = (true + said) / 2 - by_chance
    return Scores(precision, recall, f1, (both - by_chance) / spread if spread else 1.0)


def _pairs(number: int) -> int:
    return number * (number - 1) // 2
