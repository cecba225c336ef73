from __future__ import annotations

import pytest

from tests.texts import edited, sentences, text
from worker.deduplicate.compare import containment, is_same_text
from worker.deduplicate.fingerprint import fingerprint
from worker.models import Fingerprint

LONG = sentences(1, 60)


def made(*parts: list[str]) -> Fingerprint:
    return fingerprint(text(*parts), "en")


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        (made(LONG), made(LONG), 1.0, 1.0),
        (made(LONG), made(LONG[:20]), 0.97, 1.0),
        (made(LONG[:20]), made(LONG), 0.97, 1.0),
        (made(LONG), made(LONG[:30], sentences(2, 30)), 0.4, 0.6),
        (made(LONG), made(sentences(2, 60)), 0.0, 0.02),
    ],
)
def test_containment_is_the_share_of_the_smaller_text(
    one: Fingerprint, other: Fingerprint, least: float, most: float
) -> None:
    found = containment(one, other)
    assert found is not None
    assert least <= found <= most


def test_too_little_to_compare() -> None:
    assert containment(made(LONG), Fingerprint()) is None
    assert containment(Fingerprint(), Fingerprint()) is None
    assert is_same_text(made(LONG), Fingerprint()), "in doubt the same"


def test_a_later_version_and_another_text() -> None:
    assert is_same_text(made(LONG), made(edited(LONG, 1, 6)))
    assert not is_same_text(made(LONG), made(sentences(3, 60)))
