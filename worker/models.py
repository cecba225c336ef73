"""The frozen values that travel between the stages. No behaviour beyond trivial derivations, no I/O.

Times are timezone-aware `datetime`s everywhere; durations carry their unit in the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType

FeedId = NewType("FeedId", str)
"""32 lower-case hex digits: hash of the feed's URL, byte for byte as subscribed."""

ArticleId = NewType("ArticleId", str)
"""32 lower-case hex digits: hash of the article's canonical URL. Also the document's `_id`."""


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Stage(StrEnum):
    """One word per stage; the same word names the folder, the log field and the metric."""

    SCHEDULE = "schedule"
    POLL = "poll"
    FETCH = "fetch"
    EXTRACT = "extract"
    DEDUPLICATE = "deduplicate"
    INDEX = "index"


class State(StrEnum):
    """How an offered entry ended. Exactly one of these per offer; `pending` is derived, never stored."""

    INDEXED = "indexed"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    QUARANTINED = "quarantined"


class Reason(StrEnum):
    """Why. A closed list: it is the metric label, the ledger's column and what `explain` prints."""

    # it worked
    STORED = "stored"
    NEW_VERSION = "new_version"
    SAME_CONTENT = "same_content"
    OLDER_VERSION = "older_version"
    # poll: what a feed answered
    NEW_ENTRIES = "new_entries"
    NOT_MODIFIED = "not_modified"
    SAME_BODY = "same_body"
    NO_NEW_ENTRIES = "no_new_entries"
    NOT_A_FEED = "not_a_feed"
    HOST_BUSY = "host_busy"
    # poll: what was wrong with an entry
    URL_MISSING = "url_missing"
    URL_INVALID = "url_invalid"
    SCHEME_BLOCKED = "scheme_blocked"
    # fetch
    ADDRESS_BLOCKED = "address_blocked"
    PORT_BLOCKED = "port_blocked"
    ROBOTS_DISALLOWED = "robots_disallowed"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    DNS_FAILED = "dns_failed"
    CONNECT_FAILED = "connect_failed"
    CONNECTION_LOST = "connection_lost"
    TLS_ERROR = "tls_error"
    TIMEOUT = "timeout"
    PROTOCOL_ERROR = "protocol_error"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    DECODE_ERROR = "decode_error"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    REDIRECT_INVALID = "redirect_invalid"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    # extract: the page is no article, or it broke its limits
    NOT_HTML = "not_html"
    EMPTY = "empty"
    TOO_SHORT = "too_short"
    LOGIN_WALL = "login_wall"
    INDEX_PAGE = "index_page"
    CONSENT_WALL = "consent_wall"
    ERROR_PAGE = "error_page"
    EXTRACT_TIMEOUT = "extract_timeout"
    EXTRACT_MEMORY = "extract_memory"
    EXTRACT_CRASHED = "extract_crashed"
    # index
    INDEX_REJECTED = "index_rejected"
    INDEX_TOO_LARGE = "index_too_large"
    # the worker itself died under the article, again and again
    WORKER_LOST = "worker_lost"
    UNEXPECTED = "unexpected"


class Kind(StrEnum):
    """What a page is. Issue 3 tells articles from the rest; the labels are the closed list of the document shape."""

    ARTICLE = "article"
    LIVE = "live"
    GALLERY = "gallery"
    VIDEO = "video"
    TEASER = "teaser"
    DIGEST = "digest"


class FeedStatus(StrEnum):
    ACTIVE = "active"
    BACKING_OFF = "backing_off"
    GONE = "gone"
    PAUSED = "paused"


class Why(StrEnum):
    """What decided when a feed is polled next."""

    DELAY = "delay"
    WINDOW = "window"
    CAP = "cap"
    UNKNOWN = "unknown"
    FLOOR = "floor"
    HINT = "hint"
    TTL = "ttl"
    SKIPPED_TIME = "skipped_time"
    RETRY_AFTER = "retry_after"
    BACKOFF = "backoff"
    HOST_BUSY = "host_busy"


