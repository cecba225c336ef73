"""What a feed's server is about to be asked, why, and what is written down of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from worker.models import Asked, Feed, FeedState, Pushed
from worker.models.asked import ADDED, FIRST, PING
from worker.poll import headers
from worker.poll.outcome import Polled


@dataclass(frozen=True, slots=True)
class Question:
    """`conditional`: with the validators that the server gave. `in_full`: without any, although it may have given some,
    or has sent none that could be read yet."""

    asked: Asked
    conditional: bool
    in_full: bool


def question(feed: Feed, state: FeedState, pushed: Pushed, now: datetime, *, conditional: bool) -> Question:
    sent = headers.conditional(state.etag, state.last_modified) if conditional else {}
    asked = Asked(
        at=now, why=_why(state, pushed), url=feed.url,
        etag=sent.get("If-None-Match", ""), last_modified=sent.get("If-Modified-Since", ""),
    )  # fmt: skip
    return Question(asked, bool(sent), not sent and may_give_validators(state, now))


def may_give_validators(state: FeedState, now: datetime) -> bool:
    """False for servers whose documents have come without any, and while those of one that lied are not believed."""
    if state.distrusted_until is not None and now < state.distrusted_until:
        return False
    return bool(state.etag or state.last_modified) or state.in_full_at is None


def ended(asked: Asked, polled: Polled, state: FeedState, next_at: datetime, took_ms: int) -> Asked:
    """The log's entry once it is known what came of it. `state`: as it is saved."""
    return replace(
        asked,
        further=polled.further,
        answered=polled.answered,
        reason=polled.reason,
        detail=polled.detail,
        entries=polled.entries_found,
        new=polled.offered,
        took_ms=took_ms,
        next_at=next_at,
        next_why=state.next_why.value if state.next_why else "",
    )


def _why(state: FeedState, pushed: Pushed) -> str:
    if state.polls == 0:
        return FIRST
    if pushed.pinged:
        return PING
    return state.next_why.value if state.next_why else ADDED
