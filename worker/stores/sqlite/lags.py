"""The lags of articles: a small table of its own, so that quantiles read no document."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from worker.index.freshness import quantiles, worst_first
from worker.models import Article, Freshness, NoLag
from worker.stores.sqlite.rows import milliseconds

TABLE = """
CREATE TABLE IF NOT EXISTS lag(
  rid INTEGER PRIMARY KEY, feed TEXT NOT NULL, first_seen_at INTEGER NOT NULL,
  found_s REAL, fetched_s REAL, indexed_s REAL, total_s REAL, left_out TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS lag_seen ON lag(first_seen_at)
"""
INSERT = "INSERT INTO lag VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def lag_row(rid: int, article: Article) -> tuple[Any, ...]:
    lag = article.lag
    numbers = (lag.found_s, lag.fetched_s, lag.indexed_s, lag.total_s) if lag else (None,) * 4
    left_out = lag.left_out.value if lag and lag.left_out else ""
    return (rid, article.feed, milliseconds(article.first_seen_at), *numbers, left_out)


def freshness(connection: sqlite3.Connection, since: datetime, feeds: Sequence[str] | None) -> list[Freshness]:
    rows = connection.execute(
        "SELECT feed, found_s, fetched_s, indexed_s, total_s, left_out FROM lag"
        " WHERE first_seen_at >= ?1 AND (?2 IS NULL OR feed IN (SELECT value FROM json_each(?2))) ORDER BY feed",
        (milliseconds(since), None if feeds is None else json.dumps(list(feeds))),
    ).fetchall()
    each = [_of(name, list(group)) for name, group in groupby(rows, key=lambda row: str(row[0]))]
    return [_of("", rows), *worst_first(each)]


def _of(feed: str, rows: Sequence[tuple[Any, ...]]) -> Freshness:
    found, fetched, indexed, total = ([row[at] for row in rows if row[at] is not None] for at in range(1, 5))
    return Freshness(
        feed=feed,
        articles=len(rows),
        measured=len(total),
        found=quantiles(found),
        fetched=quantiles(fetched),
        indexed=quantiles(indexed),
        total=quantiles(total),
        left_out=_counted(row[5] for row in rows),
    )


def _counted(words: Iterable[str]) -> dict[NoLag, int]:
    return {NoLag(word): number for word, number in Counter(word for word in words if word).items()}
