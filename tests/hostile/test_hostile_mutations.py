"""Pages that were cut, mixed up, wrongly encoded or filled with odd elements: an answer each, soon, and no error."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.hostile.mutations import MUTATIONS
from worker.extract import page
from worker.extract.values import extracted_from_json, extracted_to_json

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PAGES = sorted((Path(__file__).parents[1] / "fixtures" / "pages").glob("*.html"))
TYPES = ("text/html", "text/html; charset=utf-8", "", "text/html; charset=x-none", "text/html; charset=utf-16")
ENOUGH_S = 20.0
"""Far more than all pages of one mutation take: a path that is not linear takes minutes."""


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_is_answered(name: str) -> None:
    began = time.process_time()
    for path in PAGES:
        rng = random.Random(f"{name} {path.name}")
        body = MUTATIONS[name](path.read_bytes(), rng)
        found = page.extract(body, content_type=rng.choice(TYPES), url="https://www.talbote.ch/region/1", now=NOW)
        assert extracted_from_json(extracted_to_json(found)) == found
        assert found.reason or found.title or found.body
        assert 0 <= found.quality <= 1
    assert time.process_time() - began < ENOUGH_S


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("without_some_tags", 0.8), ("without_closing_tags", 0.9), ("repeated", 0.9), ("flipped", 0.9),
        ("odd_elements", 0.6),  # by the standard, some of them make all that follows disappear
    ],
)  # fmt: skip
def test_most_texts_are_still_found(name: str, share: float) -> None:
    """In how many of the mutations of pages with a text half of it and more is found."""
    kept = whole = 0
    for path in PAGES:
        body = path.read_bytes()
        text = page.extract(body, url="https://www.talbote.ch/region/1", min_words=0, now=NOW).body
        if len(text) < 800:
            continue
        for turn in range(3):
            changed = MUTATIONS[name](body, random.Random(f"{name} {turn} {path.name}"))
            found = page.extract(changed, url="https://www.talbote.ch/region/1", min_words=0, now=NOW).body
            whole += 1
            kept += len(found) >= len(text) / 2
    assert kept >= share * whole, f"{kept} of {whole}"
