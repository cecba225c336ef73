"""The archive on Elasticsearch 9: `ports.ArticleIndex`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import NotFoundError

from worker.errors import IndexUnavailable, ServerError
from worker.index.documents import event_from_json, event_to_json, parse_time
from worker.models import Article, ArticleId, Event, Known, SearchPage, Verdict, WriteResult
from worker.query.ast import Node, Search
from worker.stores.elasticsearch import bulk, reading
from worker.stores.elasticsearch.connect import Clients, Connection
from worker.stores.elasticsearch.install import install, is_installed
from worker.stores.elasticsearch.layout import (
    articles_alias,
    articles_index,
    events_alias,
    events_end,
    events_index,
    events_pattern,
)
from worker.stores.elasticsearch.source import to_source

_log = logging.getLogger(__name__)
_MOST_EVENTS = 1000
_EXACT_STORIES = 40_000


class ElasticsearchIndex:
    """`name` is the first part of every index, alias and template name.

    May be made before a fork: each process opens its own connections at its first call.
    Reads see a write after the server's refresh (5 s) or `refresh`. Raises SettingsError on an unusable connection.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self._clients = Clients(connection)
        self.name = name
        self._articles = articles_alias(name)
        self._events = events_alias(name)
        self._is_set_up = False

    def setup(self) -> None:
        install(self._clients.get(), self.name, self._clients.url)
        self._is_set_up = True

    def write(self, articles: Sequence[Article], events: Sequence[Event]) -> list[WriteResult]:
        client = self._clients.get()
        with reading.answers():
            self._need_templates()
            # A document that came with another first_seen_at (Redis was lost) stays where it is: one document per id.
            places = reading.places(client, self._articles, [article.id for article in articles]) if articles else {}
        documents = [
            bulk.action(
                places.get(article.id) or articles_index(self.name, article.first_seen_at),
                article.id,
                to_source(article),
                article.version,
            )
            for article in articles
        ]
        ledger = [
            bulk.action(events_index(self.name, event.at), event.id, _writable(event_to_json(event)))
            for event in events
        ]
        results = bulk.write(client, documents + ledger)
        for event, result in zip(events, results[len(documents) :], strict=True):
            if result.verdict is Verdict.RETRY:
                raise IndexUnavailable(f"Elasticsearch took no event: {result.detail}")
            if result.verdict is not Verdict.STORED:
                _log.warning("event %s was not taken: %s", event.id, result.detail)
        return results[: len(documents)]

    def known(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, Known]:
        with reading.answers():
            return reading.known(self._clients.get(), self._articles, ids)

    def get(self, article_id: ArticleId) -> Article | None:
        with reading.answers():
            answer = reading.ask(
                self._clients.get(), self._articles, query=reading.by_ids([article_id]), size=1, track_total_hits=False
            )
        hits = reading.hits_of(answer)
        return reading.article_of(hits[0]) if hits else None

    def search(self, search: Search) -> SearchPage:
        with reading.answers("query"):
            return reading.search(self._clients.get(), self._articles, search)

    def scan(self, query: Node) -> Iterator[Article]:
        with reading.answers("query"):
            yield from reading.scan(self._clients.get(), self._articles, query)

    def events(self, article_id: ArticleId) -> list[Event]:
        with reading.answers():
            answer = reading.ask(
                self._clients.get(),
                self._events,
                query={"term": {"article_id": {"value": article_id}}},
                sort=[{"at": "desc"}, {"offered_at": "desc"}, {"id": "desc"}],
                size=_MOST_EVENTS,
                track_total_hits=False,
            )
        return [event_from_json(hit["_source"]) for hit in reading.hits_of(answer)]

    def expire_events(self, before: datetime) -> int:
        """Drops whole days that ended before `before`; returns how many events they held."""
        client, dropped = self._clients.get(), 0
        with reading.answers():
            stats = client.indices.stats(index=events_pattern(self.name), metric="docs", level="indices")
            for index, found in stats["indices"].items():
                end = events_end(self.name, index)
                if end is not None and end <= before:
                    client.indices.delete(index=index, ignore_unavailable=True)
                    dropped += found["primaries"]["docs"]["count"]
        return dropped

    def stats(self) -> Mapping[str, Any]:
        client = self._clients.get()
        aggregations = {
            "stories": {"cardinality": {"field": "story.id", "precision_threshold": _EXACT_STORIES}},
            "newest_indexed_at": {"max": {"field": "indexed_at"}},
            "oldest_published_at": {"min": {"field": "published_at"}},
        }
        with reading.answers():
            answer = reading.ask(client, self._articles, size=0, track_total_hits=True, aggregations=aggregations)
            try:
                stored = client.indices.stats(index=self._articles, metric="store")["_all"]["total"]
            except NotFoundError as error:
                if not reading.is_empty(error):
                    raise
                stored = {}
        found = answer.get("aggregations", {})
        return {
            "documents": answer["hits"]["total"]["value"],
            "stories": found.get("stories", {}).get("value", 0),
            "bytes": stored.get("store", {}).get("size_in_bytes", 0),
            "newest_indexed_at": _moment(found.get("newest_indexed_at", {})),
            "oldest_published_at": _moment(found.get("oldest_published_at", {})),
        }

    def refresh(self) -> None:
        with reading.answers():
            self._clients.get().indices.refresh(
                index=[self._articles, self._events], ignore_unavailable=True, allow_no_indices=True
            )

    def close(self) -> None:
        self._clients.close()

    def _need_templates(self) -> None:
        """An index made without its template would get guessed mappings, which no later setup can mend."""
        if self._is_set_up or is_installed(self._clients.get(), self.name):
            self._is_set_up = True
            return
        try:
            self.setup()
        except ServerError as error:
            raise IndexUnavailable(str(error)) from error


def _writable(value: Any) -> Any:
    """Lone surrogates become `?`: an event must say why something ended, so it is not given up for a character."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    return value


def _moment(aggregation: Mapping[str, Any]) -> datetime | None:
    text = aggregation.get("value_as_string")
    return parse_time(text) if text else None
