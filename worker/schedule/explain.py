"""The next poll of a feed in words. Pure."""

from __future__ import annotations

from datetime import datetime

from worker.models import FeedState, FeedStatus, Why
from worker.models.asked import ADDED, AGAIN, FIRST, PING

_HOUR_S, _DAY_S = 3600.0, 86400.0
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def next_poll_in_words(state: FeedState, next_at: datetime, now: datetime) -> str:
    """For example: in 14 min: about 2.1 new entries expected; server asks for at least 10 min."""
    if state.status is FeedStatus.PAUSED:
        return "when it is resumed"
    wait_s = (next_at - now).total_seconds()
    when = f"in {span(wait_s)}" if wait_s > 0 else "now"
    if state.polls == 0:
        return f"{when}: its first poll"
    reasons = [_REASON[state.next_why]] if state.next_why in _REASON else []
    if state.failures:
        return "; ".join([f"{when}: the last poll failed", *reasons])
    expected = f"{when}: about {_number(state.next_expected)} new entries expected"
    return "; ".join([expected, *reasons, *_wishes(state)])


def span(seconds: float) -> str:
    """Two digits and a unit: 40 s, 14 min, 3.5 h, 12 d."""
    for unit_s, unit in ((_DAY_S, "d"), (_HOUR_S, "h"), (60.0, "min")):
        if seconds >= 2 * unit_s or (seconds >= unit_s and unit != "d"):
            return f"{_number(seconds / unit_s)} {unit}"
    return f"{max(round(seconds), 0)} s"


def _wishes(state: FeedState) -> list[str]:
    """What the server and the document ask for, whether or not it decided."""
    wishes = []
    if state.hint_s:
        wishes.append(f"server asks for at least {span(state.hint_s)}")
    if state.ttl_s:
        wishes.append(f"feed asks for at least {span(state.ttl_s)}")
    hours = [str(hour) for hour in range(24) if state.skip_hours >> hour & 1]
    days = [day for number, day in enumerate(_DAYS) if state.skip_days >> number & 1]
    if hours:
        wishes.append(f"feed asks to be spared in the hours {', '.join(hours)} GMT")
    if days:
        wishes.append(f"feed asks to be spared on {', '.join(days)}")
    return wishes


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 9.95 else f"{value:.0f}"


def why_in_words(why: str) -> str:
    """Of an entry of a feed's log (`models.Asked.why`, `next_why`)."""
    return _OF_LOG.get(why, why)


_REASON = {
    Why.WINDOW: "before so many are new that some could fall out of the feed",
    Why.CAP: "the longest wait that the settings allow",
    Why.UNKNOWN: "its rhythm is not known yet",
    Why.FLOOR: "the shortest wait that is polite here",
    Why.HINT: "as long as the server says nothing changes",
    Why.TTL: "as long as the feed asks to wait",
    Why.PUSH: "its hub tells at once when there is news (WebSub), so it is polled seldom",
    Why.SKIPPED_TIME: "moved out of the time that the feed asks to be spared",
    Why.RETRY_AFTER: "the server asked for a pause (Retry-After)",
    Why.BACKOFF: "each failure in a row doubles the wait",
    Why.PROBE: "it is only looked whether it has come back",
    Why.ONCE_A_DAY: "it was sent in full less than a day ago, and nothing by which to ask for less is known",
    Why.HOST_BUSY: "its host is busy",
}

_OF_LOG: dict[str, str] = {
    **{why.value: text for why, text in _REASON.items()},
    Why.DELAY.value: "as many new entries were expected as it takes to ask",
    Why.HINT.value: "the server said for how long nothing changes",
    Why.TTL.value: "the feed asked for so long a wait",
    FIRST: "subscribed to, and never asked before",
    ADDED: "subscribed to again",
    PING: "its hub said that there is news (WebSub)",
    AGAIN: "the worker that asked before died, and nobody knows what came of it",
}
