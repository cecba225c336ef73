"""A claim's manners: what is locked before what, and how long who rests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from worker.errors import Retry
from worker.models import Claim, ClaimKind, Reason
from worker.visit import NoLocks, Visit

A, B = "http://a.example/1", "https://b.example:8443/1"
SISTER = "http://www.a.example/1"
CLAIM = Claim(ClaimKind.FEED, "1", "a.example", "token")


class Locks(NoLocks):
    """Says how long who must wait, in turn; at the end nobody must."""

    def __init__(self, *waits: float) -> None:
        self.waits = list(waits)
        self.locked: list[str] = []

    def domain(self, host: str) -> str:
        return host.removeprefix("www.")

    def acquire(self, host: str, claim: Claim) -> float:
        self.locked.append(host)
        return self.waits.pop(0) if self.waits else 0.0

    def reach(self, host: str, address: str, claim: Claim) -> float:
        return self.waits.pop(0) if self.waits else 0.0


def run(play: Callable[[Callable[[], float]], Awaitable[None]]) -> None:
    async def main() -> None:
        await play(asyncio.get_running_loop().time)

    asyncio.run(main())


def test_the_first_request_of_a_domain_waits_for_nothing_and_each_further_one_for_its_rest() -> None:
    async def play(clock: Callable[[], float]) -> None:
        visit, began = Visit(CLAIM, Locks(), 0.05), clock()
        assert await visit.enter(A)
        assert await visit.enter(B)
        assert clock() - began < 0.04
        await asyncio.sleep(0.02)  # b is asked
        over = clock()
        await visit.enter(B)
        assert clock() - over >= 0.049

    run(play)


def test_hosts_of_one_domain_rest_together() -> None:
    async def play(clock: Callable[[], float]) -> None:
        visit, began = Visit(CLAIM, Locks(), 0.05), clock()
        await visit.enter(A)
        await visit.enter(SISTER)
        assert clock() - began >= 0.049

    run(play)


def test_different_domains_may_share_an_address_and_rest_a_little() -> None:
    async def play(clock: Callable[[], float]) -> None:
        visit, began = Visit(CLAIM, Locks(), 0.2, between_s=0.05), clock()
        await visit.enter(A)
        await visit.enter(B)
        assert 0.049 <= clock() - began < 0.19

    run(play)


def test_a_rest_that_is_over_costs_nothing() -> None:
    async def play(clock: Callable[[], float]) -> None:
        visit = Visit(CLAIM, Locks(), 0.05)
        await visit.enter(A)
        await visit.enter(B)
        await asyncio.sleep(0.06)
        began = clock()
        await visit.enter(A)
        assert clock() - began < 0.04

    run(play)


def test_other_hosts_are_locked_once_and_the_own_one_never() -> None:
    locks = Locks()

    async def play(_: Callable[[], float]) -> None:
        visit = Visit(CLAIM, locks, 0.0)
        for url in (A, B, A, B, "http://b.example/"):
            await visit.enter(url)

    run(play)
    assert locks.locked == ["b.example:8443", "b.example"]


def test_a_host_that_another_claim_holds() -> None:
    async def play(_: Callable[[], float]) -> None:
        visit = Visit(CLAIM, Locks(3.5), 0.0)
        with pytest.raises(Retry) as raised:
            await visit.enter(B)
        assert raised.value.reason is Reason.HOST_BUSY
        assert (raised.value.after_s, raised.value.block_host) == (3.5, False)
        assert await visit.enter(B)

    run(play)


def test_the_patient_wait_for_it_within_their_budget() -> None:
    async def play(clock: Callable[[], float]) -> None:
        locks, began = Locks(0.05, 0.05), clock()
        assert await Visit(CLAIM, locks, 0.0, patient=True).enter(B)
        assert clock() - began >= 0.099
        assert len(locks.locked) == 3
        visit = Visit(CLAIM, Locks(*[0.05] * 9), 0.0, patient=True, budget_s=0.12)
        with pytest.raises(Retry) as raised:
            await visit.enter(B)
        assert raised.value.after_s == 0.05

    run(play)


def test_what_robots_txt_asks_counts_when_it_is_longer_and_only_for_that_host() -> None:
    async def play(clock: Callable[[], float]) -> None:
        visit = Visit(CLAIM, Locks(), 0.01)
        visit.learn(A, 0.08)
        await visit.enter(A)
        began = clock()
        await visit.enter(SISTER)
        assert clock() - began < 0.06
        await visit.enter(A)
        assert clock() - began >= 0.079

    run(play)
    visit = Visit(CLAIM, Locks(), 2.0)
    visit.learn(A, 7.0)
    visit.learn(B, 1.0)
    assert (visit.delay_s("a.example"), visit.delay_s("b.example:8443"), visit.delay_s("c.example")) == (7.0, 2.0, 2.0)
    visit.learn(A, None)
    assert visit.delay_s("a.example") == 2.0


def test_a_long_rest_is_handed_back() -> None:
    async def play(clock: Callable[[], float]) -> None:
        visit, began = Visit(CLAIM, Locks(), 9.0), clock()
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
        visit = Visit(CLAIM, Locks(), 0.05, budget_s=0.12)
        for _ in range(3):
            await visit.enter(A)
        with pytest.raises(Retry):
            await visit.enter(A)

    run(play)


@pytest.mark.parametrize(
    ("waits", "asked"),
    [((), [A]), ((0.0,), [A]), ((2.0,), []), ((2.0, 3.0), []), ((2.0, 0.0), [A]), ((0.0, 2.0), [A])],
)
def test_what_was_asked_is_what_reached_an_address(waits: tuple[float, ...], asked: list[str]) -> None:
    async def play(_: Callable[[], float]) -> None:
        visit = Visit(CLAIM, Locks(*waits), 0.0)
        await visit.enter(A)
        for number, wait in enumerate(waits):
            assert visit.reach("a.example", f"127.0.0.{number}") == wait
        assert visit.asked == asked
        assert visit.host == "a.example"

    run(play)
