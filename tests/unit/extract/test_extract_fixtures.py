"""Own pages in four languages and many makes, each with what must come out of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from worker.extract.page import extract, extracted_from_json, extracted_to_json, run
from worker.models import Extracted

FOLDER = Path(__file__).parents[2] / "fixtures" / "pages"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> tuple[Extracted, dict[str, Any]]:
    wanted = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    body = (FOLDER / f"{name}.html").read_bytes()
    return extract(body, content_type=wanted["content_type"], url=wanted["url"], now=NOW), wanted


def test_there_are_fixtures_of_many_makes() -> None:
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_fields(name: str) -> None:
    found, wanted = load(name)
    values = extracted_to_json(found)
    assert {field: values[field] for field in wanted["fields"]} == wanted["fields"]


@pytest.mark.parametrize("name", NAMES)
def test_body(name: str) -> None:
    found, wanted = load(name)
    if "body" in wanted:
        assert found.body == wanted["body"]
    assert found.body.startswith(wanted.get("starts", ""))
    assert found.detail.startswith(wanted.get("detail_starts", ""))
    assert not [text for text in wanted.get("absent", ()) if text in found.body]


@pytest.mark.parametrize("name", NAMES)
def test_run_gives_the_same_through_json(name: str) -> None:
    found, wanted = load(name)
    argument = {"url": wanted["url"], "content_type": wanted["content_type"], "min_words": 40, "now": NOW.isoformat()}
    answer = json.loads(json.dumps(run(argument, (FOLDER / f"{name}.html").read_bytes())))
    assert extracted_from_json(answer) == found


def test_a_refused_page_keeps_its_text_and_a_low_quality() -> None:
    found, _ = load("tiny_it")
    assert "non è più disponibile" in found.body
    assert found.quality <= 0.2
    assert not found.fulltext


def test_the_child_s_cpu_time_goes_before_ours() -> None:
    found, _ = load("semantic_de")
    assert extracted_from_json({**extracted_to_json(found), "_cpu_ms": 12.5}).cpu_ms == 12.5
