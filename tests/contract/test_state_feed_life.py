"""A subscription moves, is paused, is told what it is not to become: over a real Valkey, whatever is under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.state import NOW, Mill
from tests.valkey import Valkey
from worker.models import Feed, FeedState, FeedStatus, Former, Proposal, Reason
from worker.urls import article_id, feed_id

OLD, NEW, OTHER = "https://a.example/feed", "https://b.example/feed", "https://c.example/feed"
FEED = Feed(feed_id(OLD), OLD, title="Mine", folder="News", origin="file")
LATER = NOW + timedelta(days=300)
FULL = FeedState(
    status=FeedStatus.FAILING, failures=3, failing_since=NOW, moved_to=NEW, moved_polls=2, moved_since=NOW, site=OLD,
    in_full_at=NOW, unconditional_at=NOW, lies=1, distrusted_until=NOW, sought_at=NOW, searches=2,
    proposal=Proposal(NEW, "Ü \ud800", NOW, same=True), polled_at=NOW, reason=Reason.GONE,
)  # fmt: skip


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    mill = Mill(valkey.client)
    mill.feeds.put(FEED)
    return mill


def only(mill: Mill) -> Feed:
    mill.audit()
    [(feed, _, _)] = mill.feeds.all()
    return feed


def test_state_and_subscription_come_back_whole(mill: Mill) -> None:
    assert mill.feeds.save(mill.claim_one(), FULL, LATER, None)
    assert mill.feeds.get(FEED.id) == (FEED, FULL)
    moved = replace(FEED, former=(Former(NEW, NOW, "moved"),), declined=(OTHER,))
    mill.feeds.remove(FEED.id)
    mill.feeds.put(moved)
    found = mill.feeds.get(FEED.id)
    assert found is not None
    assert (found[0], found[1].etag, found[1].failures) == (moved, FULL.etag, 0)


def test_a_move_keeps_id_state_and_turn_and_the_next_claim_is_for_the_new_host(mill: Mill) -> None:
    claim = mill.claim_one()
    moved = mill.feeds.move(FEED.id, NEW, why="moved", now=NOW)
    assert moved == replace(FEED, url=NEW, former=(Former(OLD, NOW, "moved"),))
    window = {article_id("https://a.example/1"): "t"}
    assert mill.feeds.save(claim, FULL, mill.scripts.now(), window), "the poll that found it out goes on"
    assert mill.feeds.get(FEED.id) == (moved, FULL)
    mill.later(1)
    [again] = mill.claim()
    assert (again.id, again.host) == (FEED.id, "b.example")
    assert mill.feeds.move(FEED.id, NEW, why="moved", now=NOW) == moved, "once is enough"
    assert only(mill) == moved


def test_any_of_its_addresses_means_it_and_the_list_it_came_from_changes_nothing(mill: Mill) -> None:
    moved = mill.feeds.move(FEED.id, NEW, why="moved", now=NOW)
    assert mill.feeds.known_as([feed_id(OLD), feed_id(NEW), feed_id(OTHER)]) == [FEED.id, FEED.id, feed_id(OTHER)]
    assert not mill.feeds.put(FEED)  # the list still has the old one
    assert only(mill) == moved
    assert not mill.feeds.put(Feed(feed_id(NEW), NEW, title="Renamed"))  # it has the new one
    assert moved is not None
    assert only(mill) == replace(moved, title="Renamed", folder="", origin="cli")
    assert mill.feeds.put_new([FEED, Feed(feed_id(NEW), NEW)]) == 0
    # Back again, and removed: then each address is free.
    assert mill.feeds.move(FEED.id, OLD, why="moved", now=NOW) is not None
    assert [former.url for former in only(mill).former] == [OLD, NEW]
    assert mill.feeds.remove(FEED.id)
    assert mill.feeds.put_new([FEED, Feed(feed_id(NEW), NEW)]) == 2
    mill.audit()


def test_where_the_target_is_subscribed_to_the_two_become_one(mill: Mill) -> None:
    mill.feeds.put(Feed(feed_id(NEW), NEW, title="Theirs"))
    mill.feeds.put(Feed(feed_id(OTHER), OTHER))
    assert mill.feeds.move(feed_id(OTHER), OLD, why="moved", now=NOW) is not None  # chains end at the last one
    claims = {claim.id: claim for claim in mill.claim()}
    joined = mill.feeds.move(FEED.id, NEW, why="accepted", now=NOW)
    assert joined is not None
    assert (joined.id, joined.url, joined.title, joined.folder) == (feed_id(NEW), NEW, "Theirs", "News")
    assert [(former.url, former.why) for former in joined.former] == [(OTHER, "moved"), (OLD, "accepted")]
    assert only(mill) == joined
    assert mill.feeds.known_as([FEED.id, feed_id(OTHER)]) == [joined.id, joined.id]
    assert not mill.feeds.put(FEED), "the list that has the old address does not bring it back"
    # The poll under way of the one that is no more changes nothing, and frees its host.
    assert not mill.feeds.save(claims[FEED.id], FULL, LATER, None)
    mill.audit()
    assert mill.feeds.save(claims[joined.id], FULL, LATER, None)
    assert mill.feeds.remove(joined.id)
    assert mill.feeds.put_new([FEED, Feed(feed_id(OTHER), OTHER)]) == 2


def test_a_person_s_decision_goes_before_a_poll_that_is_under_way(mill: Mill) -> None:
    claim = mill.claim_one()
    fresh = FeedState(rhythm="r")
    moved = mill.feeds.move(FEED.id, NEW, why="accepted", now=NOW, state=fresh)
    assert not mill.feeds.save(claim, FULL, LATER, None)
    assert mill.feeds.get(FEED.id) == (moved, fresh)
    [again] = mill.claim()
    assert again.host == "b.example"
    mill.audit()


def test_waiting_for_its_old_host_it_is_polled_at_the_new_one(mill: Mill) -> None:
    mill.feeds.put(Feed(feed_id(OLD + "2"), OLD + "2"))
    first, *_ = mill.claim()  # the other one waits for the host
    waiting = ({FEED.id, feed_id(OLD + "2")} - {first.id}).pop()
    assert mill.feeds.move(waiting, NEW, why="accepted", now=NOW, state=FeedState()) is not None
    assert [claim.host for claim in mill.claim()] == ["b.example"]
    mill.audit()


def test_what_is_no_subscription_cannot_be_moved_paused_or_told_anything(mill: Mill) -> None:
    nobody = feed_id(OTHER)
    assert mill.feeds.move(nobody, NEW, why="moved", now=NOW) is None
    assert not mill.feeds.pause(nobody)
    assert not mill.feeds.resume(nobody)
    assert not mill.feeds.decline(nobody, NEW)
    assert only(mill) == FEED


def test_declined_is_remembered_once(mill: Mill) -> None:
    assert mill.feeds.decline(FEED.id, NEW)
    assert mill.feeds.decline(FEED.id, NEW)
    assert only(mill).declined == (NEW,)
    mill.feeds.put(FEED)  # the next `run` with the same list
    assert only(mill).declined == (NEW,)


def status(mill: Mill) -> FeedStatus:
    mill.audit()
    shown = mill.feeds.show(FEED.id)
    [row] = mill.feeds.all()
    assert shown == row
    return shown[1].status


def test_a_pause_lies_over_the_state_and_keeps_the_plan(mill: Mill) -> None:
    soon = mill.scripts.now() + timedelta(hours=1)
    state = replace(FULL, status=FeedStatus.MOVED)
    assert mill.feeds.save(mill.claim_one(), state, soon, None)
    assert mill.feeds.pause(FEED.id)
    assert not mill.feeds.pause(FEED.id)
    assert status(mill) is FeedStatus.PAUSED
    mill.later(1800)
    assert mill.claim() == []
    assert mill.feeds.unpolled(LATER) == 0, "nobody waits for it"
    assert not mill.feeds.poll_now(FEED.id)
    assert mill.feeds.resume(FEED.id)
    assert not mill.feeds.resume(FEED.id)
    assert status(mill) is FeedStatus.MOVED
    assert mill.claim() == [], "not sooner than it was planned"
    assert mill.feeds.unpolled(LATER) == 1
    mill.later(1801)
    assert len(mill.claim()) == 1


def test_a_long_pause_ends_with_a_poll(mill: Mill) -> None:
    assert mill.feeds.save(mill.claim_one(), FeedState(), mill.scripts.now(), None)
    mill.feeds.pause(FEED.id)
    mill.later(40 * 86400)
    mill.frontier.sweep()
    assert mill.claim() == []
    mill.feeds.resume(FEED.id)
    assert len(mill.claim()) == 1
    mill.audit()


@pytest.mark.parametrize("resumed", [False, True])
def test_a_feed_paused_while_it_is_polled(mill: Mill, resumed: bool) -> None:
    claim = mill.claim_one()
    assert mill.feeds.pause(FEED.id)
    mill.audit()
    if resumed:
        assert mill.feeds.resume(FEED.id)
        mill.audit()
    assert mill.feeds.save(claim, FULL, mill.scripts.now(), None), "what it found is kept"
    assert mill.feeds.get(FEED.id) == (FEED, FULL)
    assert status(mill) is (FULL.status if resumed else FeedStatus.PAUSED)
    mill.later(10)
    assert len(mill.claim()) == (1 if resumed else 0)


def test_a_feed_paused_while_its_worker_dies_stays_paused(mill: Mill) -> None:
    [claim] = mill.claim()
    mill.frontier.begin([claim])
    mill.feeds.pause(FEED.id)
    mill.later(1000)
    mill.frontier.sweep()
    mill.later(86400)
    assert mill.claim() == []
    assert status(mill) is FeedStatus.PAUSED
    mill.feeds.resume(FEED.id)
    assert len(mill.claim()) == 1


def test_a_paused_feed_can_be_moved_and_removed(mill: Mill) -> None:
    mill.feeds.pause(FEED.id)
    mill.feeds.move(FEED.id, NEW, why="accepted", now=NOW, state=FeedState())
    assert mill.claim() == []
    assert status(mill) is FeedStatus.PAUSED
    assert mill.feeds.remove(FEED.id)
    assert list(mill.feeds.all()) == []
    assert mill.feeds.put(FEED)
    assert len(mill.claim()) == 1
    mill.audit()
