"""The child of `sandbox.ChildSandbox`: reads calls from one socket, answers on it, and knows nothing else.

A module of the table may define `prepare()`, called once after its import: for models and the like that must be
loaded (and may write temporary files, which a call may not) before hostile bytes come.

Wire format, both ways: 4 bytes big-endian length, then that many bytes. A call is a JSON frame `{"call",
"function", "argument"}` and a body frame. An answer is the single byte START once the function is loaded and the work
begins, then a JSON frame: `{"call", "result", "cpu_ms"}` or `{"call", "error", "detail"}` with the call's own number.
The child begins with one such frame under number 0, `{"call", "ready"}` or an error, and then serves calls until its
socket closes.
"""

from __future__ import annotations

import functools
import importlib
import json
import math
import os
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from worker.orphan import die_with_parent

START = b"\x01"
LENGTH = struct.Struct(">I")
READY = b'{"call": 0, "ready": true}'
MAX_FILES = 32
LOADING_FILE_BYTES = 256 << 20
IMPORT = "import"
MEMORY = "memory"
EXCEPTION = "exception"
ENDS_WITH = (IMPORT, MEMORY)
"""The errors after which the child ends."""

Function = Callable[[dict[str, Any], bytes], dict[str, Any]]


def main() -> int:
    config = json.loads(sys.argv[1])
    die_with_parent()
    if os.getppid() != config["parent"]:
        return 1
    channel = _take_channel()
    with channel, channel.makefile("rb") as calls:
        try:
            _limit(config["memory_bytes"])
            for function in config["prewarm"]:
                _load(config["functions"][function])
        except Exception as error:
            _fail(channel, 0, IMPORT, error)
            return 1
        _send(channel, READY)
        return _serve(channel, calls, config["functions"], float(config["cpu_s"]))


def _take_channel() -> socket.socket:
    """The channel moves off the standard descriptors: whatever a library reads or prints cannot touch it."""
    channel = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    return channel


def _limit(memory_bytes: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, LOADING_FILE_BYTES),
        (resource.RLIMIT_NOFILE, MAX_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            if sys.platform == "linux":  # macOS knows some limits by name only
                raise


def _write_files(most_bytes: int) -> None:
    """Within the hard limit: loading may write a model's temporary file, a call may write nothing."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, LOADING_FILE_BYTES))


def _limit_cpu(cpu_s: float) -> None:
    """The kernel's own end for a call, should nobody be left to send SIGKILL. It counts all of this process's life."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + cpu_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _serve(channel: socket.socket, calls: Any, functions: Mapping[str, str], cpu_s: float) -> int:
    while True:
        head = _read(calls)
        if head is None:
            return 0
        body = _read(calls)
        if body is None:
            return 0
        call = json.loads(head)
        number = int(call["call"])
        try:
            function = _load(functions[call["function"]])
        except Exception as error:
            _fail(channel, number, IMPORT, error)
            return 1
        _write_files(0)
        _limit_cpu(cpu_s)
        channel.sendall(START)
        began = time.process_time()
        try:
            result = function(call["argument"], body)
            # ASCII: lone surrogates pass as escapes and are the caller's to judge.
            cpu_ms = (time.process_time() - began) * 1000
            answer = json.dumps(
                {"call": number, "result": result, "cpu_ms": round(cpu_ms, 3)}, allow_nan=False
            ).encode()
        except MemoryError as error:
            _fail(channel, number, MEMORY, error)
            return 1  # the heap is in pieces: start afresh
        except Exception as error:  # RecursionError too: the stack is unwound, nothing is broken
            _fail(channel, number, EXCEPTION, error)
            continue
        _send(channel, answer)
        del result, answer, body


@functools.cache
def _load(target: str) -> Function:
    name, _, attribute = target.partition(":")
    _write_files(LOADING_FILE_BYTES)
    module = importlib.import_module(name)
    function: Function = getattr(module, attribute)
    if hasattr(module, "prepare"):
        module.prepare()
    return function


def _read(calls: Any) -> bytes | None:
    head = calls.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    body: bytes = calls.read(size)
    return body if len(body) == size else None


def _send(channel: socket.socket, frame: bytes) -> None:
    channel.sendall(LENGTH.pack(len(frame)) + frame)


def _fail(channel: socket.socket, number: int, kind: str, error: BaseException) -> None:
    detail = f"{type(error).__name__}: {error}"[:300]
    _send(channel, json.dumps({"call": number, "error": kind, "detail": detail}).encode())


if __name__ == "__main__":
    sys.exit(main())
