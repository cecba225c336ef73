"""Word diffs: whole, in order, and bounded in time for texts made to be slow."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.timeline.words import MOST_WORDS, Change, Piece, change, compare, words_of

WORDS = st.lists(st.sampled_from(["a", "b", "c", "the", "harbour", "New,", "new"]), max_size=60)


def texts(pieces: list[Piece], *kinds: str) -> list[str]:
    return [word for piece in pieces if piece.kind in kinds for word in piece.words]


@given(WORDS, WORDS)
def test_the_pieces_are_both_texts(old: list[str], new: list[str]) -> None:
    pieces = compare(old, new)
    assert texts(pieces, "same", "added") == new
    kept = [word.strip(",").lower() for word in texts(pieces, "same", "dropped")]
    assert kept == [word.strip(",").lower() for word in old]
    assert all(one.kind != other.kind for one, other in pairwise(pieces))
    assert all(piece.words for piece in pieces)


@given(WORDS)
def test_a_text_is_the_same_as_itself(words: list[str]) -> None:
    assert compare(words, words) == ([Piece("same", tuple(words))] if words else [])


def test_an_edited_sentence() -> None:
    old = words_of("The council voted on Tuesday for the new harbour. It will open in May.")
    new = words_of("The council voted on Monday for the harbour. The harbour will open in May.")
    assert compare(old, new) == [
        Piece("same", ("The", "council", "voted", "on")),
        Piece("dropped", ("Tuesday",)),
        Piece("added", ("Monday",)),
        Piece("same", ("for", "the")),
        Piece("dropped", ("new",)),
        Piece("same", ("harbour.",)),
        Piece("dropped", ("It",)),
        Piece("added", ("The", "harbour")),
        Piece("same", ("will", "open", "in", "May.")),
    ]
    assert change(compare(old, new)) == Change(kept=11, added=3, dropped=3)


def test_a_long_text_with_another_beginning_and_a_paragraph_less() -> None:
    rng = random.Random(3)
    old = [f"word{rng.randrange(800)}" for _ in range(3000)]
    new = [f"lead{number}" for number in range(40)] + old[60:1200] + old[1500:]
    pieces = compare(old, new)
    found = change(pieces)
    assert (found.kept, found.added, found.dropped) == (2640, 40, 360)
    assert found.kept_share == pytest.approx(0.88)


def test_nothing_and_something() -> None:
    assert compare([], ["a"]) == [Piece("added", ("a",))]
    assert compare(["a"], []) == [Piece("dropped", ("a",))]
    assert change([]) == Change(0, 0, 0)
    assert (Change(0, 0, 0).kept_share, Change(0, 0, 0).added_share) == (0.0, 0.0)


def test_a_text_is_cut_at_the_limit() -> None:
    assert len(words_of("a " * (MOST_WORDS + 50))) == MOST_WORDS


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["a"] * MOST_WORDS, ["b", *["a"] * MOST_WORDS]),
        (["a", "b"] * (MOST_WORDS // 2), ["b", "b", "a"] * (MOST_WORDS // 3)),
        ([str(number % 7) for number in range(MOST_WORDS)], [str(number % 11) for number in range(MOST_WORDS)]),
        ([str(number) for number in range(MOST_WORDS)], [str(number) for number in range(MOST_WORDS, 0, -1)]),
        (
            [str(number * 7919 % 9973) for number in range(MOST_WORDS)],
            [str(number * 104729 % 9973) for number in range(MOST_WORDS)],
        ),
    ],
    ids=["one word", "two words", "periods", "backwards", "shuffled"],
)
def test_no_text_is_slow(old: list[str], new: list[str]) -> None:
    """Half a second; a table of all pairs of words would take minutes."""
    assert texts(compare(old, new), "same", "added") == new[:MOST_WORDS]
