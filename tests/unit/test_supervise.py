from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.errors import DataDirError
from worker.state import data_dir
from worker.state.data_dir import DataDirLock
from worker.supervise import STABLE_AFTER_S, TOO_MANY_EXITS, Child


@pytest.fixture(autouse=True)
def no_long_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_dir, "WAIT_S", 0.1)


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child("test", (sys.executable, "-c", "import time; time.sleep(60)"), {})
    yield child
    child.kill_session()


def test_one_run_per_data_folder(tmp_path: Path) -> None:
    with DataDirLock(tmp_path / "data"), pytest.raises(DataDirError, match="another `feedmill run`"):
        DataDirLock(tmp_path / "data").__enter__()
    with DataDirLock(tmp_path / "data"):
        pass


def test_the_lock_of_a_killed_run_is_free(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from worker.state.data_dir import DataDirLock\n"
        "lock = DataDirLock(Path(sys.argv[1])); lock.__enter__(); print('locked', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(DataDirError):
            DataDirLock(tmp_path).__enter__()
        holder.kill()
    with DataDirLock(tmp_path):
        pass


def test_a_data_folder_that_is_a_file_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(DataDirError, match="cannot be used"):
        DataDirLock(tmp_path / "data").__enter__()


def test_an_ended_part_is_started_again_with_growing_pauses(child: Child) -> None:
    child.start(now=0.0)
    pauses, now = [], 1.0
    for _ in range(TOO_MANY_EXITS - 1):
        assert child.process is not None
        child.process.kill()
        child.process.wait()
        assert child.watch(now) is True
        pauses.append(child.restart_at - now)
        assert child.watch(child.restart_at - 0.01) is True
        assert child.process is None
        now = child.restart_at
        assert child.watch(now) is True
        assert child.alive
    assert pauses == [1.0, 2.0, 4.0, 8.0]


def test_a_part_that_keeps_ending_stops_the_whole(child: Child) -> None:
    verdicts, now = [], 0.0
    for _ in range(TOO_MANY_EXITS):
        child.start(now)
        assert child.process is not None
        child.process.kill()
        child.process.wait()
        verdicts.append(child.watch(now))
        now += 1.0
    assert verdicts == [True] * (TOO_MANY_EXITS - 1) + [False]


def test_rare_exits_never_stop_the_whole(child: Child) -> None:
    for n in range(2 * TOO_MANY_EXITS):
        now = n * (STABLE_AFTER_S + 1)
        child.start(now)
        assert child.process is not None
        child.process.kill()
        child.process.wait()
        assert child.watch(now) is True
