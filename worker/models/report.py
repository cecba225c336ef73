"""What is written for those who watch the mill: polls, feeds, and how the pipeline stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from worker.models.document import Freshness
from worker.models.feed import Feed, FeedState
from worker.models.words import ArticleId, FeedId, Reason


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll that is over."""

    feed_id: FeedId
    feed_url: str
    at: datetime
    failed: bool
    reason: Reason
    took_ms: int
    """From the first request to the last, waiting for the host included."""
    entries: int
    offered: int


@dataclass(frozen=True, slots=True)
class FeedReport:
    """One feed as it stands at `at`."""

    at: datetime
    feed: Feed
    state: FeedState
    next_poll_at: datetime
    entries_per_day: float | None
    silent: bool
    """Against its own rhythm (`schedule/silence.py`)."""
    silent_for_s: float | None
    """Present pause; None where too little is known to judge it."""
    expected_entries: float | None
    """That its rhythm expects in that pause."""
    freshness: Freshness | None
    """Of its articles of the last days."""
    slow: bool
    lagging: bool


@dataclass(frozen=True, slots=True)
class StoryReport:
    """One story as its articles have it at `at`. Of one that was merged only `merged_into` is told."""

    id: str
    at: datetime
    first_seen_at: datetime
    articles: int = 0
    sites: int = 0
    on_sites: tuple[str, ...] = ()
    """The most frequent ones."""
    languages: int = 0
    in_languages: tuple[str, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None
    half_after_s: float | None = None
    """From its first print until half of them were out."""
    lead: ArticleId | None = None
    title: str = ""
    url: str = ""
    site: str = ""
    language: str = ""
    section: str = ""
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class Depths:
    """How much stands where in the pipeline at `at`, and how old the oldest of it is."""

    at: datetime
    depth: Mapping[str, float]
    """As `ports.Frontier.depth`."""
    outbox_items: int
    outbox_bytes: int
    outbox_oldest_s: float
    pending: int
