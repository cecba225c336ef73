"""What a page could make a library do. Run in the sandbox's child, never elsewhere."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

Result = dict[str, Any]


def echo(argument: Result, body: bytes) -> Result:
    return {"argument": argument, "length": len(body), "pid": os.getpid()}


def pid(argument: Result, body: bytes) -> Result:
    return {"pid": os.getpid()}


def segfault(argument: Result, body: bytes) -> Result:
    ctypes.string_at(0)
    return {}


def abort(argument: Result, body: bytes) -> Result:
    os.abort()


def exhaust_memory(argument: Result, body: bytes) -> Result:
    kept = []
    while True:
        kept.append(bytearray(16 << 20))


def one_huge_allocation(argument: Result, body: bytes) -> Result:
    return {"length": len(bytes(8 << 30))}


def killed_by_the_system(argument: Result, body: bytes) -> Result:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def loop(argument: Result, body: bytes) -> Result:
    while True:
        pass


def sleep(argument: Result, body: bytes) -> Result:
    time.sleep(60)
    return {}


def stubborn(argument: Result, body: bytes) -> Result:
    """Deaf to every signal that can be ignored, and to exceptions."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            time.sleep(1)
        except BaseException:
            continue


def leave(argument: Result, body: bytes) -> Result:
    os._exit(int(argument["code"]))


def system_exit(argument: Result, body: bytes) -> Result:
    sys.exit(0)


def print_everywhere(argument: Result, body: bytes) -> Result:
    print("noise " * 10_000)
    print("noise " * 10_000, file=sys.stderr)
    for number in (1, 2):
        os.write(number, b"\xff" * 100_000)
    return {"read": sys.stdin.read() if sys.stdin else ""}


def garbage(argument: Result, body: bytes) -> Result:
    """Write to every socket there is, as a broken C library could."""
    for number in range(3, 32):
        try:
            channel = socket.socket(fileno=os.dup(number))
        except OSError:
            continue
        channel.sendall(argument["bytes"].encode("latin-1"))
        channel.detach()
    time.sleep(60)
    return {}


def recurse(argument: Result, body: bytes) -> Result:
    return recurse(argument, body)


def nested_answer(argument: Result, body: bytes) -> Result:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    return {"value": value}


def no_json(argument: Result, body: bytes) -> Result:
    return {"value": {argument["what"]}}


def not_a_number(argument: Result, body: bytes) -> Result:
    return {"value": float("nan")}


def no_dict(argument: Result, body: bytes) -> Any:
    return ["a list"]


def long_answer(argument: Result, body: bytes) -> Result:
    return {"value": "a" * int(argument["length"])}


def fail(argument: Result, body: bytes) -> Result:
    raise ValueError("bad page\nwith two lines" + "x" * 10_000)


def surrogates(argument: Result, body: bytes) -> Result:
    return {"value": "\ud800"}


def write_file(argument: Result, body: bytes) -> Result:
    Path(argument["path"]).write_bytes(body)
    return {}


def open_files(argument: Result, body: bytes) -> Result:
    kept = [os.open(os.devnull, os.O_RDONLY) for _ in range(1000)]
    return {"open": len(kept)}


def limits(argument: Result, body: bytes) -> Result:
    return {
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "file": resource.getrlimit(resource.RLIMIT_FSIZE)[0],
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
        "cpu": resource.getrlimit(resource.RLIMIT_CPU)[0],
        "environment": sorted(os.environ),
        "session": os.getsid(0) == os.getpid(),
    }


def burn(argument: Result, body: bytes) -> Result:
    began = time.process_time()
    while time.process_time() - began < float(argument["seconds"]):
        pass
    return {}


def nap(argument: Result, body: bytes) -> Result:
    time.sleep(float(argument["seconds"]))
    return {}


def ignore_the_clock(argument: Result, body: bytes) -> Result:
    """As if a second of CPU time were all that is left."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soon = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soon, resource.RLIM_INFINITY))
    while True:
        pass


def kill_nothing(argument: Result, body: bytes) -> Result:
    """A child of the child holds the channel open while the child itself dies."""
    subprocess.Popen(["sleep", "3"])
    os._exit(3)
