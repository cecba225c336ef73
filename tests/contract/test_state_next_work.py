"""When anything can go on: what `run --until-idle` waits for, and what it leaves to a later run."""

from __future__ import annotations

import pytest

from tests.state import NOW, Mill, indexed, make_step, only
from tests.valkey import Valkey
from worker.models import ClaimKind, FeedState
from worker.run import is_idle
from worker.settings import load
from worker.urls import article_id
from worker.wiring import Wiring

DAY = 86_400.0
FEED = "https://slow.example/feed.xml"
ARTICLE = "https://slow.example/1"


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def test_nothing_at_all(mill: Mill) -> None:
    assert mill.frontier.next_work_s() is None


def test_what_can_be_done_now_is_now(mill: Mill) -> None:
    mill.subscribe([FEED])
    assert mill.frontier.next_work_s() == 0, "a feed is due"
    mill.frontier.release_due_feeds(10)
    assert mill.frontier.next_work_s() == 0, "its host is free"
    [claim] = mill.frontier.claim(10)
    mill.later(1)
    assert mill.frontier.next_work_s() == 0, "it is being polled"
    later = mill.scripts.now().replace(year=2030)
    mill.feeds.save(claim, FeedState(), later, None)
    assert mill.frontier.next_work_s() is None, "a feed that is due later is no work"


def test_an_article_on_its_way(mill: Mill) -> None:
    mill.offer([ARTICLE])
    assert mill.frontier.next_work_s() == 0
    claim = mill.claim_one()
    assert mill.frontier.next_work_s() == 0
    event, article = indexed(ARTICLE)
    mill.frontier.finish_document(claim, event, article)
    assert mill.frontier.next_work_s() is None, "the outbox is not the frontier"


def test_a_retry_is_work_at_its_moment(mill: Mill) -> None:
    mill.offer([ARTICLE])
    mill.frontier.retry(mill.claim_one(), DAY, make_step())
    assert mill.frontier.next_work_s() == pytest.approx(DAY, abs=5)
    mill.later(DAY - 100)
    assert mill.frontier.next_work_s() == pytest.approx(100, abs=5)
    mill.later(200)
    assert mill.frontier.next_work_s() == 0


def test_the_soonest_counts(mill: Mill) -> None:
    mill.offer([ARTICLE, "https://other.example/1"])
    for claim in mill.claim():
        mill.frontier.retry(claim, DAY if claim.host == "slow.example" else 60, make_step())
    assert mill.frontier.next_work_s() == pytest.approx(60, abs=5)


def test_what_waits_at_a_host_that_rests_waits_as_long(mill: Mill) -> None:
    """429 with Retry-After: the host's other articles and its feed are as far away as the one that was refused."""
    mill.offer([ARTICLE, "https://slow.example/2"])
    mill.frontier.retry(mill.claim_one(), DAY, make_step(), block_host=True)
    mill.subscribe([FEED])
    mill.frontier.release_due_feeds(10)
    assert mill.frontier.depth()["queued"] == 1
    assert mill.frontier.next_work_s() == pytest.approx(DAY, abs=5)


@pytest.fixture
def wiring(valkey: Valkey) -> Wiring:
    return Wiring(load(redis={"url": valkey.url, "prefix": "test"}))


def test_idle_does_not_wait_for_tomorrow(mill: Mill, wiring: Wiring) -> None:
    mill.offer([ARTICLE])
    mill.frontier.retry(mill.claim_one(), DAY, make_step())
    assert is_idle(wiring)
    assert mill.frontier.pending(article_id(ARTICLE)), "it is still there for the next run"


def test_idle_waits_for_a_retry_that_is_near(mill: Mill, wiring: Wiring) -> None:
    mill.offer([ARTICLE, "https://other.example/1"])
    near, far = mill.claim()
    mill.frontier.retry(far, DAY, make_step())
    mill.frontier.retry(near, 200, make_step())
    assert not is_idle(wiring)


def test_idle_waits_for_feeds_in_flight_and_the_outbox(mill: Mill, wiring: Wiring) -> None:
    mill.subscribe(["https://other.example/feed.xml"])
    mill.offer([ARTICLE])
    claims = mill.claim()
    [article] = only(claims, ClaimKind.ARTICLE)
    mill.frontier.retry(article, DAY, make_step())
    assert not is_idle(wiring), "a feed is being polled"
    [feed] = only(claims, ClaimKind.FEED)
    mill.feeds.save(feed, FeedState(polled_at=NOW), mill.scripts.now().replace(year=2030), None)
    assert is_idle(wiring)
    mill.outbox.append_direct(*indexed("https://third.example/1"))
    assert not is_idle(wiring), "a document waits for the index"
