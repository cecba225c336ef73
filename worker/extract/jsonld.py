"""schema.org data in `<script type="application/ld+json">`: the one article object and the breadcrumb. Pure.

Everything in it is the page's claim: types are checked where they are read, sizes and depths are capped.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml.etree import _Element

_MAX_SCRIPT_CHARS = 1 << 20
_MAX_SCRIPTS = 20
_MAX_NODES = 5_000
_ARTICLES = frozenset({
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "backgroundnewsarticle",
    "opinionnewsarticle", "reviewnewsarticle", "asknewsarticle", "blogposting", "socialmediaposting",
    "liveblogposting", "techarticle", "scholarlyarticle", "report", "advertisercontentarticle", "satiricalarticle",
})  # fmt: skip
_CDATA = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")


@dataclass(frozen=True, slots=True)
class LinkedData:
    article: dict[str, Any] = field(default_factory=dict)
    types: frozenset[str] = frozenset()
    """Lower-case names of all types on the page."""
    breadcrumb: tuple[str, ...] = ()


def read(tree: _Element) -> LinkedData:
    """Never raises on what the scripts hold; of several articles the one that says most about itself is taken."""
    articles: list[dict[str, Any]] = []
    types: set[str] = set()
    breadcrumb: tuple[str, ...] = ()
    for node in _nodes(tree):
        names = {name.rpartition("/")[2].lower() for name in strings(node.get("@type"))}
        types |= names
        if names & _ARTICLES:
            articles.append(node)
        elif "breadcrumblist" in names and not breadcrumb:
            breadcrumb = tuple(_crumbs(node.get("itemListElement")))
    best = max(articles, key=_fullness, default={})
    return LinkedData(best, frozenset(types), breadcrumb)


def text(value: Any) -> str:
    """A string as such, of a list the first, of an object its `name` or `@value`; '' for anything else."""
    return next(iter(strings(value)), "")


def strings(value: Any) -> list[str]:
    """All strings that `value` names, in order, at most 50."""
    found: list[str] = []
    for item in value[:50] if isinstance(value, list) else [value]:
        inner = item
        if isinstance(item, dict):
            inner = item.get("name") or item.get("@value") or ""
            if isinstance(inner, list):
                inner = inner[0] if inner else ""
        if isinstance(inner, str) and inner.strip():
            found.append(inner)
    return found


def _nodes(tree: _Element) -> Iterator[dict[str, Any]]:
    seen = 0
    scripts = [item for item in tree.iter("script") if "ld+json" in item.get("type", "").lower()]
    for script in scripts[:_MAX_SCRIPTS]:
        queue = deque([_load(script.text or "")])
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


def _load(source: str) -> Any:
    if len(source) > _MAX_SCRIPT_CHARS:
        return None
    try:
        return json.loads(_CDATA.sub("", source).strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):  # not JSON, a number of 5,000 digits, 10,000 brackets
        return None


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
