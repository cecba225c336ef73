"""Searches: requests and answers of everything that reads. Pure but for the client that is handed in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from worker.errors import IndexUnavailable, QueryError
from worker.index.documents import parse_time, story_from_json
from worker.models import Article, ArticleId, Hit, Kind, Known, SearchPage
from worker.query.ast import Node, Search
from worker.stores.elasticsearch import stories
from worker.stores.elasticsearch.asking import ask, hits_of, patiently
from worker.stores.elasticsearch.compile import compile_query
from worker.stores.elasticsearch.source import TEXT_FIELDS, from_source
from worker.stores.snippets import snippet

EXACT_UP_TO = 10_000
SCAN_PORTION = 200
_SCAN_KEEPS = "5m"
_NEWEST: list[dict[str, Any]] = [{"published_at": "desc"}, {"id": "asc"}]
_BEST: list[dict[str, Any]] = [{"_score": "desc"}, *_NEWEST]
_OLDEST_SEEN: list[dict[str, Any]] = [{"first_seen_at": "asc"}, {"id": "asc"}]


def is_empty(error: NotFoundError) -> bool:
    """The alias is not there yet: nothing was ever written."""
    return error.error == "index_not_found_exception"


def article_of(hit: Mapping[str, Any]) -> Article:
    try:
        return from_source(hit["_source"])
    except (KeyError, TypeError, ValueError) as error:
        raise IndexUnavailable(f"Elasticsearch: {hit.get('_id')} is no document of Feedmill ({error!r})") from error


def by_ids(ids: Sequence[str]) -> dict[str, Any]:
    return {"ids": {"values": list(ids)}}


def known(client: Elasticsearch, alias: str, ids: Sequence[ArticleId]) -> dict[ArticleId, Known]:
    texts = [field for name in ("title", "body") for field in (name, f"{name}_*")]
    wanted = ["id", "language", "first_seen_at", "fetched_at", "revision", "kind", "story", "duplicate_of", *texts]
    found: dict[ArticleId, Known] = {}
    for start in range(0, len(ids), EXACT_UP_TO // 10):
        some = ids[start : start + EXACT_UP_TO // 10]
        answer = ask(client, alias, query=by_ids(some), size=len(some), source_includes=wanted, track_total_hits=False)
        for hit in hits_of(answer):
            source = hit["_source"]
            found[ArticleId(hit["_id"])] = Known(
                first_seen_at=parse_time(source["first_seen_at"]),
                fetched_at=parse_time(source["fetched_at"]),
                revision=source["revision"],
                title=_text(source, "title"),
                body=_text(source, "body"),
                language=source["language"],
                kind=Kind(source["kind"]),
                story=story_from_json(source["story"]),
                duplicate_of=source["duplicate_of"],
            )
    return found


def search(client: Elasticsearch, alias: str, request: Search) -> SearchPage:
    if request.offset + request.limit > EXACT_UP_TO:
        raise QueryError(f"a search shows at most the first {EXACT_UP_TO:,} documents; narrow it, or use export")
    body: dict[str, Any] = {}
    if request.collapse:
        # Size 0: only the number of the story's matching documents is wanted.
        body["collapse"] = {"field": "story.id", "inner_hits": {"name": "copies", "size": 0}}
    query = compile_query(request.query)
    answer = ask(
        client,
        alias,
        query=query,
        sort=_BEST if request.sort == "best" else _NEWEST,
        from_=request.offset,
        size=request.limit,
        track_total_hits=EXACT_UP_TO,
        **body,
    )
    hits = [_hit(found, request) for found in hits_of(answer)]
    several = [hit.article.story.id for hit in hits if hit.copies > 1]
    sites = stories.sites_of(client, alias, query, several) if several else {}
    return SearchPage(
        hits=tuple(stories.with_sites(hit, sites) if hit.copies > 1 else hit for hit in hits),
        total=answer["hits"]["total"]["value"],
    )


def scan(client: Elasticsearch, alias: str, query: Node) -> Iterator[Article]:
    """A point in time: what is written meanwhile neither appears nor disturbs."""
    compiled = compile_query(query)
    try:
        pit: str = patiently(lambda: client.open_point_in_time(index=alias, keep_alive=_SCAN_KEEPS))["id"]
    except NotFoundError as error:
        if is_empty(error):
            return
        raise
    after: list[Any] | None = None
    try:
        while True:
            answer = client.search(
                pit={"id": pit, "keep_alive": _SCAN_KEEPS},
                query=compiled,
                sort=_OLDEST_SEEN,
                size=SCAN_PORTION,
                search_after=after,
                track_total_hits=False,
                allow_partial_search_results=False,
            )
            pit, hits = answer["pit_id"], hits_of(answer.body)
            for hit in hits:
                yield article_of(hit)
            if len(hits) < SCAN_PORTION:
                return
            after = hits[-1]["sort"]
    finally:
        with contextlib.suppress(ApiError, TransportError):  # it ends by itself
            client.close_point_in_time(id=pit)


def _hit(found: Mapping[str, Any], request: Search) -> Hit:
    article = article_of(found)
    copies = found["inner_hits"]["copies"]["hits"]["total"]["value"] if request.collapse else 1
    return Hit(
        article=article,
        score=float(found["_score"] or 0.0),
        snippet=snippet(article, request.query) if request.highlight else "",
        copies=copies,
    )


def _text(source: Mapping[str, Any], field: str) -> str:
    assert field in TEXT_FIELDS
    return next((str(value) for key, value in source.items() if key.partition("_")[0] == field), "")
