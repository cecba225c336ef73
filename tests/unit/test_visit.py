"""A claim's manners: who is locked before what, and how long a host rests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from worker.errors import Retry
from worker.models import Reason
from worker.visit import Visit

A, B = "http://a.example/1", "https://b.example:8443/1"


def free(host: str) -> float:
    return 0.0


def run(play: Callable[[Callable[[], float]], Awaitable[None]]) -> None:
    async def main() -> None:
        await play(asyncio.get_running_loop().time)

    asyncio.run(main())


def test_the_first_request_of_a_host_waits_for_nothing_and_each_further_one_for_its_rest() -> None:
    async def play(clock: Callable[[], float]) -> None:
        visit, began = Visit("a.example", free, 0.05), clock()
        assert await visit.enter(A)
        assert await visit.enter(B)
        assert clock() - began < 0.04
        await asyncio.sleep(0.02)  # b is asked
        over = clock()
        await visit.enter(B)
        assert clock() - over >= 0.049

    run(play)


def test_a_rest_that_is_over_costs_nothing() -> None:
    async def play(clock: Callable[[], float]) -> None:
        visit = Visit("a.example", free, 0.05)
        await visit.enter(A)
        await visit.enter(B)
        await asyncio.sleep(0.06)
        began = clock()
        await visit.enter(A)
        assert clock() - began < 0.04

    run(play)


def test_other_hosts_are_locked_once_and_the_own_one_never() -> None:
    locked: list[str] = []

    def lock(host: str) -> float:
        locked.append(host)
        return 0.0

    async def play(_: Callable[[], float]) -> None:
        visit = Visit("a.example", lock, 0.0)
        for url in (A, B, A, B, "http://b.example/"):
            await visit.enter(url)

    run(play)
    assert locked == ["b.example:8443", "b.example"]


def test_a_host_that_another_claim_holds() -> None:
    async def play(_: Callable[[], float]) -> None:
        waits = iter((3.5, 0.0))
        visit = Visit("a.example", lambda host: next(waits), 0.0)
        with pytest.raises(Retry) as raised:
            await visit.enter(B)
        assert raised.value.reason is Reason.HOST_BUSY
        assert (raised.value.after_s, raised.value.block_host) == (3.5, False)
        assert await visit.enter(B)

    run(play)


def test_what_robots_txt_asks_counts_when_it_is_longer() -> None:
    visit = Visit("a.example", free, 2.0)
    visit.learn(A, 7.0)
    visit.learn(B, 1.0)
    assert (visit.delay_s("a.example"), visit.delay_s("b.example:8443"), visit.delay_s("c.example")) == (7.0, 2.0, 2.0)
    visit.learn(A, None)
    assert visit.delay_s("a.example") == 2.0


def test_a_long_rest_is_handed_back() -> None:
    async def play(clock: Callable[[], float]) -> None:
        visit, began = Visit("a.example", free, 9.0), clock()
        await visit.enter(A)
        with pytest.raises(Retry) as raised:
            await visit.enter(A)
        assert raised.value.reason is Reason.HOST_BUSY
        assert raised.value.after_s is not None
        assert 8.5 < raised.value.after_s <= 9.0
        assert clock() - began < 0.5

    run(play)


def test_all_rests_together_are_bounded() -> None:
    async def play(_: Callable[[], float]) -> None:
        visit = Visit("a.example", free, 0.05, budget_s=0.12)
        for _ in range(3):
            await visit.enter(A)
        with pytest.raises(Retry):
            await visit.enter(A)

    run(play)
