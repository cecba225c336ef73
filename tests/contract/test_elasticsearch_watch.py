"""No test node outlives its session. Tried with a small stand-in for the node's two processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tests.elasticsearch_node

WATCH = Path(next(iter(tests.elasticsearch_node.__path__))) / "watch.py"
# The launcher ends at SIGTERM as the real one does; its child does not care.
NODE = "(trap '' TERM; exec sleep 60) & echo $! > {0}/server; echo $$ > {0}/launcher; wait"
OWNER = """
import os, subprocess, sys
command = [sys.executable, sys.argv[1], str(os.getpid()), sys.argv[2], "sh", "-c", sys.argv[3]]
watcher = subprocess.Popen(command, start_new_session=True)
print(watcher.pid, flush=True)
watcher.wait()
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until(condition: object) -> None:
    deadline = time.monotonic() + 15
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize("how", ["owner killed", "watcher told to stop"])
def test_both_processes_end(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "node"
    folder.mkdir()
    command = [sys.executable, "-c", OWNER, str(WATCH), str(folder), NODE.format(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        watcher = int(owner.stdout.readline())
        files = folder / "server", folder / "launcher"
        until(lambda: all(file.exists() and file.read_text().strip() for file in files))
        pids = [int(file.read_text()) for file in files]
        assert all(map(is_alive, pids))
        if how == "owner killed":
            owner.kill()
        else:
            os.kill(watcher, signal.SIGTERM)
        until(lambda: not any(map(is_alive, [*pids, watcher])))
        owner.wait()
    assert folder.exists() == (how != "owner killed"), "what nobody owns any more is removed"
