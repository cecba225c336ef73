"""`Pacer` over a real Valkey."""

from __future__ import annotations

import pytest

from tests.state import Mill
from tests.valkey import Valkey
from worker.models import FeedState
from worker.schedule.hours import FLAT
from worker.schedule.pace import Budget, start
from worker.state.pace import KEEP_S, RedisPacer

BUDGET = Budget(per_feed_day=24)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def pacer(mill: Mill, budget: Budget = BUDGET) -> RedisPacer:
    """A process of its own: nothing read yet."""
    return RedisPacer(mill.scripts, budget)


def test_before_the_first_step_there_is_a_guess(mill: Mill) -> None:
    assert pacer(mill).pace().threshold == start(BUDGET, 1)
    assert pacer(mill).pace().profile == pytest.approx(FLAT)


def test_one_of_many_schedulers_takes_a_step(mill: Mill) -> None:
    mill.subscribe([f"https://h{n}.example/feed" for n in range(600)])
    schedulers = [pacer(mill) for _ in range(5)]
    assert [each.steer() is not None for each in schedulers] == [True, False, False, False, False]
    mill.later(59)
    assert [each.steer() for each in schedulers] == [None] * 5
    mill.later(2)
    assert sum(each.steer() is not None for each in schedulers) == 1


def test_two_that_read_the_same_step_do_not_both_take_it(mill: Mill) -> None:
    one, two = pacer(mill), pacer(mill)
    raced: list[float | None] = []
    run = mill.scripts.run

    def slow(name: str, *arguments: bytes | str | int | float) -> object:
        answer = run(name, *arguments)
        if name == "pace_read" and not raced:
            raced.append(None)
            raced[0] = two.steer()
        return answer

    mill.scripts.run = slow  # type: ignore[method-assign]
    assert one.steer() is None
    assert raced[0] is not None


def step(mill: Mill, polls: int) -> float:
    for _ in range(polls):
        pacer(mill).polled({}, counts=True)
    mill.later(60)
    new = pacer(mill).steer()
    assert new is not None
    return new


def test_polls_move_the_threshold_and_are_counted_once(mill: Mill) -> None:
    mill.subscribe([f"https://h{n}.example/feed" for n in range(600)])
    for claim in mill.claim(1000):
        mill.feeds.save(claim, FeedState(), mill.scripts.now().replace(year=2100), None)
    first = pacer(mill).steer()
    assert first is not None
    more = step(mill, 40)
    assert more > first
    less = step(mill, 0)
    assert less < more
    assert pacer(mill).pace().threshold == less


def test_first_polls_are_not_counted_but_their_entries_are(mill: Mill) -> None:
    pacer(mill).polled({12: 3.0, 40: 0.5}, counts=False)
    pacer(mill).polled({12: 3.0}, counts=False)
    profile = pacer(mill).pace().profile
    assert profile[12] == max(profile)
    assert mill.client.hget(mill.scripts.key("pace"), "polls") is None


def test_what_is_overdue_raises_the_threshold(mill: Mill) -> None:
    mill.subscribe([f"https://h{n}.example/feed" for n in range(600)])
    first = pacer(mill).steer()
    mill.later(90)  # nobody polls: all 600 are overdue
    second = pacer(mill).steer()
    assert first is not None
    assert second is not None
    assert second > first


def test_a_busy_host_is_no_overload(mill: Mill) -> None:
    mill.subscribe([f"https://one.example/feed/{n}" for n in range(600)])
    mill.claim()
    first = pacer(mill).steer()
    mill.later(90)
    second = pacer(mill).steer()
    assert first is not None
    assert second is not None
    assert second < first


def test_the_pace_is_read_every_ten_seconds(mill: Mill) -> None:
    clock = Clock()
    reader = RedisPacer(mill.scripts, BUDGET, clock=clock)
    before = reader.pace()
    mill.client.hset(mill.scripts.key("pace"), "threshold", "7.5")
    assert reader.pace() == before
    clock.now += KEEP_S
    assert reader.pace().threshold == 7.5


def test_the_profile_fades_by_the_day(mill: Mill) -> None:
    mill.subscribe(["https://a.example/feed"])
    pacer(mill).polled({5: 10.0}, counts=False)
    assert pacer(mill).steer() is not None
    for day in range(1, 4):
        mill.later(86400)
        assert pacer(mill).steer() is not None
        kept = float(mill.client.hget(mill.scripts.key("pace:profile"), "5"))
        assert kept == pytest.approx(10 * 0.98**day, rel=1e-4)
