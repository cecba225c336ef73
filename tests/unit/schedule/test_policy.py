"""When a feed is polled next."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models import FeedState, FeedStatus, Reason
from worker.schedule.policy import Limits, next_poll

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LIMITS = Limits()
HOUR = 3600.0
DAY = 86400.0


@dataclass(frozen=True)
class Poll:
    state: FeedState
    reason: Reason = Reason.NOT_MODIFIED
    retry_after_s: float | None = None


def wait_s(poll: Poll, limits: Limits = LIMITS, seed: int = 7) -> float:
    return (next_poll(poll, NOW, random.Random(seed), limits) - NOW).total_seconds()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


HEALTHY = [
    ("nothing known", FeedState(), 900),
    ("an entry every hour", FeedState(mean_gap_s=HOUR, new_entry_at=ago(60)), 1800),
    ("an entry every minute", FeedState(mean_gap_s=60), 300),
    ("an entry a month", FeedState(mean_gap_s=30 * DAY), 6 * HOUR),
    ("hourly, but silent for a day", FeedState(mean_gap_s=HOUR, new_entry_at=ago(DAY)), DAY / 10),
    ("silent for a year", FeedState(mean_gap_s=60, new_entry_at=ago(365 * DAY)), 6 * HOUR),
    ("the server asks for two hours", FeedState(mean_gap_s=60, hint_s=2 * HOUR), 2 * HOUR),
    ("the server asks for twelve hours", FeedState(mean_gap_s=60, hint_s=12 * HOUR), 12 * HOUR),
    ("the server asks for a week", FeedState(mean_gap_s=60, hint_s=7 * DAY), DAY),
    ("the server asks for less than the floor", FeedState(mean_gap_s=60, hint_s=10), 300),
]


@pytest.mark.parametrize(("state", "about"), [row[1:] for row in HEALTHY], ids=[row[0] for row in HEALTHY])
def test_healthy_feeds(state: FeedState, about: float) -> None:
    waits = [wait_s(Poll(state), seed=seed) for seed in range(50)]
    assert min(waits) >= about * 0.9
    assert max(waits) <= about * 1.1 + 1e-6 or about == LIMITS.floor_s


def failing(failures: int, reason: Reason, status: FeedStatus = FeedStatus.BACKING_OFF) -> Poll:
    return Poll(FeedState(failures=failures, status=status, mean_gap_s=60, hint_s=7 * DAY), reason)


BACKOFF = [
    (failing(1, Reason.TIMEOUT), 600),
    (failing(2, Reason.TIMEOUT), 1200),
    (failing(4, Reason.SERVER_ERROR), 4800),
    (failing(9, Reason.DNS_FAILED), DAY),
    (failing(10_000, Reason.DNS_FAILED), DAY),
    (failing(1, Reason.CLIENT_ERROR), HOUR),
    (failing(3, Reason.FORBIDDEN), 4 * HOUR),
    (failing(2, Reason.NOT_A_FEED), 2 * HOUR),
    (failing(1, Reason.GONE), HOUR),
    (failing(2, Reason.GONE, FeedStatus.GONE), 7 * DAY),
]


@pytest.mark.parametrize(("poll", "longest"), BACKOFF)
def test_failing_feeds(poll: Poll, longest: float) -> None:
    waits = [wait_s(poll, seed=seed) for seed in range(50)]
    assert longest * 0.8 <= min(waits)
    assert max(waits) <= longest
    assert len(set(waits)) > 40, "what failed together must not come back together"


def test_retry_after_goes_before_the_backoff() -> None:
    poll = replace(failing(1, Reason.RATE_LIMITED), retry_after_s=5 * HOUR)
    assert wait_s(poll) == 5 * HOUR


def test_a_busy_host_is_no_poll() -> None:
    poll = Poll(FeedState(failures=5, hint_s=DAY), Reason.HOST_BUSY, 2.5)
    assert 2.5 <= wait_s(poll) <= 3.5


def test_jitter_can_be_switched_off_and_limits_set_to_nothing() -> None:
    limits = Limits(floor_s=0, default_s=2, cap_s=1, jitter=0)
    assert wait_s(Poll(FeedState()), limits) == 1


STATE = st.builds(
    FeedState,
    failures=st.integers(0, 40),
    status=st.sampled_from(FeedStatus),
    mean_gap_s=st.none() | st.floats(0, 1e9),
    hint_s=st.floats(0, 7 * DAY),
    new_entry_at=st.none() | st.floats(-1e6, 1e9).map(ago),
)
POLL = st.builds(Poll, STATE, st.sampled_from(Reason), st.none() | st.floats(0, 2 * DAY))
BOUNDS = st.builds(
    Limits,
    floor_s=st.floats(0, 1000),
    default_s=st.floats(1, 1e4),
    cap_s=st.floats(1, 1e5),
    error_cap_s=st.floats(1, 1e6),
)


@given(POLL, BOUNDS, st.integers())
def test_never_too_soon_and_never_too_late(poll: Poll, limits: Limits, seed: int) -> None:
    wait, slack = wait_s(poll, limits, seed), 1e-5  # datetimes count microseconds
    asked = poll.retry_after_s or 0.0
    assert wait >= asked - slack
    if poll.reason is Reason.HOST_BUSY:
        assert wait <= asked + 1 + slack
        return
    assert wait >= limits.floor_s - slack
    state = poll.state
    if not state.failures:
        hint = min(state.hint_s, limits.hint_cap_s)
        assert wait >= hint - slack
        assert wait <= max(limits.cap_s, limits.floor_s, hint, asked) + slack
    else:
        longest = limits.gone_s if state.status is FeedStatus.GONE else limits.error_cap_s
        assert wait <= max(longest, limits.floor_s, asked) + slack
