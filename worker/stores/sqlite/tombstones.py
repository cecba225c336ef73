"""What was erased: the tombstones, and a table of the keys by which they are found."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence

from worker.index.erased import tombstone_from_json, tombstone_to_json
from worker.models import Tombstone
from worker.stores.sqlite.connect import transaction

TABLE = """
CREATE TABLE IF NOT EXISTS tombstone(id TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tombstone_key(
  key TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(key, id)
) WITHOUT ROWID
"""


def any_there(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM tombstone LIMIT 1").fetchone() is not None


def find(connection: sqlite3.Connection, keys: Collection[str] | None) -> list[Tombstone]:
    """All, or those that hold one of the keys; newest first."""
    rows = connection.execute(
        "SELECT line FROM tombstone WHERE ?1 IS NULL"
        " OR id IN (SELECT id FROM tombstone_key WHERE key IN (SELECT value FROM json_each(?1)))",
        (None if keys is None else json.dumps(sorted(keys)),),
    )
    found = [tombstone_from_json(json.loads(line)) for (line,) in rows]
    return sorted(found, key=lambda each: (-each.erased_at.timestamp(), each.id))


def put(connection: sqlite3.Connection, tombstones: Sequence[Tombstone]) -> None:
    with transaction(connection, "IMMEDIATE"):
        for each in tombstones:
            line = json.dumps(tombstone_to_json(each), separators=(",", ":"))
            connection.execute("INSERT OR REPLACE INTO tombstone VALUES (?, ?)", (each.id, line))
            connection.execute("DELETE FROM tombstone_key WHERE id = ?", (each.id,))
            connection.executemany(
                "INSERT INTO tombstone_key VALUES (?, ?)", [(key, each.id) for key in set(each.keys)]
            )


def remove(connection: sqlite3.Connection, ids: Collection[str]) -> int:
    wanted = json.dumps(sorted(ids))
    with transaction(connection, "IMMEDIATE"):
        connection.execute("DELETE FROM tombstone_key WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
        done = connection.execute("DELETE FROM tombstone WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    return done.rowcount
