"""Searches and scans: everything that asks the index. Works on a connection that the caller guards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from worker.errors import IndexUnavailable, QueryError
from worker.models import Article, Hit, SearchPage, StorySize
from worker.query.ast import Node, Phrase, Search
from worker.stores.analysis import analysis_of
from worker.stores.matching import Terms
from worker.stores.snippets import snippet
from worker.stores.sqlite.compile import Compiled, Parameter, compile_query, in_order
from worker.stores.sqlite.connect import transaction
from worker.stores.sqlite.rows import moment_of, unpack
from worker.stores.sqlite.schema import PER_SECOND_BITS
from worker.stores.words import tokens

EXACT_UP_TO = 10_000
SCAN_PORTION = 200
_LOOKUP_COST = 50
"""Asking FTS5 whether one row matches costs as much as reading this many matches in a row (measured)."""

NAMED_SITES = 5
"""Of a story on several sites."""

_BM25 = "bm25(fts, 8.0, 3.0, 1.0, 8.0, 3.0, 1.0)"


class _Row(NamedTuple):
    rid: int
    published_at: int
    id: str
    story_id: str
    score: float


def search(connection: sqlite3.Connection, request: Search) -> SearchPage:
    """One snapshot for hits, total and copies. Raises QueryError, sqlite3.Error."""
    if request.offset + request.limit > EXACT_UP_TO:
        raise QueryError(f"a search shows at most the first {EXACT_UP_TO:,} documents; narrow it, or use export")
    with transaction(connection, "DEFERRED"):
        compiled = _compile(connection, request.query)
        total = _total(connection, compiled)
        rows = _page(_ordered(connection, compiled, request), request) if total else []
        copies = _copies(connection, compiled, rows, total) if request.collapse else {}
        sites = {story: _by_site(found) for story, found in copies.items()}
        articles = _articles(connection, [row.rid for row in rows])
    return SearchPage(
        hits=tuple(
            Hit(
                article=articles[row.rid],
                score=row.score,
                snippet=snippet(articles[row.rid], request.query) if request.highlight else "",
                copies=sum(copies.get(row.story_id, {"": 1}).values()),
                sites=max(1, len(sites.get(row.story_id, ()))),
                named_sites=sites.get(row.story_id, ())[:NAMED_SITES],
            )
            for row in rows
        ),
        total=total,
    )


def scan(connection: sqlite3.Connection, query: Node) -> list[str]:
    """The ids of every matching document, oldest `first_seen_at` first."""
    with transaction(connection, "DEFERRED"):
        source, parameters = _compile(connection, query).source()
        rows = connection.execute(f"SELECT d.id {source} ORDER BY d.first_seen_at, d.id", parameters)
        return [id_ for (id_,) in rows]


def largest_stories(connection: sqlite3.Connection, query: Node, limit: int) -> list[StorySize]:
    with transaction(connection, "DEFERRED"):
        source, parameters = _compile(connection, query).source()
        rows = connection.execute(
            "SELECT d.story_id, count(*) AS copies, count(DISTINCT d.site) AS sites, min(d.published_at) AS first_at"
            f" {source} GROUP BY d.story_id HAVING copies > 1 ORDER BY copies DESC, sites DESC, first_at, d.story_id"
            " LIMIT ?",
            (*parameters, limit),
        )
        return [StorySize(id_, copies, sites, moment_of(first)) for id_, copies, sites, first in rows]


def by_ids(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Article]:
    """The documents that are still there."""
    rows = connection.execute(
        "SELECT d.id, c.document FROM doc d JOIN content c USING (rid) WHERE d.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {id_: unpack(document) for id_, document in rows}


def _compile(connection: sqlite3.Connection, query: Node) -> Compiled:
    def verified(phrase: Phrase, candidates: Compiled) -> list[int]:
        source, parameters = candidates.source()
        rows = connection.execute(f"SELECT d.rid {source}", parameters).fetchall()
        certain = {rid for (rid,) in connection.execute("SELECT rowid FROM fts WHERE fts MATCH ?", (in_order(phrase),))}
        return [rid for (rid,) in rows if rid in certain or _holds(connection, rid, phrase)]

    return compile_query(query, verified)


def _holds(connection: sqlite3.Connection, rid: int, phrase: Phrase) -> bool:
    """Read the text itself: FTS5 knows no order within a distance."""
    article = _articles(connection, [rid])[rid]
    texts = {"title": article.title, "summary": article.summary, "body": article.body}
    asked = [texts[phrase.field]] if phrase.field else texts.values()
    analysis = analysis_of(article.language)
    return any(Terms(list(tokens(text)), analysis).positions(phrase) for text in asked)


def _total(connection: sqlite3.Connection, compiled: Compiled) -> int:
    source, parameters = compiled.source()
    if compiled.match is not None and compiled.where == "1":
        source = "FROM fts WHERE fts MATCH ?"
    sql = f"SELECT count(*) FROM (SELECT 1 {source} LIMIT {EXACT_UP_TO})"
    (total,) = connection.execute(sql, parameters).fetchone()
    return int(total)


def _ordered(connection: sqlite3.Connection, compiled: Compiled, request: Search) -> Iterator[_Row]:
    """All matches in the order asked for, read only as far as the page needs."""
    source, parameters = compiled.source()
    columns = "d.rid, d.published_at, d.id, d.story_id"
    if request.sort == "newest":
        order = "fts.rowid" if compiled.match is not None else "d.rid"
        rows = connection.execute(f"SELECT {columns}, 0.0 {source} ORDER BY {order} DESC", parameters)
        # Rows of one second share their place in the order of rowids.
        for _, second in groupby(map(_Row._make, rows), key=lambda row: row.rid >> PER_SECOND_BITS):
            yield from sorted(second, key=lambda row: (-row.published_at, row.id))
        return
    yield from map(_Row._make, connection.execute(*_ranked(compiled, columns, source, parameters)))


def _ranked(
    compiled: Compiled, columns: str, source: str, parameters: tuple[Parameter, ...]
) -> tuple[str, tuple[Parameter, ...]]:
    order = "ORDER BY 5 DESC, d.published_at DESC, d.id"
    if compiled.match is not None:
        return f"SELECT {columns}, -{_BM25} {source} {order}", parameters
    if compiled.ranking is None:
        return f"SELECT {columns}, 0.0 {source} {order}", parameters
    ranks = f"(SELECT rowid AS rid, -{_BM25} AS score FROM fts WHERE fts MATCH ?) AS ranks"
    joined = source.replace("FROM doc d ", f"FROM doc d LEFT JOIN {ranks} ON ranks.rid = d.rid ", 1)
    return f"SELECT {columns}, coalesce(ranks.score, 0.0) {joined} {order}", (compiled.ranking, *parameters)


def _page(rows: Iterator[_Row], request: Search) -> list[_Row]:
    end = request.offset + request.limit
    found: list[_Row] = []
    stories: set[str] = set()
    for row in rows:
        if len(found) >= end:
            break
        if request.collapse:
            if row.story_id in stories:
                continue
            stories.add(row.story_id)
        found.append(row)
    return found[request.offset :]


def _copies(
    connection: sqlite3.Connection, compiled: Compiled, page: list[_Row], total: int
) -> dict[str, dict[str, int]]:
    """How many documents of each story on the page match, by site: of stories with several that do."""
    stories = json.dumps([row.story_id for row in page])
    printed = connection.execute(
        "SELECT story_id, count(*) FROM doc WHERE story_id IN (SELECT value FROM json_each(?)) GROUP BY story_id",
        (stories,),
    )
    several = {story: copies for story, copies in printed if copies > 1}
    if not several:
        return {}
    source, parameters = compiled.source()
    if compiled.match is not None and total > sum(several.values()) * _LOOKUP_COST:
        source = f"FROM doc d CROSS JOIN fts ON fts.rowid = d.rid WHERE fts MATCH ? AND {compiled.where}"
    counted = connection.execute(
        f"SELECT d.story_id, d.site, count(*) {source} AND d.story_id IN (SELECT value FROM json_each(?))"
        " GROUP BY d.story_id, d.site",
        (*parameters, json.dumps(list(several))),
    )
    found_sites: dict[str, dict[str, int]] = {}
    for story, site, copies in counted:
        found_sites.setdefault(story, {})[site] = copies
    return {story: sites for story, sites in found_sites.items() if sum(sites.values()) > 1}


def _by_site(copies: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(copies, key=lambda site: (-copies[site], site)))


def _articles(connection: sqlite3.Connection, rids: list[int]) -> dict[int, Article]:
    rows = connection.execute(
        "SELECT rid, document FROM content WHERE rid IN (SELECT value FROM json_each(?))", (json.dumps(rids),)
    )
    found = {rid: unpack(document) for rid, document in rows}
    if len(found) < len(rids):
        raise IndexUnavailable("the index names a document that is not there: search.db is damaged")
    return found
