from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.cli.terminal import ago, as_html, count, json_line, marked, one_line, plain

HOSTILE = "\x1b[31mred\x1b]0;title\x07 \x9b2J a\u202eb \u2066c\u2069 d\rX e\x00"


def steers(text: str) -> list[str]:
    """The characters that a terminal would act on."""
    bidi = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return [
        char for char in text if (ord(char) < 32 and char not in "\n\t") or 0x7F <= ord(char) <= 0x9F or char in bidi
    ]


@given(st.text())
def test_nothing_that_is_printed_steers_a_terminal(text: str) -> None:
    assert steers(plain(text)) == []
    assert steers(one_line(text)) == []
    assert steers(marked(text, "bold").plain) == []
    assert steers(json_line({"title": text})) == []


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_gives_back_the_exact_text(text: str) -> None:
    assert json.loads(json_line({"title": text})) == {"title": text}


@given(st.text(alphabet=st.characters()))
def test_everything_can_be_encoded(text: str) -> None:
    plain(text).encode()
    json_line(text).encode()


def test_hostile_text_stays_readable() -> None:
    assert one_line(HOSTILE) == "�[31mred�]0;title� �2J ab c d�X e�"


def test_json_is_one_line_whatever_it_holds() -> None:
    assert len(json_line({"a": "x\u2028y\nz\x85"}).splitlines()) == 1


def test_harmless_direction_marks_stay() -> None:
    assert plain("שלום\u200f, world") == "שלום\u200f, world"


@pytest.mark.parametrize(
    ("text", "limit", "wanted"),
    [("  a\n\tb ", 0, "a b"), ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("a bcdef", 3, "a…")],
)
def test_one_line(text: str, limit: int, wanted: str) -> None:
    assert one_line(text, limit) == wanted


def test_a_snippet_for_programs_is_safe_html() -> None:
    assert as_html("<b>\x01Kim\x02</b> & Co") == "&lt;b&gt;<em>Kim</em>&lt;/b&gt; &amp; Co"


def test_a_snippet_for_people_shows_its_matches() -> None:
    text = marked("the \x01harbour\x02 \x1b[2J vote", "bold")
    assert text.plain == "the harbour �[2J vote"
    assert [text.plain[span.start : span.end] for span in text.spans] == ["harbour"]


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(-1, "0 s"), (0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 d"), (1e7, "115 d")],
)
def test_ago(seconds: float, wanted: str) -> None:
    assert ago(seconds) == wanted


def test_count() -> None:
    assert [count(1, "copy", "copies"), count(2, "copy", "copies"), count(1000, "feed")] == [
        "1 copy",
        "2 copies",
        "1,000 feeds",
    ]
