"""When a feed is polled next. Pure: one function, its limits, no clock and no randomness of its own."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from worker.models import FeedState, FeedStatus, Reason

_FINAL_SOUNDING = frozenset({Reason.GONE, Reason.FORBIDDEN, Reason.CLIENT_ERROR, Reason.NOT_A_FEED})
"""Answers that seldom change within minutes: their backoff starts at an hour instead of ten minutes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """All in seconds."""

    floor_s: float = 300.0
    """Never sooner after a poll, whatever else is said."""
    default_s: float = 900.0
    """While nothing is known of the feed's rhythm."""
    cap_s: float = 21600.0
    """Never later, unless the server asked for it or the feed fails."""
    error_cap_s: float = 86400.0
    """Longest backoff of a failing feed."""
    hint_cap_s: float = 86400.0
    """Cache headers that promise more than this are not believed."""
    error_base_s: float = 600.0
    refused_base_s: float = 3600.0
    gone_s: float = 7 * 86400.0
    """A feed that is gone is still asked this often: some come back."""
    jitter: float = 0.1
    """Share of the interval over which polls that fell together are spread."""


class Outcome(Protocol):
    """What the policy needs of a poll; `worker.poll.stage.Polled` is one."""

    @property
    def state(self) -> FeedState: ...

    @property
    def reason(self) -> Reason: ...

    @property
    def retry_after_s(self) -> float | None: ...


def next_poll(polled: Outcome, now: datetime, rng: random.Random, limits: Limits) -> datetime:
    """The moment of the next poll after one that ended at `now`.

    Never sooner than the floor, the server's freshness hint (capped) or its Retry-After; never later than the cap,
    unless one of those, or the backoff of a failing feed, says so. A poll that only waits for a host comes back when
    that host is free: it was no poll.
    """
    asked_s = max(polled.retry_after_s or 0.0, 0.0)
    if polled.reason is Reason.HOST_BUSY:
        return now + timedelta(seconds=asked_s + rng.random())
    state = polled.state
    if state.failures:
        interval_s = max(_backoff_s(polled, rng, limits), limits.floor_s)
    else:
        interval_s = max(_rhythm_s(state, now, rng, limits), min(state.hint_s, limits.hint_cap_s))
    return now + timedelta(seconds=max(interval_s, asked_s))


def _rhythm_s(state: FeedState, now: datetime, rng: random.Random, limits: Limits) -> float:
    """Half the mean gap between entries; longer the longer nothing new came."""
    interval_s = limits.default_s if state.mean_gap_s is None else state.mean_gap_s / 2
    if state.new_entry_at is not None:
        interval_s = max(interval_s, (now - state.new_entry_at).total_seconds() / 10)
    interval_s = min(interval_s, limits.cap_s) * (1 + limits.jitter * (2 * rng.random() - 1))
    return max(min(interval_s, limits.cap_s), limits.floor_s)


def _backoff_s(polled: Outcome, rng: random.Random, limits: Limits) -> float:
    """Doubles with every failure, up to the error cap; spread downwards, so that the cap holds."""
    if polled.state.status is FeedStatus.GONE:
        longest_s = limits.gone_s
    else:
        base_s = limits.refused_base_s if polled.reason in _FINAL_SOUNDING else limits.error_base_s
        longest_s = min(base_s * 2.0 ** min(polled.state.failures - 1, 30), limits.error_cap_s)
    return longest_s * (1 - 2 * limits.jitter * rng.random())
