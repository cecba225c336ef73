"""What hangs below a process, and what memory it holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from worker.metrics.processes import ProcessesCollector, descendants, resident_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


def test_children_of_children_are_found_and_their_memory_counted() -> None:
    inner = "print('up', flush=True); input()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        assert process.pid in descendants(os.getpid())
        [grandchild] = descendants(process.pid)
        assert resident_bytes(grandchild) > 1_000_000
        values = {metric.name: metric.samples[0].value for metric in ProcessesCollector().collect()}
        assert values["feedmill_worker_processes"] >= 2
        assert 1_000_000 < values["feedmill_worker_largest_bytes"] < values["feedmill_worker_resident_bytes"]
        process.communicate(b"\n")


def test_one_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    assert resident_bytes(1, tmp_path) == 0
    assert descendants(1, tmp_path) == []
