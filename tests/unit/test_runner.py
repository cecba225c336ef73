from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from worker.runner import Runner


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner(max_stragglers=2)
    yield runner
    runner.close()


def test_a_batch_that_ends_in_time_leaves_nothing(runner: Runner) -> None:
    done: list[int] = []

    async def job(n: int) -> None:
        done.append(n)

    assert runner.run([job(n) for n in range(5)], wait_s=5) == 0
    assert sorted(done) == [0, 1, 2, 3, 4]


def test_a_straggler_goes_on_after_its_task(runner: Runner) -> None:
    gate, done = asyncio.Event(), []

    async def slow() -> None:
        await gate.wait()
        done.append("slow")

    async def quick() -> None:
        done.append("quick")

    assert runner.run([slow(), quick()], wait_s=0.05) == 1
    assert "slow" not in done

    async def open_gate() -> None:
        gate.set()

    runner.call(open_gate(), 5)
    assert runner.drain(5) == 0
    assert sorted(done) == ["quick", "slow"]


def test_with_too_many_stragglers_a_task_waits(runner: Runner) -> None:
    async def slow() -> None:
        await asyncio.sleep(0.2)

    assert runner.run([slow() for _ in range(4)], wait_s=0.01) <= 2


def test_an_exception_in_one_job_does_not_reach_the_task(runner: Runner) -> None:
    async def broken() -> None:
        raise RuntimeError("broken")

    async def fine() -> None:
        return None

    assert runner.run([broken(), fine()], wait_s=5) == 0
