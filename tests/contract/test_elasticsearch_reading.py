"""What is special to Elasticsearch in reading: points in time, limits, months, documents of others."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from elasticsearch import Elasticsearch

from tests.articles import NOON, make_article
from worker.errors import IndexUnavailable, QueryError
from worker.models import StoryRef
from worker.query.ast import And, Everything, Node, Or, Phrase, Prefix, Search, Word
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.layout import ARTICLES, FIRST


def store(index: ElasticsearchIndex, *articles: object) -> None:
    index.write(articles, [])  # type: ignore[arg-type]
    index.refresh()


def ids(index: ElasticsearchIndex, query: Node) -> set[str]:
    return {hit.article.id for hit in index.search(Search(query, collapse=False)).hits}


def open_contexts(url: str) -> int:
    with Elasticsearch(url) as client:
        nodes = client.nodes.stats(metric="indices", index_metric="search")["nodes"].values()
        return sum(node["indices"]["search"]["open_contexts"] for node in nodes)


def test_a_scan_shows_one_moment_in_order_while_others_write(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.stores.elasticsearch.reading.SCAN_PORTION", 3)
    # 4 of each moment, so that portions end within one; over three months, so over three indices
    articles = [
        make_article(f"https://example.org/{n}", first_seen_at=NOON - timedelta(days=n // 4 * 10)) for n in range(30)
    ]
    store(elasticsearch_index, *articles)
    scan = elasticsearch_index.scan(Everything())
    seen = [next(scan)]
    later = make_article("https://example.org/later", first_seen_at=NOON + timedelta(days=1))
    changed = replace(articles[0], title="changed", fetched_at=NOON + timedelta(days=1))
    store(elasticsearch_index, later, changed)
    seen += scan
    assert seen == sorted(articles, key=lambda article: (article.first_seen_at, article.id))
    assert open_contexts(elasticsearch_url) == 0


def test_a_scan_that_is_given_up_leaves_nothing_open(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str
) -> None:
    store(elasticsearch_index, *(make_article(f"https://example.org/{n}") for n in range(3)))
    scan = elasticsearch_index.scan(Everything())
    next(scan)
    assert open_contexts(elasticsearch_url) > 0
    scan.close()  # type: ignore[attr-defined]
    assert open_contexts(elasticsearch_url) == 0


def test_a_search_waits_for_an_index_that_is_being_made(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str
) -> None:
    """As in the first moments of a month; one that never starts is said, with the reason."""
    store(elasticsearch_index, make_article())
    name, setting = elasticsearch_index.name, "index.routing.allocation.require._name"
    with Elasticsearch(elasticsearch_url) as client:
        made = f"{ARTICLES.alias(name)}-v{FIRST}-2031.01"
        client.indices.create(index=made, settings={setting: "nobody"}, wait_for_active_shards=0, timeout="1s")
        assert made in client.indices.get_alias(name=ARTICLES.alias(name))
        with pytest.raises(IndexUnavailable, match="missing shards"):
            elasticsearch_index.search(Search(Everything()))
        starting = threading.Timer(0.3, lambda: client.indices.put_settings(index=made, settings={setting: None}))
        starting.start()
        try:
            assert elasticsearch_index.search(Search(Everything())).total == 1
            assert len(list(elasticsearch_index.scan(Everything()))) == 1
        finally:
            starting.join()


def test_copies_of_a_story_are_counted_over_all_months(elasticsearch_index: ElasticsearchIndex) -> None:
    lead = make_article(first_seen_at=NOON - timedelta(days=100), published_at=NOON - timedelta(days=100))
    copies = [
        make_article(
            f"https://example.org/copy/{n}",
            first_seen_at=NOON - timedelta(days=30 * n),
            published_at=NOON - timedelta(days=30 * n),
            story=StoryRef(lead.id, False, 0.9),
            duplicate_of=lead.id,
        )
        for n in range(3)
    ]
    other = replace(copies[0], title="Nothing of that", body="Else", id="f" * 32)
    store(elasticsearch_index, lead, other, *copies)
    page = elasticsearch_index.search(Search(Word("harbour")))
    assert [(hit.article.id, hit.copies) for hit in page.hits] == [(copies[0].id, 4)]
    assert page.total == 4
    assert len(elasticsearch_index.search(Search(Word("harbour"), collapse=False)).hits) == 4


def test_stems_of_one_language_find_only_its_documents(elasticsearch_index: ElasticsearchIndex) -> None:
    german = make_article("https://example.org/de", language="de", title="Die Häuser")
    english = make_article("https://example.org/en", language="en", title="Die Häuser")
    polish = make_article("https://example.org/pl", language="pl", title="Die Häuser")
    store(elasticsearch_index, german, english, polish)
    assert ids(elasticsearch_index, Word("Haus")) == {german.id}
    assert ids(elasticsearch_index, Word("HAUSER")) == {german.id, english.id, polish.id}
    assert ids(elasticsearch_index, Prefix("Haus")) == {german.id, english.id, polish.id}


@pytest.mark.parametrize(
    "text", ['"', "*", "a* OR *:*", "title:x", "harbour) OR (x", '{"match_all":{}}', "\\", "harbour^9", "har*", "/.*/"]
)
def test_what_looks_like_syntax_is_text(elasticsearch_index: ElasticsearchIndex, text: str) -> None:
    store(elasticsearch_index, make_article())
    for node in (Word(text), Phrase(text, slop=2), Word(text, "title"), Prefix(text + " nothing")):
        assert elasticsearch_index.search(Search(node)).total == 0


def test_the_title_counts_more_than_the_summary_and_that_more_than_the_body(
    elasticsearch_index: ElasticsearchIndex,
) -> None:
    fields = ("body", "summary", "title")
    texts = dict.fromkeys(fields, "zoll und so weiter")
    articles = [
        make_article(
            f"https://example.org/{field}", language="de", **dict.fromkeys(fields, "nichts davon") | {field: text}
        )
        for field, text in texts.items()
    ]
    store(elasticsearch_index, *articles)
    page = elasticsearch_index.search(Search(Word("Zoll"), sort="best"))
    assert [hit.article.url.rpartition("/")[2] for hit in page.hits] == ["title", "summary", "body"]
    assert [hit.score for hit in page.hits] == sorted((hit.score for hit in page.hits), reverse=True)
    assert {hit.score for hit in elasticsearch_index.search(Search(Word("Zoll"))).hits} == {0.0}


@pytest.mark.parametrize(
    "search",
    [
        Search(Everything(), limit=20, offset=9_990),
        Search(Or(tuple(Word(f"two words {n}") for n in range(400)))),
    ],
    ids=["window", "words"],
)
def test_what_is_too_much_is_said_in_one_line(elasticsearch_index: ElasticsearchIndex, search: Search) -> None:
    store(elasticsearch_index, make_article())
    with pytest.raises(QueryError) as caught:
        elasticsearch_index.search(search)
    assert "\n" not in str(caught.value)


def test_two_hundred_words_are_not_too_much(elasticsearch_index: ElasticsearchIndex) -> None:
    store(elasticsearch_index, make_article(body=" ".join(f"w{n}" for n in range(200))))
    assert elasticsearch_index.search(Search(And(tuple(Word(f"w{n}") for n in range(200))))).total == 1


def test_nesting_as_deep_as_compile_allows_is_not_too_deep_for_the_server(
    elasticsearch_index: ElasticsearchIndex,
) -> None:
    store(elasticsearch_index, make_article())
    query: Node = Phrase("the harbour")
    for n in range(25):
        query = (And if n % 2 else Or)((query, Word("harbour")))
    assert elasticsearch_index.search(Search(query)).total == 1


def test_a_document_of_somebody_else_is_named(elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str) -> None:
    with Elasticsearch(elasticsearch_url) as client:
        where = ARTICLES.index(elasticsearch_index.name, FIRST, NOON)
        client.index(index=where, id="foreign", document={"title": "Hello"}, refresh=True)
        assert list(client.indices.get_alias(name=ARTICLES.alias(elasticsearch_index.name))) == [where]
    with pytest.raises(IndexUnavailable, match="foreign"):
        elasticsearch_index.search(Search(Everything()))
