"""`feedmill index migrate` beside a real mill at work: workers that were started before it and are never restarted."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from tests.elasticsearch_node.fixtures import wipe
from tests.elasticsearch_node.migration import edit
from tests.mill import COMMAND, Mill
from worker.demo.server import Newsroom
from worker.models import State
from worker.query.ast import Everything, Search, Word
from worker.wiring import Wiring

pytestmark = [pytest.mark.elasticsearch, pytest.mark.timeout(400)]

NAME = "it-migrate"
ARTICLES = 250


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(slow_s=0, scale=ARTICLES) as room:
        yield room


def test_workers_go_on_and_nothing_is_missed(
    newsroom: Newsroom, make_mill: Callable[..., Mill], elasticsearch_url: str, tmp_path: Path
) -> None:
    wipe(elasticsearch_url, NAME, templates=True)
    mill = make_mill(
        newsroom.feeds, FEEDMILL_INDEX__URL=elasticsearch_url, FEEDMILL_INDEX__NAME=NAME, FEEDMILL_INDEX__REPORT_S="1",
        FEEDMILL_NET__HOST_DELAY_S="1",
    )  # fmt: skip
    edited = {**mill.environment, "FEEDMILL_INDEX__TEMPLATES": str(edit(tmp_path / "templates"))}
    mill.start()
    mill.wait("some are indexed", lambda wiring: indexed(wiring) > 10, 120)
    fallen: list[tuple[int, int]] = []
    stop = threading.Event()
    reader = threading.Thread(target=watch, args=(mill, stop, fallen))
    reader.start()
    try:
        with mill.wiring() as wiring:
            before = indexed(wiring)
            said = call(edited, "index", "migrate")
            assert indexed(wiring) > before, "it was at work meanwhile, or this test shows little"
        mill.wait("all offered and done", settled, 240)
    finally:
        stop.set()
        reader.join(30)
    assert not fallen, "a search found fewer documents than one before it"
    assert f"{NAME}-articles is v2 now" in said
    assert "removed" in call(edited, "index", "migrate", "--drop-old")

    expected = {article.final_url for article in newsroom.manifest if article.state is State.INDEXED}
    assert mill.documents().keys() == expected
    with mill.wiring() as wiring:
        counts = wiring.ledger.counts()
        assert (wiring.index.search(Search(Word("Brücke"))).total > 0, counts.pending) == (True, 0)
        assert counts.offered == sum(counts.states.values())
        assert indexed(wiring) == len(expected)
    assert mill.stop() == 0
    with Elasticsearch(elasticsearch_url) as client:
        kept = client.indices.get_alias(index=f"{NAME}-articles-v*").body
    assert kept and all("-v2-" in index for index in kept)
    wipe(elasticsearch_url, NAME, templates=True)


def call(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([*COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stderr


def watch(mill: Mill, stop: threading.Event, fallen: list[tuple[int, int]]) -> None:
    most = 0
    with mill.wiring() as wiring:
        while not stop.is_set():
            found = wiring.index.search(Search(Everything(), limit=1, collapse=False)).total
            if found < most:
                fallen.append((most, found))
            most = max(most, found)


def indexed(wiring: Wiring) -> int:
    return wiring.ledger.counts().states.get(State.INDEXED, 0)


def settled(wiring: Wiring) -> bool:
    counts = wiring.ledger.counts()
    return counts.offered > ARTICLES / 2 and counts.pending == 0 and not wiring.outbox.size()[0]
