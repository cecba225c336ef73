from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from worker.deduplicate.fingerprint import fingerprint
from worker.deduplicate.parameters import MIN_TOKENS

WORD = st.text(alphabet=st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=12)


def exact(body: str) -> bytes | None:
    return fingerprint(body, "de").exact


BODY = st.lists(WORD, min_size=MIN_TOKENS, max_size=60)


@given(words=BODY, joiner=st.sampled_from([" ", "  \n\n", ", ", " – ", ". ", "\t«"]))
def test_spacing_and_punctuation_do_not_count(words: list[str], joiner: str) -> None:
    assert exact(joiner.join(words)) == exact(" ".join(words))


@given(BODY)
def test_case_and_unicode_form_do_not_count(words: list[str]) -> None:
    body = " ".join(words)
    wanted = exact(body)
    assert wanted is not None
    assert len(wanted) == 16
    assert exact(unicodedata.normalize("NFD", body)) == wanted
    assert exact(unicodedata.normalize("NFKC", body)) == wanted
    assert exact(body.casefold()) == wanted


@given(words=BODY, index=st.integers(0, MIN_TOKENS - 1), other=WORD)
def test_another_word_is_another_text(words: list[str], index: int, other: str) -> None:
    changed = [*words[:index], other, *words[index + 1 :]]
    fold = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", other).casefold())
    was = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words[index]).casefold())
    assume(fold != was)
    assert exact(" ".join(changed)) != exact(" ".join(words))


@given(st.text(max_size=400))
def test_never_raises(body: str) -> None:
    found = exact(body)
    assert found is None or len(found) == 16


@pytest.mark.parametrize(("tokens", "is_hashed"), [(0, False), (24, False), (25, True), (26, True)])
def test_short_texts_have_none(tokens: int, is_hashed: bool) -> None:
    assert (exact("wort " * tokens) is not None) is is_hashed


def test_the_hash_is_stable_across_releases() -> None:
    """It is stored: another value would split every story that is known."""
    found = exact(" ".join(f"wort{number}" for number in range(30)))
    assert found is not None
    assert found.hex() == "09431291489f89ae9499ee8ce874f008"
