"""Stories summed up from their articles, by the server: no text is sent. Pure but for the client handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from worker.models import EPOCH, ArticleId, StoryReport
from worker.stores.elasticsearch.asking import ask, hits_of
from worker.stores.elasticsearch.layout import ARTICLES, STORIES

PORTION = 100
"""Stories in one request: each has up to seventy buckets of its own, and a request may have 65,536."""
LEAST = 2
"""Articles that make a story worth a document: one that was printed once is told by its article."""
NAMED_SITES, NAMED_LANGUAGES = 50, 20
_MANY = 10_000
_LEAD = ("id", "title", "title_*", "url", "site", "language", "section")
_SUMS: Mapping[str, Any] = {
    "sites": {"cardinality": {"field": "site", "precision_threshold": _MANY}},
    "on_sites": {"terms": {"field": "site", "size": NAMED_SITES}},
    "in_languages": {"terms": {"field": "language", "size": NAMED_LANGUAGES}},
    "first": {"min": {"field": "published_at"}},
    "last": {"max": {"field": "published_at"}},
    "half": {"percentiles": {"field": "published_at", "percents": [50]}},
    "seen": {"min": {"field": "first_seen_at"}},
    "lead": {
        "top_hits": {
            "size": 1,
            "sort": [{"story.is_lead": "desc"}, {"first_seen_at": "asc"}, {"id": "asc"}],
            "_source": {"includes": list(_LEAD)},
        }
    },
}


def told(client: Elasticsearch, name: str, stories: Mapping[str, str], at: datetime) -> list[StoryReport]:
    """What is to be written of these stories (id -> what it is called now): those that have several articles, and those
    that have a document which says so no longer."""
    found: list[StoryReport] = []
    ids = sorted({*stories, *stories.values()})
    for start in range(0, len(ids), PORTION):
        part = ids[start : start + PORTION]
        sums = {sum_.id: sum_ for sum_ in _sums(client, ARTICLES.alias(name), part, at)}
        fewer = [id_ for id_ in part if id_ not in sums or sums[id_].articles < LEAST]
        there = _written(client, STORIES.alias(name), fewer)
        for id_ in part:
            if id_ not in fewer:
                found.append(sums[id_])
            elif id_ in there:
                now = stories.get(id_, id_)
                none = StoryReport(id_, at, at, merged_into=now if now != id_ else "")
                found.append(sums.get(id_, none))
    return found


def _sums(client: Elasticsearch, alias: str, ids: Sequence[str], at: datetime) -> Iterator[StoryReport]:
    answer = ask(
        client,
        alias,
        query={"bool": {"filter": [{"terms": {"story.id": list(ids)}}]}},
        size=0,
        track_total_hits=False,
        aggregations={"stories": {"terms": {"field": "story.id", "size": len(ids)}, "aggregations": dict(_SUMS)}},
    )
    for bucket in answer.get("aggregations", {}).get("stories", {}).get("buckets", []):
        [lead] = bucket["lead"]["hits"]["hits"]
        languages = tuple(filter(None, _keys(bucket["in_languages"])))  # it may be too short to tell
        source, first, half = lead["_source"], bucket["first"]["value"], bucket["half"]["values"]["50.0"]
        yield StoryReport(
            id=bucket["key"],
            at=at,
            first_seen_at=_moment(bucket["seen"]["value"]),
            articles=bucket["doc_count"],
            sites=bucket["sites"]["value"],
            on_sites=_keys(bucket["on_sites"]),
            languages=len(languages),
            in_languages=languages,
            first_at=_moment(first),
            last_at=_moment(bucket["last"]["value"]),
            half_after_s=round(max(half - first, 0.0) / 1000, 3),
            lead=ArticleId(source["id"]),
            title=next((str(value) for key, value in source.items() if key.partition("_")[0] == "title"), ""),
            url=source["url"],
            site=source["site"],
            language=source["language"],
            section=source["section"],
        )


def _written(client: Elasticsearch, alias: str, ids: Sequence[str]) -> set[str]:
    """Those that have a document."""
    if not ids:
        return set()
    query = {"ids": {"values": list(ids)}}
    return {hit["_id"] for hit in hits_of(ask(client, alias, query=query, size=len(ids), source=False))}


def _moment(value: float) -> datetime:
    return EPOCH + timedelta(milliseconds=value)


def _keys(terms: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(bucket["key"] for bucket in terms["buckets"])
