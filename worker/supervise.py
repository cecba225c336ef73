"""The supervisor behind `feedmill run`: its own Valkey, scheduler and workers as children.

Children live in sessions of their own, so a Ctrl-C reaches only the supervisor, which ends them in order: first the
scheduler (no new work), then the workers, the broker last. On Linux the kernel ends them when the supervisor dies.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO, Protocol

import structlog

from worker.orphan import PARENT
from worker.settings import ENV_PREFIX, Settings
from worker.state.data_dir import DataDirLock
from worker.state.server import EmbeddedValkey

log = structlog.get_logger("run")

RESTART_FIRST_S = 1.0
RESTART_LONGEST_S = 30.0
STABLE_AFTER_S = 60.0
TOO_MANY_EXITS = 5
POLL_S = 0.2
METRICS_PORT = ENV_PREFIX + "METRICS__PORT"


class Display(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(slots=True)
class Child:
    """A process that is to run: restarted with backoff when it ends by itself."""

    name: str
    argv: Sequence[str]
    environment: dict[str, str]
    log_file: IO[bytes] | None = None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    backoff_s: float = RESTART_FIRST_S
    exits: list[float] = field(default_factory=list)

    def start(self, now: float) -> None:
        self.process = subprocess.Popen(
            self.argv,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log_file or sys.stderr,  # results own stdout
            stderr=self.log_file or sys.stderr,
            start_new_session=True,
        )
        self.started_at = now

    def watch(self, now: float) -> bool:
        """Restart it when it ended; False when it keeps ending and there is no use in going on."""
        if self.process is None:
            if now >= self.restart_at:
                self.start(now)
            return True
        code = self.process.poll()
        if code is None:
            if now - self.started_at > STABLE_AFTER_S:
                self.backoff_s = RESTART_FIRST_S
            return True
        self.exits = [*(at for at in self.exits if now - at < STABLE_AFTER_S), now]
        log.warning("a part ended by itself, starting it again", part=self.name, code=code, in_s=self.backoff_s)
        self.process = None
        self.restart_at = now + self.backoff_s
        self.backoff_s = min(RESTART_LONGEST_S, self.backoff_s * 2)
        return len(self.exits) < TOO_MANY_EXITS

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def kill_session(self) -> None:
        """The whole session: prefork children included."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self.process.wait()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Owns the children from `start` to `stop`; `step` is called a few times a second."""

    def __init__(self, settings: Settings, *, log_file: IO[bytes] | None) -> None:
        self._settings = settings
        self._log_file = log_file
        self._valkey: EmbeddedValkey | None = None
        self._valkey_restart_at = 0.0
        self._scheduler: list[Child] = []
        self._workers: list[Child] = []

    def start(self) -> None:
        settings = self._settings
        environment = {
            **os.environ,
            PARENT: str(os.getpid()),
            ENV_PREFIX + "DATA_DIR": str(settings.data_dir.resolve()),
        }
        if settings.embedded_redis:
            self._valkey = EmbeddedValkey(settings.data_dir, settings.redis.max_memory_bytes)
            self._valkey.start()
            environment[ENV_PREFIX + "REDIS__URL"] = self._valkey.url
        feedmill = (sys.executable, "-m", "worker.cli.main")
        processes = settings.worker.processes or 2 * (os.cpu_count() or 1)

        def child(name: str, *arguments: str, port: int = 0) -> Child:
            own = {**environment, METRICS_PORT: str(port)} if settings.metrics.port else environment
            return Child(name, (*feedmill, *arguments), own, self._log_file)

        self._scheduler = [child("scheduler", "scheduler", port=settings.metrics.port)]
        self._workers = [
            child(
                "worker",
                "worker",
                "--queues",
                "feeds,articles",
                "--processes",
                str(processes),
                port=settings.metrics.port + 1,
            ),
            # A queue of its own: a bulk write never waits behind pages.
            child("index worker", "worker", "--queues", "index", "--processes", "1", port=settings.metrics.port + 2),
        ]
        if settings.websub.base_url:
            self._workers.append(child("websub", "websub"))

    def step(self) -> bool:
        """Restart what ended. False when a part keeps ending at once."""
        now = time.monotonic()
        if self._valkey is not None and not self._valkey.is_alive() and now >= self._valkey_restart_at:
            log.warning("Valkey ended by itself, starting it again")
            self._valkey_restart_at = now + RESTART_FIRST_S
            self._valkey.start()
        kept = [child.watch(now) for child in (*self._workers, *self._scheduler)]  # every one is looked at
        return all(kept)

    def stop(self, impatient: Callable[[], bool]) -> None:
        """Scheduler, workers, broker. Ends within the grace time; `impatient` turning true ends it at once."""
        deadline = time.monotonic() + self._settings.worker.grace_s
        for group in (self._scheduler, self._workers):
            for child in group:
                child.signal(signal.SIGTERM)
        while any(child.alive for child in (*self._scheduler, *self._workers)):
            if impatient() or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        for child in (*self._scheduler, *self._workers):
            child.kill_session()
        if self._valkey is not None:
            self._valkey.stop()


class Stop:
    """Counts the signals: the first asks for a clean end, the second for an immediate one."""

    def __init__(self) -> None:
        self.signals = 0
        self.interrupted = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._count)

    def _count(self, number: int, _: FrameType | None) -> None:
        self.signals += 1
        self.interrupted = self.interrupted or number == signal.SIGINT

    def impatient(self) -> bool:
        return self.signals > 1


def supervise(
    settings: Settings,
    *,
    log_file: IO[bytes] | None,
    started: Callable[[], None],
    idle: Callable[[], bool] | None,
    display: Display,
    finished: Callable[[], None],
) -> int:
    """Run until a signal, or until `idle` says so. `started` is called once Redis answers, `finished` before it goes.

    Exit code: 0 idle or SIGTERM, 1 when a part cannot be kept running, 130 after Ctrl-C.
    """
    stop = Stop()
    with DataDirLock(settings.data_dir):
        supervisor = Supervisor(settings, log_file=log_file)
        code = 0
        try:
            supervisor.start()
            started()
            display.start()
            while not stop.signals:
                if not supervisor.step():
                    log.error("a part ended five times within a minute; see the lines above. Stopping.")
                    code = 1
                    break
                if idle is not None and idle():
                    break
                time.sleep(POLL_S)
            display.stop()
            if not stop.impatient():
                finished()
        finally:
            display.stop()
            if stop.signals:
                log.info("stopping; once more to stop at once")
            supervisor.stop(stop.impatient)
    return 130 if stop.interrupted else code
