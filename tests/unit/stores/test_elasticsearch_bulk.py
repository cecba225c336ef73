from __future__ import annotations

import json
from typing import Any

import pytest

from worker.models import Verdict
from worker.stores.elasticsearch.bulk import action, verdict


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"status": 201}, Verdict.STORED),
        ({"status": 200}, Verdict.STORED),
        ({"status": 409, "error": {"type": "version_conflict_engine_exception"}}, Verdict.STALE),
        ({"status": 400, "error": {"type": "document_parsing_exception", "reason": "bad"}}, Verdict.REJECTED),
        ({"status": 400, "error": {"type": "illegal_argument_exception", "reason": "immense term"}}, Verdict.REJECTED),
        ({"status": 400, "error": {"type": "validation_exception", "reason": "too many shards"}}, Verdict.RETRY),
        ({"status": 400, "error": {"type": "index_closed_exception", "reason": "closed"}}, Verdict.RETRY),
        ({"status": 403, "error": {"type": "cluster_block_exception", "reason": "read-only"}}, Verdict.RETRY),
        ({"status": 404, "error": {"type": "index_not_found_exception", "reason": "none"}}, Verdict.RETRY),
        ({"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "full"}}, Verdict.RETRY),
        ({"status": 503, "error": {"type": "unavailable_shards_exception", "reason": "away"}}, Verdict.RETRY),
        ({}, Verdict.RETRY),
        ({"status": "200"}, Verdict.RETRY),
    ],
)
def test_what_each_answer_means(item: dict[str, Any], expected: Verdict) -> None:
    result = verdict(item)
    assert result.verdict is expected
    assert (result.detail == "") == (expected in (Verdict.STORED, Verdict.STALE))


def test_a_reason_carries_its_cause_in_one_short_line() -> None:
    error = {"type": "document_parsing_exception", "reason": "failed\nat", "caused_by": {"reason": "x" * 999}}
    detail = verdict({"status": 400, "error": error}).detail
    assert detail.startswith("400 document_parsing_exception: failed at (xxx")
    assert len(detail) == 300


def test_two_lines_for_each_document() -> None:
    made = action("news-articles-v1-2026.11", "a1", {"title": "Zoë\n"}, 17)
    meta, source = made.lines.split(b"\n")
    assert made.refused is None
    assert json.loads(meta) == {
        "index": {"_index": "news-articles-v1-2026.11", "_id": "a1", "version": 17, "version_type": "external_gte"}
    }
    assert json.loads(source) == {"title": "Zoë\n"}
    assert b'"version"' not in action("news-events-v1-2026.11.22", "e1", {}).lines


@pytest.mark.parametrize(
    ("id_", "source", "version"),
    [("", {}, 1), ("é" * 300, {}, 1), ("a", {}, -1), ("a", {"b": "\udc00"}, 1), ("a", {"b": float("inf")}, 1)],
)
def test_what_would_fail_the_whole_request_is_not_sent(id_: str, source: dict[str, Any], version: int) -> None:
    made = action("index", id_, source, version)
    assert made.lines == b""
    assert made.refused is not None
    assert made.refused.verdict is Verdict.REJECTED
    assert made.refused.detail
