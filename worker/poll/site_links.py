"""The addresses at which a site's feed may be: what its page names, links, and what many sites use. Pure.

Runs in the sandbox's child: the page is anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml import etree, html

from worker.errors import Refuse
from worker.poll import text
from worker.poll.decode import page_text
from worker.poll.entries import first_url
from worker.urls import clean_url, site_of

MAX_PAGE_BYTES = 2 << 20
"""Of a page; what names its feeds stands in its head."""
MAX_LINKS = 30
MOST_LOOKED_AT = 500
MAX_TITLE_CHARS = 200


class How(StrEnum):
    """Where an address comes from; the order is that of trust."""

    GIVEN = "given"
    NAMED = "named"
    LINKED = "linked"
    GUESSED = "guessed"


@dataclass(frozen=True, slots=True)
class SiteLink:
    url: str
    title: str = ""
    how: How = How.NAMED


_TYPES = re.compile(r"(?:application|text)/(?:rss|atom|rdf|feed|x\.atom|x\.rss)(?:\+xml|\+json)?\Z")
_MAYBE_TYPES = frozenset({"application/xml", "text/xml", "application/json"})
_TYPED_PATH = re.compile(r"(?:rss|atom|feed|\.rdf)", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"/(?:feeds?|rss|atom)(?:[._-]?(?:feed|rss|atom|20?|all|news|index))?(?:\.(?:xml|json|rdf|rss|atom|php|aspx))?/?\Z"
    r"|\.(?:rss|atom|rdf)\Z|/(?:index|news)\.(?:rss|atom|rdf)\Z",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed=(?:rss2?|atom|rdf)|format=(?:feed|rss|atom)|type=(?:rss|atom))(?:&|\Z)", re.I)
_FEED_HOST = re.compile(r"(?:feeds?|rss)\d?\.", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|kommentar|comentario|commento|commenti|reacties|коммент|/replies/", re.IGNORECASE)
PATHS = ("feed", "rss", "atom.xml", "feed.json", "index.xml", "rss.xml", "feed.xml")
"""Where feeds are, in the order of how often."""


def links_of_page(body: bytes, content_type: str, url: str) -> tuple[SiteLink, ...]:
    """Feeds that a page names (`link rel=alternate`), then those that it links to (`<a>`); feeds of comments last.

    Addresses are absolute, resolved against the page's `base`; each once, at most 30.
    """
    try:
        page = page_text(body[:MAX_PAGE_BYTES], content_type)
        parser = html.HTMLParser(encoding="utf-8", no_network=True)
        root = html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (Refuse, etree.LxmlError, ValueError):
        return ()
    base = next((str(element.get("href") or "") for element in root.iter("base") if element.get("href")), "")
    base = first_url([base], url) or url
    found: dict[str, SiteLink] = {}
    for link in (*islice(_named(root, base), MOST_LOOKED_AT), *islice(_linked(root, base), MOST_LOOKED_AT)):
        if link.url != url:
            found.setdefault(link.url, link)
    ranked = sorted(found.values(), key=lambda link: (of_comments(link.url, link.title), _RANK[link.how]))
    return tuple(ranked[:MAX_LINKS])


def guesses(url: str) -> tuple[SiteLink, ...]:
    """Beside the page that was given, and at the site's root."""
    parts = urlsplit(url)
    folder = parts.path.rsplit("/", 1)[0] if "." in parts.path.rsplit("/", 1)[-1] else parts.path.rstrip("/")
    places = dict.fromkeys((folder, ""))
    addresses = (f"{parts.scheme}://{parts.netloc}{place}/{path}" for path in PATHS for place in places)
    return tuple(SiteLink(address, "", How.GUESSED) for address in addresses if address != url)


def of_comments(url: str, title: str) -> bool:
    """Whether it looks like a feed of what readers wrote."""
    return bool(_COMMENTS.search(urlsplit(url).path) or _COMMENTS.search(title))


def run(argument: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """`links_of_page` for the sandbox. Argument: url, content_type."""
    found = links_of_page(body, str(argument.get("content_type") or ""), argument["url"])
    return {"links": [[link.url, link.title, link.how.value] for link in found]}


def links_from_json(data: Mapping[str, Any]) -> tuple[SiteLink, ...]:
    return tuple(SiteLink(url, title, How(how)) for url, title, how in data["links"])


_RANK = {how: number for number, how in enumerate(How)}


def _named(root: html.HtmlElement, base: str) -> Iterator[SiteLink]:
    for element in root.iter("link"):
        rel = str(element.get("rel") or "").lower().split()
        kind = str(element.get("type") or "").partition(";")[0].strip().lower()
        href = str(element.get("href") or "")
        says_so = _TYPES.match(kind) or (kind in _MAYBE_TYPES and _TYPED_PATH.search(href))
        if ("alternate" in rel and says_so) or "feed" in rel:
            url = _usable(href, base)
            if url:
                yield SiteLink(url, text.from_html(str(element.get("title") or ""), MAX_TITLE_CHARS))


def _linked(root: html.HtmlElement, base: str) -> Iterator[SiteLink]:
    for element in root.iter("a"):
        href = str(element.get("href") or "")
        url = _usable(href, base) if len(href) < 2048 else ""
        if not url:
            continue
        parts = urlsplit(url)
        if not (_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query)):
            continue
        if _related(url, base):
            words = " ".join(str(part)[:MAX_TITLE_CHARS] for part in islice(element.itertext(), 20))
            yield SiteLink(url, text.from_html(words, MAX_TITLE_CHARS), How.LINKED)


def _usable(href: str, base: str) -> str:
    """`feed:` is how some pages write the address of a feed."""
    try:
        return clean_url(without_feed_scheme(href.strip()), base)
    except Refuse:
        return ""


def without_feed_scheme(address: str) -> str:
    """`feed:https://...` and `feed://...` as http(s) addresses; anything else as it is."""
    if address[:5].lower() != "feed:":
        return address
    rest = address[5:]
    return rest if rest[:4].lower() == "http" else f"https://{rest.lstrip('/')}"


def _related(url: str, base: str) -> bool:
    """The site's own, or a host that serves feeds: a blogroll links to the feeds of others."""
    host, own = site_of(url), site_of(base)
    return host == own or host.endswith(f".{own}") or own.endswith(f".{host}") or bool(_FEED_HOST.match(host))
