"""SIGTERM ends a standalone worker or scheduler within the grace period, with nothing left behind (R8)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mill import COMMAND, QUICK, alive, children
from tests.valkey import Valkey
from worker.models import Feed
from worker.settings import Worker, load
from worker.urls import feed_id
from worker.wiring import Wiring

pytestmark = pytest.mark.timeout(90)

CHILD = "worker.net.sandbox_child"
GRACE_S = Worker().grace_s

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(valkey: Valkey, tmp_path: Path) -> Iterator[Start]:
    """Starts `feedmill ARGUMENTS` on the session's Valkey, in a session of its own as a service manager would."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FEEDMILL_")}
    given = {"FEEDMILL_REDIS__URL": valkey.url, "FEEDMILL_DATA_DIR": str(tmp_path / "data")}
    started: list[subprocess.Popen[bytes]] = []
    log = (tmp_path / "log").open("wb")

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen(
                [*COMMAND, *arguments], env={**clean, **QUICK, **given}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )
        )  # fmt: skip
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    log.close()


def until(what: str, ready: Callable[[], bool], timeout_s: float = 40) -> None:
    deadline = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s} s"
        time.sleep(0.1)


def listens(valkey: Valkey) -> bool:
    """A worker waits for messages; nobody else blocks on a list."""
    return any(client["cmd"] == "brpop" for client in valkey.client.client_list())


def end(process: subprocess.Popen[bytes]) -> float:
    """SIGTERM; returns the seconds that it took. All that was below the process is gone, too."""
    below = children(process.pid)
    began = time.monotonic()
    process.terminate()
    code = process.wait(GRACE_S + 10)
    took = time.monotonic() - began
    assert code == 0
    until("its children end", lambda: not alive(below), 2)
    return took


def extractors(process: subprocess.Popen[bytes]) -> int:
    return sum(CHILD in command for command in children(process.pid).values())


def test_a_worker_ends_with_its_extraction_children(start: Start, valkey: Valkey) -> None:
    process = start("worker", "--queues", "feeds,articles", "--processes", "2")
    until("both extraction children run", lambda: extractors(process) == 2)
    until("the worker listens", lambda: listens(valkey))
    assert end(process) < GRACE_S


def test_a_worker_that_only_indexes_has_no_extraction_child(start: Start, valkey: Valkey) -> None:
    process = start("worker", "--queues", "index", "--processes", "1")
    until("the worker listens", lambda: listens(valkey) and len(children(process.pid)) == 1)
    time.sleep(1)
    assert extractors(process) == 0
    assert end(process) < GRACE_S


def test_a_scheduler_ends_at_once(start: Start, valkey: Valkey) -> None:
    valkey.client.config_resetstat()  # the session's other tests ran scripts, too
    process = start("scheduler")
    until("the scheduler looks for work", lambda: "evalsha" in str(valkey.client.info("commandstats")))
    assert end(process) < 5


def test_twice_is_no_harm(start: Start, valkey: Valkey) -> None:
    """An impatient service manager: the second SIGTERM must neither hang the worker nor leave a child behind."""
    process = start("worker", "--queues", "articles", "--processes", "1")
    until("its extraction child runs", lambda: extractors(process) == 1)
    until("the worker listens", lambda: listens(valkey))
    below = children(process.pid)
    process.terminate()
    time.sleep(0.2)
    process.terminate()
    process.wait(GRACE_S + 10)
    until("its children end", lambda: not alive(below), 2)


def test_work_in_hand_neither_delays_the_end_nor_is_lost(start: Start, valkey: Valkey) -> None:
    """The site has taken the request and says nothing: nobody waits for its deadline, and the feed is due again."""
    with socket.create_server(("127.0.0.1", 0)) as silent, Wiring(load(redis={"url": valkey.url})) as wiring:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/feed.xml"
        wiring.feeds.put(Feed(feed_id(url), url))
        scheduler = start("scheduler")
        process = start("worker", "--queues", "feeds", "--processes", "1")
        silent.settimeout(40)
        connection, _ = silent.accept()
        with connection:
            assert wiring.frontier.depth()["feeds_leased"] == 1
            end(scheduler)  # else it hands the feed out again at once
            assert end(process) < GRACE_S
            assert wiring.frontier.depth()["feeds_leased"] == 0
