"""What a feed says about itself: WebSub hubs and topic, and the archive of its older entries. Pure.

W3C WebSub 4: `rel=hub` and `rel=self`, in the Link headers of the answer or in the document. RFC 5005 4:
`prev-archive`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from worker.poll.entries import first_url

MAX_HUBS = 5
MAX_HEADER_CHARS = 16_384

_LINK = re.compile(r"<([^<>]{1,2048})>((?:\s*;\s*[A-Za-z*-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s\",;]*))?)*)")
_PARAMETER = re.compile(r";\s*([A-Za-z*-]+)\s*(?:=\s*(?:\"([^\"]*)\"|([^\s\",;]*)))?")

Link = tuple[str, str]
"""rel in lower case, which may be several words; target as written."""


def header_links(value: str) -> list[Link]:
    """The links of a Link header (RFC 8288); what is not written as the RFC says is passed over."""
    found: list[Link] = []
    for target, parameters in _LINK.findall(value[:MAX_HEADER_CHARS]):
        for name, quoted, plain in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and (quoted or plain):
                found.append(((quoted or plain).lower(), target))
                break  # only the first counts
    return found


_FEED_TYPE = re.compile(r"(?:application|text)/(?:rss|atom|rdf|feed)\+(?:xml|json)\Z")


def alternates(value: str, base: str) -> tuple[tuple[str, str], ...]:
    """Feeds that a page's Link header names: http(s) target and title of every `rel=alternate` with a feed's type."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(value[:MAX_HEADER_CHARS]):
        given: dict[str, str] = {}
        for name, quoted, plain in _PARAMETER.findall(parameters):
            given.setdefault(name.lower(), quoted or plain)
        kind = given.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in given.get("rel", "").lower().split() and _FEED_TYPE.match(kind):
            url = first_url([target], base)
            if url:
                found.setdefault(url, given.get("title", "")[:200])
    return tuple(found.items())


def targets(links: Iterable[Link], rel: str, base: str, limit: int = 1) -> tuple[str, ...]:
    """Distinct http(s) targets of one relation, in order."""
    found: dict[str, None] = {}
    for words, target in links:
        if rel in words.split():
            url = first_url([target], base)
            if url:
                found.setdefault(url)
                if len(found) == limit:
                    break
    return tuple(found)
