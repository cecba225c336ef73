from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from worker.deduplicate.stopwords import DATE_WORDS, STOPWORDS
from worker.deduplicate.tokens import normal, words

LATIN = st.text(alphabet=st.characters(min_codepoint=0, max_codepoint=0x24F), max_size=200)


@given(st.one_of(LATIN, st.text(max_size=200)))
def test_the_quick_way_gives_the_words_of_the_whole_way(text: str) -> None:
    assert words(text)[1] == " ".join(re.findall(r"\w+", normal(text)))


@given(LATIN)
def test_as_many_words_as_written_in_latin(text: str) -> None:
    written, folded = words(unicodedata.normalize("NFC", text))
    if folded.isascii():
        assert len(written) == len(folded.split())


@given(st.text(max_size=200))
def test_case_and_form_do_not_count(text: str) -> None:
    folded = words(text)[1]
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert words(unicodedata.normalize(form, text))[1] == words(text)[1] == folded


def test_word_lists_are_folded_and_of_like_size() -> None:
    assert set(STOPWORDS) == {"de", "en", "fr", "it", "es", "pt", "nl"}
    for language, listed in STOPWORDS.items():
        assert 50 <= len(listed) <= 90, (language, len(listed))
        assert all(word == normal(word) and len(words(word)[0]) == 1 for word in listed)
    assert all(word == normal(word) for word in DATE_WORDS)
    assert not DATE_WORDS & frozenset().union(*(STOPWORDS[language] for language in ("de", "en", "it", "nl")))
