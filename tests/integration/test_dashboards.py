"""The dashboards over a real Elasticsearch that a real run has filled: every panel asks what the index can answer,
and gets something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.articles import make_article
from tests.kibana_aggregations import Asked, asked_by, figures
from tests.mill import Mill
from worker.demo.server import Newsroom
from worker.index.lag import measured
from worker.kibana.fields import NUMBERS, fields_of
from worker.kibana.objects import saved_objects
from worker.models import Feed, FeedState, Kind, Poll, Reason
from worker.reporting import report
from worker.schedule.hours import DAY_S, FLAT, HOUR_S
from worker.schedule.record import pack
from worker.schedule.rhythm import Rhythm, observe
from worker.state import codec
from worker.urls import feed_id
from worker.wiring import Wiring, utc_now

pytestmark = [pytest.mark.elasticsearch, pytest.mark.timeout(180)]

DEAD = "http://127.0.0.1:9/feed.xml"
"""The discard port: nobody listens."""


def test_every_panel_shows_something(
    newsroom: Newsroom, make_mill: Callable[..., Mill], elasticsearch_url: str
) -> None:
    name = "it-dashboards"
    mill = make_mill(
        [*newsroom.feeds, DEAD],
        FEEDMILL_INDEX__URL=elasticsearch_url, FEEDMILL_INDEX__NAME=name, FEEDMILL_INDEX__REPORT_S="0.5",
    )  # fmt: skip
    with Elasticsearch(elasticsearch_url) as client:
        for index in client.indices.get(index=f"{name}-*", allow_no_indices=True).body:
            client.indices.delete(index=index)
    with mill.wiring() as wiring:
        were_read_before(wiring, (*newsroom.feeds, DEAD))
    mill.run_until_idle()
    with mill.wiring() as wiring:
        trouble(wiring, newsroom.feeds)
        wiring.index.refresh()

    asked = asked_by(saved_objects(name))
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.refresh(index=f"{name}-*")
        mappings = real_mappings(client, name)
        problems = [problem for one in asked for problem in problems_of(client, one, mappings[one.index], name)]
        counted = client.search(index=f"{name}-events", size=0, aggs={"types": {"terms": {"field": "type"}}})
    types = {bucket["key"]: bucket["doc_count"] for bucket in counted["aggregations"]["types"]["buckets"]}
    assert not problems, "\n".join(problems)
    assert set(types) == {"article", "poll", "standing"}
    # From the run itself and the report after it, each poll once.
    assert types["poll"] >= len(newsroom.feeds) + 1


def were_read_before(wiring: Wiring, feeds: tuple[str, ...]) -> None:
    """So that what they offer now is news, with a lag, and no backlog."""
    for url in feeds:
        wiring.feeds.put(Feed(feed_id(url), url, origin="file"))
        state = FeedState(polls=1, succeeded_at=utc_now() - timedelta(hours=1))
        wiring.redis.hset(wiring.scripts.key("feeds:state"), feed_id(url), codec.state_json(state))


def trouble(wiring: Wiring, feeds: tuple[str, ...]) -> None:
    """What a demo of seconds does not show: a feed that fell silent, one that has become slow,
    a round-up, an article dated ahead."""
    now = utc_now()
    silent, slow = (wiring.feeds.get(feed_id(url)) for url in feeds[:2])
    assert silent is not None and slow is not None
    for (feed, state), changes in (
        (silent, {"rhythm": pack(fell_silent(now.timestamp()))}),
        (slow, {"took_ms": 9000.0}),
    ):
        changed: Any = replace(state, **changes)
        wiring.redis.hset(wiring.scripts.key("feeds:state"), feed.id, codec.state_json(changed))
        wiring.polls.add(Poll(feed.id, feed.url, now, False, Reason.NOT_MODIFIED, 12, 0, 0))
    digest = make_article(
        "https://example.org/digest", kind=Kind.DIGEST, published_at=now - timedelta(hours=3),
        first_seen_at=now - timedelta(hours=1), fetched_at=now,
    )  # fmt: skip
    early = make_article("https://example.org/early", published_at=now, first_seen_at=now - timedelta(hours=1))
    written = [replace(article, indexed_at=now, lag=measured(article, now)) for article in (digest, early)]
    wiring.index.write(written, [])
    wiring.index.refresh()
    assert wiring.reports is not None
    done = report(
        wiring.polls, wiring.story_log, wiring.feeds, wiring.frontier, wiring.outbox, wiring.ledger, wiring.stories,
        wiring.index, wiring.reports,
        pace=wiring.pacer.pace(), thresholds=wiring.thresholds, limit=100, now=now,
    )  # fmt: skip
    assert done.feeds >= 2
    assert wiring.polls.oldest(10) == []


def fell_silent(now_s: float) -> Rhythm:
    """An entry an hour for twenty days, then none for five."""
    start_s = now_s - 25 * DAY_S
    times = [start_s + number * HOUR_S for number in range(20 * 24)]
    return observe(observe(Rhythm(), start_s, [], FLAT), now_s, times, FLAT)


def real_mappings(client: Elasticsearch, name: str) -> dict[str, dict[str, Any]]:
    """Alias -> field -> what the server can do with it, over all its indices."""
    aliases = [f"{name}-{kind}" for kind in ("articles", "stories", "events", "feeds")]
    return {alias: client.field_caps(index=alias, fields="*")["fields"] for alias in aliases}


def problems_of(client: Elasticsearch, asked: Asked, mapping: dict[str, Any], name: str) -> list[str]:
    shipped = fields_of(asked.index.removeprefix(f"{name}-"))
    found = []
    for use, field in asked.uses():
        types = mapping.get(field, {})
        if set(types) != {shipped[field]}:
            found.append(f"{asked.name}: {field} is {sorted(types)} on the server, {shipped[field]} in the template")
        elif use not in ("where", "shown") and not types[shipped[field]]["aggregatable"]:
            found.append(f"{asked.name}: {field} cannot be aggregated")
        elif use in ("average", "median", "percentile", "sum") and shipped[field] not in NUMBERS:
            found.append(f"{asked.name}: {field} is no number")
    answer = client.search(index=asked.index, **asked.body()).body
    if asked.listed:
        shown = {field for hit in answer["hits"]["hits"] for field in hit.get("fields", {})}
        return found + [f"{asked.name}: nothing in column {field}" for field in asked.listed if field not in shown]
    return found + [
        f"{asked.name}: nothing in {column}" for column, number in figures(answer, asked).items() if not number
    ]
