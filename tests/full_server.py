"""A real Valkey that can be made to run out of disk."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from worker.state.server import connect, find_server


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """A server that works in a folder where nobody can write, as on a full disk; with room so far."""
    socket = tmp_path / "s"
    process = subprocess.Popen(
        [find_server(), "--port", "0", "--unixsocket", str(socket), "--dir", "/proc", "--save", "3600 1000000"],
        stdout=subprocess.DEVNULL,
    )
    client = connect(f"unix://{socket}")
    monkeypatch.setenv("FEEDMILL_REDIS__URL", f"unix://{socket}")
    monkeypatch.setenv("FEEDMILL_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    try:
        wait_for(lambda: socket.exists() and client.ping())
        yield client
    finally:
        client.close()
        process.kill()  # asked to end, it would try to save first, and stay
        process.wait(10)


def wait_for(ready: Callable[[], object], timeout_s: float = 15) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            if ready():
                return
        except redis.RedisError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"not within {timeout_s} s")


def fill_disk(client: redis.Redis) -> None:
    client.bgsave()
    wait_for(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")


def make_room(client: redis.Redis) -> None:
    client.config_set("save", "")
