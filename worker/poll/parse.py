"""Feed bytes -> ParsedFeed. Pure; meant to run in the sandbox's child, because feedparser has no limits of its own."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser

from worker.errors import Refuse
from worker.models import Entry, ParsedFeed, Reason, RejectedEntry
from worker.poll import entries, jsonfeed, sax, text, wire
from worker.poll.cut import cut_entries
from worker.poll.decode import decode
from worker.poll.skips import skipped

MAX_ENTRIES = 2000
MAX_TTL_S = 7 * 86400.0

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_HTML_ROOTS = frozenset({"html", "head", "body", "meta", "script", "div"})
_PERIODS_S = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}


def parse_feed(
    body: bytes, content_type: str, url: str, now: datetime, *, max_entries: int = MAX_ENTRIES
) -> ParsedFeed:
    """RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed 1.x. `url` is the document's own, for relative links.

    Of more than `max_entries` entries the newest are kept. What is not well-formed gives what could be read, with
    `malformed`. Refuse(not_a_feed | too_large | decode_error) when there is no feed in it; nothing else is raised
    but TooDeepError's and MemoryError's kin: those are the sandbox's business.
    """
    decoded = decode(body, content_type)
    if decoded.text[:1] in ("{", "["):
        return _parse_json(decoded.text, url, now, max_entries)
    root = _ROOT.search(decoded.text)
    if root is None or root[1].lower() in _HTML_ROOTS:
        raise Refuse(Reason.NOT_A_FEED, "an HTML page" if root else "no markup in it")
    # Half as many again: the newest can be chosen by date while the cost stays bounded.
    document, cut = cut_entries(decoded.text, max_entries + max_entries // 2)
    result, raw_ids = _feedparser(document, url)
    raws = list(result.entries)
    if not result.get("version") and not raws:
        raise Refuse(Reason.NOT_A_FEED, f"its root is <{root[1][:40]}>")
    atom = str(result.get("version")).startswith("atom")
    base = entries.first_url([url], "")
    ids = raw_ids if len(raw_ids) == len(raws) else [""] * len(raws)
    found = [entries.entry_of(raw, raw_id, base, atom=atom, now=now) for raw, raw_id in zip(raws, ids, strict=True)]
    feed = result.feed
    skip_hours, skip_days = skipped(decoded.text)
    head = ParsedFeed(
        title=text.from_html(str(feed.get("title") or ""), entries.MAX_TITLE_CHARS),
        link=entries.first_url([str(feed.get("link") or "")], base),
        language=str(feed.get("language") or ""),
        entries=(),
        ttl_s=_ttl_s(feed),
        malformed=decoded.repaired or bool(result.get("bozo")),
        skip_hours=skip_hours,
        skip_days=skip_days,
    )
    return _assemble(head, found, cut, max_entries)


def run(argument: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """`parse_feed` for the sandbox. Argument: content_type, url, now (ISO 8601), max_entries; all but url optional.

    The result is plain JSON for `parsed_from_json`, a refusal included.
    """
    now = datetime.fromisoformat(argument["now"]) if argument.get("now") else datetime.now(UTC)
    limit = int(argument.get("max_entries") or MAX_ENTRIES)
    try:
        parsed = parse_feed(body, argument.get("content_type", ""), argument["url"], now, max_entries=limit)
    except Refuse as refused:
        return wire.refusal_to_json(refused)
    return wire.parsed_to_json(parsed)


parsed_from_json = wire.parsed_from_json


def _feedparser(document: str, url: str) -> tuple[Any, list[str]]:
    sax.register()
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        with sax.collected_ids() as raw_ids:
            # A stream, never the bytes themselves: feedparser would open a file or a URL of that name.
            result = feedparser.parse(
                io.BytesIO(document.encode()),
                response_headers=headers,
                sanitize_html=False,
                resolve_relative_uris=False,
            )
    except sax.TooDeepError:
        raise Refuse(Reason.NOT_A_FEED, f"elements nested deeper than {sax.MAX_DEPTH}") from None
    except MemoryError:
        raise
    except Exception as error:
        # Its lenient parser raises AssertionError, ValueError and others for input that no feed has.
        raise Refuse(Reason.NOT_A_FEED, f"unreadable ({type(error).__name__})") from error
    # Two passes (strict, then lenient) collect twice; only a strict pass that went through tells the ids.
    return result, [] if result.get("bozo") else raw_ids


def _parse_json(document: str, url: str, now: datetime, max_entries: int) -> ParsedFeed:
    feed = jsonfeed.read(document)
    base = entries.first_url([url], "")
    items = feed["items"]
    found = [jsonfeed.entry_of(item, base, now) for item in items[: 10 * max_entries]]
    return _assemble(jsonfeed.feed_of(feed, base), found, len(items) - len(found), max_entries)


def _assemble(head: ParsedFeed, found: list[Entry | RejectedEntry], cut: int, max_entries: int) -> ParsedFeed:
    good = [entry for entry in found if isinstance(entry, Entry)]
    bad = [entry for entry in found if isinstance(entry, RejectedEntry)]
    kept = _newest(entries.distinct_ids(good), max_entries)
    return replace(
        head,
        language=_language(head.language),
        entries=tuple(kept),
        rejected=tuple(bad[:max_entries]),
        truncated=cut + len(good) - len(kept) + max(0, len(bad) - max_entries),
    )


def _newest(found: list[Entry], limit: int) -> list[Entry]:
    """The `limit` newest by date, in the document's order; those without a date count by their place."""
    if len(found) <= limit:
        return found
    dates = [entry.updated_at or entry.published_at for entry in found]
    if any(date is None for date in dates):
        return found[:limit]
    ranked = sorted(range(len(found)), key=lambda index: (dates[index], -index), reverse=True)
    return [found[index] for index in sorted(ranked[:limit])]


def _language(raw: str) -> str:
    match = _LANGUAGE.fullmatch(raw.strip())
    return match[0].replace("_", "-").lower() if match and len(match[0]) <= 35 else ""


def _ttl_s(feed: Mapping[str, Any]) -> float:
    minutes = _number(feed.get("ttl"))
    if minutes:
        return min(minutes * 60.0, MAX_TTL_S)
    period = _PERIODS_S.get(str(feed.get("sy_updateperiod") or "").strip().lower(), 0.0)
    return min(period / (_number(feed.get("sy_updatefrequency")) or 1), MAX_TTL_S)


def _number(value: object) -> int:
    digits = str(value or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else 0
