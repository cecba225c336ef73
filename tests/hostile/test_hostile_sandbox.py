"""Whatever happens in the child, the parent lives, names it, and the next call works (security.md S70)."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import billiard
import pytest

import worker
from worker.errors import Quarantine, Retry
from worker.models import Reason
from worker.net.sandbox import ChildSandbox, SandboxLimits

HERE = str(Path(__file__).parent)
NAMES = re.findall(r"^def (\w+)", Path(HERE, "hostile_functions.py").read_text(), re.MULTILINE)
FUNCTIONS = {name: f"hostile_functions:{name}" for name in [*NAMES, "absent"]}
# On a busy machine a second of work may take ten: only the tests of the clock have a short one.
LIMITS = SandboxLimits(timeout_s=30, memory_bytes=256 << 20)
HASTY = SandboxLimits(timeout_s=0.8, memory_bytes=256 << 20)


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)


def run(*calls: tuple[str, dict[str, Any], bytes], limits: SandboxLimits = LIMITS) -> list[Any]:
    """The results of calls in turn; errors as values."""

    async def main() -> list[Any]:
        sandbox = ChildSandbox(limits, functions=FUNCTIONS)
        results: list[Any] = []
        try:
            for name, argument, body in calls:
                try:
                    results.append(await sandbox.call(name, argument, body))
                except (Quarantine, Retry) as error:
                    results.append(error)
        finally:
            await sandbox.close()
        return results

    return asyncio.run(main())


def gone(pid: int, within_s: float = 3.0) -> bool:
    """True when there is no such process any more, or only its remains."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


ECHO = ("echo", {"a": [1, "ü", None]}, b"x" * 300_000)
ANSWER_LENGTH_LIE = "\x7f\xff\xff\xff"


@pytest.mark.parametrize(
    ("name", "argument", "reason", "detail"),
    [
        ("segfault", {}, Reason.EXTRACT_CRASHED, "SIGSEGV"),
        ("abort", {}, Reason.EXTRACT_CRASHED, "SIGABRT"),
        ("exhaust_memory", {}, Reason.EXTRACT_MEMORY, "MemoryError"),
        ("one_huge_allocation", {}, Reason.EXTRACT_MEMORY, "MemoryError"),
        ("killed_by_the_system", {}, Reason.EXTRACT_MEMORY, "killed"),
        ("leave", {"code": 0}, Reason.EXTRACT_CRASHED, "exit code 0"),
        ("leave", {"code": 7}, Reason.EXTRACT_CRASHED, "exit code 7"),
        ("system_exit", {}, Reason.EXTRACT_CRASHED, "exit code 0"),
        ("garbage", {"bytes": "\x00\x00\x00\x05hello"}, Reason.EXTRACT_CRASHED, "none"),
        ("garbage", {"bytes": "\x00\x00\x00\x02[]"}, Reason.EXTRACT_CRASHED, "none"),
        ("garbage", {"bytes": "\x00\x00\x00\x02{}"}, Reason.EXTRACT_CRASHED, "none"),
        ("garbage", {"bytes": '\x00\x00\x00\x1b{"result": {}, "cpu_ms": 1}'}, Reason.EXTRACT_CRASHED, "none"),
        ("garbage", {"bytes": "\x00\x01\x00\x00" + "[" * 65536}, Reason.EXTRACT_CRASHED, "none"),
        ("garbage", {"bytes": ANSWER_LENGTH_LIE}, Reason.EXTRACT_CRASHED, "none"),
        ("recurse", {}, Reason.EXTRACT_CRASHED, "RecursionError"),
        ("nested_answer", {}, Reason.EXTRACT_CRASHED, "RecursionError"),
        ("no_json", {"what": "a"}, Reason.EXTRACT_CRASHED, "TypeError"),
        ("not_a_number", {}, Reason.EXTRACT_CRASHED, "ValueError"),
        ("no_dict", {}, Reason.EXTRACT_CRASHED, "none"),
        ("long_answer", {"length": 40 << 20}, Reason.EXTRACT_CRASHED, "none"),
        ("fail", {}, Reason.EXTRACT_CRASHED, "ValueError: bad page"),
        ("open_files", {}, Reason.EXTRACT_CRASHED, "OSError"),
        ("kill_nothing", {}, Reason.EXTRACT_CRASHED, ""),
    ],
)
def test_s70_a_call_that_breaks_is_named_and_the_next_one_works(
    name: str, argument: dict[str, Any], reason: Reason, detail: str
) -> None:
    broken, after = run((name, argument, b"page"), ECHO)
    assert type(broken) is Quarantine, broken
    assert broken.reason is reason, broken
    assert detail in broken.detail
    assert len(broken.detail) <= 300
    assert after["argument"] == ECHO[1]
    assert after["length"] == 300_000


