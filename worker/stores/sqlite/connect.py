"""Connections to `search.db`: one per process and thread, and every SQLite error as one clear line."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from worker.errors import DataDirError, FeedmillError, IndexUnavailable

BUSY_TIMEOUT_S = 30.0

_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # a batch is one fsync; what was acknowledged survives a power cut
    "PRAGMA cache_size = -65536",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA temp_store = MEMORY",
)

# SQLite connections must not cross a fork, not even to be closed: the child keeps them, unused, for its life.
_inherited: list[sqlite3.Connection] = []


class Database:
    """Thread-safe and fork-safe: every thread of every process gets its own connection when it first asks."""

    def __init__(self, path: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._pid = os.getpid()
        self._local = threading.local()
        self._all: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._lock = threading.Lock()

    def connection(self) -> sqlite3.Connection:
        """Raises sqlite3.Error; call it inside `errors`."""
        with self._lock:
            if self._pid != os.getpid():
                _inherited.extend(connection for _, connection in self._all)
                self._all, self._local, self._pid = [], threading.local(), os.getpid()
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = self._open()
            with self._lock:
                self._all.append((threading.current_thread(), found))
        return found

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Closes this process's connections; a later call opens new ones.

        Python crashes when a connection is closed below a running statement, so what another living thread may be
        running is broken off (IndexUnavailable there) and its connection left to the garbage collector.
        """
        with self._lock:
            connections, self._all, self._local = self._all, [], threading.local()
            if self._pid != os.getpid():
                _inherited.extend(connection for _, connection in connections)
                connections = []
        for owner, connection in connections:
            if owner.is_alive() and owner is not threading.current_thread():
                connection.interrupt()
            else:
                connection.close()

    @contextlib.contextmanager
    def errors(self, branch: type[FeedmillError] = IndexUnavailable) -> Iterator[None]:
        """Turns SQLite's errors into `branch`: DataDirError while setting up, IndexUnavailable afterwards.

        A locked database is always IndexUnavailable: it passes.
        """
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            busy = code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            raise (IndexUnavailable if busy else branch)(self._explain(error, code)) from error
        except (OverflowError, UnicodeDecodeError) as error:  # values that were never written so
            raise branch(f"{self.path}: is damaged ({type(error).__name__})") from error
        except OSError as error:
            raise branch(f"{self.path}: {error.strerror or error}") from error

    def _explain(self, error: sqlite3.Error, code: int) -> str:
        reason = {
            sqlite3.SQLITE_BUSY: f"locked by another process for more than {self._busy_timeout_s:g} s",
            sqlite3.SQLITE_LOCKED: "locked by another process",
            sqlite3.SQLITE_INTERRUPT: "closed while it was asked",
            sqlite3.SQLITE_FULL: "the disk is full; make room, nothing is lost",
            sqlite3.SQLITE_READONLY: "not writable by this user",
            sqlite3.SQLITE_PERM: "not writable by this user",
            sqlite3.SQLITE_CANTOPEN: "cannot be opened; does the folder exist, and may this user write to it?",
            sqlite3.SQLITE_NOTADB: "is not a search index; move it away",
            sqlite3.SQLITE_CORRUPT: "is damaged; move it away and restore a copy, or import an export",
            sqlite3.SQLITE_IOERR: f"the disk reports an error ({error})",
        }.get(code, str(error))
        if "no such module: fts5" in str(error):
            reason = "this Python's SQLite was built without FTS5; use another Python, or Elasticsearch"
        return f"{self.path}: {' '.join(reason.split())}"


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    """`kind`: IMMEDIATE to write (waits for the other writer now, not at commit), DEFERRED to read one snapshot."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors (disk full): then there is nothing left to end.
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def unusable(path: Path, detail: str) -> DataDirError:
    return DataDirError(f"{path}: {detail}")
