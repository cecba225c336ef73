"""An article on its way through the stages, and the right to work on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from worker.models.feed import Entry
from worker.models.words import ArticleId, FeedId, Reason, Stage


@dataclass(frozen=True, slots=True)
class Step:
    """What one stage did with one article, for the ledger and `explain`."""

    stage: Stage
    at: datetime
    outcome: str
    """`ok`, `retry`, or the final state's word."""
    reason: Reason | None = None
    detail: str = ""
    took_ms: int = 0


@dataclass(frozen=True, slots=True)
class WorkItem:
    """An article on its way: the frontier's payload. `attempt` counts claims, this one included."""

    article_id: ArticleId
    url: str
    """Where to fetch next: the entry's URL, or the target of a redirect to another host."""
    entry: Entry
    feed_id: FeedId
    feed_url: str
    offered_at: datetime
    offer: int
    """Serial number of the offer; makes the event's id unique and repeatable."""
    attempt: int = 0
    hops: tuple[str, ...] = ()
    """URLs already passed by redirects that crossed hosts."""
    steps: tuple[Step, ...] = ()


class ClaimKind(StrEnum):
    FEED = "feed"
    ARTICLE = "article"


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of work taken from a ready host. The host stays locked until `release`/`finish` with this token."""

    kind: ClaimKind
    id: str
    host: str
    token: str
    alone: bool = False
    """A worker died under it before: it travels in a message of its own, so that it cannot take others with it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A downloaded answer with a final status of 200. `body` is decoded (content coding), not yet text."""

    url: str
    body: bytes
    content_type: str = ""
    """The header's value, charset parameter included."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names; the first value of each, of Link all of them, joined by commas, of X-Robots-Tag one a line."""
    hops: tuple[str, ...] = ()
    permanent: bool = False
    """True when there was a redirect and every hop of it was 301 or 308."""
