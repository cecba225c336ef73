from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import plain


@given(raw=st.text(), limit=st.integers(1, 50))
def test_lines_are_clean_and_capped(raw: str, limit: int) -> None:
    found = plain.line(raw, limit)
    assert len(found) <= limit
    assert "\n" not in found
    assert found == found.strip()
    found.encode("utf-8")


@given(st.text())
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    assert plain.block(plain.block(raw)) == plain.block(raw)
    assert plain.line(plain.line(raw, 1000), 1000) == plain.line(raw, 1000)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("a\u202eb\u200bc\x00d\x1b[31m", "abcd[31m"),
        ("Gro\u0308ße", "Größe"),
        ("e" + "\u0301" * 1_000_000, "é" + "\u0301" * 3),
        ("\ud800x", "x"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("  two \t words ", "two words"),
    ],
)
def test_hostile_text(raw: str, wanted: str) -> None:
    assert plain.line(raw, 1000) == wanted


def test_a_cut_is_at_a_word_and_visible() -> None:
    assert plain.line("eins zwei drei vier", 12) == "eins zwei…"


def test_words() -> None:
    assert plain.words("Zwei Wörter – und 3 mehr.") == 5
    assert plain.words("今日のニュースです") >= 4
    assert plain.words("") == 0
