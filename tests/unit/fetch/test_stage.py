"""Backoff: longer each time, never above its cap, never all at once."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from worker.fetch.stage import retry_delay


def test_each_try_waits_four_times_as_long() -> None:
    full = [retry_delay(attempt, 30, 1e9, _NoChance()) for attempt in (1, 2, 3, 4)]
    assert full == [30, 120, 480, 1920]


class _NoChance(random.Random):
    def random(self) -> float:
        return 0.0


@settings(deadline=None)  # a busy machine pauses for longer than any example takes
@given(st.integers(-3, 10**9), st.floats(0.1, 1e4), st.floats(0.1, 1e6), st.randoms(use_true_random=False))
def test_bounds(attempt: int, base_s: float, cap_s: float, rng: random.Random) -> None:
    delay = retry_delay(attempt, base_s, cap_s, rng)
    assert 0.75 * min(base_s, cap_s) <= delay <= cap_s


def test_what_failed_together_does_not_come_back_together() -> None:
    rng = random.Random(7)
    assert len({round(retry_delay(3, 30, 3600, rng)) for _ in range(50)}) > 20
