"""Feed bytes -> ParsedFeed. Pure; meant to run in the sandbox's child, because feedparser has no limits of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from worker.errors import Refuse
from worker.models import Entry, ParsedFeed, Reason, RejectedEntry
from worker.poll import entries, fast, jsonfeed, links, sitemap, text, wire
from worker.poll.cut import cut_entries
from worker.poll.decode import Decoded, decode, plain_feed
from worker.poll.fast_parts import DeclinedError
from worker.poll.mend import after_comments
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
    """RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed 1.x, Google News sitemaps and their index.

    `url` is the document's own, for relative links.
    Of more than `max_entries` entries the newest are kept. What is not well-formed gives what could be read, with
    `malformed`. Refuse(not_a_feed | too_large | decode_error) when there is no feed in it; nothing else is raised
    but TooDeepError's and MemoryError's kin: those are the sandbox's business.
    """
    # Half as many again: the newest can be chosen by date while the cost stays bounded.
    most = max_entries + max_entries // 2
    plain = plain_feed(body)
    source = _fast(plain, url, most) if plain is not None else None
    cut, malformed = 0, False
    written: str | bytes = plain or b""
    if source is None:
        decoded = decode(body, content_type)
        if decoded.text[:1] in ("{", "["):
            return _parse_json(decoded.text, url, now, max_entries)
        root = _ROOT.search(decoded.text, after_comments(decoded.text))
        if root is None or root[1].lower() in _HTML_ROOTS:
            raise Refuse(Reason.NOT_A_FEED, "an HTML page" if root else "no markup in it")
        if root[1] in sitemap.ROOTS:
            return _parse_sitemap(decoded, url, now, max_entries)
        decoded = decoded.mended()
        written = decoded.text
        document, cut = cut_entries(decoded.text, most)
        decoded = replace(decoded, text=document)
        # In UTF-8 now, mended, cut: it may be worth the fast path after all.
        data = decoded.in_utf8()
        source = _fast(data, url, most) if data != plain else None
        if source is None and (patched := decoded.patched()) is not decoded:
            decoded, source = patched, _fast(patched.in_utf8(), url, most)
        malformed = decoded.repaired
        if source is None:
            from worker.poll import patient  # feedparser takes long to load, and is seldom needed

            source, broken = patient.read(decoded.text, url)
            malformed |= broken
        if source is None:
            raise Refuse(Reason.NOT_A_FEED, f"its root is <{root[1][:40]}>")
    base = entries.first_url([url], "")
    atom, feed = source.atom, source.feed
    own = [(str(link.get("rel") or ""), str(link.get("href") or "")) for link in _dicts(feed.get("links"))]
    found = [entries.entry_of(raw, raw_id, base, atom=atom, now=now) for raw, raw_id in source.entries]
    skip_hours, skip_days = skipped(written)
    head = ParsedFeed(
        title=text.from_html(str(feed.get("title") or ""), entries.MAX_TITLE_CHARS),
        link=entries.first_url([str(feed.get("link") or "")], base),
        language=str(feed.get("language") or ""),
        entries=(),
        ttl_s=_ttl_s(feed),
        malformed=malformed,
        skip_hours=skip_hours,
        skip_days=skip_days,
        hubs=links.targets(own, "hub", base, links.MAX_HUBS),
        topic="".join(links.targets(own, "self", base)),
        archive="".join(links.targets(own, "prev-archive", base) or links.targets(own, "next", base)),
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


def _fast(data: bytes, url: str, limit: int) -> fast.Found | None:
    try:
        return fast.read(data, url, limit)
    except DeclinedError:
        return None


def _dicts(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value[:100] if isinstance(item, Mapping)] if isinstance(value, list) else []


def _parse_sitemap(decoded: Decoded, url: str, now: datetime, max_entries: int) -> ParsedFeed:
    root, malformed = sitemap.read(decoded.mended().text)
    base = entries.first_url([url], "")
    if str(root.tag).endswith("sitemapindex"):
        return ParsedFeed(title="", link="", language="", entries=(), children=sitemap.children_of(root, base, now))
    head, found, cut = sitemap.feed_of(root, base, now)
    return _assemble(replace(head, malformed=malformed or decoded.repaired), found, cut, max_entries)


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
