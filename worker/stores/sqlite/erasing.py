"""Taking documents and events out for good: rows, the terms of the full-text index, and the bytes in the file."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Collection, Iterator

from worker.index.erased import in_domains, is_about, names_other
from worker.models import Article, ArticleId, Sought
from worker.stores.sqlite.connect import transaction
from worker.stores.sqlite.reading import SCAN_PORTION, by_ids
from worker.stores.sqlite.rows import fts_row, unpack, unpack_event
from worker.stores.sqlite.schema import delete_fts

_TABLES = ("doc", "label", "content", "lag")
_CHECKPOINT_S = 30.0


def of_domain(connection: sqlite3.Connection, domain: str) -> Iterator[Article]:
    """Whose URL or site is of the domain. The rows of the moment it starts, each as it is when its turn comes."""
    rows = connection.execute(
        "SELECT id, url, site FROM doc WHERE instr(url, ?1) OR instr(site, ?1)", (domain,)
    ).fetchall()
    ids = [id_ for id_, url, site in rows if in_domains({domain}, url, site)]
    for start in range(0, len(ids), SCAN_PORTION):
        yield from by_ids(connection, ids[start : start + SCAN_PORTION]).values()


def erase(connection: sqlite3.Connection, ids: Collection[str]) -> int:
    with transaction(connection, "IMMEDIATE"):
        rows = connection.execute(
            "SELECT rid, document FROM content WHERE rid IN"
            " (SELECT rid FROM doc WHERE id IN (SELECT value FROM json_each(?))) ORDER BY rid",
            (json.dumps(sorted(ids)),),
        ).fetchall()
        connection.executemany(delete_fts(), [(rid, *fts_row(unpack(document))) for rid, document in rows])
        for table in _TABLES:
            connection.executemany(f"DELETE FROM {table} WHERE rid = ?", [(rid,) for rid, _ in rows])
    return len(rows)


def events_about(connection: sqlite3.Connection, sought: Sought) -> list[str]:
    """Their ids; what was scrubbed already is about nothing any more."""
    found = connection.execute(
        "SELECT id, line FROM event WHERE article_id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(sought.ids)),),
    ).fetchall()
    for domain in sought.domains:
        found += connection.execute("SELECT id, line FROM event WHERE instr(line, ?)", (domain,)).fetchall()
    return [id_ for id_, line in dict(found).items() if is_about(sought, json.loads(line))]


def erase_events(connection: sqlite3.Connection, sought: Sought) -> int:
    with transaction(connection, "IMMEDIATE"):
        ids = events_about(connection, sought)
        connection.executemany("DELETE FROM event WHERE id = ?", [(id_,) for id_ in ids])
    return len(ids)


def other_addresses(
    connection: sqlite3.Connection, ids: Collection[ArticleId], urls: Collection[str]
) -> dict[ArticleId, str]:
    found: dict[ArticleId, str] = {}
    for name in (*ids, *urls):
        for (line,) in connection.execute("SELECT line FROM event WHERE instr(line, ?)", (json.dumps(name)[1:-1],)):
            event = unpack_event(line)
            if names_other(event.detail, ids, urls) and event.url:
                found[event.article_id] = event.url
    return found


def compact(connection: sqlite3.Connection) -> str:
    """Nothing of what was deleted stays in the file. Writers wait meanwhile; readers do not.

    Deleted terms stay in the full-text index until its segments are merged, deleted rows in free pages until the file
    is written anew, and both in the log until that is cut.
    """
    connection.execute("INSERT INTO fts(fts) VALUES ('optimize')")
    connection.execute("VACUUM")
    deadline = time.monotonic() + _CHECKPOINT_S
    while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > deadline:
            return "search.db-wal cannot be cut while somebody reads, and keeps what was erased"
        time.sleep(0.1)
    return ""
