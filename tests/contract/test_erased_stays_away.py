"""The last gate: whatever brings it, what was erased is not written again, on either index."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.articles import NOON, make_article, make_event
from worker.index.erased import hashes_of, is_scrubbed, scrubbed
from worker.models import Article, ArticleId, Reason, Stage, State, Step, Tombstone, TombstoneKind, Verdict
from worker.places import claim_on
from worker.ports import ArticleIndex
from worker.query.ast import Everything
from worker.urls import article_id

AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
URL = "https://example.org/news/1"
TOMBSTONE = Tombstone(article_id(URL), TombstoneKind.URL, AT, (*hashes_of(URL), claim_on(URL).hex()))
DOMAIN = Tombstone("domain:example.org", TombstoneKind.DOMAIN, AT, domain="example.org")


def verdicts(index: ArticleIndex, *articles: Article) -> list[Verdict]:
    return [result.verdict for result in index.write(articles, [])]


def test_an_erased_article_is_held_back_and_its_neighbours_are_written(index: ArticleIndex) -> None:
    index.entomb([TOMBSTONE])
    others = [make_article(f"https://example.org/news/{number}") for number in (2, 3)]
    assert verdicts(index, others[0], make_article(URL), others[1]) == [Verdict.STORED, Verdict.ERASED, Verdict.STORED]
    index.refresh()
    assert [article.url for article in index.scan(Everything())] == sorted(
        (other.url for other in others), key=article_id
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://www.example.org/news/1/"},
        {"url": "https://amp.example.org/news/1"},
        {"url": "https://short.example/x", "aliases": (URL,), "site": "short.example"},
        {"url": "https://example.org/news/one", "canonical_url": URL},
        {"url": "https://example.org/", "id": article_id(URL)},
    ],
    ids=["spelling", "variant", "alias", "canonical", "id"],
)
def test_it_does_not_come_back_under_another_address(index: ArticleIndex, changes: dict[str, object]) -> None:
    index.entomb([TOMBSTONE])
    url = str(changes["url"])
    article = replace(make_article(url), **{"id": article_id(url), **changes})
    assert verdicts(index, article) == [Verdict.ERASED]


@pytest.mark.parametrize("site", ["example.org", "blog.example.org", "www.example.org", "example.org:8080"])
def test_a_domain_stays_away_with_all_that_is_below_it(index: ArticleIndex, site: str) -> None:
    index.entomb([DOMAIN])
    assert verdicts(index, make_article(f"https://{site}/a")) == [Verdict.ERASED]


@pytest.mark.parametrize("site", ["example.com", "notexample.org", "example.org.example.net", "org"])
def test_and_no_other(index: ArticleIndex, site: str) -> None:
    index.entomb([DOMAIN])
    assert verdicts(index, make_article(f"https://{site}/a")) == [Verdict.STORED]


def test_it_comes_back_when_it_is_let(index: ArticleIndex) -> None:
    index.entomb([TOMBSTONE])
    assert verdicts(index, make_article(URL)) == [Verdict.ERASED]
    index.exhume([TOMBSTONE.id])
    assert verdicts(index, make_article(URL)) == [Verdict.STORED]


def test_of_its_events_only_hashes_are_written(index: ArticleIndex) -> None:
    index.entomb([TOMBSTONE])
    step = Step(Stage.FETCH, NOON, "moved", None, URL, 3)
    told = make_event(URL, 1, detail=f"found at {URL}", steps=(step,))
    other = make_event("https://example.org/news/2", 2)
    led_there = make_event("https://short.example/x", 3, article_id=ArticleId(article_id(URL)))
    index.write([], [told, other, led_there])
    index.refresh()
    assert index.events(other.article_id) == [other]
    found = index.events(told.article_id)
    assert {event.id for event in found} == {told.id, led_there.id}
    assert all(is_scrubbed(event) for event in found)
    assert all(event.feed for event in found), "the feed is not what was erased"


def test_of_the_events_of_a_domain_not_even_its_feed(index: ArticleIndex) -> None:
    index.entomb([DOMAIN])
    own, elsewhere = make_event(URL, 1), make_event(URL, 2, feed="https://planet.example/feed")
    index.write([], [own, elsewhere])
    index.refresh()
    assert {event.id: event.feed for event in index.events(own.article_id)} == {
        own.id: "",
        elsewhere.id: "https://planet.example/feed",
    }


def test_a_refusal_for_being_erased_is_kept_as_it_is(index: ArticleIndex) -> None:
    index.entomb([TOMBSTONE])
    event = scrubbed(make_event(URL, 1, state=State.REFUSED, reason=Reason.ERASED))
    index.write([], [event])
    index.refresh()
    assert index.events(event.article_id) == [event]
