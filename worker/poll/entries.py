"""What feedparser found -> our values: plain text, allow-listed URLs, sane dates, capped sizes. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from worker.errors import Refuse
from worker.models import Entry, RejectedEntry
from worker.poll import text
from worker.poll.dates import sane_date
from worker.urls import MAX_URL_CHARS, clean_url

MAX_TITLE_CHARS = 1000
MAX_SUMMARY_CHARS = 4000
MAX_CONTENT_CHARS = 600
"""Of a full text that stands in for a missing summary: enough to say what it is about."""
MAX_NAMES = 20
MAX_NAME_CHARS = 200

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_HTTP = re.compile(r"\s*https?://", re.IGNORECASE)
_MAIL = re.compile(r"<?[^\s<>()\[\],;:]+@[^\s<>()\[\],;:]+>?")
_IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)", re.IGNORECASE)

Raw = dict[str, Any]
"""feedparser's own kind of dictionary, or a plain one."""


def entry_of(raw: Raw, raw_id: str, base: str, *, atom: bool, now: datetime) -> Entry | RejectedEntry:
    """One entry of feedparser's. `raw_id`: its id as written; `base`: the URL of the document."""
    title = _text(raw, "title", MAX_TITLE_CHARS, literal=atom)
    link = _link(raw, raw_id)
    entry_id = text.clean(raw_id or str(raw.get("id", "")), MAX_URL_CHARS)
    try:
        url = clean_url(link, base)
    except Refuse as refused:
        shown = text.clean(link, MAX_URL_CHARS)
        return RejectedEntry(entry_id or shown, shown, title, refused.reason)
    published, updated = _dates(raw, atom, now)
    return Entry(
        id=entry_id or url,
        url=url,
        title=title,
        summary=_summary(raw, atom),
        published_at=published,
        updated_at=updated,
        authors=names(_authors(raw)),
        tags=names(_tags(raw)),
        image=first_url(images, url) if (images := _images(raw)) else "",
    )


def distinct_ids(entries: Sequence[Entry]) -> list[Entry]:
    """Where an id stands more than once in a document it identifies nothing: then the id is (id, URL)."""
    count = Counter(entry.id for entry in entries)
    return [with_id(entry, f"{entry.id} {entry.url}") if count[entry.id] > 1 else entry for entry in entries]


def with_id(entry: Entry, entry_id: str) -> Entry:
    return Entry(
        entry_id[: 2 * MAX_URL_CHARS],
        entry.url,
        entry.title,
        entry.summary,
        entry.published_at,
        entry.updated_at,
        entry.authors,
        entry.tags,
        entry.image,
    )


def names(raw: Iterable[str]) -> tuple[str, ...]:
    """Authors or tags: plain, distinct, in order, at most 20."""
    found: dict[str, None] = {}
    for name in raw:
        plain = text.from_html(name, MAX_NAME_CHARS)
        if plain:
            found[plain] = None
            if len(found) == MAX_NAMES:
                break
    return tuple(found)


def first_url(candidates: Iterable[str], base: str) -> str:
    """The first that is an http(s) URL, or ""."""
    for candidate in candidates:
        try:
            return clean_url(candidate, base)
        except Refuse:
            continue
    return ""


# Not raw.get(): feedparser's own falls back from `updated` to `published`, with a warning.
_get = dict.get


def _dicts(value: object) -> list[Raw]:
    """The dictionaries in a list of feedparser's."""
    if not value or not isinstance(value, list):
        return _NONE
    return [item for item in value[:1000] if isinstance(item, dict)]


_NONE: list[Raw] = []


def _text(raw: Raw, key: str, limit: int, *, literal: bool) -> str:
    value = _get(raw, key)
    if not isinstance(value, str):
        return ""
    detail = _get(raw, key + "_detail")
    kind = _get(detail, "type") if isinstance(detail, dict) else ""
    if kind in _HTML_TYPES or (not literal and text.has_markup(value)):
        return text.from_html(value, limit)
    return text.clean(value, limit)


def _summary(raw: Raw, atom: bool) -> str:
    contents = [str(value) for item in _dicts(_get(raw, "content")) if (value := _get(item, "value"))]
    own = _get(raw, "summary")
    if own and own not in contents and (summary := _text(raw, "summary", MAX_SUMMARY_CHARS, literal=atom)):
        return summary
    return text.from_html(contents[0], MAX_CONTENT_CHARS) if contents else ""


def _link(raw: Raw, raw_id: str) -> str:
    """The article's page: what FeedBurner hides, else rel=alternate, else `link` (a permalink guid included)."""
    original = _get(raw, "feedburner_origlink")
    if isinstance(original, str) and _HTTP.match(original):
        return original
    first = ""
    for link in _dicts(_get(raw, "links")):
        if _get(link, "rel") == "alternate" and (href := _get(link, "href")):
            if "html" in str(_get(link, "type") or "html"):
                return str(href)
            first = first or str(href)
    if first:
        return first
    # A guid counts as a permalink unless it says otherwise; many are none.
    if _get(raw, "guidislink") and not _HTTP.match(raw_id or str(_get(raw, "id") or "")):
        return ""
    return str(_get(raw, "link") or "")


def _dates(raw: Raw, atom: bool, now: datetime) -> tuple[datetime | None, datetime | None]:
    published = _date(raw, "published", now) or _date(raw, "created", now)
    updated = _date(raw, "updated", now)
    if published is None and not atom:  # dc:date in RSS and RDF is when it appeared
        return updated, None
    return published, updated


def _date(raw: Raw, key: str, now: datetime) -> datetime | None:
    value = _get(raw, key)
    return sane_date(str(value), now) if value else None


def _authors(raw: Raw) -> list[str]:
    found = [str(_get(author, "name") or "") for author in _dicts(_get(raw, "authors"))]
    if len(found) <= 1:
        # feedparser splits name and address at the wrong place for most newer domains.
        found = [str(_get(raw, "author") or "") or "".join(found)]
    return [(_MAIL.sub("", name) if "@" in name else name).strip(" ()<>,;") for name in found]


def _tags(raw: Raw) -> list[str]:
    return [str(_get(tag, "label") or _get(tag, "term") or "") for tag in _dicts(_get(raw, "tags"))]


def _images(raw: Raw) -> list[str]:
    found: list[Any] = []
    media = [item for item in _dicts(_get(raw, "media_content")) if _is_image(item, "url")]
    if media:
        media.sort(key=_width, reverse=True)
        found = [_get(item, "url") for item in media]
    for link in _dicts(_get(raw, "links")):
        if _get(link, "rel") == "enclosure" and _is_image(link, "href"):
            found.append(_get(link, "href"))
    found += [_get(item, "url") for item in _dicts(_get(raw, "media_thumbnail"))]
    image = _get(raw, "image")
    if isinstance(image, dict):
        found.append(_get(image, "href") or _get(image, "url"))
    return [str(url) for url in found if url]


def _is_image(item: Raw, key: str) -> bool:
    kind, medium = str(_get(item, "type") or "").lower(), str(_get(item, "medium") or "").lower()
    if kind or medium:
        return kind.startswith("image/") or (medium == "image" and not kind.startswith(("video/", "audio/")))
    return _IMAGE_NAME.search(str(_get(item, key) or "")) is not None


def _width(item: Raw) -> int:
    width = str(_get(item, "width") or "")
    return int(width) if width.isascii() and width.isdigit() and len(width) < 6 else 0
