"""Reports in Elasticsearch: `ports.Reports`. Polls and standings lie among the events of their day, and go with them;
each feed has one document, which is written over, and so has each story that was printed more than once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from elasticsearch import AuthorizationException

from worker.errors import IndexUnavailable
from worker.index.reports import feed_document, poll_document, standing_document, story_document
from worker.models import Depths, FeedReport, Poll, Verdict
from worker.stores.elasticsearch import asking, sums, writing
from worker.stores.elasticsearch.connect import Clients, Connection
from worker.stores.elasticsearch.index import writable
from worker.stores.elasticsearch.layout import EVENTS, FEEDS, STORIES
from worker.stores.elasticsearch.writing import Document, version_at

_log = logging.getLogger(__name__)


class ElasticsearchReports:
    """`name` as in `ElasticsearchIndex`. May be made before a fork."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._clients = Clients(connection)
        self._name = name
        self._is_set_up = False

    def write(
        self, polls: Sequence[Poll], feeds: Sequence[FeedReport], standing: Depths, stories: Mapping[str, str]
    ) -> int:
        self._need_templates()
        with asking.answers():
            told = sums.told(self._clients.get(), self._name, stories, standing.at)
        documents = [
            Document(EVENTS, document["id"], at, version_at(at), writable(document))
            for at, document in (
                *((poll.at, poll_document(poll)) for poll in polls),
                (standing.at, standing_document(standing)),
            )
        ]
        documents += [
            Document(FEEDS, report.feed.id, report.at, version_at(report.at), writable(feed_document(report)))
            for report in feeds
        ]
        documents += [
            Document(STORIES, story.id, story.first_seen_at, version_at(story.at), writable(story_document(story)))
            for story in told
        ]
        for result in writing.write(self._clients.get(), self._name, documents):
            if result.verdict is Verdict.RETRY:
                raise IndexUnavailable(f"Elasticsearch took no report: {result.detail}")
            if result.verdict not in (Verdict.STORED, Verdict.STALE):
                _log.warning("a report was not taken: %s", result.detail)
        return len(told)

    def close(self) -> None:
        self._clients.close()

    def _need_templates(self) -> None:
        """Without its template an index would get guessed mappings, which no later setup can mend."""
        if self._is_set_up:
            return
        client = self._clients.get()
        with asking.answers():
            try:
                there = all(
                    bool(client.indices.exists_index_template(name=alias))
                    for alias in (kind.alias(self._name) for kind in (EVENTS, FEEDS, STORIES))
                )
            except AuthorizationException:  # then somebody with more rights has run the setup
                there = True
        if not there:
            raise IndexUnavailable("Elasticsearch has no templates for reports; run `feedmill index setup`")
        self._is_set_up = True
