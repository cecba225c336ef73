"""Polls that rest because a hub pings, and polls that come back when it does not."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models import FeedState, FeedStatus, Pace, Pushed, Reason, Sighting, Why
from worker.schedule.policy import Limits, Plan, next_poll, no_sooner
from worker.schedule.push import MOST_HITS, PROVEN, SLOWER, believed, heard, slowed
from worker.schedule.record import pack
from worker.schedule.rhythm import Rhythm

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
LEASE = NOW + timedelta(days=5)
STEADY = Limits(jitter=0)
PACE = Pace(threshold=0.5)
PING, NONE = Pushed(LEASE, "1"), Pushed(LEASE)


@dataclass(frozen=True)
class Poll:
    state: FeedState
    reason: Reason = Reason.NOT_MODIFIED
    retry_after_s: float | None = None
    sightings: tuple[Sighting, ...] | None = None
    moved_to: str = ""
    in_full: bool = False


def state(per_h: float = 0.2, window: int = 50, **changes: object) -> FeedState:
    """A feed that is known well."""
    watched_h = (10.0,) * 24 + (4.0,) * 24  # two weeks
    rhythm = Rhythm(tuple(per_h * h for h in watched_h), watched_h, NOW.timestamp() - 1, window=window)
    return replace(FeedState(polls=50, rhythm=pack(rhythm)), **changes)  # type: ignore[arg-type]


def plan(known: FeedState) -> Plan:
    return next_poll(Poll(known), NOW, random.Random(7), STEADY, PACE)


def wait_s(known: FeedState) -> float:
    return (plan(known).at - NOW).total_seconds()


def proven(known: FeedState, times: int = PROVEN) -> FeedState:
    for _ in range(times):
        known = heard(known, PING, news=True, now=NOW)
    return known


def test_twelve_times_slower_while_pushes_arrive_and_back_at_once_when_they_stop() -> None:
    known = state(2.0, 200)
    usual = wait_s(known)
    assert wait_s(proven(known, 1)) == usual, "once may be chance"
    believed_now = proven(known)
    assert wait_s(believed_now) == pytest.approx(SLOWER * usual, rel=0.05)
    assert plan(believed_now).state.next_why is Why.PUSH
    missed = heard(believed_now, NONE, news=True, now=NOW)
    assert wait_s(missed) == usual
    assert wait_s(heard(believed_now, NONE, news=False, now=NOW)) > usual, "nothing was missed"


def test_a_lease_that_ended_is_not_believed() -> None:
    known = replace(proven(state(2.0, 200)), push_until=NOW)
    assert not believed(known, NOW.timestamp())
    assert wait_s(known) == wait_s(state(2.0, 200))
    assert heard(proven(state()), Pushed(), news=False, now=NOW).push_hits == 0, "WebSub was switched off"


def test_a_flood_of_pings_without_news_proves_nothing() -> None:
    known = state()
    for _ in range(100):
        known = heard(known, PING, news=False, now=NOW)
    assert known.push_hits == 0
    known = proven(known, 50)
    assert known.push_hits == MOST_HITS
    for _ in range(MOST_HITS - PROVEN + 1):
        known = heard(known, PING, news=False, now=NOW)
    assert not believed(known, NOW.timestamp())


def test_wishes_and_the_document_still_count() -> None:
    hot = proven(state(20.0, 30))
    assert wait_s(hot) <= 30 * 0.8 / 20 * 3600 * 1.05, "entries must not fall out of it unseen"
    assert wait_s(proven(state(0.01))) == STEADY.cap_s * 4
    asked = replace(proven(state(2.0, 200)), hint_s=80000.0)
    assert wait_s(asked) >= 80000


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=40),
    st.floats(0.001, 50.0),
    st.integers(1, 500),
)
def test_trust_is_earned_and_never_makes_a_feed_faster(
    polls: list[tuple[bool, bool, bool]], per_h: float, window: int
) -> None:
    known = state(per_h, window)
    usual = wait_s(known)
    hits_in_order = 0
    for lease, ping, news in polls:
        known = heard(known, Pushed(LEASE if lease else None, "1" if ping else ""), news=news, now=NOW)
        hits_in_order = (
            hits_in_order + 1 if lease and ping and news else 0 if not lease or (news and not ping) else hits_in_order
        )
        assert 0 <= known.push_hits <= min(MOST_HITS, hits_in_order)
        slow = wait_s(known)
        assert slow >= usual
        assert slow <= SLOWER * usual * 1.0001
        if not lease or (news and not ping):
            assert slow == usual


@given(st.floats(1, 1e6), st.floats(1, 1e7), st.floats(1, 1e6))
def test_slowed(interval_s: float, overflow_s: float, cap_s: float) -> None:
    slow = slowed(interval_s, overflow_s=overflow_s, cap_s=cap_s)
    assert interval_s <= slow <= interval_s * SLOWER
    assert slow <= max(interval_s, overflow_s)
    assert slow <= max(interval_s, 4 * cap_s)


@pytest.mark.parametrize(
    ("poll", "soonest_s"),
    [
        (Poll(FeedState()), 300.0),
        (Poll(FeedState(hint_s=7200.0, ttl_s=7200)), 300.0),
        (Poll(FeedState(), retry_after_s=1800.0), 1800.0),
        (Poll(FeedState(failures=1), Reason.SERVER_ERROR), 7200),
        (Poll(FeedState(failures=1), Reason.RATE_LIMITED, 3600.0), 7200),
        (Poll(FeedState(), Reason.HOST_BUSY, 5.0), 7200),
        (Poll(FeedState(status=FeedStatus.PAUSED)), 7200),
        (Poll(FeedState(status=FeedStatus.GONE)), 7200),
    ],
)
def test_what_no_ping_breaks(poll: Poll, soonest_s: float) -> None:
    planned = Plan(NOW + timedelta(hours=2), poll.state)
    assert no_sooner(poll, planned, NOW, STEADY) == NOW + timedelta(seconds=soonest_s)
