"""The archive on Elasticsearch 9: `ports.ArticleIndex`."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from elasticsearch import NotFoundError

from worker.errors import IndexUnavailable, ServerError
from worker.index.documents import event_from_json, parse_time
from worker.index.erased import Gate
from worker.index.reports import event_document
from worker.models import (
    Article,
    ArticleId,
    Event,
    Freshness,
    Known,
    SearchPage,
    Sought,
    StorySize,
    Tombstone,
    Verdict,
    WriteResult,
)
from worker.query.ast import Node, Search
from worker.stores.elasticsearch import asking, compacting, erasing, lags, reading, stories, tombstones, writing
from worker.stores.elasticsearch.connect import Clients, Connection
from worker.stores.elasticsearch.generations import standings
from worker.stores.elasticsearch.install import install, is_installed
from worker.stores.elasticsearch.layout import ARTICLES, EVENTS, events_end
from worker.stores.elasticsearch.source import to_source
from worker.stores.elasticsearch.writing import Document, version_at

_log = logging.getLogger(__name__)
_MOST_EVENTS = 1000
_EXACT_STORIES = 40_000


class ElasticsearchIndex:
    """`name` is the first part of every index, alias and template name.

    May be made before a fork: each process opens its own connections at its first call.
    Reads see a write after the server's refresh (5 s) or `refresh`. `templates`: a folder with edited copies of ours.
    Raises SettingsError on an unusable connection.
    """

    def __init__(self, connection: Connection, name: str, templates: Path | None = None) -> None:
        self._clients = Clients(connection)
        self._templates = templates
        self.name = name
        self._articles = ARTICLES.alias(name)
        self._events = EVENTS.alias(name)
        self._is_set_up = False
        self._erased_from: set[str] = set()

    def setup(self) -> tuple[str, ...]:
        left = install(self._clients.get(), self.name, self._clients.url, self._templates)
        self._is_set_up = True
        return tuple(each.line(self.name) for each in left)

    def write(self, articles: Sequence[Article], events: Sequence[Event]) -> list[WriteResult]:
        client = self._clients.get()
        with asking.answers():
            self._need_templates()
            gate = None
            if tombstones.any_there(client, self.name):
                gate = Gate.of(articles, events, lambda keys: tombstones.find(client, self.name, keys))
                events = gate.passes(events)
        held_back = {n for n in range(len(articles)) if gate is not None and gate.holds_back(n)}
        documents = [
            Document(ARTICLES, article.id, article.first_seen_at, article.version, to_source(article))
            for number, article in enumerate(articles)
            if number not in held_back
        ]
        ledger = [
            Document(EVENTS, event.id, event.at, version_at(event.at), writable(event_document(event)))
            for event in events
        ]
        results = writing.write(client, self.name, documents + ledger)
        for event, result in zip(events, results[len(documents) :], strict=True):
            if result.verdict is Verdict.RETRY:
                raise IndexUnavailable(f"Elasticsearch took no event: {result.detail}")
            if result.verdict not in (Verdict.STORED, Verdict.STALE):
                _log.warning("event %s was not taken: %s", event.id, result.detail)
        written = iter(results[: len(documents)])
        return [WriteResult(Verdict.ERASED) if n in held_back else next(written) for n in range(len(articles))]

    def known(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, Known]:
        with asking.answers():
            return reading.known(self._clients.get(), self._articles, ids)

    def get(self, article_id: ArticleId) -> Article | None:
        with asking.answers():
            answer = asking.ask(
                self._clients.get(), self._articles, query=reading.by_ids([article_id]), size=1, track_total_hits=False
            )
        hits = asking.hits_of(answer)
        return reading.article_of(hits[0]) if hits else None

    def search(self, search: Search) -> SearchPage:
        with asking.answers("query"):
            return reading.search(self._clients.get(), self._articles, search)

    def largest_stories(self, query: Node, limit: int) -> list[StorySize]:
        with asking.answers("query"):
            return stories.largest(self._clients.get(), self._articles, query, limit)

    def scan(self, query: Node) -> Iterator[Article]:
        with asking.answers("query"):
            yield from reading.scan(self._clients.get(), self._articles, query)

    def events(self, article_id: ArticleId) -> list[Event]:
        with asking.answers():
            answer = asking.ask(
                self._clients.get(),
                self._events,
                query={"term": {"article_id": {"value": article_id}}},
                sort=[{"at": "desc"}, {"offered_at": "desc"}, {"id": "desc"}],
                size=_MOST_EVENTS,
                track_total_hits=False,
            )
        return [event_from_json(hit["_source"]) for hit in asking.hits_of(answer)]

    def expire_events(self, before: datetime) -> int:
        """Drops whole days that ended before `before`; returns how many events they held."""
        client, dropped = self._clients.get(), 0
        with asking.answers():
            live = standings(client, self.name, [EVENTS])[EVENTS].indices  # a migration has each day twice
            stats = client.indices.stats(index=EVENTS.every(self.name), metric="docs", level="indices")
            for index, found in stats["indices"].items():
                end = events_end(self.name, index)
                if end is not None and end <= before:
                    client.indices.delete(index=index, ignore_unavailable=True)
                    dropped += found["primaries"]["docs"]["count"] if index in live else 0
        return dropped

    def stats(self) -> Mapping[str, Any]:
        client = self._clients.get()
        aggregations = {
            "stories": {"cardinality": {"field": "story.id", "precision_threshold": _EXACT_STORIES}},
            "newest_indexed_at": {"max": {"field": "indexed_at"}},
            "oldest_published_at": {"min": {"field": "published_at"}},
        }
        with asking.answers():
            answer = asking.ask(client, self._articles, size=0, track_total_hits=True, aggregations=aggregations)
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

    def freshness(self, since: datetime, feeds: Sequence[str] | None = None) -> list[Freshness]:
        with asking.answers():
            return lags.freshness(self._clients.get(), self._articles, since, feeds)

    def tombstones(self, keys: Collection[str] | None = None) -> list[Tombstone]:
        with asking.answers():
            return tombstones.find(self._clients.get(), self.name, keys)

    def entomb(self, wanted: Sequence[Tombstone]) -> None:
        with asking.answers():
            tombstones.put(self._clients.get(), self.name, wanted)

    def exhume(self, ids: Collection[str]) -> int:
        with asking.answers():
            return tombstones.remove(self._clients.get(), self.name, ids)

    def of_domain(self, domain: str) -> Iterator[Article]:
        with asking.answers():
            yield from erasing.of_domain(self._clients.get(), self.name, domain)

    def other_addresses(self, ids: Collection[ArticleId], urls: Collection[str]) -> Mapping[ArticleId, str]:
        with asking.answers():
            return erasing.other_addresses(self._clients.get(), self.name, ids, urls)

    def erase(self, ids: Collection[ArticleId], now: datetime) -> int:
        with asking.answers():
            number, touched = erasing.erase(self._clients.get(), self.name, ids, now)
        self._erased_from |= touched
        return number

    def events_about(self, sought: Sought) -> int:
        with asking.answers():
            return sum(1 for _ in erasing.events_about(self._clients.get(), self.name, sought))

    def erase_events(self, sought: Sought, now: datetime) -> int:
        with asking.answers():
            number, touched = erasing.erase_events(self._clients.get(), self.name, sought, now)
        self._erased_from |= touched
        return number

    def compact(self, *, everything: bool = False) -> str:
        """Takes half a minute and more; others go on reading and writing."""
        client = self._clients.get()
        with asking.answers():
            indices = compacting.with_deletes(client, self.name) if everything else self._erased_from
            problem = compacting.compact(client, indices)
        self._erased_from.clear()
        return problem

    def refresh(self) -> None:
        with asking.answers():
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


def writable(value: Any) -> Any:
    """Lone surrogates become `?`: an event must say why something ended, so it is not given up for a character."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [writable(item) for item in value]
    if isinstance(value, dict):
        return {key: writable(item) for key, item in value.items()}
    return value


def _moment(aggregation: Mapping[str, Any]) -> datetime | None:
    text = aggregation.get("value_as_string")
    return parse_time(text) if text else None
