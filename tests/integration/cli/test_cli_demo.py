"""`feedmill demo` and `feedmill run` as a person calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

FEEDMILL = [sys.executable, "-m", "worker.cli.main"]


def environment(tmp_path: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("FEEDMILL_")} | {
        "TMPDIR": str(tmp_path)
    }


def test_the_demo_shows_the_whole_pipeline(tmp_path: Path) -> None:
    started = time.monotonic()
    done = subprocess.run(
        [*FEEDMILL, "demo", "--data", str(tmp_path / "demo")],
        env=environment(tmp_path), capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 60
    assert "61 entries offered by feeds:" in done.stdout
    assert done.stdout.count("$ feedmill search") == 4
    assert "revision 2: Breakwater repairs to take until March after storm damage" in done.stdout
    assert "Story groups" in done.stdout
    assert "\n  lead  " in done.stdout
    assert "robots_disallowed" in done.stdout
    status = subprocess.run(
        [*FEEDMILL, "status", "--json", "--data", str(tmp_path / "demo/data")],
        env=environment(tmp_path), capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    ledger = json.loads(status.stdout)["ledger"]
    assert (ledger["offered"], ledger["pending"]) == (61, 0)
    assert (ledger["states"]["indexed"], ledger["states"]["updated"]) == (58, 1)
    again = subprocess.run(
        [*FEEDMILL, "demo", "--data", str(tmp_path / "demo")],
        env=environment(tmp_path), capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert again.returncode == 2
    assert "is not empty" in again.stderr


def test_a_run_without_its_feed_list_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [*FEEDMILL, "run", "--feeds", "none.yaml", "--data", str(tmp_path / "data")],
        env=environment(tmp_path), capture_output=True, text=True, timeout=30, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "feedmill: none.yaml: No such file or directory\n"
    assert not (tmp_path / "data").exists()
