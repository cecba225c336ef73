"""A subscription, what is remembered of it, and what one document of it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from worker.models.words import FeedId, FeedStatus, Reason, Why


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
class Former:
    """An address that a subscription had before."""

    url: str
    until: datetime
    why: str
    """`moved` (redirects for good), `accepted` (a proposal, by a person), `applied` (a proposal, by the setting)."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A subscription. `url` is sent byte for byte as given here; `id` stays what it was when that changes."""

    id: FeedId
    url: str
    title: str = ""
    language: str = ""
    folder: str = ""
    origin: str = "cli"
    """`file` when it came from the list given to `run`: it leaves again when it leaves that file."""
    outline: tuple[tuple[str, str], ...] = ()
    """What else its OPML outline said (htmlUrl, category, a reader's own): kept for the next export, never read."""
    former: tuple[Former, ...] = ()
    """Its addresses before this one, and those of subscriptions that became this one; oldest first."""
    declined: tuple[str, ...] = ()
    """Addresses that were proposed in its place, and that a person did not want."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A feed that was found in place of one that fails or is silent."""

    url: str
    title: str
    at: datetime
    same: bool
    """Its title or its entries show that it is the same feed."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered between two polls of one feed. Validators are opaque and returned byte for byte."""

    etag: str = ""
    last_modified: str = ""
    validators_of: str = ""
    """The URL that gave them: the feed's own, or where its redirects led. They are sent nowhere else."""
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
    failing_since: datetime | None = None
    """The first of the failures in a row."""
    moved_to: str = ""
    """Where redirects lead of which every one is for good."""
    moved_polls: int = 0
    """Polls in a row that ended there with a feed."""
    moved_since: datetime | None = None
    """The first of them."""
    gone_answers: int = 0
    """410 in a row."""
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
    took_ms: float = 0.0
    """What a poll takes lately: a mean over about the last twenty."""
    hit_rate: float = 0.0
    """Share of those polls, the first apart, that brought new entries."""
    push_hits: int = 0
    """Pings of its hub that proved true, less those that did not (schedule/push.py)."""
    push_heard_at: datetime | None = None
    """When a ping last led to something new."""
    push_until: datetime | None = None
    """When the hub's lease ends."""
    site: str = ""
    """The page that the document names as its site."""
    in_full_at: datetime | None = None
    """When its document last came as a whole; a 304 is the server's word only."""
    unconditional_at: datetime | None = None
    """When it was last asked without validators."""
    lies: int = 0
    """How often "not modified" was found to be untrue, and nothing has shown the contrary since."""
    distrusted_until: datetime | None = None
    """Until then it is asked without validators."""
    sought_at: datetime | None = None
    """When it was last looked for on its site."""
    searches: int = 0
    """How often, in the present trouble."""
    proposal: Proposal | None = None


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
    backlog: bool = False
    """It stood in the first document that was read of its feed: when it was found says nothing about us."""


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
    """The document with the entries before these (RFC 5005: prev-archive, else next; `next_url` of a JSON Feed)."""
    children: tuple[str, ...] = ()
    """Of a sitemap index: the sitemaps to be read for its entries; the index itself has none."""
