"""The Sandbox port: one killable child process, called over a socket.

Python's own time limits do not stop a C library, and memory that runs out takes the whole process with it: so hostile
bytes are parsed where SIGKILL and RLIMIT_AS end everything, and only plain values come back. `subprocess`, because
Celery's children may not use multiprocessing; its own session, so that Ctrl-C is left to the supervisor.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from worker.errors import Quarantine, Retry, StageError
from worker.models import Reason
from worker.net.sandbox_child import ENDS_WITH, IMPORT, LENGTH, MEMORY, START

FUNCTIONS: Mapping[str, str] = {
    "extract": "worker.extract.page:run",
    "parse_feed": "worker.poll.parse:run",
    "feed_links": "worker.poll.site_links:run",
}
"""What the child can be asked for: name -> module:function(argument, body) -> dict of JSON values."""

MAX_ANSWER_BYTES = 32 << 20
# Python and the libraries: half a second where the machine is free, much more where it is not.
START_TIMEOUT_S = 60.0
REAP_TIMEOUT_S = 2.0

# The child needs no secret: only what Python and its libraries look at. One thread per library keeps RLIMIT_AS honest.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "PYTHONHASHSEED", "LD_LIBRARY_PATH")
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    timeout_s: float = 5.0
    """Wall clock of one call, from the moment the work begins; then SIGKILL. The CPU may run as long."""
    memory_bytes: int = 768 << 20
    """Address space of the child, interpreter and libraries included."""
    recycle_calls: int = 500


class ChildSandbox:
    """`ports.Sandbox` (one per worker process and event loop). The result carries the child's CPU time as `_cpu_ms`.

    An exception of the function itself and a wrong answer are Quarantine(extract_crashed) too; the child lives on
    after an exception. When no child can be started, or it cannot import the function, that says nothing about the
    bytes: Retry(unexpected). `prewarm` names the functions that a new child imports before it is needed: with it a
    child is started by `start`, and again as soon as the last one has ended.
    """

    def __init__(
        self, limits: SandboxLimits, *, functions: Mapping[str, str] = FUNCTIONS, prewarm: Sequence[str] = ()
    ) -> None:
        self._limits = limits
        self._functions = dict(functions)
        self._prewarm = tuple(prewarm)
        self._turn = asyncio.Lock()
        self._child: _Child | None = None
        self._closed = False

    def start(self) -> None:
        """Start the child now, without waiting for it. Must be called on the event loop's thread; Retry(unexpected)."""
        if self._child is None and not self._closed:
            try:
                self._child = _Child(self._limits, self._functions, self._prewarm)
            except OSError as error:
                raise _not_started(error.strerror or type(error).__name__) from None

    async def call(self, function: str, argument: Mapping[str, Any], body: bytes) -> dict[str, Any]:
        async with self._turn:
            self.start()
            child = self._child
            if child is None:
                raise _not_started("it is closed")
            try:
                answer = await child.call(function, argument, body)
            except BaseException:
                await self._replace()
                raise
            if answer.get("error") in ENDS_WITH or child.calls >= self._limits.recycle_calls:
                await self._replace()
            return _result(answer)

    async def close(self) -> None:
        """Ends the child, also under a running call."""
        self._closed = True
        await self._replace()

    async def _replace(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.end()
        if self._prewarm:
            with suppress(Retry):  # the next call says so
                self.start()


class _Child:
    """One process and its channel. Everything it says is checked; whatever goes wrong is a Quarantine."""

    def __init__(self, limits: SandboxLimits, functions: Mapping[str, str], prewarm: Sequence[str]) -> None:
        self.calls = 0
        self._limits = limits
        self._ready = False
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        config = {
            "parent": os.getpid(),
            "functions": dict(functions),
            "prewarm": list(prewarm),
            "memory_bytes": limits.memory_bytes,
            "cpu_s": limits.timeout_s,
        }
        self._channel, theirs = socket.socketpair()
        with theirs:
            # From this thread, not from an executor's: on Linux the child ends with the thread that made it.
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-m", "worker.net.sandbox_child", json.dumps(config)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=_environment(),
            )
        self._channel.setblocking(False)

    async def call(self, function: str, argument: Mapping[str, Any], body: bytes) -> dict[str, Any]:
        self.calls += 1
        head = json.dumps({"call": self.calls, "function": function, "argument": dict(argument)}).encode()
        try:
            reader, writer = await self._open()
            async with asyncio.timeout(START_TIMEOUT_S):
                if not self._ready:
                    greeting = _checked(await _frame(reader), 0)
                    if "error" in greeting:
                        return greeting
                    self._ready = True
                writer.write(LENGTH.pack(len(head)) + head + LENGTH.pack(len(body)))
                writer.write(body)
                await writer.drain()
                mark = await reader.readexactly(1)
        except TimeoutError:
            raise _not_started(f"not ready within {START_TIMEOUT_S:g} s") from None
        except (OSError, EOFError, ValueError):
            verdict = await self._verdict()
            raise (verdict if self._ready else _not_started(str(verdict))) from None
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                # The only answer before the mark is that the function cannot be imported.
                return _checked(await _frame(reader, b"" if mark == START else mark), self.calls)
        except TimeoutError:
            raise Quarantine(Reason.EXTRACT_TIMEOUT, f"not done within {self._limits.timeout_s:g} s") from None
        except ValueError:
            raise Quarantine(Reason.EXTRACT_CRASHED, "an answer that is none") from None
        except (OSError, EOFError):
            raise await self._verdict() from None

    async def end(self) -> None:
        """SIGKILL and reap. Nothing in the child is worth a goodbye."""
        if self._process.poll() is None:
            self._process.kill()
        if self._streams is not None:
            self._streams[1].transport.abort()
        self._channel.close()
        await self._reap()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(sock=self._channel, limit=1 << 20)
        return self._streams

    async def _reap(self) -> int | None:
        """The exit code; None when the system does not let it go (it is left behind as killed)."""
        for _ in range(int(REAP_TIMEOUT_S / 0.005)):
            code: int | None = self._process.poll()
            if code is not None:
                return code
            await asyncio.sleep(0.005)
        return None

    async def _verdict(self) -> Quarantine:
        """Why the channel broke, by the exit code."""
        match await self._reap():
            case None:
                return Quarantine(Reason.EXTRACT_CRASHED, "the channel is closed, the child is not gone")
            case code if code == -signal.SIGXCPU:
                return Quarantine(Reason.EXTRACT_TIMEOUT, "CPU time")
            case code if code == -signal.SIGKILL:
                return Quarantine(Reason.EXTRACT_MEMORY, "killed by the system")
            case code if code < 0:
                return Quarantine(Reason.EXTRACT_CRASHED, _signal_name(-code))
            case code:
                return Quarantine(Reason.EXTRACT_CRASHED, f"exit code {code}")