@dataclass(frozen=True, slots=True)
class Pace:
    """What all feeds share: how long each may wait, and when feeds publish at all."""

    threshold: float = 0.3
    """Entries times hours: a feed is polled when the expected accumulated delay reaches it."""
    profile: tuple[float, ...] = (1.0,) * 48
    """Relative rate of all feeds in the 48 hours of `schedule/hours.py`; mean 1 over a week."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One entry of a document as the schedule sees it."""

    at: datetime | None
    """Its own date, where it has a sane one."""
    new: bool
    """Never seen before this poll, or changed since."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A subscription. `url` is sent byte for byte as given here."""

    id: FeedId
    url: str
    title: str = ""
    language: str = ""
    folder: str = ""
    origin: str = "cli"
    """`file` when it came from the list given to `run`: it leaves again when it leaves that file."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered between two polls of one feed. Validators are opaque and returned byte for byte."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    status: FeedStatus = FeedStatus.ACTIVE
    failures: int = 0
    """Consecutive polls that ended in an error; 0 after any success, 304 included."""
    polls: int = 0
    polled_at: datetime | None = None
    succeeded_at: datetime | None = None
    new_entry_at: datetime | None = None
    reason: Reason | None = None
    detail: str = ""
    moved_to: str = ""
    """Target of a permanent redirect, noted and not yet acted on."""
    gone_answers: int = 0
    title: str = ""
    entries_offered: int = 0
    hint_s: float = 0.0
    """How long the server's last answer said it was fresh (Cache-Control, Expires); 0 = nothing."""
    ttl_s: float = 0.0
    """What the last document asked for between polls (ttl, sy:update*); 0 = nothing."""
    skip_hours: int = 0
    """Hours (GMT) in which the document asks not to be polled: bit 0 is midnight to one."""
    skip_days: int = 0
    """The same for days: bit 0 is Monday."""
    full_answers: int = 0
    """Answers in a row that held nothing new and came in full all the same; 0 after any 304."""
    rhythm: str = ""
    """How often it publishes and when: the record of `schedule/record.py`."""
    next_why: Why | None = None
    """What decided about the next poll."""
    next_expected: float = 0.0
    """Entries expected to be new by then."""
    hubs: tuple[str, ...] = ()
    """WebSub hubs of the last parsed document and its Link headers."""
    topic: str = ""
    """The URL to subscribe to at a hub; empty when the feed names none."""
    sample: str = ""
    """Of the last parsed document, to compare the next one with (poll/window.py)."""
    gaps: int = 0
    """Parsed documents in which nothing of the one before was left: entries may have been missed."""
    gaps_in_a_row: int = 0
    gap_at: datetime | None = None
    unstable_ids: bool = False
    """The feed gives its entries new ids at every poll."""
    rewritten_links: bool = False
    """The feed gives its entries new query strings at every poll."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed, cleaned: plain text, capped sizes, an http(s) URL, sane dates or none."""

    id: str
    """The raw id of the feed (guid, atom:id), never resolved; the URL when the feed gave none."""
    url: str
    title: str = ""
    summary: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: str = ""


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """An entry that cannot be offered; it is counted and explained all the same."""

    id: str
    url: str
    title: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document as values. `entries` keep the document's order; `truncated` counts what the cap cut."""

    title: str
    link: str
    language: str
    entries: tuple[Entry, ...]
    rejected: tuple[RejectedEntry, ...] = ()
    truncated: int = 0
    ttl_s: float = 0.0
    """The document's own wish between polls (ttl, sy:update*), seconds; 0 = none."""
    malformed: bool = False
    skip_hours: int = 0
    """As in `FeedState`."""
    skip_days: int = 0
    hubs: tuple[str, ...] = ()
    """WebSub hubs that the document names."""
    topic: str = ""
    """Its own URL as it names it (rel=self): what a hub would be asked for."""
    archive: str = ""
    """The document with the entries before these (RFC 5005, rel=prev-archive)."""
    children: tuple[str, ...] = ()
    """Of a sitemap index: the sitemaps to be read for its entries; the index itself has none."""


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
    """Lower-case names; the first value of each, of Link all of them, joined by commas."""
    hops: tuple[str, ...] = ()
    permanent: bool = False
    """True when there was a redirect and every hop of it was 301 or 308."""


