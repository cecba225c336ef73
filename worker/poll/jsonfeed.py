"""JSON Feed 1.0 and 1.1 (jsonfeed.org) -> our values. Pure; every field may be missing or of another type."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from worker.errors import Refuse
from worker.models import Entry, ParsedFeed, Reason, RejectedEntry
from worker.poll import links, text
from worker.poll.dates import sane_date
from worker.poll.entries import (
    MAX_CONTENT_CHARS,
    MAX_SUMMARY_CHARS,
    MAX_TITLE_CHARS,
    first_url,
    names,
)
from worker.urls import MAX_URL_CHARS, clean_url


def read(document: str) -> dict[str, Any]:
    """The feed object; Refuse(not_a_feed) for JSON that is none."""
    try:
        feed = json.loads(document)
    except (ValueError, RecursionError):
        raise Refuse(Reason.NOT_A_FEED, "broken JSON") from None
    if (
        not isinstance(feed, dict)
        or not isinstance(feed.get("items"), list)
        or "jsonfeed.org" not in _str(feed, "version")
    ):
        raise Refuse(Reason.NOT_A_FEED, "JSON, but no JSON Feed")
    return feed


def feed_of(feed: dict[str, Any], base: str) -> ParsedFeed:
    """Everything but the entries."""
    return ParsedFeed(
        title=text.clean(_str(feed, "title"), MAX_TITLE_CHARS),
        link=first_url([_str(feed, "home_page_url")], base),
        language=_str(feed, "language"),
        entries=(),
        hubs=links.targets(_hubs(feed), "hub", base, links.MAX_HUBS),
        topic=first_url([_str(feed, "feed_url")], base),
        archive=first_url([_str(feed, "next_url")], base),
    )


def _hubs(feed: dict[str, Any]) -> list[links.Link]:
    found = [item for item in _list(feed, "hubs") if isinstance(item, dict)]
    return [("hub", _str(item, "url")) for item in found if _str(item, "type").lower() == "websub"]


def entry_of(item: object, base: str, now: datetime) -> Entry | RejectedEntry:
    raw = item if isinstance(item, dict) else {}
    entry_id = text.clean(_str(raw, "id"), MAX_URL_CHARS)
    link = _str(raw, "url") or _str(raw, "external_url") or (entry_id if entry_id.startswith("http") else "")
    title = text.clean(_str(raw, "title"), MAX_TITLE_CHARS)
    try:
        url = clean_url(link, base)
    except Refuse as refused:
        shown = text.clean(link, MAX_URL_CHARS)
        return RejectedEntry(entry_id or shown, shown, title, refused.reason)
    return Entry(
        id=entry_id or url,
        url=url,
        title=title,
        summary=_summary(raw),
        published_at=sane_date(_str(raw, "date_published"), now),
        updated_at=sane_date(_str(raw, "date_modified"), now),
        authors=names(_authors(raw)),
        tags=names(tag for tag in _list(raw, "tags") if isinstance(tag, str)),
        image=first_url(_images(raw), url),
    )


def _str(raw: dict[str, Any], key: str) -> str:
    value = raw.get(key)
    if isinstance(value, bool):
        return ""
    # 1.1: "If an id is presented as a number, a JSON Feed reader should coerce it to a string".
    return value if isinstance(value, str) else str(value) if isinstance(value, int) and abs(value) < 1 << 64 else ""


def _list(raw: dict[str, Any], key: str) -> list[Any]:
    value = raw.get(key)
    return value[:1000] if isinstance(value, list) else []


def _summary(raw: dict[str, Any]) -> str:
    summary = text.clean(_str(raw, "summary"), MAX_SUMMARY_CHARS)
    if summary:
        return summary
    plain = text.clean(_str(raw, "content_text"), MAX_CONTENT_CHARS)
    return plain or text.from_html(_str(raw, "content_html"), MAX_CONTENT_CHARS)


def _authors(raw: dict[str, Any]) -> list[str]:
    people: Iterable[Any] = [*_list(raw, "authors"), raw.get("author")]
    return [_str(person, "name") for person in people if isinstance(person, dict)]


def _images(raw: dict[str, Any]) -> list[str]:
    attached = [
        _str(item, "url")
        for item in _list(raw, "attachments")
        if isinstance(item, dict) and _str(item, "mime_type").startswith("image/")
    ]
    return [url for url in (_str(raw, "image"), _str(raw, "banner_image"), *attached) if url]
