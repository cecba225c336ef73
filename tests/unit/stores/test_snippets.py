"""Snippets: the best window, its marks, its bounds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.articles import make_article
from worker.query.ast import And, Node, Or, Phrase, Prefix, Word
from worker.stores.snippets import CLOSE, OPEN, WORDS, snippet


def cut(body: str, query: Node, summary: str = "", language: str = "en") -> str:
    return snippet(make_article(title="title", summary=summary, body=body, language=language), query)


def filler(count: int) -> str:
    return " ".join(f"w{number}" for number in range(count)) + " "


def test_a_short_text_is_shown_whole() -> None:
    assert cut("One  apple,\n\n(two pears).", Word("pear")) == "One apple, (two \x01pears\x02)."


def test_the_window_with_most_parts_of_the_query_wins_over_the_first() -> None:
    body = filler(60) + "apple apple " + filler(60) + "apple pear " + filler(60)
    shown = cut(body, And((Word("apple"), Word("pear"))))
    assert "\x01apple\x02 \x01pear\x02" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown.strip("… ").split()) == WORDS


def test_the_beginning_when_only_the_title_matches() -> None:
    assert cut(filler(60), Word("title")).split() == [*filler(WORDS).split(), "…"]


def test_the_end_of_a_text_fills_the_window_backwards() -> None:
    shown = cut(filler(100) + "apple", Word("apple"))
    assert shown.endswith("w99 \x01apple\x02")
    assert len(shown.split()) == WORDS + 1


def test_a_phrase_marks_only_its_own_words() -> None:
    assert cut("red apple, green pear, red pear", Phrase("red pear")) == (
        "red apple, green pear, \x01red\x02 \x01pear\x02"
    )


def test_a_text_without_spaces_stays_short() -> None:
    shown = cut("x" * 20_000 + " apple " + "y" * 20_000, Word("apple"))
    assert "\x01apple\x02" in shown
    assert len(shown) < 800


def test_no_text_no_snippet() -> None:
    assert cut("", Word("apple")) == ""
    assert cut("...", Word("apple"), summary="") == ""


@given(
    st.text(alphabet="ab \n.,\x01\x02é東😀-'", max_size=300),
    st.sampled_from([Word("a"), Phrase("a b", None, 2), Prefix("b"), Or((Word("東"), Word("é")))]),
)
@settings(max_examples=200, deadline=None)
def test_marks_always_pair_and_nothing_is_invented(body: str, query: Node) -> None:
    shown = cut(body, query)
    depth = 0
    for character in shown:
        depth += (character == OPEN) - (character == CLOSE)
        assert depth in (0, 1)
    assert depth == 0
    plain = shown.replace(OPEN, "").replace(CLOSE, "").strip("… ")
    whole = " ".join(body.replace(OPEN, " ").replace(CLOSE, " ").split())
    assert plain in whole
