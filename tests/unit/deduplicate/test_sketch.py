"""Sketches compare as the texts themselves would; facts tell two fillings of a form from two copies."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texts import sentences, text
from worker.deduplicate.fingerprint import fingerprint
from worker.deduplicate.parameters import (
    ANCHOR_MAX,
    ANCHOR_MIN,
    FACT_MAX,
    SEGMENTS,
    SHINGLE_WORDS,
    SKETCH_MAX,
    SKETCH_MIN,
    SKETCH_SHARE,
)
from worker.deduplicate.sketch import FULL, Sketch, sketch
from worker.deduplicate.stopwords import STOPWORDS
from worker.deduplicate.tokens import words
from worker.models import Fingerprint

WORD = st.text(alphabet=st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8)
NUMBERS_END = 0x8000


def hashes(found: Sketch | Fingerprint) -> list[int]:
    return [int.from_bytes(found.hashes[at : at + 4], "big") for at in range(0, len(found.hashes), 4)]


def facts(body: str, language: str = "en") -> dict[int, int]:
    found = sketch(words(body)[0], language).facts
    return {
        int.from_bytes(found[at : at + 2], "big"): int.from_bytes(found[at + 2 : at + 4], "big")
        for at in range(0, len(found), 4)
    }


def shingles(given: list[str]) -> set[tuple[str, ...]]:
    return {tuple(given[at : at + SHINGLE_WORDS]) for at in range(len(given) - SHINGLE_WORDS + 1)}


def estimate(one: Sketch, other: Sketch) -> float:
    tau = min(one.tau, other.tau)
    a, b = ({value for value in hashes(item) if value <= tau} for item in (one, other))
    return len(a & b) / min(len(a), len(b))


@given(st.lists(WORD, max_size=300), st.sampled_from(["en", "de", "xx", ""]))
def test_promises_of_a_sketch(given: list[str], language: str) -> None:
    found = sketch(given, language)
    values = hashes(found)
    assert values == sorted(set(values))
    assert len(values) <= SKETCH_MAX
    assert 0 <= found.anchors <= min(ANCHOR_MAX, len(values))
    assert len(found.segments) == len(values)
    assert set(found.segments) <= set(range(SEGMENTS))
    assert all(value <= found.tau for value in values)
    assert len(found.facts) <= 4 * FACT_MAX
    content = [word.casefold() for word in given if word.casefold() not in STOPWORDS.get(language, frozenset())]
    distinct = len(shingles(content))
    assert len(values) == distinct if distinct <= SKETCH_MIN else len(values) >= SKETCH_MIN
    assert (found.tau == FULL) == (len(values) == distinct)


@pytest.mark.parametrize("count", [100, 1_000, 20_000])
def test_size_and_threshold_go_with_the_length(count: int) -> None:
    given = [f"w{number}" for number in range(count)]
    found = sketch(given, "en")
    wanted = min(max((count - 2) / SKETCH_SHARE, SKETCH_MIN), SKETCH_MAX)
    assert len(hashes(found)) == pytest.approx(wanted, rel=0.2)
    assert len(hashes(found)) / (count - 2) == pytest.approx((found.tau + 1) / (FULL + 1), rel=0.25)
    assert found.anchors >= ANCHOR_MIN


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 1.0])
@pytest.mark.parametrize("length", [200, 600, 3000])
def test_containment_of_a_cut_copy_is_estimated_at_one(length: int, share: float) -> None:
    given = [f"w{number}" for number in range(length)]
    assert estimate(sketch(given, "en"), sketch(given[: int(length * share)], "en")) == 1.0


def test_containment_of_an_edited_copy_is_estimated_without_bias() -> None:
    rng = random.Random(3)
    errors = []
    for number in range(40):
        one = [f"w{number}x{at}" for at in range(500)]
        other = [word if rng.random() > 0.12 else f"new{number}x{at}" for at, word in enumerate(one)][:300]
        true = len(shingles(one) & shingles(other)) / len(shingles(other))
        errors.append(estimate(sketch(one, "en"), sketch(other, "en")) - true)
    assert abs(sum(errors)) / len(errors) < 0.03
    assert max(map(abs, errors)) < 0.3


def test_stopwords_case_and_punctuation_do_not_count() -> None:
    plain = sketch(words("Harbour council votes ferry budget tonight again")[0], "en")
    dressed = sketch(words("The HARBOUR council, it votes: on ferry-budget; tonight! And again…")[0], "en")
    assert plain.hashes == dressed.hashes
    assert (
        plain.hashes != sketch(words("The harbour council it votes on ferry budget tonight and again")[0], "xx").hashes
    )


def test_segments_say_where_a_shingle_stands() -> None:
    given = [f"w{number}" for number in range(80)]
    whole = dict(zip(hashes(sketch(given, "en")), sketch(given, "en").segments, strict=True))
    for eighth in range(SEGMENTS):
        part = sketch(given[eighth * 10 + 1 : eighth * 10 + 9], "en")
        assert {whole[value] for value in hashes(part)} <= {eighth - 1, eighth, eighth + 1}


@pytest.mark.parametrize(
    ("one", "other", "common", "differ"),
    [
        ("shares rose by 3.4 percent today", "shares rose by 3.5 percent today", 1, 1),
        ("shares rose by 3.4 percent today", "shares rose by 4.3 percent today", 1, 1),
        ("shares rose by 3.4 percent today", "shares rose by 3.4 percent today", 1, 0),
        ("shares rose by 3.4 percent today", "bonds lost nearly 8 points today", 0, 0),
        ("they met again on Monday in town", "they met again on Friday in town", 1, 1),
        ("ended the week on 13 March in town", "ended the week on 20 March in town", 1, 1),
        ("he lives near Basel with dogs", "he lives near Thun with dogs", 1, 1),
        ("from 1 cts vs 3 cts vs 4 cts vs 5 cts on", "from 1 cts vs 6 cts vs 7 cts vs 8 cts on", 0, 0),
    ],
)
def test_facts_at_the_same_places(one: str, other: str, common: int, differ: int) -> None:
    a, b = facts(one), facts(other)
    assert len(a.keys() & b.keys()) >= common
    assert any(a[place] != b[place] for place in a.keys() & b.keys()) is bool(differ)


def test_numbers_and_dates_come_before_names() -> None:
    body = " ".join(f"about {number} x{number} in Town{number} where" for number in range(100))
    found = facts(body)
    assert len(found) == FACT_MAX
    assert all(place < NUMBERS_END for place in found)


def test_only_letters_no_facts() -> None:
    assert facts(text(sentences(1, 20))) == {}


@given(st.text(max_size=300), st.sampled_from(["en", "de", ""]))
def test_fingerprint_of_anything(body: str, language: str) -> None:
    found = fingerprint(body, language)
    assert (found == Fingerprint()) == (found.exact is None)
    assert fingerprint(body, language) == found


def test_the_sketch_is_stable_across_releases() -> None:
    """It is stored for eight days: other values would let every story of that time be opened twice."""
    found = sketch(words("The council of Basel voted on 3.5 million for the harbour on Monday night")[0], "en")
    assert hashes(found)[:3] == [253995092, 516429122, 1280633611]
    assert found.facts.hex() == "18ffb5554c24dedb75ff7324876cd81f"
