"""The sites' feeds in four formats: RSS 2.0, Atom (RFC 4287), RSS 1.0 (RDF) and JSON Feed 1.1. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

from worker.demo.content import Site, Story, Version


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as the feed states it now."""

    story: Story
    version: Version
    link: str
    published: datetime
    updated: datetime | None

    @property
    def guid(self) -> str:
        return f"{self.story.slug}@newsroom"


def rss(site: Site, base: str, items: Sequence[Item]) -> str:
    """RSS 2.0; descriptions hold escaped HTML, ids are no links."""
    rows = "\n".join(
        f"<item><title>{escape(item.version.title)}</title><link>{escape(item.link)}</link>"
        f'<guid isPermaLink="false">{escape(item.guid)}</guid><pubDate>{format_datetime(item.published)}</pubDate>'
        f"<description>{escape(f'<p>{escape(item.version.summary)}</p>')}</description>"
        f"<category>{escape(item.story.section)}</category>"
        + (f"<dc:creator>{escape(item.story.author)}</dc:creator>" if item.story.author else "")
        + (
            f'<media:content url="{base}/img/{item.story.slug}.png" medium="image" type="image/png"/>'
            if item.story.caption
            else ""
        )
        + "</item>"
        for item in items
    )
    return (
        f'<?xml version="1.0" encoding="{site.charset}"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>{escape(site.title)}</title><link>{base}/</link><description>{escape(site.title)}</description>"
        f"<language>{site.language}</language><ttl>15</ttl>\n{rows}\n</channel></rss>"
    )


def atom(site: Site, base: str, items: Sequence[Item]) -> str:
    """Atom with xml:base: links are relative."""
    newest = max(item.updated or item.published for item in items)
    rows = "\n".join(
        f"<entry><title>{escape(item.version.title)}</title>"
        f'<link rel="alternate" href="{escape(item.link.removeprefix(base + "/"))}"/>'
        f"<id>tag:{site.host},2026:{escape(item.story.slug)}</id>"
        f"<published>{item.published.isoformat()}</published>"
        f"<updated>{(item.updated or item.published).isoformat()}</updated>"
        f'<summary type="text">{escape(item.version.summary)}</summary><category term="{escape(item.story.section)}"/>'
        + (f"<author><name>{escape(item.story.author)}</name></author>" if item.story.author else "")
        + "</entry>"
        for item in items
    )
    return (
        f'<?xml version="1.0" encoding="{site.charset}"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{base}/" xml:lang="{site.language}">'
        f"<title>{escape(site.title)}</title><id>tag:{site.host},2026:feed</id><updated>{newest.isoformat()}</updated>"
        f'<link rel="self" href="{site.feed_path.lstrip("/")}"/><author><name>{escape(site.title)}</name></author>\n'
        f"{rows}\n</feed>"
    )


def rdf(site: Site, base: str, items: Sequence[Item]) -> str:
    """RSS 1.0 with Dublin Core dates."""
    order = "".join(f'<rdf:li rdf:resource="{escape(item.link)}"/>' for item in items)
    rows = "\n".join(
        f'<item rdf:about="{escape(item.link)}"><title>{escape(item.version.title)}</title>'
        f"<link>{escape(item.link)}</link><description>{escape(item.version.summary)}</description>"
        f"<dc:date>{item.published.isoformat()}</dc:date><dc:subject>{escape(item.story.section)}</dc:subject>"
        + (f"<dc:creator>{escape(item.story.author)}</dc:creator>" if item.story.author else "")
        + "</item>"
        for item in items
    )
    return (
        f'<?xml version="1.0" encoding="{site.charset}"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{base}{site.feed_path}"><title>{escape(site.title)}</title><link>{base}/</link>'
        f"<description>{escape(site.title)}</description><dc:language>{site.language}</dc:language>"
        f"<items><rdf:Seq>{order}</rdf:Seq></items></channel>\n{rows}\n</rdf:RDF>"
    )


def json_feed(site: Site, base: str, items: Sequence[Item]) -> str:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "home_page_url": f"{base}/",
        "feed_url": f"{base}{site.feed_path}",
        "language": site.language,
        "items": [
            {
                "id": item.guid,
                "url": item.link,
                "title": item.version.title,
                "summary": item.version.summary,
                "content_text": item.version.summary,
                "date_published": item.published.isoformat(),
                **({"date_modified": item.updated.isoformat()} if item.updated else {}),
                **({"authors": [{"name": item.story.author}]} if item.story.author else {}),
                **({"image": f"{base}/img/{item.story.slug}.png"} if item.story.caption else {}),
                "tags": list(item.story.tags),
            }
            for item in items
        ],
    }
    return json.dumps(document, ensure_ascii=False)


FORMATS: dict[str, tuple[Callable[[Site, str, Sequence[Item]], str], str]] = {
    "rss": (rss, "application/rss+xml"),
    "atom": (atom, "application/atom+xml"),
    "rdf": (rdf, "application/rdf+xml"),
    "json": (json_feed, "application/feed+json"),
}
"""Name -> (renderer, media type)."""
