"""Over the real script in a real Valkey: there is nothing else to decide in this stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.state import Mill
from tests.valkey import Valkey
from worker.deduplicate.stage import deduplicate
from worker.models import Assignment, Extracted, Reason
from worker.urls import article_id

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BODY = " ".join(f"Wort{number}" for number in range(40))


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def assign(mill: Mill, name: str, extracted: Extracted, content: bytes = b"c" * 16, hours: float = 0) -> Assignment:
    url = f"https://{name}.example/1"
    now = NOW + timedelta(hours=hours)
    return deduplicate(
        article_id(url), extracted, content=content, site=f"{name}.example", now=now, stories=mill.stories
    )


def test_a_copy_points_to_the_first(mill: Mill) -> None:
    first = assign(mill, "a", Extracted(body=BODY, language="de"))
    copy = assign(mill, "b", Extracted(body=BODY.upper().replace(" ", ", "), language="de"), hours=1)
    assert (first.story.is_lead, first.duplicate_of) == (True, None)
    assert copy.story.id == first.story.id
    assert copy.duplicate_of == article_id("https://a.example/1")


def test_short_or_summary_only_texts_are_never_grouped(mill: Mill) -> None:
    for name, extracted in (
        ("c", Extracted(body="Kurz und gleich.")),
        ("d", Extracted(body="Kurz und gleich.")),
        ("e", Extracted(body=BODY, fulltext=False, reason=Reason.TOO_SHORT)),
        ("f", Extracted(body=BODY)),
    ):
        assert assign(mill, name, extracted).story.is_lead


def test_repeating_a_call_repeats_its_answer(mill: Mill) -> None:
    first = assign(mill, "a", Extracted(body=BODY))
    again = assign(mill, "a", Extracted(body=BODY), hours=2)
    assert (again.story, again.revision, again.first_seen_at) == (first.story, first.revision, first.first_seen_at)
