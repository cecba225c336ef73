"""The disk of Redis is full, and then is not: workers wait, say so once, and go on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from tests.full_server import fill_disk, make_room, wait_for
from worker import settings
from worker.state.full import DISK
from worker.wiring import Wiring

FEEDMILL = [sys.executable, "-m", "worker.cli.main"]


@pytest.mark.chaos
def test_workers_outlive_a_full_disk(full: redis.Redis, tmp_path: Path) -> None:
    subprocess.run([*FEEDMILL, "index", "setup"], check=True, capture_output=True, timeout=60)
    logs = [tmp_path / "worker.log", tmp_path / "scheduler.log"]
    out = tmp_path / "worker.out"
    with logs[0].open("wb") as first, logs[1].open("wb") as second, out.open("wb") as stdout:
        processes = [
            subprocess.Popen([*FEEDMILL, "worker", "--processes", "1"], stdout=stdout, stderr=first),
            subprocess.Popen([*FEEDMILL, "scheduler"], stderr=second),
        ]
    try:
        wait_for(lambda: len(full.client_list()) > 4, 30)  # the broker's connections are there
        fill_disk(full)
        for log in logs:
            wait_for(lambda log=log: DISK in log.read_text(), 30)
        make_room(full)
        subprocess.run([*FEEDMILL, "feeds", "add", "--unchecked", "http://127.0.0.1:9/feed"], check=True, timeout=60)
        with Wiring(settings.load()) as wiring:
            wait_for(lambda: [state.polls for _, state, _ in wiring.feeds.all()] == [1], 40)
        assert [process.poll() for process in processes] == [None, None]
    finally:
        for process in processes:
            process.terminate()
        codes = [process.wait(30) for process in processes]
    assert codes == [0, 0]
    assert "Traceback" not in logs[0].read_text()
    events = [json.loads(line)["event"] for line in logs[0].read_text().splitlines() if line.startswith("{")]
    assert (events.count(DISK), "polled" in events) == (1, True)
    assert out.read_text() == "", "Celery speaks to stderr"
