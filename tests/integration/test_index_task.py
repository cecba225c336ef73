"""The index task itself, on a real Valkey and SQLite: what it does besides writing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.articles import make_article, make_event
from tests.valkey import Valkey
from worker import tasks
from worker.models import State
from worker.urls import article_id
from worker.wiring import utc_now

OLD, YOUNG, NEXT = "https://example.org/old", "https://example.org/young", "https://example.org/next"


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


def test_old_events_go_once_a_day_by_themselves(process: tasks.Process, valkey: Valkey) -> None:
    aged(process, OLD, 11)
    aged(process, YOUNG, 9)
    now = utc_now()
    process.wiring.outbox.append_direct(make_event(NEXT, at=now, offered_at=now), make_article(NEXT))
    tasks.index(500)
    assert not kept(process, OLD)
    assert kept(process, YOUNG)
    assert kept(process, NEXT)

    aged(process, OLD, 11)
    tasks.index(500)
    assert kept(process, OLD), "one look a day is enough"

    [key] = valkey.client.scan_iter("{feedmill}:daily:*")
    assert 86_000 < valkey.client.ttl(key) <= 86_400
    valkey.client.delete(key)
    tasks.index(500)
    assert not kept(process, OLD)


def test_a_process_that_only_indexes_starts_no_extraction_child(process: tasks.Process) -> None:
    tasks.index(500)
    assert not process.fetches
