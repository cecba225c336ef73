"""How widely stories were printed: counted by the server, no document is sent. Pure but for the client handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from elasticsearch import Elasticsearch

from worker.models import EPOCH, Hit, StorySize
from worker.query.ast import Node
from worker.stores.elasticsearch.asking import ask
from worker.stores.elasticsearch.compile import compile_query

NAMED_SITES = 5
_MOST_SITES = 10_000
"""Sites of a story that are told apart exactly."""
_SPARE = 1000
"""A story's copies lie in the indices of two months at most, so each is asked for so many more than are wanted."""


@dataclass(frozen=True, slots=True)
class Sites:
    number: int
    named: tuple[str, ...]


def sites_of(client: Elasticsearch, alias: str, query: Mapping[str, Any], stories: Sequence[str]) -> dict[str, Sites]:
    """One request for all of them: on how many sites the story's matching documents stand, and on which first."""
    aggregations = {
        "stories": {
            "terms": {"field": "story.id", "size": len(stories)},
            "aggregations": {
                "sites": {"cardinality": {"field": "site", "precision_threshold": _MOST_SITES}},
                "named": {
                    "terms": {
                        "field": "site",
                        "size": NAMED_SITES,
                        "shard_size": _SPARE,
                        "order": [{"_count": "desc"}, {"_key": "asc"}],
                    }
                },
            },
        }
    }
    wanted = {"bool": {"filter": [query, {"terms": {"story.id": list(stories)}}]}}
    answer = ask(client, alias, query=wanted, size=0, track_total_hits=False, aggregations=aggregations)
    return {
        found["key"]: Sites(found["sites"]["value"], tuple(site["key"] for site in found["named"]["buckets"]))
        for found in _buckets(answer)
    }


def with_sites(hit: Hit, sites: Mapping[str, Sites]) -> Hit:
    """A story that is gone between the two requests counts as one site."""
    found = sites.get(hit.article.story.id, Sites(1, ()))
    return replace(hit, sites=max(1, found.number), named_sites=found.named)


def largest(client: Elasticsearch, alias: str, query: Node, limit: int) -> list[StorySize]:
    aggregations = {
        "stories": {
            "terms": {
                "field": "story.id",
                "size": limit + _SPARE,
                "shard_size": 2 * (limit + _SPARE),
                "min_doc_count": 2,
            },
            "aggregations": {
                "sites": {"cardinality": {"field": "site", "precision_threshold": _MOST_SITES}},
                "first_at": {"min": {"field": "published_at"}},
            },
        }
    }
    answer = ask(client, alias, query=compile_query(query), size=0, track_total_hits=False, aggregations=aggregations)
    found = [
        StorySize(
            bucket["key"],
            bucket["doc_count"],
            bucket["sites"]["value"],
            EPOCH + timedelta(milliseconds=bucket["first_at"]["value"]),
        )
        for bucket in _buckets(answer)
    ]
    return sorted(found, key=lambda story: (-story.copies, -story.sites, story.first_at, story.id))[:limit]


def _buckets(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """None where no index was ever made."""
    found: list[Mapping[str, Any]] = answer.get("aggregations", {}).get("stories", {}).get("buckets", [])
    return found
