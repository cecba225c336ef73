"""Quantiles of the articles' lags, per feed. Pure but for the client that is handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from worker.index.documents import rfc3339
from worker.index.freshness import worst_first
from worker.models import Freshness, NoLag, Quantiles
from worker.stores.elasticsearch.asking import ask

PAGE = 1000
_PARTS = ("found_s", "fetched_s", "indexed_s", "total_s")
_FIGURES: Mapping[str, Any] = {
    **{
        part: {"percentiles": {"field": f"lag.{part}", "percents": [50, 95], "tdigest": {"compression": 500}}}
        for part in _PARTS
    },
    "measured": {"value_count": {"field": "lag.total_s"}},
    "left_out": {"terms": {"field": "lag.left_out", "size": len(NoLag)}},
}


def freshness(client: Elasticsearch, alias: str, since: datetime, feeds: Sequence[str] | None) -> list[Freshness]:
    """Composite pages: complete with any number of feeds."""
    filters: list[dict[str, Any]] = [{"range": {"first_seen_at": {"gte": rfc3339(since)}}}]
    if feeds is not None:
        filters.append({"terms": {"feed": list(feeds)}})
    query = {"bool": {"filter": filters}}
    answer = ask(client, alias, size=0, query=query, track_total_hits=True, aggregations=dict(_FIGURES))
    articles = answer["hits"]["total"]["value"]
    everything = _of("", articles, answer.get("aggregations") or {})
    return [everything, *worst_first(_each(client, alias, query) if articles else ())]


def _each(client: Elasticsearch, alias: str, query: Mapping[str, Any]) -> Iterator[Freshness]:
    after: Mapping[str, Any] | None = None
    while True:
        pages: dict[str, Any] = {"size": PAGE, "sources": [{"feed": {"terms": {"field": "feed"}}}]}
        if after is not None:
            pages["after"] = after
        by_feed = {"feeds": {"composite": pages, "aggregations": dict(_FIGURES)}}
        found = ask(client, alias, size=0, query=query, track_total_hits=False, aggregations=by_feed)
        page = found["aggregations"]["feeds"]
        for bucket in page["buckets"]:
            yield _of(bucket["key"]["feed"], bucket["doc_count"], bucket)
        after = page.get("after_key")
        if after is None or len(page["buckets"]) < PAGE:
            return


def _of(feed: str, articles: int, figures: Mapping[str, Any]) -> Freshness:
    found, fetched, indexed, total = (_quantiles(figures.get(part)) for part in _PARTS)
    return Freshness(
        feed=feed,
        articles=articles,
        measured=int(figures.get("measured", {}).get("value", 0)),
        found=found,
        fetched=fetched,
        indexed=indexed,
        total=total,
        left_out={NoLag(row["key"]): row["doc_count"] for row in figures.get("left_out", {}).get("buckets", ())},
    )


def _quantiles(answer: Mapping[str, Any] | None) -> Quantiles | None:
    values = (answer or {}).get("values", {})
    half, most = values.get("50.0"), values.get("95.0")
    return None if half is None or most is None else Quantiles(round(half, 3), round(most, 3))
