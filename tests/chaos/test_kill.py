"""What is killed while articles flow, comes back: nothing missing, nothing double, the ledger adds up (R1, R2, R4)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests.elasticsearch_node.fixtures import wipe
from tests.elasticsearch_node.node import Node
from tests.mill import Mill, alive, children
from worker.demo.server import Newsroom
from worker.models import State
from worker.wiring import Wiring

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]

ARTICLES = 300


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    room = Newsroom(scale=ARTICLES, latency_s=0.05)
    room.start()
    yield room
    room.stop()


def _done(wiring: Wiring, share: float) -> bool:
    return sum(wiring.ledger.counts().states.values()) >= share * ARTICLES


def _all_done(wiring: Wiring) -> bool:
    counts = wiring.ledger.counts()
    return counts.offered >= ARTICLES and counts.pending == 0


def _kill(mill: Mill, mark: str) -> None:
    """SIGKILL to one process below `run` whose command line has the mark."""
    assert mill.process is not None
    victims = [pid for pid, command in children(mill.process.pid).items() if mark in command]
    assert victims, f"no process with {mark!r} to kill"
    os.kill(victims[0], signal.SIGKILL)


def _check(mill: Mill, newsroom: Newsroom) -> None:
    expected = {article.final_url for article in newsroom.manifest if article.state is State.INDEXED}
    assert mill.documents().keys() == expected
    with mill.wiring() as wiring:
        counts = wiring.ledger.counts()
    assert counts.offered == sum(counts.states.values()) == len(newsroom.manifest)
    assert counts.states.get(State.QUARANTINED, 0) == 0


def test_worker_child_worker_scheduler_and_valkey_killed_in_turn(
    newsroom: Newsroom, make_mill: Callable[..., Mill]
) -> None:
    mill = make_mill(newsroom.feeds)
    mill.start()
    for share, mark in ((0.1, "sandbox"), (0.2, "--queues feeds,articles"), (0.35, "scheduler"), (0.5, "valkey")):
        mill.wait(f"{share:.0%} done", lambda wiring, share=share: _done(wiring, share))
        _kill(mill, mark)
    mill.wait("all done", _all_done, 120)
    _check(mill, newsroom)
    assert mill.stop() == 0


def test_killing_run_itself_leaves_no_process_and_loses_nothing(
    newsroom: Newsroom, make_mill: Callable[..., Mill]
) -> None:
    mill = make_mill(newsroom.feeds)
    process = mill.start()
    mill.wait("a fifth done", lambda wiring: _done(wiring, 0.2))
    below = children(process.pid)
    assert len(below) >= 5
    process.kill()
    process.wait(5)
    deadline = time.monotonic() + 5
    while alive(below) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(below)

    mill.start()
    mill.wait("all done", _all_done, 120)
    _check(mill, newsroom)
    assert mill.stop() == 0


def test_elasticsearch_away_for_twenty_seconds_costs_only_time(
    newsroom: Newsroom, make_mill: Callable[..., Mill], elasticsearch_node: Node
) -> None:
    name = f"chaos-{os.getpid()}"
    mill = make_mill(newsroom.feeds, FEEDMILL_INDEX__URL=elasticsearch_node.url, FEEDMILL_INDEX__NAME=name)
    mill.start()
    mill.wait("a fifth done", lambda wiring: _done(wiring, 0.2))
    elasticsearch_node.stop()
    time.sleep(20)
    elasticsearch_node.start()
    mill.wait("all done", _all_done, 120)
    _check(mill, newsroom)
    assert mill.stop() == 0
    wipe(elasticsearch_node.url, name, templates=True)

    plain = {article.final_url for article in newsroom.manifest if article.kind in ("article", "update")}
    twice = {
        path: count
        for host, site in newsroom.stats().items()
        for path, count in site["by_path"].items()
        if count > 1 and any(url.endswith(path) and host in url for url in plain)
    }
    assert twice == {}
