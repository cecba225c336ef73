"""What is noted before a feed's server is asked, over a real Valkey: it holds whatever dies, moves or comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.state import NOW, Mill
from tests.valkey import Valkey
from worker.models import Answered, Asked, Claim, Feed, FeedState, FeedStatus, Leave, Reason
from worker.schedule.loop import Pace, Scheduler
from worker.urls import feed_id

URL = "https://a.example/feed"
FEED = Feed(feed_id(URL), URL)
ASKED = Asked(at=NOW, why="first", url=URL)
DAY, HOUR = 86_400.0, 3600.0


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    mill = Mill(valkey.client)
    mill.feeds.put(FEED)
    return mill


def begun(mill: Mill) -> Claim:
    claim = mill.claim_one()
    mill.frontier.begin([claim])
    return claim


def save(mill: Mill, claim: Claim, wait_s: float = HOUR, state: FeedState | None = None, **more: object) -> None:
    now = mill.scripts.now()
    saved = state or FeedState(polls=1, polled_at=now, etag='"1"', in_full_at=now, succeeded_at=now)
    assert mill.feeds.save(claim, saved, now + timedelta(seconds=wait_s), None, now=now, **more)  # type: ignore[arg-type]


def next_s(mill: Mill) -> float:
    shown = mill.feeds.show(FEED.id)
    assert shown is not None
    return (shown[2] - mill.scripts.now()).total_seconds()


def test_p09_a_feed_whose_worker_died_is_not_asked_again_before_its_time(mill: Mill) -> None:
    claim = begun(mill)
    assert mill.feeds.ask(claim, ASKED, rest_s=1800, in_full=False) == Leave(True)
    mill.later(181)
    mill.frontier.sweep()
    assert mill.claim() == []
    assert next_s(mill) == pytest.approx(1800 - 181, abs=5)
    assert mill.frontier.next_work_s() is None, "`run --until-idle` does not wait for it"
    assert mill.feeds.unpolled(NOW - timedelta(days=9999)) == 0
    mill.later(1800 - 181)
    assert mill.feeds.ask(begun(mill), ASKED, rest_s=1800, in_full=False) == Leave(True, again=True)
    mill.audit()


def test_p09_a_worker_that_stops_in_order_leaves_the_same_trace(mill: Mill) -> None:
    claim = begun(mill)
    mill.feeds.ask(claim, ASKED, rest_s=1800, in_full=False)
    assert mill.frontier.give_back([claim], by_worker=True) == 1
    assert next_s(mill) == pytest.approx(1800, abs=5)


def test_p09_nothing_was_asked_nothing_is_waited_for(mill: Mill) -> None:
    begun(mill)
    mill.later(181)
    mill.frontier.sweep()
    mill.later(2)
    assert mill.claim_one().id == FEED.id


def test_p09_a_ping_does_not_go_before_it(mill: Mill) -> None:
    from worker.state.push import RedisPushes

    pushes = RedisPushes(mill.scripts)
    save(mill, begun(mill))
    pushes.polled(FEED.id, hubs=["https://hub.example/"], topic=URL, wait_s=60, answered="")
    mill.later(HOUR)
    mill.feeds.ask(begun(mill), ASKED, rest_s=1800, in_full=False)
    mill.later(181)
    mill.frontier.sweep()
    assert not pushes.ping(FEED.id)
    assert next_s(mill) > 1600


def test_p08_in_full_once_in_24_hours(mill: Mill) -> None:
    claim = begun(mill)
    assert mill.feeds.ask(claim, ASKED, rest_s=DAY, in_full=True) == Leave(True)
    assert mill.feeds.ask(claim, ASKED, rest_s=DAY, in_full=True) == Leave(True), "the same call, sent again"
    save(mill, claim, in_full=True)
    mill.later(HOUR)
    again = begun(mill)
    refused = mill.feeds.ask(again, ASKED, rest_s=DAY, in_full=True)
    assert (refused.granted, round(refused.wait_s / HOUR)) == (False, 23)
    assert mill.feeds.ask(again, replace(ASKED, etag='"1"'), rest_s=HOUR, in_full=False).granted
    save(mill, again, DAY, in_full=False)
    mill.later(DAY)
    assert mill.feeds.ask(begun(mill), ASKED, rest_s=DAY, in_full=True).granted


def test_p08_an_answer_that_was_no_document_does_not_count(mill: Mill) -> None:
    claim = begun(mill)
    mill.feeds.ask(claim, ASKED, rest_s=DAY, in_full=True)
    save(mill, claim, 600, FeedState(polls=1, failures=1))
    mill.later(600)
    assert mill.feeds.ask(begun(mill), ASKED, rest_s=DAY, in_full=True).granted


@pytest.mark.parametrize("how", ["crash", "removal", "crash and removal", "many"])
def test_p08_neither_a_crash_nor_a_removal_brings_another(mill: Mill, how: str) -> None:
    claim = begun(mill)
    assert mill.feeds.ask(claim, ASKED, rest_s=DAY, in_full=True).granted
    if how == "removal":
        save(mill, claim, in_full=True)
    else:
        mill.later(181)
        mill.frontier.sweep()
    if how != "crash":
        mill.feeds.remove(FEED.id)
        mill.audit()
        assert mill.feeds.put_new([FEED]) if how == "many" else mill.feeds.put(FEED)
        mill.audit()
    if how == "removal":
        found = mill.feeds.get(FEED.id)
        assert found is not None
        assert found[1].etag == '"1"'
        assert next_s(mill) == pytest.approx(HOUR, abs=5)
    else:
        assert mill.claim() == [], "nobody knows what it sent: tomorrow"
        assert next_s(mill) == pytest.approx(DAY - 181, abs=5)
    mill.later(next_s(mill))
    refused = mill.feeds.ask(begun(mill), ASKED, rest_s=DAY, in_full=True)
    assert refused.granted is (how != "removal")


def test_a_feed_that_failed_may_be_tried_soon_when_it_is_subscribed_to_again(mill: Mill) -> None:
    state = FeedState(
        status=FeedStatus.FAILING, failures=7, polls=9, polled_at=mill.scripts.now(), etag='"1"', gone_answers=3,
        failing_since=NOW, sample="s", succeeded_at=NOW,
    )  # fmt: skip
    save(mill, begun(mill), DAY, state)
    mill.feeds.remove(FEED.id)
    mill.feeds.put(FEED)
    assert next_s(mill) == pytest.approx(300, abs=5)
    found = mill.feeds.get(FEED.id)
    assert found is not None
    again = found[1]
    assert (again.status, again.failures, again.gone_answers, again.sample) == (FeedStatus.ACTIVE, 0, 0, "")
    assert (again.etag, again.polls, again.succeeded_at) == ('"1"', 9, None), "what it has is backlog"
    mill.audit()


def test_a_feed_that_is_moved_by_a_person_is_a_new_address(mill: Mill) -> None:
    claim = begun(mill)
    mill.feeds.ask(claim, ASKED, rest_s=DAY, in_full=True)
    save(mill, claim, DAY, in_full=True)
    assert mill.feeds.move(FEED.id, "https://b.example/feed", why="accepted", now=NOW, state=FeedState())
    assert mill.feeds.ask(begun(mill), ASKED, rest_s=DAY, in_full=True).granted


def test_p24_the_log_keeps_what_was_asked_and_what_came_of_it(mill: Mill) -> None:
    first = replace(ASKED, answered=Answered(200, 100, '"1"'), reason=Reason.NEW_ENTRIES, new=3)
    claim = begun(mill)
    mill.feeds.ask(claim, ASKED, rest_s=HOUR, in_full=True)
    assert mill.feeds.log(FEED.id) == [ASKED], "while it is under way"
    save(mill, claim, asked=first)
    assert mill.feeds.log(FEED.id) == [first]
    mill.later(HOUR)
    lost = replace(ASKED, why="delay", etag='"1"')
    mill.feeds.ask(begun(mill), lost, rest_s=600, in_full=False)
    mill.later(700)
    mill.frontier.sweep()
    assert mill.feeds.log(FEED.id) == [first, lost]
    mill.later(2)
    last = replace(ASKED, why="again", reason=Reason.NOT_MODIFIED)
    claim = begun(mill)
    assert mill.feeds.ask(claim, last, rest_s=600, in_full=False).again
    save(mill, claim, asked=last)
    assert mill.feeds.log(FEED.id) == [first, lost, last]
    mill.feeds.remove(FEED.id)
    assert mill.feeds.log(FEED.id) == [first, lost, last], "also for who has unsubscribed"
    mill.feeds.put(FEED)
    assert mill.feeds.log(FEED.id) == [first, lost, last]
    mill.audit()


def test_p24_the_log_is_bounded_and_can_be_switched_off(valkey: Valkey) -> None:
    for most, kept in ((3, 3), (0, 0)):
        valkey.client.flushall()
        mill = Mill(valkey.client, log_polls=most)
        mill.feeds.put(FEED)
        for _ in range(5):
            save(mill, begun(mill), asked=ASKED)
            mill.later(HOUR)
        assert len(mill.feeds.log(FEED.id)) == kept


class Clocked:
    """A scheduler, and two clocks: the server's, which can be set, and one that cannot."""

    def __init__(self, mill: Mill) -> None:
        self.boot = 0.0
        self.mill = mill
        pace = Pace(tick_s=0.01, batch_items=5, sweep_s=1e9, index_batch_items=10, index_batch_wait_s=60)
        self.scheduler = Scheduler(
            mill.frontier, mill.outbox, lambda *_: None, pace, clock=lambda: self.boot, boot_clock=lambda: self.boot
        )

    def pass_(self, seconds: float) -> int:
        self.boot += seconds
        self.mill.later(seconds)
        return self.scheduler.tick().feeds


@pytest.mark.parametrize("step", [5 * HOUR, -5 * HOUR, 30 * DAY])
def test_p09_a_clock_that_is_set_makes_nothing_due(mill: Mill, step: float) -> None:
    save(mill, begun(mill), HOUR)
    one, other = Clocked(mill), Clocked(mill)
    for each in (one, other):
        each.scheduler.tick()
    mill.later(step)
    for each in (one, other, one, other):
        each.boot += 0.1
        assert each.scheduler.tick().feeds == 0
    assert next_s(mill) == pytest.approx(HOUR, abs=5), "and what is shown is by the new clock"
    other.boot += HOUR - 60
    assert one.pass_(HOUR - 60) == 0
    other.boot += 60
    assert one.pass_(60) + other.scheduler.tick().feeds == 1
    mill.audit()


def test_p13_a_pause_outlasts_a_clock_that_is_set(mill: Mill) -> None:
    save(mill, begun(mill), 1, delay_s=HOUR, asked_by="a.example")
    one = Clocked(mill)
    one.scheduler.tick()
    mill.later(2 * HOUR)
    one.boot += 0.1
    assert one.scheduler.tick().feeds == 0
    assert one.pass_(HOUR - 60) == 0
    assert one.pass_(60) == 1
