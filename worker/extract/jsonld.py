"""schema.org data in `<script type="application/ld+json">`: the one article object and the breadcrumb. Pure.

Everything in it is the page's claim: types are checked where they are read, sizes and depths are capped. What is not
quite JSON (comments, trailing commas, several objects in a row, quotes as HTML entities) is read all the same.
"""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml.etree import _Element

from worker.extract import plain

_MAX_SCRIPT_CHARS = 1 << 20
_MAX_SCRIPTS = 20
_MAX_NODES = 5_000
_ARTICLES = frozenset({
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "backgroundnewsarticle",
    "opinionnewsarticle", "reviewnewsarticle", "asknewsarticle", "blogposting", "socialmediaposting",
    "liveblogposting", "techarticle", "scholarlyarticle", "report", "advertisercontentarticle", "satiricalarticle",
})  # fmt: skip
_PAGES = frozenset({"webpage", "itempage", "newspage", "medicalwebpage", "qapage", "aboutpage"})
_VIDEOS = frozenset({"videoobject", "audioobject", "podcastepisode", "clip"})
_SITES = frozenset({"website", "newsmediaorganization"})
_REFERRING = ("author", "creator", "publisher", "image")
_SEVERAL = 3
"""Articles of which none is this page's, from which the page is a list of them."""
_SAME_PLACE = re.compile(r"^(?:https?:)?//(?:www\.|m\.|amp\.)?|[?#].*$", re.I)
# What stands between the strings and is no JSON. Every alternative matches where it begins, so this is linear.
_NOT_JSON = re.compile(r'"(?:[^"\\]|\\.)*+"?|//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?|,(?=\s*[}\]])', re.S)
_DECODER = json.JSONDecoder(strict=False)
_GAP = re.compile(r"[\s,;]*")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});", re.A)
_CDATA = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")


@dataclass(frozen=True, slots=True)
class LinkedData:
    article: dict[str, Any] = field(default_factory=dict)
    types: frozenset[str] = frozenset()
    """Lower-case names of all types on the page."""
    breadcrumb: tuple[str, ...] = ()
    page: dict[str, Any] = field(default_factory=dict)
    """What the page says of itself as a page."""
    video: dict[str, Any] = field(default_factory=dict)
    """The first film or sound on it; the page's own where there is no article."""
    site: str = ""
    """What the site calls itself."""


def read(tree: _Element, url: str = "") -> LinkedData:
    """Never raises on what the scripts hold. `url`: where the page was found.

    Of several articles the one with the page's address or headline is taken, then the one that says most about itself;
    a page with three and more that are all elsewhere is a list, and has none.
    """
    articles: list[dict[str, Any]] = []
    page: dict[str, Any] = {}
    video: dict[str, Any] = {}
    site = ""
    named: dict[str, dict[str, Any]] = {}
    types: set[str] = set()
    breadcrumb: tuple[str, ...] = ()
    for node in _nodes(tree):
        names = {name.rpartition("/")[2].lower() for name in strings(node.get("@type"))}
        types |= names
        if names & _ARTICLES:
            articles.append(node)
        elif "breadcrumblist" in names and not breadcrumb:
            breadcrumb = tuple(_crumbs(node.get("itemListElement")))
        elif names & _PAGES:
            page = page or node
        elif names & _VIDEOS:
            video = video or node
        elif names & _SITES and not site:
            site = text(node.get("name"))
        if isinstance(id_ := node.get("@id"), str) and node.get("name", node.get("url")):
            named.setdefault(id_, node)
    article = _own(articles, tree, url)
    linked = {key: _followed(article[key], named) for key in _REFERRING if key in article}
    return LinkedData({**article, **linked}, frozenset(types), breadcrumb, page, video, site)


def _followed(value: Any, named: dict[str, dict[str, Any]]) -> Any:
    """`{"@id": "#petra"}` -> what the page says about that elsewhere."""
    if isinstance(value, list):
        return [_followed(item, named) for item in value[:50] if not isinstance(item, list)]
    if isinstance(value, dict) and not value.get("name") and not value.get("url"):
        id_ = value.get("@id")
        return named.get(id_, value) if isinstance(id_, str) else value
    return value