@pytest.mark.parametrize(
    ("name", "argument"),
    [("loop", {}), ("sleep", {}), ("stubborn", {}), ("garbage", {"bytes": "\x00\x00\x10"})],
)
def test_s70_a_call_that_does_not_end_is_ended(name: str, argument: dict[str, Any]) -> None:
    async def main() -> None:
        sandbox = ChildSandbox(HASTY, functions=FUNCTIONS)
        try:
            pid = (await sandbox.call("pid", {}, b""))["pid"]
            with pytest.raises(Quarantine, match=r"extract_timeout: not done within 0\.8 s"):
                await sandbox.call(name, argument, b"page")
            assert gone(pid)
            assert (await sandbox.call("pid", {}, b""))["pid"] != pid
        finally:
            await sandbox.close()

    asyncio.run(main())


def test_an_exception_keeps_the_child_and_a_death_replaces_it() -> None:
    one, _, two, _, three = run(ECHO, ("fail", {}, b""), ECHO, ("segfault", {}, b""), ECHO)
    assert one["pid"] == two["pid"] != three["pid"]


def test_what_libraries_print_is_nobodys_answer() -> None:
    noisy, after = run(("print_everywhere", {}, b""), ECHO)
    assert noisy["read"] == ""
    assert after["length"] == 300_000


def test_nothing_is_written_to_disk(tmp_path: Path) -> None:
    target = tmp_path / "file"
    (broken,) = run(("write_file", {"path": str(target)}, b"evil"))
    assert broken.reason is Reason.EXTRACT_CRASHED
    assert not target.exists() or target.read_bytes() == b""


def test_limits_are_set_and_secrets_stay_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_REDIS__PASSWORD", "secret")
    (found,) = run(("limits", {}, b""))
    assert found["memory"] == 256 << 20
    assert (found["file"], found["files"], found["core"]) == (0, 32, 0)
    assert 30 < found["cpu"] < 40
    assert found["session"]
    assert not any(name.startswith("FEEDMILL") for name in found["environment"])


def test_the_cpu_time_of_each_call_comes_back() -> None:
    burnt, idle = run(("burn", {"seconds": 0.3}, b""), ECHO)
    assert 290 <= burnt["_cpu_ms"] < 1000
    assert 0 <= idle["_cpu_ms"] < 100


def test_cpu_limits_do_not_add_up_over_calls() -> None:
    before, _, after = run(("limits", {}, b""), ("burn", {"seconds": 1.1}, b""), ("limits", {}, b""))
    assert after["cpu"] > before["cpu"]


def test_the_kernel_ends_a_busy_child_that_nobody_waits_for() -> None:
    # The wall clock is far away here: what ends the call is RLIMIT_CPU, which also works without a parent.
    (broken,) = run(("ignore_the_clock", {}, b""))
    assert (broken.reason, broken.detail) == (Reason.EXTRACT_TIMEOUT, "CPU time")


def test_a_child_is_replaced_after_its_number_of_calls() -> None:
    limits = SandboxLimits(timeout_s=30, memory_bytes=256 << 20, recycle_calls=2)
    pids = [result["pid"] for result in run(ECHO, ECHO, ECHO, ECHO, ECHO, limits=limits)]
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]


