"""Identities, stages, and the closed lists of states and reasons."""

from __future__ import annotations

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
    NOINDEX = "noindex"
    EXTRACT_TIMEOUT = "extract_timeout"
    EXTRACT_MEMORY = "extract_memory"
    EXTRACT_CRASHED = "extract_crashed"
    # index
    INDEX_REJECTED = "index_rejected"
    INDEX_TOO_LARGE = "index_too_large"
    # what an operator erased stays away
    ERASED = "erased"
    # the worker itself died under the article, again and again
    WORKER_LOST = "worker_lost"
    UNEXPECTED = "unexpected"


class Kind(StrEnum):
    """What a page is; the last three are no articles: of those the feed's own words are kept, with the reason."""

    ARTICLE = "article"
    LIVE = "live"
    GALLERY = "gallery"
    VIDEO = "video"
    TEASER = "teaser"
    DIGEST = "digest"
    INDEX = "index_page"
    CONSENT = "consent_wall"
    ERROR = "error_page"


class NoLag(StrEnum):
    """Why it cannot be said how long after its publication an article was found."""

    BACKLOG = "backlog"
    """It stood in the feed before the feed was first read."""
    UNDATED = "undated"
    """Nobody gave a sane date."""
    AHEAD = "ahead"
    """Dated after it was first seen."""
    OLD = "old"
    """Dated so long before that it was rather changed or put in again."""
    REVISED = "revised"
    """A later version: its times are not those of the first."""
    IMPORTED = "imported"


class DateSource(StrEnum):
    """Who said when an article was published. A closed list: `published_at_source` of the document shape."""

    FEED = "feed"
    JSON_LD = "json_ld"
    META = "meta"
    TIME = "time"
    """An element of the page that is marked up as the article's time (`<time>`, microdata)."""
    TEXT = "text"
    """A date that readers see beside the headline."""
    HTMLDATE = "htmldate"
    """Found by the library htmldate: in the URL, in rarer markup."""
    FIRST_SEEN = "first_seen"
    """Nobody gave a sane date: the moment the article was first offered."""
    IMPORT = "import"
    PAGE = "page"
    """Of documents that were stored before the page's sources were told apart; no new one is."""


class Precision(StrEnum):
    TIME = "time"
    DAY = "day"
    """Only the day is known, or the zone of the clock is not: the time of the day is midnight for want of a better."""


class FeedStatus(StrEnum):
    """Where a feed stands; how it gets there and away again is the table of `schedule/life.py`."""

    ACTIVE = "active"
    BACKING_OFF = "backing_off"
    """Its last poll failed, not yet for long."""
    FAILING = "failing"
    """Nothing but failures for more than a day."""
    MOVED = "moved"
    """It is answered from another address, by redirects for good; when that lasts, the subscription moves there."""
    GONE = "gone"
    """410, and again."""
    SILENT = "silent"
    """No new entry for longer than its own rhythm makes likely."""
    UNSTABLE_GUID = "unstable_guid"
    """Its entries have new ids at every poll; they are told apart by their URLs."""
    PAUSED = "paused"
    """A person wants it not to be polled for now."""


class Why(StrEnum):
    """What decided when a feed is polled next."""

    DELAY = "delay"
    WINDOW = "window"
    CAP = "cap"
    UNKNOWN = "unknown"
    FLOOR = "floor"
    HINT = "hint"
    TTL = "ttl"
    PUSH = "push"
    SKIPPED_TIME = "skipped_time"
    RETRY_AFTER = "retry_after"
    BACKOFF = "backoff"
    PROBE = "probe"
    ONCE_A_DAY = "once_a_day"
    HOST_BUSY = "host_busy"
