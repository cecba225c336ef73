"""What a feed's server was asked, when and why, and what came of it: an entry of the feed's log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from worker.models.words import Reason


@dataclass(frozen=True, slots=True)
class Answered:
    """By a feed's server."""

    status: int = 0
    """0: there was no answer."""
    received: int = 0
    """Bytes of the body as they were sent."""
    etag: str = ""
    last_modified: str = ""
    retry_after_s: float | None = None


NOTHING = Answered()

FIRST, PING, AGAIN, ADDED = "first", "ping", "again", "added"
"""Why a feed is polled now, where no plan had decided it: subscribed to and never asked, a hub's ping, the poll before
died with its worker, subscribed to once more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One poll. Times are the worker's; lengths that a server chooses are cut where they are stored."""

    at: datetime
    """When the first request was sent."""
    why: str
    """What had decided that it was then: a `Why`, or one of the words above."""
    url: str
    etag: str = ""
    """If-None-Match as it was sent; empty: none was."""
    last_modified: str = ""
    """If-Modified-Since, the same."""
    further: tuple[str, ...] = ()
    """What was asked after the first URL: targets of redirects, further documents of the feed."""
    answered: Answered = NOTHING
    """At the end of the redirects; that of further documents is not kept."""
    reason: Reason | None = None
    """How it ended; None: nobody knows, the worker died."""
    detail: str = ""
    entries: int = 0
    new: int = 0
    took_ms: int = 0
    next_at: datetime | None = None
    next_why: str = ""

    @property
    def conditional(self) -> bool:
        return bool(self.etag or self.last_modified)


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether a feed may be asked now."""

    granted: bool
    wait_s: float = 0.0
    """Where it may not: how long until it may be asked in full again. 0: somebody else has the feed now."""
    again: bool = False
    """Nobody knows what came of the request before this one."""
