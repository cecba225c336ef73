"""The port to the index."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from worker.models import (
    Article,
    ArticleId,
    Event,
    Freshness,
    Known,
    SearchPage,
    Sought,
    StorySize,
    Tombstone,
    WriteResult,
)
from worker.query.ast import Node, Search


class ArticleIndex(Protocol):
    """The archive. Two backends, one contract suite: the same query gives the same documents."""

    def setup(self) -> Sequence[str]:
        """Create or upgrade what the index needs; idempotent. Raises ServerError when that cannot be.

        What it gives back, a line each, stays as it was and goes on working: it must be migrated.
        """

    def write(self, articles: Sequence[Article], events: Sequence[Event]) -> list[WriteResult]:
        """Store whole documents, then events; one result per article, in order.

        A document whose `version` is lower than the stored one is STALE; an equal one is written again. One that was
        erased, by any of its addresses or its site, is ERASED and not written; of events about such only hashes are.
        Raises IndexUnavailable when nothing is known about the outcome: write again later.
        """

    def known(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, Known]: ...

    def get(self, article_id: ArticleId) -> Article | None: ...

    def search(self, search: Search) -> SearchPage: ...

    def largest_stories(self, query: Node, limit: int) -> list[StorySize]:
        """The stories with most matching documents: copies, then sites, then the older, then the id.

        Only stories with two or more. Counted inside the index: no document is read, however many copies there are.
        """

    def scan(self, query: Node) -> Iterator[Article]:
        """Every matching document, oldest `first_seen_at` first; safe while others write."""

    def events(self, article_id: ArticleId) -> list[Event]:
        """Newest first."""

    def expire_events(self, before: datetime) -> int: ...

    def stats(self) -> Mapping[str, Any]:
        """documents, stories, bytes, newest_indexed_at, oldest_published_at."""

    def freshness(self, since: datetime, feeds: Sequence[str] | None = None) -> list[Freshness]:
        """Of the articles first seen since then: all together first, then each feed, worst `total` p95 first.

        `feeds`: only these, by their URLs. Feeds of which nothing could be measured come last. Both
        backends interpolate alike; of more than some thousand values Elasticsearch estimates (t-digest).
        """

    def tombstones(self, keys: Collection[str] | None = None) -> list[Tombstone]:
        """What was erased and must stay away, newest first: all of it, or what holds one of these hashes or domains."""

    def entomb(self, wanted: Sequence[Tombstone]) -> None:
        """Keep these away from now on; one with a known id replaces it. No write that begins after this misses them."""

    def exhume(self, ids: Collection[str]) -> int:
        """Let these come back; how many there were."""

    def of_domain(self, domain: str) -> Iterator[Article]:
        """Every document whose URL or site is of the domain, or of one below it, in no order."""

    def other_addresses(self, ids: Collection[ArticleId], urls: Collection[str]) -> Mapping[ArticleId, str]:
        """What the ledger knows of further addresses of these articles (by id, or by where they were found): id -> URL."""

    def erase(self, ids: Collection[ArticleId], now: datetime) -> int:
        """Delete these documents, wherever they lie; a late write of what was fetched until `now` does not undo it.

        Returns how many there were. Raises ServerError where the credentials may not delete.
        """

    def events_about(self, sought: Sought) -> int:
        """How many events and reports name what is sought; those that were scrubbed do not."""

    def erase_events(self, sought: Sought, now: datetime) -> int:
        """Delete those; how many there were. What was told until `now` does not come again."""

    def compact(self, *, everything: bool = False) -> str:
        """Make the bytes of what was erased leave the disk: of this object's erasures, or of all that was ever deleted.

        What could not be done, in one line; else empty.
        """

    def refresh(self) -> None:
        """Make everything written so far visible to search (Elasticsearch); nothing to do on SQLite."""

    def close(self) -> None: ...
