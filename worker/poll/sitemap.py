"""Google News sitemaps and sitemap indexes (sitemaps.org protocol 0.9, Google's news extension) -> our values. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lxml import etree

from worker.errors import Refuse
from worker.models import Entry, ParsedFeed, Reason, RejectedEntry
from worker.poll import text
from worker.poll.dates import sane_date
from worker.poll.entries import MAX_TITLE_CHARS, first_url, names
from worker.urls import MAX_URL_CHARS, clean_url, host_key

ROOTS = frozenset({"urlset", "sitemapindex"})
MAX_CHILDREN = 3
"""Of an index only the newest sitemaps are read: news is in those."""
MAX_URLS = 50_000
"""The protocol's own limit for one sitemap."""

_NEWS = "news"
_IMAGE = "image"
_SPACES = {
    "http://www.google.com/schemas/sitemap-news/0.9": _NEWS,
    "https://www.google.com/schemas/sitemap-news/0.9": _NEWS,
    "http://www.google.com/schemas/sitemap-image/1.1": _IMAGE,
}


def read(document: str) -> Any:
    """The root element, and whether the document had to be repaired; Refuse(not_a_feed) when nothing can be read."""
    for recover in (False, True):
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=False, recover=recover, remove_comments=True,
            remove_pis=True, collect_ids=False,
        )  # fmt: skip
        try:
            root = etree.fromstring(document.encode(), parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if root is not None:
            return root, recover
    raise Refuse(Reason.NOT_A_FEED, "a broken sitemap")


def children_of(root: Any, base: str, now: datetime) -> tuple[str, ...]:
    """The newest sitemaps of an index, newest first, those of the index's own host only.

    Refuse(not_a_feed) when there are none, or when they have no dates: then nobody can know which of them is new.
    """
    dated: list[tuple[datetime, str]] = []
    for element in root.iterchildren():
        parts = _parts(element)
        moment = sane_date(parts.get("lastmod", ""), now)
        url = first_url([parts.get("loc", "")], base)
        if moment is not None and url and base and host_key(url) == host_key(base):
            dated.append((moment, url))
    if not dated:
        raise Refuse(
            Reason.NOT_A_FEED, "a sitemap index without dated sitemaps on its own host; subscribe to one of them"
        )
    dated.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(dict.fromkeys(url for _, url in dated))[:MAX_CHILDREN]


def feed_of(root: Any, base: str, now: datetime) -> tuple[ParsedFeed, list[Entry | RejectedEntry], int]:
    """Name and language of the publication, the entries with news in them, and how many URLs were not looked at.

    Refuse(not_a_feed) for a sitemap without news: that is a list of all pages of a site.
    """
    found: list[Entry | RejectedEntry] = []
    name = language = ""
    elements = list(root.iterchildren())
    for element in elements[:MAX_URLS]:
        parts = _parts(element)
        if "news" not in parts:
            continue
        name, language = name or parts.get("news:name", ""), language or parts.get("news:language", "")
        found.append(_entry(parts, base, now))
    if not found:
        raise Refuse(Reason.NOT_A_FEED, "a sitemap without news")
    head = ParsedFeed(title=text.clean(name, MAX_TITLE_CHARS), link="", language=language, entries=())
    return head, found, max(0, len(elements) - MAX_URLS)


def _entry(parts: dict[str, str], base: str, now: datetime) -> Entry | RejectedEntry:
    link = parts.get("loc", "")
    title = text.clean(parts.get("news:title", ""), MAX_TITLE_CHARS)
    try:
        url = clean_url(link, base)
    except Refuse as refused:
        shown = text.clean(link, MAX_URL_CHARS)
        return RejectedEntry(shown, shown, title, refused.reason)
    return Entry(
        id=url,
        url=url,
        title=title,
        published_at=sane_date(parts.get("news:publication_date", ""), now),
        updated_at=sane_date(parts.get("lastmod", ""), now),
        tags=names(_split(parts.get("news:keywords", ""))),
        image=first_url([parts["image:loc"]] if "image:loc" in parts else [], url),
    )


def _split(keywords: str) -> Iterable[str]:
    return (word.strip() for word in keywords[:10_000].split(","))


def _parts(element: Any) -> dict[str, str]:
    """Name -> text of everything inside, the first of each; names of the extensions with their prefix."""
    parts: dict[str, str] = {}
    for inner in element.iterdescendants():
        uri, _, local = str(inner.tag)[1:].rpartition("}") if str(inner.tag)[:1] == "{" else ("", "", str(inner.tag))
        space = _SPACES.get(uri)
        if space is None:
            if inner.getparent() is element:
                parts.setdefault(local, (inner.text or "").strip())
        elif local == space:
            parts.setdefault(local, "")
        else:
            parts.setdefault(f"{space}:{local}", (inner.text or "").strip())
    return parts
