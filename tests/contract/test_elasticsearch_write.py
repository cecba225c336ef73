"""What is special to Elasticsearch in a write: verdicts per item, versions, months, portions, an absent server."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.articles import NOON, make_article, make_event
from tests.elasticsearch_node.node import LARGEST_REQUEST_MB, Node
from worker.errors import IndexUnavailable
from worker.models import StoryRef, Verdict
from worker.query.ast import Everything, Search, Word
from worker.stores.elasticsearch.connect import Connection
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.layout import ARTICLES, EVENTS


def raw(url: str, alias: str) -> list[dict[str, Any]]:
    with Elasticsearch(url) as client:
        client.indices.refresh(index=alias)
        return list(client.search(index=alias, size=1000, query={"match_all": {}})["hits"]["hits"])


def test_a_document_lies_in_its_month_with_its_text_in_the_field_of_its_language(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str
) -> None:
    german = make_article(language="de", title="Die Brücke", first_seen_at=datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    polish = make_article("https://example.org/pl", language="pl", title="Most")
    elasticsearch_index.write([german, polish], [])
    alias = ARTICLES.alias(elasticsearch_index.name)
    found = {hit["_id"]: hit for hit in raw(elasticsearch_url, alias)}
    assert found[german.id]["_index"] == f"{alias}-v1-2026.01"
    assert found[german.id]["_source"]["title_de"] == "Die Brücke"
    assert "title" not in found[german.id]["_source"]
    assert found[polish.id]["_index"] == f"{alias}-v1-2026.11"
    assert found[polish.id]["_source"]["title"] == "Most"
    assert elasticsearch_index.get(german.id) == german
    assert elasticsearch_index.get(polish.id) == polish


def test_lower_versions_lose_and_equal_ones_are_written_again(elasticsearch_index: ElasticsearchIndex) -> None:
    article = make_article(title="first")
    newer = replace(article, title="second", fetched_at=NOON + timedelta(milliseconds=1))
    again = replace(newer, title="second, corrected")
    written = [elasticsearch_index.write([version], [])[0].verdict for version in (article, newer, article, again)]
    assert written == [Verdict.STORED, Verdict.STORED, Verdict.STALE, Verdict.STORED]
    elasticsearch_index.refresh()
    assert elasticsearch_index.get(article.id) == again


def test_a_document_that_comes_back_with_another_first_seen_at_stays_one_document(
    elasticsearch_index: ElasticsearchIndex,
) -> None:
    article = make_article(first_seen_at=NOON - timedelta(days=70))
    elasticsearch_index.write([article], [])
    elasticsearch_index.refresh()
    forgotten = replace(article, first_seen_at=NOON, fetched_at=NOON + timedelta(days=1), title="again")
    older = replace(forgotten, fetched_at=NOON - timedelta(days=1))
    assert elasticsearch_index.write([forgotten], [])[0].verdict is Verdict.STORED
    elasticsearch_index.refresh()
    assert elasticsearch_index.write([older], [])[0].verdict is Verdict.STALE
    elasticsearch_index.refresh()
    assert elasticsearch_index.search(Search(Everything())).total == 1
    assert elasticsearch_index.stats()["documents"] == 1
    assert elasticsearch_index.get(article.id) == forgotten


def test_a_bad_document_is_told_apart_and_its_neighbours_are_stored(elasticsearch_index: ElasticsearchIndex) -> None:
    good = [make_article(f"https://example.org/good/{n}") for n in range(4)]
    bad = {
        "no long": make_article("https://example.org/bad/1", word_count=1 << 70),
        "no number": make_article("https://example.org/bad/2", story=StoryRef("s", True, float("nan"))),
        "no text": make_article("https://example.org/bad/3", body="half a pair: \ud83d"),
        "no version": make_article("https://example.org/bad/4", fetched_at=datetime(1969, 1, 1, tzinfo=UTC)),
        "no id": make_article("https://example.org/bad/5", id=""),
        "long id": make_article("https://example.org/bad/6", id="x" * 600),
    }
    mixed = [good[0], *list(bad.values())[:3], good[1], *list(bad.values())[3:], good[2], good[3]]
    results = elasticsearch_index.write(mixed, [])
    assert [result.verdict for result in results] == [
        Verdict.REJECTED if article in bad.values() else Verdict.STORED for article in mixed
    ]
    assert all(result.detail for result in results if result.verdict is Verdict.REJECTED)
    elasticsearch_index.refresh()
    assert {article.id for article in elasticsearch_index.scan(Everything())} == {article.id for article in good}


def test_a_document_larger_than_the_server_takes_is_too_large_and_its_neighbours_are_stored(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_node: Node
) -> None:
    huge = make_article("https://example.org/huge", body="word " * (LARGEST_REQUEST_MB * 220_000))
    near = make_article("https://example.org/near"), make_article("https://example.org/next")
    results = elasticsearch_index.write([near[0], huge, near[1]], [])
    assert [result.verdict for result in results] == [Verdict.STORED, Verdict.TOO_LARGE, Verdict.STORED]
    assert "413" in results[1].detail


def test_a_portion_that_a_proxy_finds_too_large_is_split(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.stores.elasticsearch.bulk.PORTION_BYTES", 1 << 30)
    body = "word " * 400_000
    articles = [make_article(f"https://example.org/{n}", body=body) for n in range(LARGEST_REQUEST_MB)]
    results = elasticsearch_index.write(articles, [])
    assert {result.verdict for result in results} == {Verdict.STORED}


def test_a_cluster_that_takes_no_more_shards_is_no_fault_of_the_document(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str, elasticsearch_node: Node
) -> None:
    elasticsearch_index.write([make_article()], [])
    elsewhere = make_article("https://example.org/2", first_seen_at=NOON - timedelta(days=400))
    with Elasticsearch(elasticsearch_url) as client:
        client.cluster.put_settings(persistent={"cluster.max_shards_per_node": 1})
        try:
            result = elasticsearch_index.write([elsewhere], [])[0]
        finally:
            client.cluster.put_settings(persistent={"cluster.max_shards_per_node": None})
    assert (result.verdict, "shards" in result.detail) == (Verdict.RETRY, True)
    assert elasticsearch_index.write([elsewhere], [])[0].verdict is Verdict.STORED


def test_thousands_of_documents_in_one_call(elasticsearch_index: ElasticsearchIndex) -> None:
    articles = [
        make_article(f"https://example.org/{n}", body=f"Report number n{n}. " + "The council voted. " * 100)
        for n in range(3000)
    ]
    assert {result.verdict for result in elasticsearch_index.write(articles, [])} == {Verdict.STORED}
    elasticsearch_index.refresh()
    assert elasticsearch_index.stats()["documents"] == 3000
    assert elasticsearch_index.search(Search(Word("n2999"))).total == 1
    assert elasticsearch_index.known([article.id for article in articles]).keys() == {a.id for a in articles}
    assert len({article.id for article in elasticsearch_index.scan(Everything())}) == 3000


def test_events_are_written_once_and_dropped_by_whole_days(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str
) -> None:
    days = [make_event(offer=n, at=datetime(2026, 11, n, 23, 59, 59, tzinfo=UTC)) for n in (1, 2, 3)]
    elasticsearch_index.write([], days)
    elasticsearch_index.write([], days)
    elasticsearch_index.refresh()
    alias = EVENTS.alias(elasticsearch_index.name)
    assert sorted(hit["_index"] for hit in raw(elasticsearch_url, alias)) == [
        f"{alias}-v1-2026.11.0{day}" for day in (1, 2, 3)
    ]
    assert elasticsearch_index.expire_events(datetime(2026, 11, 2, 23, 0, tzinfo=UTC)) == 1
    assert elasticsearch_index.events(days[0].article_id) == [days[2], days[1]]
    assert elasticsearch_index.expire_events(datetime(2026, 11, 3, 0, 0, tzinfo=UTC)) == 1
    assert elasticsearch_index.expire_events(datetime(2026, 11, 3, 0, 0, tzinfo=UTC)) == 0


def test_an_event_that_is_no_json_is_kept_with_a_mark_in_its_place(elasticsearch_index: ElasticsearchIndex) -> None:
    event = make_event(title="half a pair: \ud83d")
    elasticsearch_index.write([], [event])
    elasticsearch_index.refresh()
    assert elasticsearch_index.events(event.article_id) == [replace(event, title="half a pair: ?")]


def test_an_index_without_its_template_is_never_made(elasticsearch_url: str) -> None:
    """A process that starts to write before anybody ran `setup`."""
    from tests.elasticsearch_node.fixtures import wipe

    index = ElasticsearchIndex(Connection(elasticsearch_url), "test-unprepared")
    try:
        index.write([make_article()], [make_event()])
        index.refresh()
        assert index.search(Search(Word("councils"))).total == 1, "English stems: the template's analysis is there"
    finally:
        index.close()
        wipe(elasticsearch_url, "test-unprepared", templates=True)


def test_a_server_that_goes_away_and_comes_back(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_node: Node
) -> None:
    article, event = make_article(), make_event()
    elasticsearch_index.write([article], [event])
    elasticsearch_node.stop()
    try:
        for call in (
            lambda: elasticsearch_index.write([article], [event]),
            lambda: elasticsearch_index.known([article.id]),
            lambda: elasticsearch_index.get(article.id),
            lambda: elasticsearch_index.search(Search(Everything())),
            lambda: list(elasticsearch_index.scan(Everything())),
            lambda: elasticsearch_index.events(article.id),
            lambda: elasticsearch_index.expire_events(NOON),
            elasticsearch_index.stats,
            elasticsearch_index.refresh,
        ):
            with pytest.raises(IndexUnavailable):
                call()
    finally:
        elasticsearch_node.start()
    deadline = time.monotonic() + 30
    while True:  # as the outbox does: while its shards come back, the server is still unavailable
        try:
            written = elasticsearch_index.write([article], [event])
            break
        except IndexUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert written[0].verdict is Verdict.STORED
    elasticsearch_index.refresh()
    assert elasticsearch_index.search(Search(Everything())).total == 1
    assert elasticsearch_index.events(article.id) == [event]