def test_calls_wait_their_turn_and_the_wait_is_not_on_their_clock() -> None:
    async def main() -> list[Any]:
        limits = SandboxLimits(timeout_s=1.0, memory_bytes=256 << 20)
        sandbox = ChildSandbox(limits, functions=FUNCTIONS)
        try:
            return await asyncio.gather(*(sandbox.call("nap", {"seconds": 0.3}, b"") for _ in range(4)))
        finally:
            await sandbox.close()

    assert len(asyncio.run(main())) == 4


def test_a_cancelled_call_takes_its_child_along() -> None:
    async def main() -> Any:
        sandbox = ChildSandbox(LIMITS, functions=FUNCTIONS)
        try:
            pid = (await sandbox.call(*ECHO))["pid"]
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(sandbox.call("sleep", {}, b""), 0.2)
            assert gone(pid)
            return await sandbox.call(*ECHO)
        finally:
            await sandbox.close()

    assert asyncio.run(main())["length"] == 300_000


def test_a_prewarmed_child_is_there_before_the_first_call_and_after_a_death() -> None:
    async def main() -> None:
        sandbox = ChildSandbox(LIMITS, functions=FUNCTIONS, prewarm=("echo",))
        sandbox.start()
        try:
            assert (await sandbox.call(*ECHO))["length"] == 300_000
            with pytest.raises(Quarantine):
                await sandbox.call("segfault", {}, b"")
            assert (await sandbox.call(*ECHO))["length"] == 300_000
        finally:
            await sandbox.close()
        with pytest.raises(Retry, match="closed"):
            await sandbox.call(*ECHO)

    asyncio.run(main())


def test_a_function_that_cannot_be_loaded_is_not_the_pages_fault() -> None:
    absent, after = run(("absent", {}, b""), ECHO)
    assert type(absent) is Retry
    assert "AttributeError" in absent.detail
    assert after["length"] == 300_000


def test_close_ends_the_child() -> None:
    (result,) = run(ECHO)
    assert gone(result["pid"])


def test_the_loop_may_run_in_a_thread_that_is_not_the_main_one() -> None:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.extend(run(ECHO, ("segfault", {}, b""), ECHO)))
    thread.start()
    thread.join(20)
    assert [type(result) for result in found] == [dict, Quarantine, dict]


def _in_a_celery_child(report: str) -> None:
    kinds: list[str] = []
    thread = threading.Thread(
        target=lambda: kinds.extend(type(result).__name__ for result in run(ECHO, ("segfault", {}, b""), ECHO))
    )
    thread.start()
    thread.join(20)
    Path(report).write_text(" ".join(kinds))


def test_it_works_in_a_daemonic_child_as_celery_makes_them(tmp_path: Path) -> None:
    report = tmp_path / "report"
    child = billiard.get_context("fork").Process(target=_in_a_celery_child, args=(str(report),), daemon=True)
    child.start()
    child.join(30)
    assert report.read_text() == "dict Quarantine dict"


PARENT = """
import asyncio, sys
from worker.net.sandbox import ChildSandbox, SandboxLimits

async def main():
    functions = {"echo": "hostile_functions:echo", "loop": "hostile_functions:loop"}
    sandbox = ChildSandbox(SandboxLimits(timeout_s=60), functions=functions)
    print((await sandbox.call("echo", {}, b""))["pid"], flush=True)
    if sys.argv[1] == "busy":
        await sandbox.call("loop", {}, b"")
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a busy child ends by its CPU limit only")
@pytest.mark.parametrize("state", ["idle", "busy"])
def test_no_child_outlives_a_parent_that_was_killed(state: str) -> None:
    path = os.pathsep.join([HERE, str(Path(worker.__file__).parents[1])])
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, state], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.2)
        parent.send_signal(signal.SIGKILL)
        parent.wait(5)
        assert gone(pid)
