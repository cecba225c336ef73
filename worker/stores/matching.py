"""Where a word, phrase or prefix stands in an analysed text, by the rule both indexes keep. Pure.

A text matches when it does so in its folded terms, or in the stems of its own language; never half and half.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from worker.query.ast import And, Node, Or, Phrase, Prefix, TextField, Word
from worker.stores.analysis import fold_word, spans
from worker.stores.words import Token, tokens

Leaf = Word | Phrase | Prefix


class Terms:
    """A text's words as written and in the chain of its language (one of ANALYSES, or empty)."""

    def __init__(self, written: Sequence[Token], analysis: str) -> None:
        self.analysis = analysis
        self.folded = [fold_word(token.text) for token in written]
        self.spans = spans(written, analysis) if analysis else []
        self.terms = [span.text for span in self.spans]

    def positions(self, leaf: Leaf) -> list[int]:
        """Every token that takes part in a match of `leaf`, by its position; sorted, empty when there is none."""
        asked = list(tokens(leaf.text))
        if not asked:
            return []
        folded = [fold_word(token.text) for token in asked]
        if isinstance(leaf, Prefix):
            return _runs(self.folded, folded, last_is_prefix=True)
        slop = leaf.slop if isinstance(leaf, Phrase) else 0
        found = _find(self.folded, folded, slop)
        if self.analysis:
            for term in _find(self.terms, [span.text for span in spans(asked, self.analysis)], slop):
                found.update(range(self.spans[term].first, self.spans[term].last + 1))
        return sorted(found)


def leaves(node: Node, field: TextField) -> list[Leaf]:
    """The text parts of a query that ask for something in `field`; what is negated asks for nothing."""
    if isinstance(node, And | Or):
        return [leaf for item in node.items for leaf in leaves(item, field)]
    if isinstance(node, Word | Phrase | Prefix) and node.field in (None, field):
        return [node]
    return []


def _find(text: Sequence[str], asked: Sequence[str], slop: int) -> set[int]:
    return _sloppy(text, asked, slop) if slop and len(asked) > 1 else set(_runs(text, asked))


def _runs(text: Sequence[str], asked: Sequence[str], *, last_is_prefix: bool = False) -> list[int]:
    size, found = len(asked), set[int]()
    head, last = list(asked[:-1]), asked[-1]
    for start in range(len(text) - size + 1):
        end = text[start + size - 1]
        if (end.startswith(last) if last_is_prefix else end == last) and list(text[start : start + size - 1]) == head:
            found.update(range(start, start + size))
    return sorted(found)


def _sloppy(text: Sequence[str], asked: Sequence[str], slop: int) -> set[int]:
    """Lucene's sloppy phrase: the words, each moved back by its place in the phrase, lie within `slop` of each other.

    A word that the phrase has twice needs two places in the text.
    """
    places: dict[str, list[int]] = {term: [] for term in asked}
    for position, term in enumerate(text):
        if term in places:
            places[term].append(position)
    shifted = [[position - index for position in places[term]] for index, term in enumerate(asked)]
    if not all(shifted):
        return set()
    found: set[int] = set()
    for lowest in sorted({value for values in shifted for value in values}):
        choices = [
            [value + index for value in values[bisect_left(values, lowest) : bisect_left(values, lowest + slop + 1)]]
            for index, values in enumerate(shifted)
        ]
        if all(choices) and (len(places) == len(asked) or _all_differ(choices)):
            found.update(position for positions in choices for position in positions)
    return found


def _all_differ(choices: Sequence[Sequence[int]]) -> bool:
    """Can every word get a position of its own? (Kuhn's bipartite matching, iterative in the words.)"""
    owner: dict[int, int] = {}

    def place(word: int, tried: set[int]) -> bool:
        for position in choices[word]:
            if position not in tried:
                tried.add(position)
                if position not in owner or place(owner[position], tried):
                    owner[position] = word
                    return True
        return False

    return all(place(word, set()) for word in range(len(choices)))
