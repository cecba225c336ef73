"""The main job on the demo's newsroom: real Valkey, real Celery workers, each index."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.mill import Mill
from worker.demo.server import Newsroom
from worker.models import State

pytestmark = pytest.mark.timeout(180)

SOON = {"FEEDMILL_SCHEDULE__FLOOR_S": "0", "FEEDMILL_SCHEDULE__DEFAULT_S": "1", "FEEDMILL_SCHEDULE__CAP_S": "1"}


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    room = Newsroom()
    room.start()
    yield room
    room.stop()


def test_every_article_once_and_the_second_poll_costs_304s(
    newsroom: Newsroom, make_mill: Callable[..., Mill], index_environment: dict[str, str]
) -> None:
    mill = make_mill(newsroom.feeds, **index_environment)
    summary = mill.run_until_idle()
    assert "indexed" in summary

    articles = newsroom.manifest
    documents = mill.documents()
    expected = {article.final_url: article for article in articles if article.state is State.INDEXED}
    assert documents.keys() == expected.keys()
    for url, article in expected.items():
        assert documents[url]["extraction"]["fulltext"] is article.fulltext, url
        assert documents[url]["title"] == article.title
        assert documents[url]["language"] == article.language, url
    for article in articles:
        if article.state is not State.INDEXED:
            assert str(article.reason) in mill.command("explain", article.url)
    assert max(site["max_in_flight"] for site in newsroom.stats().values()) == 1
    for host, site in newsroom.stats().items():  # robots.txt, redirects and polls included
        assert site["min_gap_s"] >= mill.settings.net.host_delay_s - 0.01, (host, site)

    by_story: dict[str, set[str]] = {}
    for url, document in documents.items():
        by_story.setdefault(document["story"]["id"], set()).add(url)
    for wire in {article.wire for article in articles if article.wire}:  # the shortened prints are copies, too
        assert {article.final_url for article in articles if article.wire == wire} in by_story.values()

    # Again, with every feed due at once: validators are answered by 304, nothing is offered, nothing written.
    newsroom.reset_stats()
    again = make_mill(newsroom.feeds, **index_environment, **SOON)
    with again.wiring() as wiring:
        due = wiring.scripts.key("feeds:due")
        wiring.redis.zadd(due, {feed.id: 0 for feed, _, _ in wiring.feeds.all()}, xx=True)
    again.start()
    again.wait("a 304 from every site", lambda _: _all_not_modified(newsroom), 60)
    assert again.stop() == 0
    for host, site in newsroom.stats().items():
        assert set(map(str, site["by_status"])) == {"304"}, (host, site)
    with again.wiring() as wiring:
        counts = wiring.ledger.counts()
    assert (counts.offered, counts.pending) == (len(articles), 0)
    assert counts.offered == sum(counts.states.values())
    assert again.documents() == documents


def test_a_changed_article_is_updated_and_found_by_its_new_text(
    newsroom: Newsroom, make_mill: Callable[..., Mill]
) -> None:
    mill = make_mill(newsroom.feeds, **SOON)
    before = next(article for article in newsroom.manifest if article.kind == "update")
    mill.start()
    mill.wait("all offered and done", lambda wiring: _settled(wiring, len(newsroom.manifest)))
    newsroom.apply_update()
    mill.wait("one update", lambda wiring: wiring.ledger.counts().states.get(State.UPDATED, 0) == 1)
    document = mill.documents()[before.final_url]
    after = next(article for article in newsroom.manifest if article.kind == "update")
    assert (document["revision"], document["title"]) == (2, after.title)
    assert after.paragraphs[-1] in document["body"]
    assert mill.stop() == 0


def _all_not_modified(newsroom: Newsroom) -> bool:
    stats = newsroom.stats()
    return len(stats) == len(newsroom.feeds) and all(site["not_modified"] for site in stats.values())


def _settled(wiring: object, offered: int) -> bool:
    counts = wiring.ledger.counts()  # type: ignore[attr-defined]
    return bool(counts.offered == offered and counts.pending == 0)
