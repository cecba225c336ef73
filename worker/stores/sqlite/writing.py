"""One batch of documents and events, in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from worker.errors import IndexUnavailable
from worker.index.erased import Gate
from worker.models import Article, ArticleId, Event, Verdict, WriteResult
from worker.stores.analysis import ANALYZER_VERSION, analysis_of
from worker.stores.sqlite import lags, tombstones
from worker.stores.sqlite.connect import transaction
from worker.stores.sqlite.rows import doc_row, fts_row, label_rows, milliseconds, pack, pack_event, unpack
from worker.stores.sqlite.schema import PER_SECOND_BITS, delete_fts, insert_fts

_SLOTS = 1 << PER_SECOND_BITS
_INSERT_DOC = f"INSERT INTO doc VALUES (?{', ?' * 22})"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What takes time is done before the transaction begins, while others may write."""

    article: Article
    document: bytes
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stored:
    rid: int
    version: int
    article: Article


def write(connection: sqlite3.Connection, articles: Sequence[Article], events: Sequence[Event]) -> list[WriteResult]:
    """See `ports.ArticleIndex.write`. Raises sqlite3.Error, and then nothing was written."""
    prepared: list[_Prepared | WriteResult] = [_prepare(article) for article in articles]
    with transaction(connection, "IMMEDIATE"):
        if connection.execute("SELECT value FROM meta WHERE key = 'analyzer'").fetchone() != (ANALYZER_VERSION,):
            raise IndexUnavailable("the archive was analysed anew by another version of Feedmill; restart this one")
        # In here: no tombstone can come between this look and the write.
        gate = None
        if tombstones.any_there(connection):
            gate = Gate.of(articles, events, lambda keys: tombstones.find(connection, keys))
            events = gate.passes(events)
        stored = _stored(connection, [article.id for article in articles])
        results: list[WriteResult] = []
        winners: dict[ArticleId, _Prepared] = {}
        for number, item in enumerate(prepared):
            if gate is not None and gate.holds_back(number):
                results.append(WriteResult(Verdict.ERASED))
                continue
            if isinstance(item, WriteResult):
                results.append(item)
                continue
            results.append(_judge(item.article, stored, winners))
            if results[-1].verdict is Verdict.STORED:
                winners[item.article.id] = item
        _replace(connection, list(winners.values()), stored)
        connection.executemany("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?)", map(_event_row, events))
    return results


def _prepare(article: Article) -> _Prepared | WriteResult:
    try:
        return _Prepared(article, pack(article), fts_row(article))
    except ValueError as error:
        return WriteResult(Verdict.REJECTED, f"cannot be stored: {error}")


def _event_row(event: Event) -> tuple[str, str, int, int, str]:
    return (event.id, event.article_id, milliseconds(event.at), milliseconds(event.offered_at), pack_event(event))


def _judge(article: Article, stored: dict[str, _Stored], winners: dict[ArticleId, _Prepared]) -> WriteResult:
    newest: int | None = None
    if article.id in winners:
        newest = winners[article.id].article.version
    elif article.id in stored:
        newest = stored[article.id].version
    if newest is not None and article.version < newest:
        return WriteResult(Verdict.STALE, f"version {newest} is stored already")
    return WriteResult(Verdict.STORED)


def _stored(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, _Stored]:
    rows = connection.execute(
        "SELECT d.id, d.rid, d.version, c.document FROM doc d JOIN content c USING (rid)"
        " WHERE d.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {id_: _Stored(rid, version, unpack(document)) for id_, rid, version, document in rows}


def _replace(connection: sqlite3.Connection, winners: list[_Prepared], stored: dict[str, _Stored]) -> None:
    removed: list[tuple[int, ...]] = []
    unindexed: list[tuple[int | str, ...]] = []
    indexed: list[tuple[int | str, ...]] = []
    placed: list[tuple[int, _Prepared]] = []
    next_free: dict[int, int] = {}
    for item in winners:
        old = stored.get(item.article.id)
        second = milliseconds(item.article.published_at) // 1000
        if old is not None and old.rid >> PER_SECOND_BITS == second:
            rid = old.rid
        else:
            rid = _free(connection, second, next_free)
        if old is not None:
            removed.append((old.rid,))
        if old is None or old.rid != rid or not _same_text(old.article, item.article):
            if old is not None:
                unindexed.append((old.rid, *fts_row(old.article)))
            indexed.append((rid, *item.terms))
        placed.append((rid, item))
    for table in ("doc", "label", "content", "lag"):
        connection.executemany(f"DELETE FROM {table} WHERE rid = ?", removed)
    # In ascending order: FTS5 flushes its buffer whenever a rowid goes back.
    connection.executemany(delete_fts(), sorted(unindexed))
    connection.executemany(insert_fts(), sorted(indexed))
    placed.sort(key=lambda pair: pair[0])
    connection.executemany(_INSERT_DOC, [doc_row(rid, item.article) for rid, item in placed])
    connection.executemany("INSERT INTO content VALUES (?, ?)", [(rid, item.document) for rid, item in placed])
    connection.executemany(lags.INSERT, [lags.lag_row(rid, item.article) for rid, item in placed])
    labels = sorted(row for rid, item in placed for row in label_rows(rid, item.article))
    connection.executemany("INSERT INTO label VALUES (?, ?, ?)", labels)


def _free(connection: sqlite3.Connection, second: int, next_free: dict[int, int]) -> int:
    """A new rowid in that second; never one that this batch empties. Full after a million: then the next second's."""
    while True:
        if second not in next_free:
            low = second * _SLOTS
            (highest,) = connection.execute(
                "SELECT max(rid) FROM doc WHERE rid BETWEEN ? AND ?", (low, low + _SLOTS - 1)
            ).fetchone()
            next_free[second] = low if highest is None else highest + 1
        rid = next_free[second]
        if rid >> PER_SECOND_BITS == second:
            next_free[second] = rid + 1
            return rid
        second += 1


def _same_text(old: Article, new: Article) -> bool:
    return (old.title, old.summary, old.body, analysis_of(old.language)) == (
        new.title,
        new.summary,
        new.body,
        analysis_of(new.language),
    )
