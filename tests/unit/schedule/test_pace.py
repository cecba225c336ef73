"""The threshold that all feeds share, and how it is steered."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models import Pace
from worker.schedule.hours import BINS, SHARE
from worker.schedule.pace import LEAST, MOST, STEP_S, Budget, Measured, profile_of, start, steered


def measured(**changes: float) -> Measured:
    given_ = {"threshold": 1.0, "elapsed_s": STEP_S, "age_s": 1e7, "polls": 10, "feeds": 600, "overdue": 0} | changes
    return Measured(**given_)  # type: ignore[arg-type]


FEEDS = 150
BUDGET = Budget(per_feed_day=24)  # 600 feeds: ten polls a minute


def test_the_budget() -> None:
    assert BUDGET.polls_per_s(600) == pytest.approx(1 / 6)
    assert Budget(24, per_s=0.1).polls_per_s(600) == 0.1
    assert Budget(24, per_s=5).polls_per_s(600) == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("changes", "direction"),
    [
        ({}, 0),
        ({"polls": 20}, 1),
        ({"polls": 0}, -1),
        ({"polls": 0, "overdue": 21}, 1),
        ({"polls": 0, "overdue": 20}, -1),
        ({"polls": 0, "elapsed_s": 36_000}, 0),
        ({"polls": 900, "elapsed_s": 0}, 0),
        ({"polls": 900, "elapsed_s": -5}, 0),
        ({"polls": 50, "feeds": 0}, 0),
    ],
    ids=[
        "on budget",
        "too many",
        "too few",
        "overload",
        "a few late ones",
        "nothing ran",
        "no time",
        "clock",
        "no feed",
    ],
)
def test_steps(changes: dict[str, float], direction: int) -> None:
    new = steered(measured(**changes), BUDGET)
    assert (new > 1) - (new < 1) == direction


def test_the_first_step_is_a_guess_from_the_budget() -> None:
    assert steered(measured(threshold=None), BUDGET) == start(BUDGET, 600)  # type: ignore[arg-type]
    assert start(Budget(24), 10) < start(Budget(6), 10)
    assert start(Budget(24, per_s=1e-4), 1000) > start(Budget(24), 1000)
    assert start(BUDGET, 0) == start(BUDGET, 5)


@given(
    st.builds(
        Measured,
        threshold=st.none() | st.floats(LEAST, MOST),
        elapsed_s=st.floats(-1e9, 1e9),
        age_s=st.floats(0, 1e9),
        polls=st.integers(-5, 10**9),
        feeds=st.integers(0, 10**6),
        overdue=st.integers(0, 10**6),
    ),
    st.builds(Budget, st.floats(1e-3, 1e4), st.floats(0, 1e4)),
)
def test_it_stays_within_its_bounds(now: Measured, budget: Budget) -> None:
    assert LEAST <= steered(now, budget) <= MOST


@pytest.mark.parametrize(("per_day", "first"), [(24.0, 0.001), (24.0, 300.0), (6.0, 1.0), (48.0, None)])
def test_polls_meet_the_budget_whatever_the_start(per_day: float, first: float | None) -> None:
    """150 feeds with a day's cycle, each polled by the square-root law of the moment, over twelve days."""
    rng = random.Random(5)
    budget = Budget(per_day)
    rates = [min(math.exp(rng.gauss(math.log(5 / 24), 1.2)), 20.0) for _ in range(FEEDS)]
    due = [rng.uniform(0, 24) for _ in rates]
    threshold, polls, total, measured_h = first or start(budget, FEEDS), 0, 0, 5 * 24
    steps_per_h = 6
    for step in range(12 * 24 * steps_per_h):
        hour = step / steps_per_h
        cycle = 1 + 0.8 * math.cos(2 * math.pi * (hour % 24) / 24)
        for feed, rate in enumerate(rates):
            if due[feed] <= hour:
                polls += 1
                due[feed] = hour + min(24.0, math.sqrt(2 * threshold / (rate * cycle)))
        now = Measured(threshold, 3600 / steps_per_h, hour * 3600, polls, FEEDS, 0)
        threshold = steered(now, budget)
        total += polls * (hour >= 12 * 24 - measured_h)
        polls = 0
    assert total / FEEDS / (measured_h / 24) == pytest.approx(per_day, rel=0.07)


def test_the_profile_of_all_feeds() -> None:
    assert profile_of({}) == pytest.approx(Pace().profile)
    busy = profile_of({12: 100.0, 99: 5.0})
    assert busy[12] > 5 > busy[11]
    assert sum(value * share for value, share in zip(busy, SHARE, strict=True)) == pytest.approx(1)
    assert profile_of({3: math.inf}) == Pace().profile
    assert min(profile_of(dict.fromkeys(range(BINS), -1e9))) > 0
