"""Entries of a feed that cannot be articles: known by what they say, and told of once. Pure."""

from __future__ import annotations

from datetime import datetime

import xxhash

from worker.index.compose import refused_entry
from worker.models import ArticleId, Event, FeedId, RejectedEntry
from worker.urls import site_of


def rejected_id(feed_id: FeedId, entry: RejectedEntry) -> ArticleId:
    """Equal for the same feed, id and URL."""
    said = "\x1f".join((feed_id, entry.id, entry.url))
    return ArticleId(xxhash.xxh3_128_hexdigest(said.encode("utf-8", "surrogatepass")))


def rejected_event(id_: ArticleId, entry: RejectedEntry, feed_url: str, offer: int, now: datetime) -> Event:
    site = site_of(feed_url)
    return refused_entry(id_, offer, feed_url, entry.reason, now, url=entry.url, site=site, title=entry.title)
