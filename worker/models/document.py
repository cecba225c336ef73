"""What is stored in the index, what it answers, and what waits to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from worker.models.story import Fingerprint, StoryRef
from worker.models.text import Caption, Extraction
from worker.models.words import EPOCH, MILLISECOND, ArticleId, DateSource, Kind, NoLag, Precision, Reason, State
from worker.models.work import Step


@dataclass(frozen=True, slots=True)
class Lag:
    """How long an article took on its way, seconds; measured once, when it is first written (`index/lag.py`)."""

    found_s: float | None = None
    """From its publication until it was first seen in the feed."""
    fetched_s: float | None = None
    """From there until its page was fetched."""
    indexed_s: float | None = None
    """From there until it was written."""
    total_s: float | None = None
    """All of it. None, as `found_s`, where `left_out` says why."""
    left_out: NoLag | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """The one document shape: `--json`, export, import, Elasticsearch `_source` (see `index/documents.py`)."""

    id: ArticleId
    url: str
    site: str
    feed: str
    title: str
    summary: str
    body: str
    language: str
    published_at: datetime
    published_at_source: DateSource
    first_seen_at: datetime
    fetched_at: datetime
    indexed_at: datetime | None
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    agencies: tuple[str, ...]
    image: str
    captions: tuple[Caption, ...]
    kind: Kind
    word_count: int
    revision: int
    story: StoryRef
    duplicate_of: ArticleId | None
    extraction: Extraction
    lag: Lag | None = None
    """None: not written yet, or by a version that did not measure."""
    published_at_precision: Precision = Precision.TIME
    updated_at: datetime | None = None
    """When the page or its feed says the article was last changed."""
    paywall: bool = False
    canonical_url: str = ""
    """What the page names as canonical: another URL of its own site, or, on another host, a hint of syndication."""
    aliases: tuple[str, ...] = ()
    """Other URLs that lead to this article, as far as they were known when this version was fetched: the feed's, those
    of redirects, a canonical URL that can be believed."""

    @property
    def version(self) -> int:
        """Milliseconds of `fetched_at`: the external version of a write; a lower one never wins.

        By integers: a float is off by one now and then, and a cleaned text is just one millisecond newer.
        """
        return (self.fetched_at - EPOCH) // MILLISECOND


@dataclass(frozen=True, slots=True)
class Event:
    """The ledger's line for one offer: how it ended, why, and what each stage did."""

    id: str
    """`<article_id>-<offer>`: writing it twice changes nothing."""
    article_id: ArticleId
    url: str
    feed: str
    site: str
    title: str
    state: State
    reason: Reason
    detail: str
    at: datetime
    offered_at: datetime
    attempts: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A finished offer on its way to the index. `article` is None where there is only an event to write."""

    event: Event
    article: Article | None
    receipt: str = ""
    """The stream's id of this item, needed to acknowledge it."""
    deliveries: int = 1


class Verdict(StrEnum):
    """What became of one document of a bulk write."""

    STORED = "stored"
    STALE = "stale"
    """A newer version is there already: as good as stored (Elasticsearch: 409)."""
    RETRY = "retry"
    REJECTED = "rejected"
    TOO_LARGE = "too_large"
    ERASED = "erased"
    """It was erased, or its domain was, and stays away: nothing was written."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the index already holds of an article."""

    first_seen_at: datetime
    fetched_at: datetime
    revision: int
    title: str
    body: str
    language: str
    kind: Kind
    story: StoryRef
    duplicate_of: ArticleId | None


@dataclass(frozen=True, slots=True)
class Taught:
    """A document of the index, as it is taught to an empty Redis."""

    article: Article
    content: bytes
    """16-byte hash of title, summary and body."""
    fingerprint: Fingerprint
    met: datetime | None = None
    """When the last copy came that it leads, where that was later: so long its story is open."""


@dataclass(frozen=True, slots=True)
class Hit:
    article: Article
    score: float
    snippet: str
    """Plain text with the matches between U+0001 and U+0002; the edge turns them into its own marks."""
    copies: int
    """Documents of this story that match the query, this one included."""
    sites: int = 1
    """Different sites among them."""
    named_sites: tuple[str, ...] = ()
    """Of those the first few, the one with most copies first, then by name; empty where there is one copy."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    hits: tuple[Hit, ...]
    total: int
    """Matching documents (before collapsing), exact up to 10,000."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Half of the articles took at most `p50_s` seconds, nineteen of twenty at most `p95_s`."""

    p50_s: float
    p95_s: float


@dataclass(frozen=True, slots=True)
class Freshness:
    """The lags of the articles of one feed, or of all; each None where no article has that lag."""

    feed: str
    """Empty: all feeds together."""
    articles: int
    measured: int
    """Those with `total_s`; the others are in `left_out`, or were written before lags were measured."""
    found: Quantiles | None
    fetched: Quantiles | None
    indexed: Quantiles | None
    total: Quantiles | None
    left_out: Mapping[NoLag, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """The ledger: `offered` always equals the sum of all others."""

    offered: int
    pending: int
    states: Mapping[State, int]
    reasons: Mapping[tuple[State, Reason], int]