@dataclass(frozen=True, slots=True)
class Caption:
    text: str
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a page gave. `reason` is set when it is no article: then `body` holds what was found, for the record."""

    title: str = ""
    summary: str = ""
    body: str = ""
    language: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    image: str = ""
    captions: tuple[Caption, ...] = ()
    canonical_url: str = ""
    kind: Kind = Kind.ARTICLE
    method: str = ""
    quality: float = 0.0
    """0..1; how sure the extractor is of the body."""
    reason: Reason | None = None
    detail: str = ""
    cpu_ms: float = 0.0
    cut: tuple[str, ...] = ()
    """Marks, in hex, of the furniture that was cut from `body`."""
    published_at_source: str = ""
    """`page` or `feed`; empty while nobody gave a sane date."""
    fulltext: bool = True
    """False when `body` is empty and only the feed's own title and summary are kept."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a text to find its copies (`deduplicate/`). The default is that of a text not to be compared."""

    exact: bytes | None = None
    """16 bytes, equal for equal texts."""
    words: int = 0
    hashes: bytes = b""
    """Sketch of the shingles: 4 bytes each, big-endian, ascending."""
    tau: int = 0xFFFF_FFFF
    """Every shingle hash of the text up to here is in `hashes`."""
    anchors: int = 0
    """So many of the hashes, from the first, are posted and looked up."""
    segments: bytes = b""
    """In which eighth of the text each of the hashes stands: one byte (0..7) a hash."""
    facts: bytes = b""
    """Numbers, dates and names: place and value, 2 bytes each, ascending."""


@dataclass(frozen=True, slots=True)
class StoryRef:
    id: str
    is_lead: bool
    containment: float
    """Share of the smaller text found in the text of the story that it was matched with, 0..1; 1.0 for equal texts
    and for a text that nothing was found for."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the story script decided for one document version, atomically."""

    story: StoryRef
    duplicate_of: ArticleId | None
    """The story's lead when this document is a copy of it, else None."""
    revision: int
    """1 for a new article; unchanged content keeps the number, other content adds one."""
    unchanged: bool
    first_seen_at: datetime
    is_digest: bool = False
    """A round-up: it holds pieces of three or more stories and belongs to none of them."""
    merge_hint: str = ""
    """Id of another story that holds this text as well: the two are to be merged (queued already)."""


@dataclass(frozen=True, slots=True)
class StoryNow:
    """What a story has become."""

    id: str
    """Its own id, or that of the older story that it was merged into."""
    lead: ArticleId | None
    """None when nothing is known of it any more: what the documents say stands."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A story whose documents in the index may disagree with what is known of it now."""

    story: str
    other: str
    """Set when two stories are to be merged, else empty."""
    asked_ms: int
    """When it was asked for last; tells whether it was asked for again meanwhile."""
    waits_s: float


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item or box of a body, known by what it says (`extract/furniture.py`)."""

    mark: bytes
    """8 bytes, equal for equal blocks."""
    words: int


@dataclass(frozen=True, slots=True)
class CleaningJob:
    """A share of a site's cleaning, leased to one worker by its token."""

    site: str
    token: str
    since: datetime
    """Versions fetched before this moment do not hold what was learned."""
    cursor: datetime
    """`first_seen_at` up to which earlier shares came."""
    serial: int
    """Of the site's newest furniture when the job was claimed."""


@dataclass(frozen=True, slots=True)
class Extraction:
    method: str
    quality: float
    fulltext: bool
    cut: tuple[str, ...] = ()
    """Marks, in hex, of the site's furniture that was cut from the body; what the memory is rebuilt from."""


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
    published_at_source: str
    """`page`, `feed`, `import`, or `first_seen` when nobody gave a sane date."""
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


@dataclass(frozen=True, slots=True)
class Hit:
    article: Article
    score: float
    snippet: str
    """Plain text with the matches between U+0001 and U+0002; the edge turns them into its own marks."""
    copies: int
    """Documents of this story that match the query, this one included."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    hits: tuple[Hit, ...]
    total: int
    """Matching documents (before collapsing), exact up to 10,000."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The ledger: `offered` always equals the sum of all others."""

    offered: int
    pending: int
    states: Mapping[State, int]
    reasons: Mapping[tuple[State, Reason], int]
