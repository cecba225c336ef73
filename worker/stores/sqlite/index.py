"""The archive in one SQLite file: `ports.ArticleIndex` for one machine, comfortable up to half a million articles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from worker.errors import DataDirError, IndexUnavailable
from worker.index.documents import as_known
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
from worker.stores.sqlite import erasing, lags, reading, schema, tombstones, writing
from worker.stores.sqlite.connect import BUSY_TIMEOUT_S, Database
from worker.stores.sqlite.rows import milliseconds, moment_of, unpack_event

FILE = "search.db"


class SqliteIndex:
    """`folder` is the data folder; the index is `search.db` in it, made when it is not there.

    Many processes and threads may use one folder, each over its own SqliteIndex or a shared one, before or after a
    fork: readers never wait; writers take turns (30 s at most, then IndexUnavailable). What `write` returned is on
    disk. A damaged, full or unwritable disk is IndexUnavailable in one clear line, DataDirError from `setup`.
    """

    def __init__(self, folder: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self._database = Database(Path(folder) / FILE, busy_timeout_s)
        self._is_set_up = False

    def setup(self) -> tuple[str, ...]:
        """Also analyses all texts again when the analyzer has changed since; then it may take minutes.

        Raises DataDirError: no FTS5, not writable, damaged, or made by a newer Feedmill.
        """
        with self._database.errors(DataDirError):
            schema.setup(self._database)
        self._is_set_up = True
        return ()

    def write(self, articles: Sequence[Article], events: Sequence[Event]) -> list[WriteResult]:
        """All or nothing, in one transaction. REJECTED is only what JSON cannot hold (lone surrogates)."""
        self._ready()
        with self._database.errors():
            return writing.write(self._database.connection(), articles, events)

    def known(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, Known]:
        self._ready()
        with self._database.errors():
            found = reading.by_ids(self._database.connection(), ids)
        return {article.id: as_known(article) for article in found.values()}

    def get(self, article_id: ArticleId) -> Article | None:
        self._ready()
        with self._database.errors():
            return reading.by_ids(self._database.connection(), [article_id]).get(article_id)

    def search(self, search: Search) -> SearchPage:
        """`score` is 0.0 when the newest come first. Raises QueryError on a field that cannot be asked so."""
        self._ready()
        with self._database.errors():
            return reading.search(self._database.connection(), search)

    def largest_stories(self, query: Node, limit: int) -> list[StorySize]:
        self._ready()
        with self._database.errors():
            return reading.largest_stories(self._database.connection(), query, limit)

    def scan(self, query: Node) -> Iterator[Article]:
        """The matches of the moment it starts, each as it is when its turn comes; no transaction is held between."""
        self._ready()
        with self._database.errors():
            ids = reading.scan(self._database.connection(), query)
        for start in range(0, len(ids), reading.SCAN_PORTION):
            portion = ids[start : start + reading.SCAN_PORTION]
            with self._database.errors():
                found = reading.by_ids(self._database.connection(), portion)
            yield from (found[id_] for id_ in portion if id_ in found)

    def events(self, article_id: ArticleId) -> list[Event]:
        self._ready()
        with self._database.errors():
            rows = self._database.connection().execute(
                "SELECT line FROM event WHERE article_id = ? ORDER BY at DESC, offered_at DESC, id DESC", (article_id,)
            )
            return [unpack_event(line) for (line,) in rows]

    def expire_events(self, before: datetime) -> int:
        self._ready()
        with self._database.errors():
            return (
                self._database.connection().execute("DELETE FROM event WHERE at < ?", (milliseconds(before),)).rowcount
            )

    def stats(self) -> Mapping[str, Any]:
        self._ready()
        with self._database.errors():
            row = (
                self._database.connection()
                .execute(
                    "SELECT (SELECT count(*) FROM doc), (SELECT count(DISTINCT story_id) FROM doc),"
                    " (SELECT max(indexed_at) FROM doc), (SELECT published_at FROM doc ORDER BY rid LIMIT 1)"
                )
                .fetchone()
            )
            files = (self._database.path, self._database.path.with_name(FILE + "-wal"))
            return {
                "documents": row[0],
                "stories": row[1],
                "bytes": sum(file.stat().st_size for file in files if file.exists()),
                "newest_indexed_at": None if row[2] is None else moment_of(row[2]),
                "oldest_published_at": None if row[3] is None else moment_of(row[3]),
            }

    def freshness(self, since: datetime, feeds: Sequence[str] | None = None) -> list[Freshness]:
        self._ready()
        with self._database.errors():
            return lags.freshness(self._database.connection(), since, feeds)

    def tombstones(self, keys: Collection[str] | None = None) -> list[Tombstone]:
        self._ready()
        with self._database.errors():
            return tombstones.find(self._database.connection(), keys)

    def entomb(self, wanted: Sequence[Tombstone]) -> None:
        self._ready()
        with self._database.errors():
            tombstones.put(self._database.connection(), wanted)

    def exhume(self, ids: Collection[str]) -> int:
        self._ready()
        with self._database.errors():
            return tombstones.remove(self._database.connection(), ids)

    def of_domain(self, domain: str) -> Iterator[Article]:
        self._ready()
        with self._database.errors():
            yield from erasing.of_domain(self._database.connection(), domain)

    def other_addresses(self, ids: Collection[ArticleId], urls: Collection[str]) -> Mapping[ArticleId, str]:
        self._ready()
        with self._database.errors():
            return erasing.other_addresses(self._database.connection(), ids, urls)

    def erase(self, ids: Collection[ArticleId], now: datetime) -> int:
        self._ready()
        with self._database.errors():
            return erasing.erase(self._database.connection(), ids)

    def events_about(self, sought: Sought) -> int:
        self._ready()
        with self._database.errors():
            return len(erasing.events_about(self._database.connection(), sought))

    def erase_events(self, sought: Sought, now: datetime) -> int:
        self._ready()
        with self._database.errors():
            return erasing.erase_events(self._database.connection(), sought)

    def compact(self, *, everything: bool = False) -> str:
        """Writes the whole file anew: minutes, where it has gigabytes, in which nobody else writes."""
        self._ready()
        with self._database.errors():
            return erasing.compact(self._database.connection())

    def refresh(self) -> None:
        """Nothing to do: what is written is visible."""

    def close(self) -> None:
        self._database.close()

    def _ready(self) -> None:
        if not self._is_set_up:
            try:
                self.setup()
            except DataDirError as error:
                raise IndexUnavailable(str(error)) from error