async def _frame(reader: asyncio.StreamReader, begun: bytes = b"") -> bytes:
    """A whole frame; ValueError for one that claims to be longer than any answer."""
    size = LENGTH.unpack(begun + await reader.readexactly(LENGTH.size - len(begun)))[0]
    if size > MAX_ANSWER_BYTES:
        raise ValueError("too long")
    return await reader.readexactly(size)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def _checked(frame: bytes, number: int) -> dict[str, Any]:
    """The frame as an answer to call `number`; ValueError when it is none. Stray bytes must not pass for a result."""
    try:
        answer = json.loads(frame)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(answer, dict) or answer.get("call") != number:
        raise ValueError("not the answer to this call")
    whole = isinstance(answer.get("result"), dict) and isinstance(answer.get("cpu_ms"), float)
    if not (whole or "error" in answer or "ready" in answer) or ("ready" in answer and number):
        raise ValueError("no result")
    return answer


def _result(answer: Mapping[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise _error(answer["error"], str(answer.get("detail", ""))[:300])
    return {**answer["result"], "_cpu_ms": answer["cpu_ms"]}


def _error(kind: Any, detail: str) -> StageError:
    if kind == IMPORT:
        return _not_started(detail)
    return Quarantine(Reason.EXTRACT_MEMORY if kind == MEMORY else Reason.EXTRACT_CRASHED, detail)


def _not_started(why: str) -> Retry:
    return Retry(Reason.UNEXPECTED, f"sandbox: {why}")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    path = os.pathsep.join(folder or str(os.getcwd()) for folder in sys.path)  # noqa: PTH109 - as sys.path means it
    return {**kept, **_ONE_THREAD, "PYTHONPATH": path}
