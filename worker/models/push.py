"""WebSub: what is known of a hub that tells when a feed has news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from worker.models.words import FeedId


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a poll should know of its feed's subscription."""

    until: datetime | None = None
    """When the lease ends; None: no hub has confirmed one."""
    ping: str = ""
    """The ping that asked for this poll, as an opaque mark; empty: none did."""

    @property
    def pinged(self) -> bool:
        return bool(self.ping)


class Standing(StrEnum):
    """Of a subscription."""

    NEW = "new"
    ASKED = "asked"
    ACTIVE = "active"
    DENIED = "denied"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Subscription:
    """At one hub, for one feed's topic. `token` is the secret last part of its callback URL and its name."""

    token: str
    feed_id: FeedId
    hub: str
    """The one that is asked; one of `hubs`."""
    hubs: tuple[str, ...]
    topic: str
    secret: str
    made_at: datetime
    due_at: datetime
    """When the hub is to be asked (again)."""
    standing: Standing = Standing.NEW
    until: datetime | None = None
    """When the lease ends."""
    asked_at: datetime | None = None
    """When a hub last took a request that it has not confirmed yet."""
    tries: int = 0
    """Requests since the last confirmation."""
    detail: str = ""
    """Why the last try came to nothing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a feed names, and the subscription that it has. `topic` empty: it is gone, or names no hub any more."""

    feed_id: FeedId
    topic: str
    hubs: tuple[str, ...]
    current: Subscription | None
