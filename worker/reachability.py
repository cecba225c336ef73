"""Is it the network, or the sites? Told from what the feeds' last polls gave. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.models import FeedState, FeedStatus, Reason

UNANSWERED = frozenset({Reason.DNS_FAILED, Reason.CONNECT_FAILED})
RECENT = timedelta(minutes=10)
"""Polls this long before the newest one are judged together; what was heard of longer ago says nothing about now."""
ENOUGH = 5
"""So many different feeds without an answer are the network; of a shorter list, all of it. One alone never is."""


@dataclass(frozen=True, slots=True)
class FeedFigures:
    total: int
    polled: int
    failing: int
    recent: int = 0
    """Polled within the last minutes before the newest poll."""
    unreachable: int = 0
    """Of those, whose poll ended without any answer from the network."""
    last_poll: datetime | None = None
    expected: int = 0
    """Feeds that are polled at all: neither gone nor paused."""

    @property
    def offline(self) -> bool:
        """None of several feeds polled lately could be reached: it is us, not them."""
        return self.unreachable == self.recent >= max(2, min(ENOUGH, self.expected))


def feed_figures(states: Collection[FeedState]) -> FeedFigures:
    polled = [state for state in states if state.polled_at is not None]
    last = max((state.polled_at for state in polled if state.polled_at), default=None)
    recent = [state for state in polled if last and state.polled_at and last - state.polled_at <= RECENT]
    return FeedFigures(
        total=len(states),
        polled=len(polled),
        failing=sum(state.failures > 0 for state in states),
        recent=len(recent),
        unreachable=sum(state.failures > 0 and state.reason in UNANSWERED for state in recent),
        last_poll=last,
        expected=sum(state.status not in (FeedStatus.GONE, FeedStatus.PAUSED) for state in states),
    )


def offline_line(figures: FeedFigures) -> str:
    """What a person is told while `figures.offline`."""
    return f"no network: none of the {figures.recent:,} feeds polled could be reached"
