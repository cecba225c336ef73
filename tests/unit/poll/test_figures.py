from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models import FeedState
from worker.poll.figures import MEMORY, counted


def after(polls: list[tuple[float, bool]]) -> FeedState:
    state = FeedState()
    for took_ms, hit in polls:
        state = counted(replace(state, polls=state.polls + 1), took_ms, hit=hit)
    return state


def test_the_first_poll_is_no_hit() -> None:
    assert (after([(100, True)]).hit_rate, after([(100, True)]).took_ms) == (0, 100)
    assert after([(100, True), (300, True)]).hit_rate == 1
    assert after([(100, True), (300, True)]).took_ms == 200


def test_few_polls_are_a_plain_mean() -> None:
    state = after([(100, True), (200, True), (300, False), (400, False), (500, False)])
    assert state.took_ms == pytest.approx(300, abs=0.5)
    assert state.hit_rate == pytest.approx(0.25, abs=0.001)


def test_later_the_old_ones_fade() -> None:
    state = after([(100, True)] * 200 + [(1000, False)] * 3 * MEMORY)
    assert 930 < state.took_ms < 1000
    assert state.hit_rate < 0.06


@given(st.lists(st.tuples(st.floats(0, 30_000), st.booleans()), max_size=60))
def test_both_stay_in_their_bounds(polls: list[tuple[float, bool]]) -> None:
    state = after(polls)
    assert 0 <= state.hit_rate <= 1
    assert 0 <= state.took_ms <= max([took for took, _ in polls], default=0) + 1
