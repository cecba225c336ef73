"""A real `feedmill run` in a data folder of its own, for the tests to watch, search and kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from worker.settings import Settings, load
from worker.wiring import Wiring

COMMAND = (sys.executable, "-m", "worker.cli.main")

QUICK = {
    # A newsroom on loopback; short leases and pauses, so that what was killed comes back within seconds.
    "FEEDMILL_NET__ALLOW": "127.0.0.0/8",
    "FEEDMILL_NET__HOST_DELAY_S": "0.05",
    "FEEDMILL_NET__ADDRESS_DELAY_S": "0.05",
    "FEEDMILL_SCHEDULE__ARTICLE_LEASE_S": "10",
    "FEEDMILL_SCHEDULE__FEED_LEASE_S": "6",
    "FEEDMILL_SCHEDULE__SWEEP_S": "0.5",
    "FEEDMILL_FETCH__RETRY_BASE_S": "0.5",
    "FEEDMILL_INDEX__BATCH_WAIT_S": "0.2",
    "FEEDMILL_WORKER__PROCESSES": "2",
}


class Mill:
    def __init__(self, folder: Path, feeds: Sequence[str], **environment: str) -> None:
        self.data = folder / "data"
        self.feeds = folder / "feeds.yaml"
        self.feeds.write_text(json.dumps({"feeds": list(feeds)}))
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FEEDMILL_")}
        self.environment = {**clean, **QUICK, "FEEDMILL_DATA_DIR": str(self.data), **environment}
        self.log = folder / "run.log"
        self.out = folder / "run.out"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log, self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [*COMMAND, "run", "--feeds", str(self.feeds), "--data", str(self.data), *arguments],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=log,
            )  # fmt: skip
        return self.process

    def run_until_idle(self, timeout_s: float = 100) -> str:
        """Runs to its end and returns what it printed."""
        process = self.start("--until-idle")
        assert process.wait(timeout_s) == 0, self.tail()
        return self.out.read_text()

    def stop(self, number: int = signal.SIGTERM, timeout_s: float = 20) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout_s)

    def kill_if_running(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def command(self, *arguments: str, code: int = 0, stdin: str | None = None) -> str:
        done = subprocess.run(
            [*COMMAND, *arguments], env=self.environment, capture_output=True, timeout=60, text=True, input=stdin
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}\n{self.tail()}"
        return done.stdout

    def documents(self) -> dict[str, dict[str, Any]]:
        """url -> document; fails when two documents claim one URL or one id."""
        rows = [json.loads(line) for line in self.command("export").splitlines()]
        assert len({row["id"] for row in rows}) == len(rows)
        found = {row["url"]: row for row in rows}
        assert len(found) == len(rows)
        return found

    @property
    def settings(self) -> Settings:
        saved = dict(os.environ)
        os.environ.clear()
        os.environ.update(self.environment)
        try:
            return load()
        finally:
            os.environ.clear()
            os.environ.update(saved)

    @contextmanager
    def wiring(self) -> Iterator[Wiring]:
        wiring = Wiring(self.settings)
        try:
            yield wiring
        finally:
            wiring.close()

    def wait(self, what: str, ready: Callable[[Wiring], bool], timeout_s: float = 60) -> None:
        """Until `ready`; errors of a server that is being killed count as not yet."""
        deadline, last = time.monotonic() + timeout_s, None
        while time.monotonic() < deadline:
            assert self.process is None or self.process.poll() is None, f"`run` ended: {self.tail()}"
            try:
                with self.wiring() as wiring:
                    if ready(wiring):
                        return
            except Exception as error:
                last = error
            time.sleep(0.2)
        raise AssertionError(f"{what}: not within {timeout_s} s; last error {last!r}\n{self.tail()}")

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


def children(pid: int) -> dict[int, str]:
    """All processes below `pid` -> their command lines (Linux)."""
    parents: dict[int, int] = {}
    commands: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                commands[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(entry.name)] = int(stat.rsplit(")", 1)[1].split()[1])
    below: dict[int, str] = {}
    frontier = [pid]
    while frontier:
        parent = frontier.pop()
        for child in [child for child, its in parents.items() if its == parent]:
            below[child] = commands.get(child, "")
            frontier.append(child)
    return below


def alive(pids: Mapping[int, str]) -> list[str]:
    """Those that still run; a zombie does not count."""
    found = []
    for pid, command in pids.items():
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found.append(command)
    return found


@contextmanager
def running(*arguments: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process group of its own; nothing of it outlives the test."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*COMMAND, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
