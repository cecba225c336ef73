"""The index task itself, on a real Valkey and SQLite: what it does besides writing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.articles import make_article, make_event
from tests.valkey import Valkey
from worker import tasks
from worker.models import State
from worker.urls import article_id
from worker.wiring import utc_now

OLD, YOUNG = "https://example.org/old", "https://example.org/young"


@pytest.fixture
def process(valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tasks.Process]:
    for name in list(os.environ):
        if name.startswith("FEEDMILL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FEEDMILL_REDIS__URL", valkey.url)
    monkeypatch.setenv("FEEDMILL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FEEDMILL_INDEX__EVENT_RETENTION_DAYS", "10")
    monkeypatch.setattr(tasks, "_process", [])
    found = tasks.process()
    found.wiring.index.setup()
    yield found
    found.wiring.close()


def aged(process: tasks.Process, url: str, days: float) -> None:
    at = utc_now() - timedelta(days=days)
    process.wiring.index.write([], [make_event(url, state=State.REFUSED, at=at, offered_at=at)])


def kept(process: tasks.Process, url: str) -> bool:
    return bool(process.wiring.index.events(article_id(url)))


def test_old_events_go_once_a_day_by_the_scheduler(process: tasks.Process, valkey: Valkey) -> None:
    aged(process, OLD, 11)
    aged(process, YOUNG, 9)
    tasks.index(500)
    assert kept(process, OLD), "a worker deletes nothing"
    process.wiring.expiry().step()
    assert not kept(process, OLD)
    assert kept(process, YOUNG)

    aged(process, OLD, 11)
    process.wiring.expiry().step()
    assert kept(process, OLD), "one look a day is enough"

    [key] = [key for key in valkey.client.scan_iter("{feedmill}:daily:*") if not key.endswith(b"tombstones")]
    assert 86_000 < valkey.client.ttl(key) <= 86_400
    valkey.client.delete(key)
    process.wiring.expiry().step()
    assert not kept(process, OLD)


def test_a_document_that_is_given_up_is_told_with_article_feed_and_reason(process: tasks.Process) -> None:
    now = utc_now()
    article = make_article(YOUNG, body="half a pair: \ud83d")
    process.wiring.outbox.append_direct(make_event(YOUNG, at=now, offered_at=now), article)
    with capture_logs() as lines:
        tasks.index(500)
    [line] = [line for line in lines if line.get("article")]
    assert (line["stage"], line["event"], line["reason"]) == ("index", "failed", "index_rejected")
    assert (line["article"], line["feed"], line["url"]) == (article.id, article.feed, YOUNG)
    assert "cannot be stored" in line["detail"]


def test_a_process_that_only_indexes_starts_no_extraction_child(process: tasks.Process) -> None:
    tasks.index(500)
    assert not process.fetches
