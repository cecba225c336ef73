"""Every state and reason in words: what happened, and what a person can do about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from worker.models import NoLag, Reason, State

STATES: Mapping[State, str] = {
    State.INDEXED: "in the archive",
    State.UPDATED: "in the archive, as a new version",
    State.UNCHANGED: "in the archive already, nothing has changed",
    State.REFUSED: "it cannot or must not be archived",
    State.FAILED: "given up after repeated errors",
    State.QUARANTINED: "set apart: it broke its limits",
}

REASONS: Mapping[Reason, str] = {
    Reason.STORED: "The article was fetched, extracted and stored.",
    Reason.NEW_VERSION: "The text has changed since the last visit; the new version was stored.",
    Reason.SAME_CONTENT: "The same text is stored already; nothing was written.",
    Reason.OLDER_VERSION: "A newer version is stored already; this one was not needed.",
    Reason.NEW_ENTRIES: "The feed offered new entries.",
    Reason.NOT_MODIFIED: "The server said that the feed has not changed (304).",
    Reason.SAME_BODY: "The feed is byte for byte the same as at the last poll.",
    Reason.NO_NEW_ENTRIES: "The feed changed, but all its entries are known.",
    Reason.NOT_A_FEED: "The answer is no RSS, Atom or JSON feed: look at it with `feedmill poll URL`, the address may "
    "have moved.",
    Reason.HOST_BUSY: "The feed's new address belongs to a host that is resting or busy; it is polled again shortly.",
    Reason.URL_MISSING: "The entry has no link, so there is nothing to fetch.",
    Reason.URL_INVALID: "The link is no usable URL.",
    Reason.SCHEME_BLOCKED: "The link is neither http nor https; nothing else is ever fetched.",
    Reason.ADDRESS_BLOCKED: "The host's address lies outside the public internet; FEEDMILL_NET__ALLOW can allow its "
    "network.",
    Reason.PORT_BLOCKED: "The port is not one of 80, 443, 8080, 8443; other ports are open only in networks of "
    "FEEDMILL_NET__ALLOW.",
    Reason.ROBOTS_DISALLOWED: "The site's robots.txt forbids this page to us, so only its operator can allow it.",
    Reason.ROBOTS_UNREACHABLE: "The site's robots.txt answers with errors; until it does, its pages are not fetched.",
    Reason.DNS_FAILED: "The host name could not be resolved: the site is gone, or this machine has no network.",
    Reason.CONNECT_FAILED: "No connection to the host: it is down, or a firewall is in between.",
    Reason.CONNECTION_LOST: "The server closed the connection before the answer was complete.",
    Reason.TLS_ERROR: "The site's certificate or TLS could not be verified; it is never fetched unverified.",
    Reason.TIMEOUT: "The site did not answer in time (FEEDMILL_NET__PAGE_DEADLINE_S, FEEDMILL_NET__FEED_DEADLINE_S).",
    Reason.PROTOCOL_ERROR: "The answer is not valid HTTP.",
    Reason.TRUNCATED: "The answer ended before its announced length.",
    Reason.TOO_LARGE: "The answer is larger than FEEDMILL_NET__MAX_WIRE_BYTES or FEEDMILL_NET__MAX_DECODED_BYTES.",
    Reason.DECODE_ERROR: "The compressed answer cannot be decoded.",
    Reason.TOO_MANY_REDIRECTS: "The page redirects more than five times, or in a circle.",
    Reason.REDIRECT_INVALID: "The page redirects to something that is no http(s) URL.",
    Reason.GONE: "The page does not exist (404, 410): the feed still lists it, or the site has taken it back.",
    Reason.FORBIDDEN: "The site denies the page (401, 402, 403, 451): a paywall, a region, or a block of robots; "
    "setting FEEDMILL_NET__CONTACT helps operators to trust us.",
    Reason.RATE_LIMITED: "The site asked for fewer requests (429); raise FEEDMILL_NET__HOST_DELAY_S if this goes on.",
    Reason.CLIENT_ERROR: "The site says that the request is wrong (4xx).",
    Reason.SERVER_ERROR: "The site reports an error of its own (5xx).",
    Reason.NOT_HTML: "The page is no HTML (a PDF, an image, a video); the feed's title and summary are kept.",
    Reason.EMPTY: "The page holds no text; the feed's title and summary are kept.",
    Reason.TOO_SHORT: "The text is shorter than FEEDMILL_EXTRACT__MIN_WORDS; the feed's title and summary are kept.",
    Reason.LOGIN_WALL: "The page asks for a login or a subscription; the feed's title and summary are kept.",
    Reason.INDEX_PAGE: "The page lists other articles and is none itself; the feed's title and summary are kept.",
    Reason.CONSENT_WALL: "The page asks for consent to cookies in the article's place; the feed's title and summary "
    "are kept.",
    Reason.ERROR_PAGE: "The page says that something went wrong, although the server calls it a success (200); the "
    "feed's title and summary are kept.",
    Reason.NOINDEX: "The page asks robots not to keep it (noindex, in X-Robots-Tag or a meta element); the feed's "
    "title and summary are kept. FEEDMILL_FETCH__NOINDEX says what is done about it.",
    Reason.EXTRACT_TIMEOUT: "The page took longer than FEEDMILL_EXTRACT__TIMEOUT_S to extract; its process was killed.",
    Reason.EXTRACT_MEMORY: "The page took more memory than FEEDMILL_EXTRACT__MEMORY_BYTES; its process was killed.",
    Reason.EXTRACT_CRASHED: "The page crashed the extractor; please report it with the URL.",
    Reason.INDEX_REJECTED: "The index refused the document; the detail says what it did not like.",
    Reason.INDEX_TOO_LARGE: "The document is larger than the index takes in one request.",
    Reason.ERASED: "It was erased with `feedmill erase`, or all of its site was, and is kept away since; "
    "`feedmill erase --list` tells when and why, `--undo` lets it come again.",
    Reason.WORKER_LOST: "Workers died again and again under this article; look for it in their logs.",
    Reason.UNEXPECTED: "An error that nobody expected; the detail and the worker's log say more, please report it.",
}

LEFT_OUT: Mapping[NoLag, str] = {
    NoLag.BACKLOG: "stood in a feed before it was first read",
    NoLag.UNDATED: "without a sane date of publication",
    NoLag.AHEAD: "dated after they were first seen",
    NoLag.OLD: "dated more than a week before they were first seen",
    NoLag.REVISED: "later versions of articles",
    NoLag.IMPORTED: "imported",
}
