"""The tables of `search.db`, and how they come to be: created, checked, or their index rebuilt."""

from __future__ import annotations

import sqlite3

from worker.stores.analysis import ANALYZER_VERSION
from worker.stores.sqlite import lags, tombstones
from worker.stores.sqlite.connect import Database, transaction, unusable
from worker.stores.sqlite.rows import FTS_COLUMNS, fts_row, unpack

SCHEMA_VERSION = 1
ADDED = {"lag": lags.TABLE, "tombstone": tombstones.TABLE}
"""Tables that came later: made in an older file as well, which stays readable to the version that made it."""

PER_SECOND_BITS = 20
"""rowid = second of publication * 2^20 + serial number: newest first is the order of the rows themselves.

2^20 rather than 2^10: archives give thousands of articles the same midnight.
"""

# Terms come analysed, separated by blanks; every other ASCII character is part of a term (don't, 3.5, de:haus).
_TOKEN_CHARACTERS = "".join(chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum())
_FTS = f"CREATE VIRTUAL TABLE fts USING fts5({', '.join(FTS_COLUMNS)}, content='', tokenize={{}})"

_TABLES = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE doc(
  rid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  url TEXT NOT NULL, site TEXT NOT NULL, feed TEXT NOT NULL, language TEXT NOT NULL,
  published_at_source TEXT NOT NULL, section TEXT NOT NULL, kind TEXT NOT NULL,
  story_id TEXT NOT NULL, duplicate_of TEXT NOT NULL, method TEXT NOT NULL,
  is_lead INTEGER NOT NULL, fulltext INTEGER NOT NULL,
  word_count INTEGER NOT NULL, revision INTEGER NOT NULL, containment REAL NOT NULL, quality REAL NOT NULL,
  published_at INTEGER NOT NULL, first_seen_at INTEGER NOT NULL, fetched_at INTEGER NOT NULL, indexed_at INTEGER
);
CREATE INDEX doc_url ON doc(url);
CREATE INDEX doc_site ON doc(site);
CREATE INDEX doc_language ON doc(language);
CREATE INDEX doc_story ON doc(story_id);
CREATE INDEX doc_first_seen ON doc(first_seen_at, id);
CREATE INDEX doc_indexed ON doc(indexed_at);
CREATE TABLE label(
  field TEXT NOT NULL, value TEXT NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(field, value, rid)
) WITHOUT ROWID;
CREATE INDEX label_rid ON label(rid);
CREATE TABLE content(rid INTEGER PRIMARY KEY, document BLOB NOT NULL);
CREATE TABLE event(id TEXT PRIMARY KEY, article_id TEXT NOT NULL, at INTEGER NOT NULL, offered_at INTEGER NOT NULL,
  line TEXT NOT NULL);
CREATE INDEX event_article ON event(article_id, at);
CREATE INDEX event_at ON event(at);
"""
_REBUILD_PORTION = 500


def setup(database: Database) -> None:
    """Idempotent; safe when several processes do it at once. Raises sqlite3.Error, OSError or DataDirError."""
    database.path.parent.mkdir(parents=True, exist_ok=True)
    connection = database.connection()
    found = _meta(connection)
    wanted = {"schema": str(SCHEMA_VERSION), "analyzer": ANALYZER_VERSION, **dict.fromkeys(ADDED, "1")}
    if found == wanted:
        return
    if not found:
        # Both only take effect on an empty file, outside of a transaction.
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
    with transaction(connection, "IMMEDIATE"):
        found = _meta(connection)
        if not found:
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            _create_fts(connection)
            _add(connection)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", list(wanted.items()))
            return
        if found["schema"] != str(SCHEMA_VERSION):
            raise unusable(
                database.path,
                f"has schema {found['schema']}, this Feedmill reads {SCHEMA_VERSION}; use the version that made it, "
                "or move it away and import an export",
            )
        if found["analyzer"] != ANALYZER_VERSION:
            _rebuild_fts(connection)
            connection.execute("UPDATE meta SET value = ? WHERE key = 'analyzer'", (ANALYZER_VERSION,))
        if not wanted.keys() <= found.keys():
            _add(connection)
            connection.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", list(wanted.items()))


def _add(connection: sqlite3.Connection) -> None:
    for table in ADDED.values():
        for statement in table.split(";"):
            connection.execute(statement)


def _meta(connection: sqlite3.Connection) -> dict[str, str]:
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
        return {}
    return dict(connection.execute("SELECT key, value FROM meta"))


def _create_fts(connection: sqlite3.Connection) -> None:
    inner = "ascii tokenchars '" + _TOKEN_CHARACTERS.replace("'", "''") + "'"
    connection.execute(_FTS.format('"' + inner.replace('"', '""') + '"'))


def _rebuild_fts(connection: sqlite3.Connection) -> None:
    """Analyse every stored text again. One transaction: readers see the old index until the new one is whole."""
    connection.execute("DROP TABLE fts")
    _create_fts(connection)
    insert = insert_fts()
    last: int | None = None
    while True:
        rows = connection.execute(
            "SELECT rid, document FROM content WHERE ?1 IS NULL OR rid > ?1 ORDER BY rid LIMIT ?2",
            (last, _REBUILD_PORTION),
        ).fetchall()
        if not rows:
            return
        connection.executemany(insert, [(rid, *fts_row(unpack(document))) for rid, document in rows])
        last = rows[-1][0]


def insert_fts() -> str:
    return f"INSERT INTO fts(rowid, {', '.join(FTS_COLUMNS)}) VALUES (?{', ?' * len(FTS_COLUMNS)})"


def delete_fts() -> str:
    """FTS5 has no copy of the text (content=''): it must be told exactly what was inserted."""
    return f"INSERT INTO fts(fts, rowid, {', '.join(FTS_COLUMNS)}) VALUES ('delete', ?{', ?' * len(FTS_COLUMNS)})"
