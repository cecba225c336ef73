"""From a fetched page to the addresses that may say which article it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from worker.deduplicate.evidence import evidence
from worker.errors import Refuse
from worker.models import Addresses, ArticleId, Extracted, Fingerprint, Page, WorkItem
from worker.places import claim_on, may_be_article, place_of
from worker.urls import article_id, canonical_url, host_key

MOST_ALIASES = 10
"""Of one document; a way of redirects is shorter."""


@dataclass(frozen=True, slots=True)
class Found:
    url: str
    """Where the article was found: canonical form, never requested."""
    addresses: Addresses
    aliases: tuple[str, ...]
    """The other URLs of the way there, the feed's first."""
    canonical: str
    """The URL on its own site that the page names as its own; empty where it names none that may be an article."""


def addresses(page: Page, item: WorkItem, extracted: Extracted, fingerprint: Fingerprint) -> Found:
    """A redirect decides where the article is, so that short links and feed proxies make no copies; but not one to a
    home page, a login or an error page: many articles may end there, and the feed's URL counts."""
    offered = canonical_url(item.entry.url)
    if not extracted.fulltext:
        return Found(offered, Addresses(item.article_id, item.article_id), (), "")
    url = canonical_url(page.url)
    if page.hops and urlsplit(url).path in ("", "/"):
        return Found(url, Addresses(item.article_id, item.article_id), (), "")
    moved = bool(page.hops)
    hops = tuple(dict.fromkeys(canonical_url(hop) for hop in page.hops[:MOST_ALIASES])) if moved else ()
    canonical = _canonical(extracted.canonical_url or extracted.origin_url, page.url)
    found = article_id(url) if moved else item.article_id
    return Found(
        url,
        Addresses(
            offered=item.article_id,
            found=found,
            evidence=evidence(extracted.title, fingerprint),
            place=place_of(url),
            canonical_place=place_of(canonical) if canonical else b"",
            offered_place=place_of(offered) if moved else b"",
            hops=tuple(ArticleId(article_id(hop)) for hop in hops),
            host=host_key(url),
            claim=claim_on(canonical) if canonical else b"",
        ),
        tuple(alias for alias in dict.fromkeys((offered, *hops)) if alias != url)[:MOST_ALIASES] if moved else (),
        canonical,
    )


def _canonical(claimed: str, page_url: str) -> str:
    try:
        if not claimed or not may_be_article(claimed, page_url):
            return ""
        found = canonical_url(claimed)
        return "" if found == canonical_url(page_url) else found
    except Refuse:
        return ""
