"""What only Elasticsearch has to lose: reports, generations of a migration, segments that keep what was deleted."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from tests.articles import NOON, make_article, make_event
from tests.elasticsearch_node.fixtures import wipe
from tests.elasticsearch_node.migration import Installation, edit
from worker.errors import IndexUnavailable
from worker.models import Depths, Feed, FeedReport, FeedState, Poll, Reason, Sought, StoryRef, Verdict
from worker.query.ast import Everything
from worker.stores.elasticsearch.connect import Connection
from worker.stores.elasticsearch.generations import standings
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.layout import ARTICLES, EVENTS, FEEDS, STORIES, IndexKind
from worker.stores.elasticsearch.reports import ElasticsearchReports
from worker.urls import feed_id

LATER = NOON + timedelta(hours=1)
URL = "https://example.org/news/1"
FEED_URLS = ("https://example.org/feed", "https://example.com/feed")
DOMAIN = Sought(domains=frozenset({"example.org"}))


@pytest.fixture
def here(elasticsearch_url: str, tmp_path: Path) -> Iterator[Installation]:
    name = f"test-{secrets.token_hex(4)}"
    yield Installation(elasticsearch_url, name, edit(tmp_path / "templates"))
    wipe(elasticsearch_url, name, templates=True)


@pytest.fixture
def index(here: Installation) -> Iterator[ElasticsearchIndex]:
    with here.opened() as found:
        yield found


def ids(here: Installation, kind: IndexKind) -> set[str]:
    """In every generation."""
    with here.client() as client:
        client.indices.refresh(index=kind.every(here.name), ignore_unavailable=True)
        answer = client.search(index=kind.every(here.name), size=1000, ignore_unavailable=True, source=False)
    return {hit["_id"] for hit in answer["hits"]["hits"]}


def report(here: Installation, index: ElasticsearchIndex, at: datetime, story: str) -> None:
    reports = ElasticsearchReports(Connection(here.url), here.name)
    feeds = [
        FeedReport(at, Feed(feed_id(url), url), FeedState(), at, None, False, None, None, None, False, False)
        for url in FEED_URLS
    ]
    polls = [Poll(feed_id(url), url, at, False, Reason.NEW_ENTRIES, 10, 5, 5) for url in FEED_URLS]
    index.refresh()
    reports.write(polls, feeds, Depths(at, {}, 0, 0, 0.0, 0), {story: story})
    reports.close()


def test_reports_of_stories_and_feeds_go_and_do_not_come_back(here: Installation, index: ElasticsearchIndex) -> None:
    lead = make_article(URL)
    copy = make_article("https://copy.example/1", story=StoryRef(lead.id, False, 1.0), duplicate_of=lead.id)
    index.write([lead, copy], [])
    report(here, index, NOON, lead.id)
    assert ids(here, STORIES) == {lead.id}
    by_article = Sought(ids=frozenset({lead.id}))
    assert index.events_about(by_article) == 1, "the story that it leads"
    assert index.events_about(DOMAIN) == 3, "a poll, a feed and that story"
    assert index.erase_events(DOMAIN, LATER) == 3
    assert ids(here, STORIES) == set()
    assert ids(here, FEEDS) == {feed_id(FEED_URLS[1])}
    assert not any(feed_id(FEED_URLS[0]) in id_ for id_ in ids(here, EVENTS))
    report(here, index, LATER - timedelta(seconds=1), lead.id)  # it was reading when it was erased
    assert ids(here, STORIES) == set()
    leads_now = replace(copy, story=StoryRef(lead.id, True, 1.0), duplicate_of=None)
    index.write([leads_now, make_article("https://copy.example/2", story=StoryRef(lead.id, False, 1.0))], [])
    index.erase([lead.id], LATER)
    report(here, index, LATER + timedelta(minutes=1), lead.id)
    assert ids(here, STORIES) == {lead.id}, "summed up anew, from what stays"
    assert index.events_about(by_article) == 0


def test_it_goes_from_both_generations_while_one_is_filled(here: Installation, index: ElasticsearchIndex) -> None:
    articles = [make_article(f"https://example.org/{n}", first_seen_at=NOON - timedelta(days=31 * n)) for n in range(6)]
    index.write(articles, [make_event(URL)])
    index.refresh()
    seen: list[int] = []

    def copied(_: int) -> None:
        if not seen:  # the first portions are over, and the copying goes on
            seen.append(index.erase([articles[0].id, articles[5].id], LATER))

    migration = here.migration(copied=copied)
    migration.run()
    assert sum(seen) == 2, "several indices are copied at the same time"
    assert ids(here, ARTICLES) == {article.id for article in articles[1:5]}
    late = index.write([articles[5]], [])
    assert late[0].verdict is Verdict.STALE, "also what was fetched before"


def test_it_goes_from_what_a_migration_has_left_behind(here: Installation, index: ElasticsearchIndex) -> None:
    articles = [make_article(f"https://example.org/{n}") for n in range(3)]
    index.write(articles, [])
    index.refresh()
    assert here.migrate() is not None
    with here.client() as client:
        retired = standings(client, here.name, [ARTICLES])[ARTICLES].retired
        assert retired
    assert [article.id for article in index.of_domain("example.org")].count(articles[0].id) == 2, "shut, but there"
    assert index.erase([articles[0].id], LATER) == 1
    assert ids(here, ARTICLES) == {article.id for article in articles[1:]}
    with here.client() as client:
        settings = client.indices.get_settings(index=sorted(retired)).body.values()
    assert {found["settings"]["index"]["blocks"]["write"] for found in settings} == {"true"}, "and shut again"


def test_what_is_shut_for_a_moment_is_said(here: Installation, index: ElasticsearchIndex) -> None:
    index.write([make_article(URL)], [])
    index.refresh()
    with here.client() as client:
        [live] = standings(client, here.name, [ARTICLES])[ARTICLES].indices
        client.indices.add_block(index=live, block="write")
        with pytest.raises(IndexUnavailable, match="being migrated"):
            index.erase([make_article(URL).id], LATER)
        client.indices.put_settings(index=live, settings={"index.blocks.write": None})
    assert index.erase([make_article(URL).id], LATER) == 1


@pytest.mark.timeout(300)
def test_segments_keep_nothing_of_it(here: Installation, index: ElasticsearchIndex) -> None:
    """The shard says every half minute what it still needs."""
    articles = [make_article(f"https://example.org/{n}", body=f"Geheimwort{n} " * 50) for n in range(200)]
    index.write(articles, [])
    index.refresh()
    index.erase([articles[7].id], LATER)
    with here.client() as client:
        assert client.indices.stats(index=ARTICLES.every(here.name))["_all"]["primaries"]["docs"]["deleted"] > 0
        assert index.compact() == ""
        docs = client.indices.stats(index=ARTICLES.every(here.name))["_all"]["primaries"]["docs"]
        assert (docs["count"], docs["deleted"]) == (199, 0)
        assert _terms(client, here.name) & {"geheimwort7", "geheimwort8"} == {"geheimwort8"}
    assert len(list(index.scan(Everything()))) == 199


def _terms(client: Elasticsearch, name: str) -> set[str]:
    """Words that the full-text index knows, asked one by one as a prefix would."""
    found = set()
    for number in (7, 8):
        query = {"term": {"body": f"geheimwort{number}"}}
        if client.count(index=ARTICLES.every(name), query=query)["count"]:
            found.add(f"geheimwort{number}")
    return found
