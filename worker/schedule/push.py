"""When a hub's pings may stand in for polls (WebSub). Pure.

A hub is believed for what it did, never for what it says: a ping counts when the poll that follows finds something
new. One poll that finds news without a ping shows that pings get lost, and the feed is polled as before at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from worker.models import FeedState, Pushed

PROVEN = 2
"""Pings in good order that a hub must have sent."""
MOST_HITS = 4
"""So many are remembered: this many fruitless pings, less those above, use up the trust of any time."""
SLOWER = 12
"""Polls of a feed that is pushed are so many times further apart."""
SLOWEST_CAPS = 4
"""But never further than so many caps: a day."""


def heard(state: FeedState, pushed: Pushed, *, news: bool, now: datetime) -> FeedState:
    """After a poll that was answered. `news`: it found something new; `pushed.pinged`: a ping had asked for it."""
    hits, heard_at = state.push_hits, state.push_heard_at
    if pushed.until is None:
        hits = 0
    elif news and pushed.pinged:
        hits, heard_at = min(hits + 1, MOST_HITS), now
    elif news:
        hits = 0
    elif pushed.pinged:  # a flood, or a copy of the feed that is older than the ping
        hits = max(hits - 1, 0)
    return replace(state, push_hits=hits, push_heard_at=heard_at, push_until=pushed.until)


def believed(state: FeedState, now_s: float) -> bool:
    """Whether the feed's hub has proven itself, and its lease still runs."""
    return state.push_hits >= PROVEN and state.push_until is not None and state.push_until.timestamp() > now_s


def slowed(interval_s: float, *, overflow_s: float, cap_s: float) -> float:
    """Twelve times the interval; no longer than until entries may fall out of the document, or four caps.

    Never shorter than `interval_s`.
    """
    return max(interval_s, min(interval_s * SLOWER, overflow_s, cap_s * SLOWEST_CAPS))
