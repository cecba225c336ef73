"""Erasing in the index itself: documents, events, and what they leave behind, on either backend."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.articles import NOON, make_article, make_event
from worker.index.compose import FOUND_AT, SAME_AS
from worker.models import Article, ArticleId, Sought, Verdict
from worker.ports import ArticleIndex
from worker.query.ast import Everything, Search, Word
from worker.query.parse import parse
from worker.urls import article_id

NOW = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
URL = "https://example.org/news/1"


def store(index: ArticleIndex, *articles: Article) -> None:
    assert {result.verdict for result in index.write(articles, [])} == {Verdict.STORED}
    index.refresh()


def urls(index: ArticleIndex, query: str = "") -> set[str]:
    index.refresh()
    return {article.url for article in index.scan(parse(query, NOW) if query else Everything())}


def test_documents_go_from_every_month_and_from_every_search(index: ArticleIndex) -> None:
    months = [make_article(f"https://example.org/{n}", first_seen_at=NOON - timedelta(days=40 * n)) for n in range(4)]
    store(index, *months)
    assert index.erase([months[0].id, months[3].id, ArticleId("0" * 32)], NOW) == 2
    index.refresh()
    assert urls(index) == {months[1].url, months[2].url}
    page = index.search(Search(Word("harbour")))
    assert page.total == 2
    assert index.get(months[0].id) is None
    assert not index.known([months[3].id])
    assert index.stats()["documents"] == 2
    assert index.freshness(NOON - timedelta(days=400))[0].articles == 2
    assert index.erase([months[0].id], NOW) == 0


def test_a_late_write_of_what_was_fetched_before_does_not_undo_it(index: ArticleIndex) -> None:
    """On SQLite the gate alone keeps it away; on Elasticsearch a write may have passed its gate long ago."""
    article = make_article(URL, first_seen_at=NOW, fetched_at=NOW)
    store(index, article, make_article("https://example.org/2", first_seen_at=NOW))
    index.erase([article.id], NOW)
    if type(index).__name__ == "ElasticsearchIndex":
        assert [result.verdict for result in index.write([article], [])] == [Verdict.STALE]
        never_there = make_article("https://example.org/3", first_seen_at=NOW, fetched_at=NOW)
        index.erase([never_there.id], NOW)
        assert [result.verdict for result in index.write([never_there], [])] == [Verdict.STALE]
    later = replace(article, fetched_at=NOW + timedelta(minutes=2))
    assert [result.verdict for result in index.write([later], [])] == [Verdict.STORED]


def test_a_domain_is_found_by_url_and_by_site(index: ArticleIndex) -> None:
    inside = [
        make_article("https://example.org/1"),
        make_article("https://www.example.org:8080/2"),
        make_article("https://deep.blog.example.org/3"),
        make_article("https://mirror.example/4", site="example.org"),
        make_article("http://example.org/?q=5"),
    ]
    outside = [
        make_article("https://example.com/1"),
        make_article("https://notexample.org/2"),
        make_article("https://example.org.example.net/3"),
        make_article("https://example.net/example.org/4"),
        make_article("https://exampleXorg.example/5"),
    ]
    store(index, *inside, *outside)
    assert {each.url for each in index.of_domain("example.org")} == {each.url for each in inside}
    assert {each.url for each in index.of_domain("www.example.org:8080")} == {"https://www.example.org:8080/2"}
    assert list(index.of_domain("nowhere.example")) == []


def test_events_go_by_article_and_by_domain(index: ArticleIndex) -> None:
    wanted = make_event(URL, 1)
    again = make_event(URL, 2, at=NOON - timedelta(days=3))
    neighbour = make_event("https://example.org/news/2", 3)
    other = make_event("https://example.com/1", 4, detail="its text names example.org")
    index.write([], [wanted, again, neighbour, other])
    index.refresh()

    one = Sought(ids=frozenset({wanted.article_id}))
    assert index.events_about(one) == 2
    assert index.erase_events(one, NOW) == 2
    assert (index.events_about(one), index.erase_events(one, NOW)) == (0, 0)
    assert index.events(wanted.article_id) == []
    assert index.events(neighbour.article_id) == [neighbour]

    domain = Sought(domains=frozenset({"example.org"}))
    assert index.erase_events(domain, NOW) == 1
    assert index.events(other.article_id) == [other]


def test_nothing_sought_is_nothing_found(index: ArticleIndex) -> None:
    index.write([], [make_event(URL)])
    index.refresh()
    assert index.events_about(Sought()) == 0
    assert index.erase_events(Sought(), NOW) == 0
    assert index.erase([], NOW) == 0
    assert index.other_addresses([], []) == {}


def test_the_ledger_knows_further_addresses(index: ArticleIndex) -> None:
    id_ = article_id(URL)
    short = make_event("https://short.example/x", 1, detail=f"{FOUND_AT}{URL}")
    copy = make_event("https://amp.example.org/1", 2, detail=f"{SAME_AS}{id_}")
    other = make_event("https://short.example/y", 3, detail=f"{FOUND_AT}{URL}0")
    index.write([], [short, copy, other, make_event(URL, 4)])
    index.refresh()
    assert index.other_addresses([id_], [URL]) == {short.article_id: short.url, copy.article_id: copy.url}
    assert index.other_addresses([id_], []) == {copy.article_id: copy.url}


def test_compacting_an_index_changes_no_answer(index: ArticleIndex) -> None:
    kept = [make_article(f"https://example.org/{n}", body=f"Text number {n} stays.") for n in range(20)]
    gone = [make_article(f"https://example.com/{n}", body=f"Geheimwort{n} goes.") for n in range(20)]
    store(index, *kept, *gone)
    index.erase([each.id for each in gone], NOW)
    for everything in (False, True):
        assert index.compact(everything=everything) == ""
        index.refresh()
        assert urls(index) == {each.url for each in kept}
        assert urls(index, "Geheimwort*") == set()
        assert urls(index, "stays") == {each.url for each in kept}