def _own(articles: list[dict[str, Any]], tree: _Element, url: str) -> dict[str, Any]:
    if len(articles) < 2:
        return articles[0] if articles else {}
    places, titles = _of_page(tree, url)
    own = [node for node in articles if places & _places(node) or plain.key(_title(node)) in titles]
    if not own and len(articles) >= _SEVERAL and len({plain.key(_title(node)) for node in articles}) >= _SEVERAL:
        return {}
    best = max(own or articles, key=_fullness)
    # Some pages tell of themselves twice, each time a part.
    return {**{key: value for node in own for key, value in node.items() if value}, **best} if own else best


def _of_page(tree: _Element, url: str) -> tuple[set[str], set[str]]:
    """(addresses, headlines) that the page gives itself."""
    named = {(item.get("property") or "").lower(): item.get("content", "") for item in tree.iter("meta")}
    canonical = next((item.get("href", "") for item in tree.iter("link") if item.get("rel") == "canonical"), "")
    headings = ["".join(map(str, item.itertext()))[:1000] for item in list(tree.iter("h1"))[:5]]
    return (
        {place for raw in (url, canonical, named.get("og:url", "")) if (place := _place(raw))},
        {key for raw in (named.get("og:title", ""), *headings) if (key := plain.key(raw[:1000]))},
    )


def _places(node: dict[str, Any]) -> set[str]:
    of_page = node.get("mainEntityOfPage")
    claims = [node.get("url"), node.get("@id"), of_page]
    if isinstance(of_page, dict):
        claims += [of_page.get("@id"), of_page.get("url")]
    return {place for raw in claims if isinstance(raw, str) and (place := _place(raw))}


def _place(raw: str) -> str:
    return _SAME_PLACE.sub("", raw.strip()[:2000]).rstrip("/")


def _title(node: dict[str, Any]) -> str:
    return html.unescape(text(node.get("headline") or node.get("name"))[:1000])


def text(value: Any) -> str:
    """A string as such, of a list the first, of an object its `name` or `@value`; '' for anything else."""
    return next(iter(strings(value)), "")


def strings(value: Any) -> list[str]:
    """All strings that `value` names, in order, at most 50; what is escaped for HTML is what it means."""
    found: list[str] = []
    for item in value[:50] if isinstance(value, list) else [value]:
        inner = item
        if isinstance(item, dict):
            inner = item.get("name") or item.get("@value") or ""
            if isinstance(inner, list):
                inner = inner[0] if inner else ""
        if isinstance(inner, str) and inner.strip():
            found.append(_ENTITY.sub(lambda match: html.unescape(match.group()), inner) if "&" in inner else inner)
    return found


def _nodes(tree: _Element) -> Iterator[dict[str, Any]]:
    seen = 0
    scripts = [item for item in tree.iter("script") if "ld+json" in item.get("type", "").lower()]
    for script in scripts[:_MAX_SCRIPTS]:
        queue: deque[Any] = deque(_load(script.text or ""))
        while queue and seen < _MAX_NODES:
            node = queue.popleft()
            seen += 1
            if isinstance(node, list):
                queue.extend(node[:200])
            elif isinstance(node, dict):
                if "@type" in node:
                    yield node
                queue.extend(
                    node[name] for name in ("@graph", "mainEntity", "mainEntityOfPage", "item") if name in node
                )


def _load(source: str) -> list[Any]:
    if len(source) > _MAX_SCRIPT_CHARS:
        return []
    source = _CDATA.sub("", source).strip().rstrip(";")
    found = _values(source)
    if not found and source:
        mended = html.unescape(source) if "&quot;" in source or "&#34;" in source else source
        found = _values(_NOT_JSON.sub(lambda match: match.group() if match.group()[0] == '"' else "", mended).strip())
    return found


def _values(source: str) -> list[Any]:
    """The values that stand in a row; what follows the last one that can be read is lost."""
    found: list[Any] = []
    at = 0
    try:
        while at < len(source) and len(found) < _MAX_SCRIPTS:
            value, end = _DECODER.raw_decode(source, at)
            found.append(value)
            at = _GAP.match(source, end).end()  # type: ignore[union-attr]
    except (ValueError, RecursionError):  # not JSON, a number of 5,000 digits, 10,000 brackets
        pass
    return found


def _fullness(node: dict[str, Any]) -> int:
    return sum(1 for name in ("headline", "datePublished", "author", "articleBody", "image") if node.get(name))


def _crumbs(items: Any) -> Iterator[str]:
    if not isinstance(items, list):
        return
    for item in items[:20]:
        if isinstance(item, dict):
            name = text(item.get("name")) or text(item.get("item"))
            if name and not name.startswith(("http:", "https:")):
                yield name
