from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker import marks
from worker.deduplicate.tokens import normal

ANY = st.text(st.sampled_from("aか\u0301\u0323\uff9e\uff9f\u05b0\u0591\u064b\u3099\u0344 \n"))


def longest_run(text: str) -> int:
    longest = run = 0
    for char in unicodedata.normalize("NFKD", text):
        run = run + 1 if unicodedata.combining(char) else 0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize(
    "text", ["plain", "Zürich", "e\u0301\u0323", "\u05d1\u05bc\u05b0\u0591", "ｶﾞｷﾞ", "ฤๅ กำลังใจ", "မြန်မာ", "हिन्दी"]
)
def test_what_languages_write_stays(text: str) -> None:
    assert marks.capped(text) == text


@given(ANY)
def test_no_run_is_long_in_any_form(text: str) -> None:
    # A letter may bring marks of its own, and a mark may be two.
    assert longest_run(marks.capped(text)) <= 2 * marks.MOST + 2


def test_a_run_in_a_compatibility_form_costs_no_quadratic_time() -> None:
    """Minutes, when it was not capped."""
    assert len(normal("ka" + "\u0301\uff9e" * 250_000)) < 20
