"""Where words, phrases and prefixes stand in an analysed text."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.query.ast import And, Everything, Not, Or, Phrase, Prefix, Word
from worker.stores.matching import Leaf, Terms, leaves
from worker.stores.words import tokens


def places(text: str, leaf: Leaf, language: str = "") -> list[int]:
    return Terms(list(tokens(text)), language).positions(leaf)


@pytest.mark.parametrize(
    ("text", "leaf", "language", "expected"),
    [
        ("Das Haus am See", Word("haus"), "", [1]),
        ("Die Häuser am See", Word("haus"), "de", [1]),
        ("Die Häuser am See", Word("haus"), "", []),
        ("ein U-Boot taucht", Word("u-boot"), "", [1, 2]),
        ("a b a b", Phrase("a b"), "", [0, 1, 2, 3]),
        ("a b c", Phrase("c b a"), "", []),
        ("a x b", Phrase("a b", None, 1), "", [0, 2]),
        ("b a", Phrase("a b", None, 1), "", []),
        ("b a", Phrase("a b", None, 2), "", [0, 1]),
        ("a b", Phrase("a a", None, 9), "", []),
        ("a b a", Phrase("a a", None, 9), "", [0, 2]),
        ("neue Zölle", Phrase("neuer Zoll"), "de", [0, 1]),
        # stems and written words are not mixed within a phrase
        ("houses run", Phrase("house running"), "en", [0, 1]),
        ("Bundesrat und Bundestag", Prefix("bundes"), "de", [0, 2]),
        ("die neuen Bundesräte", Prefix("neuen bundes"), "", [1, 2]),
        ("running", Prefix("runs"), "en", []),
        ("text", Word("..."), "", []),
        # pairs of characters: found within a run, not across a full stop
        ("東京タワーへ", Word("タワー"), "cjk", [2]),
        ("東京タワーへ", Word("京タ"), "cjk", [1, 2]),
        ("한국어 신문", Word("한국"), "cjk", [0]),
        ("한국어 신문", Word("한국"), "", []),
        ("도쿄タワ。ー", Word("タワー"), "cjk", []),
        ("한국어신문", Phrase("한국 신문", None, 1), "cjk", []),
        ("한국어신문", Phrase("한국 신문", None, 2), "cjk", [0]),
    ],
)
def test_positions(text: str, leaf: Leaf, language: str, expected: list[int]) -> None:
    assert places(text, leaf, language) == expected


def test_leaves_are_what_a_field_is_asked_for() -> None:
    title, anywhere, hidden = Word("a", "title"), Phrase("b c"), Word("d")
    query = And((title, Or((anywhere, Everything())), Not(hidden)))
    assert leaves(query, "body") == [anywhere]
    assert leaves(query, "title") == [title, anywhere]


@given(
    st.lists(st.sampled_from("abc"), max_size=8),
    st.lists(st.sampled_from("abc"), min_size=2, max_size=4),
    st.integers(1, 6),
)
@settings(max_examples=400, deadline=None)
def test_slop_is_what_trying_every_placement_says(text: list[str], asked: list[str], slop: int) -> None:
    choices = [[position for position, word in enumerate(text) if word == term] for term in asked]
    possible = any(
        len(set(chosen)) == len(chosen)
        and max(p - i for i, p in enumerate(chosen)) - min(p - i for i, p in enumerate(chosen)) <= slop
        for chosen in product(*choices)
    )
    assert bool(places(" ".join(text), Phrase(" ".join(asked), None, slop))) == possible


def test_enough_slop_allows_any_order() -> None:
    for order in permutations("abcd"):
        assert places(" ".join(order), Phrase("a b c d", None, 6)) == [0, 1, 2, 3]
