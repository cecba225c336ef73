"""Stories summed up on a real server: from their articles, written over, followed when they are merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.articles import NOON, make_article
from worker.models import Article, Depths, StoryRef
from worker.stores.elasticsearch.connect import Connection
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.layout import STORIES
from worker.stores.elasticsearch.reports import ElasticsearchReports


@pytest.fixture
def reports(elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str) -> Iterator[ElasticsearchReports]:
    found = ElasticsearchReports(Connection(elasticsearch_url), elasticsearch_index.name)
    yield found
    found.close()


def tell(reports: ElasticsearchReports, index: ElasticsearchIndex, stories: dict[str, str], minutes: int = 0) -> int:
    index.refresh()
    return reports.write([], [], Depths(NOON + timedelta(minutes=minutes), {}, 0, 0, 0.0, 0), stories)


def told(index: ElasticsearchIndex, url: str) -> dict[str, dict[str, Any]]:
    with Elasticsearch(url) as client:
        client.indices.refresh(index=STORIES.alias(index.name))
        hits = client.search(index=STORIES.alias(index.name), size=100)["hits"]["hits"]
    assert len({hit["_id"] for hit in hits}) == len(hits)
    return {hit["_id"]: {**hit["_source"], "_index": hit["_index"]} for hit in hits}


def prints(lead: Article, *others: tuple[str, float, str]) -> list[Article]:
    """The lead, and one by each site so many hours later in that language."""
    return [
        lead,
        *(
            make_article(
                f"https://{site}/copy", site=site, language=language,
                published_at=lead.published_at + timedelta(hours=hours),
                first_seen_at=lead.first_seen_at + timedelta(hours=hours), story=StoryRef(lead.id, False, 0.9),
                duplicate_of=lead.id,
            )
            for site, hours, language in others
        ),
    ]  # fmt: skip


def test_a_story_is_what_its_articles_say(
    elasticsearch_index: ElasticsearchIndex, reports: ElasticsearchReports, elasticsearch_url: str
) -> None:
    lead = make_article("https://first.example/1", language="de", title="Der Hafen")
    alone = make_article("https://alone.example/1")
    articles = prints(lead, ("b.example", 1, "de"), ("c.example", 2, "fr"), ("d.example", 6, ""))
    elasticsearch_index.write([*articles, alone], [])
    assert tell(reports, elasticsearch_index, {lead.id: lead.id, alone.id: alone.id}) == 1
    found = told(elasticsearch_index, elasticsearch_url)[lead.id]
    assert found["_index"] == f"{STORIES.alias(elasticsearch_index.name)}-v1-2026.11"
    assert (found["title"], found["lead"], found["site"], found["language"]) == (
        "Der Hafen", lead.id, "first.example", "de",
    )  # fmt: skip
    assert (found["articles"], found["sites"], found["languages"]) == (4, 4, 2)
    assert set(found["on_sites"]) == {article.site for article in articles}
    assert set(found["in_languages"]) == {"de", "fr"}
    assert (found["first_at"], found["last_at"]) == ("2026-11-20T12:00:00Z", "2026-11-20T18:00:00Z")
    assert found["spread_s"] == 6 * 3600
    assert found["half_after_s"] == pytest.approx(1.5 * 3600, rel=0.01)
    assert found["per_hour"] == 0.5
    assert found["merged_into"] is None


def test_it_is_written_over_and_stays_one_document(
    elasticsearch_index: ElasticsearchIndex, reports: ElasticsearchReports, elasticsearch_url: str
) -> None:
    """Also when an article that came earlier is imported later, and it belongs into another month."""
    lead = make_article("https://first.example/1")
    elasticsearch_index.write(prints(lead, ("b.example", 1, "en")), [])
    tell(reports, elasticsearch_index, {lead.id: lead.id})
    early = replace(
        make_article("https://early.example/1", story=StoryRef(lead.id, False, 1.0)),
        first_seen_at=NOON - timedelta(days=40),
    )
    elasticsearch_index.write([early], [])
    told(elasticsearch_index, elasticsearch_url)
    tell(reports, elasticsearch_index, {lead.id: lead.id}, minutes=1)
    assert told(elasticsearch_index, elasticsearch_url)[lead.id]["articles"] == 3
    tell(reports, elasticsearch_index, {lead.id: lead.id}, minutes=-1)
    kept = told(elasticsearch_index, elasticsearch_url)[lead.id]
    assert kept["at"] == "2026-11-20T12:01:00Z", "an older report loses"


def test_a_story_that_was_merged_says_into_which(
    elasticsearch_index: ElasticsearchIndex, reports: ElasticsearchReports, elasticsearch_url: str
) -> None:
    older, younger = make_article("https://older.example/1"), make_article("https://younger.example/1")
    two = prints(older, ("b.example", 1, "en")), prints(younger, ("c.example", 1, "en"))
    elasticsearch_index.write([*two[0], *two[1]], [])
    tell(reports, elasticsearch_index, {older.id: older.id, younger.id: younger.id})
    joined = [
        replace(one, story=StoryRef(older.id, False, 0.8), fetched_at=one.fetched_at + timedelta(seconds=1))
        for one in two[1]
    ]
    elasticsearch_index.write(joined, [])
    told(elasticsearch_index, elasticsearch_url)
    assert tell(reports, elasticsearch_index, {younger.id: older.id}, minutes=1) == 2, "the one it became as well"
    found = told(elasticsearch_index, elasticsearch_url)
    assert (found[older.id]["articles"], found[older.id]["merged_into"]) == (4, None)
    assert (found[younger.id]["articles"], found[younger.id]["merged_into"]) == (0, older.id)


def test_more_stories_than_one_request_takes(
    elasticsearch_index: ElasticsearchIndex, reports: ElasticsearchReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.stores.elasticsearch.sums.PORTION", 3)
    leads = [make_article(f"https://first.example/{n}") for n in range(8)]
    for n, lead in enumerate(leads):
        copy = make_article(f"https://b.example/{n}", story=StoryRef(lead.id, False, 1.0))
        elasticsearch_index.write([lead, copy], [])
    assert tell(reports, elasticsearch_index, {lead.id: lead.id for lead in leads}) == 8
    assert tell(reports, elasticsearch_index, {}) == 0
