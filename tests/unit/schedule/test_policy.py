"""When a feed is polled next."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models import FeedState, FeedStatus, Pace, Reason, Sighting, Why
from worker.schedule.policy import Limits, Plan, next_poll
from worker.schedule.record import pack, unpack
from worker.schedule.rhythm import Rhythm
from worker.schedule.wishes import ALL_DAYS, ALL_HOURS

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)  # a Wednesday
LIMITS = Limits()
STEADY = Limits(jitter=0)
PACE = Pace(threshold=0.5)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@dataclass(frozen=True)
class Poll:
    state: FeedState
    reason: Reason = Reason.NOT_MODIFIED
    retry_after_s: float | None = None
    sightings: Sequence[Sighting] | None = None
    moved_to: str = ""
    in_full: bool = False


def plan(poll: Poll, limits: Limits = STEADY, seed: int = 7, pace: Pace = PACE, now: datetime = NOW) -> Plan:
    return next_poll(poll, now, random.Random(seed), limits, pace)


def wait_s(poll: Poll, limits: Limits = STEADY, seed: int = 7, pace: Pace = PACE) -> float:
    return (plan(poll, limits, seed, pace).at - NOW).total_seconds()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def document(gap_s: float, entries: int = 30, newest_s: float = 60.0) -> tuple[Sighting, ...]:
    """A first document: entries at even distances."""
    return tuple(Sighting(ago(newest_s + number * gap_s), True) for number in range(entries))


def first(gap_s: float, **changes: object) -> Poll:
    return replace(Poll(FeedState(), Reason.NEW_ENTRIES, None, document(gap_s)), **changes)  # type: ignore[arg-type]


def test_the_first_document_gives_a_rhythm() -> None:
    waits = [wait_s(first(gap), Limits(floor_s=1, jitter=0, guard=100)) for gap in (60, 600, 3600, DAY)]
    assert waits == sorted(waits)
    # The square-root law: tau = sqrt(2 c / rate), here an entry an hour and c = 0.5.
    assert waits[2] == pytest.approx(HOUR, rel=0.25)
    assert waits[1] < HOUR < waits[3]


def test_a_feed_of_which_nothing_is_known() -> None:
    undated = tuple(Sighting(None, True) for _ in range(20))
    for sightings in (None, (), undated, (Sighting(ago(5), True),), tuple(Sighting(NOW, True) for _ in range(50))):
        answer = plan(Poll(FeedState(), Reason.NEW_ENTRIES, None, sightings))
        assert (answer.at - NOW, answer.state.next_why) == (timedelta(minutes=15), Why.UNKNOWN)


def test_an_undated_feed_is_learned_from_what_is_found() -> None:
    state, moment = FeedState(), NOW
    for number in range(60):
        new = tuple(Sighting(None, number % 2 == 0) for _ in range(2))
        answer = plan(Poll(state, Reason.NEW_ENTRIES, None, (*new, Sighting(None, False))), now=moment)
        state, moment = answer.state, moment + timedelta(minutes=30)
    rhythm = unpack(state.rhythm)
    assert rhythm.entries / rhythm.watched_h == pytest.approx(2, rel=0.1)


def test_entries_that_are_always_dated_now_do_not_count_twice() -> None:
    state, moment = FeedState(), NOW
    for _ in range(20):
        same = tuple(Sighting(moment, False) for _ in range(30))
        answer = plan(Poll(state, Reason.NO_NEW_ENTRIES, None, same), now=moment)
        state, moment = answer.state, moment + timedelta(minutes=30)
    assert unpack(state.rhythm).entries == 0


def test_an_entry_that_comes_long_after_its_date_is_no_rhythm() -> None:
    state = plan(first(HOUR)).state
    before = unpack(state.rhythm).entries
    later = NOW + timedelta(hours=1)
    imported = (*(Sighting(ago(number * DAY), True) for number in range(3, 28)), Sighting(ago(60), False))
    after = plan(Poll(state, Reason.NEW_ENTRIES, None, imported), now=later)
    assert unpack(after.state.rhythm).entries == pytest.approx(before)


@pytest.mark.parametrize(
    ("state", "gap_s", "least_s", "why"),
    [
        (FeedState(hint_s=2 * HOUR), 60, 2 * HOUR, Why.HINT),
        (FeedState(hint_s=7 * DAY), 60, DAY, Why.HINT),
        (FeedState(hint_s=7 * DAY), 7 * DAY, 7 * DAY, Why.HINT),
        (FeedState(ttl_s=30 * MINUTE), 60, 30 * MINUTE, Why.TTL),
        (FeedState(ttl_s=7 * DAY), 60, HOUR, Why.TTL),
        (FeedState(ttl_s=7 * DAY), 7 * DAY, DAY, Why.TTL),
        (FeedState(), 60, 5 * MINUTE, Why.FLOOR),
        (FeedState(full_answers=3), 60, HOUR, Why.FLOOR),
        (FeedState(), 300 * DAY, 6 * HOUR, Why.CAP),
    ],
)
def test_wishes_floors_and_cap(state: FeedState, gap_s: float, least_s: float, why: Why) -> None:
    answer = plan(first(gap_s, state=state), pace=Pace(0.001 if gap_s == 60 else 1.5))
    assert (answer.at - NOW, answer.state.next_why) == (timedelta(seconds=least_s), why)


def test_the_floor_goes_by_what_is_expected_now() -> None:
    floors = [wait_s(first(hours * HOUR), pace=Pace(1e-4)) / MINUTE for hours in (0.25, 0.9, 2, 4, 24)]
    assert floors == [5, 5, pytest.approx(10, abs=1), 15, 15]


def test_a_feed_silent_for_a_year_may_wait_longer() -> None:
    old = tuple(Sighting(ago((400 + number) * DAY), True) for number in range(20))
    assert wait_s(Poll(FeedState(), Reason.NEW_ENTRIES, None, old), pace=Pace(1e5)) == 42 * HOUR


def test_small_documents_are_asked_more_often() -> None:
    patient, limits = Pace(1e4), Limits(cap_s=7 * DAY, jitter=0)
    small, large = (plan(Poll(FeedState(), sightings=document(600, n)), limits, pace=patient) for n in (10, 60))
    assert small.at < large.at
    assert small.state.next_why is Why.WINDOW
    # After a document that was new as a whole, some may be lost: half the share is dared.
    again = Poll(small.state, Reason.NEW_ENTRIES, None, document(600, 10))
    later = NOW + timedelta(hours=2)
    tighter = next_poll(again, later, random.Random(1), limits, patient)
    assert tighter.at - later < small.at - NOW
    assert unpack(tighter.state.rhythm).tight == 1.0


def test_after_a_long_pause_the_document_tells_only_of_its_own_time() -> None:
    state = plan(first(600)).state
    later = NOW + timedelta(days=10)
    stands = tuple(Sighting(later - timedelta(minutes=10 * number), True) for number in range(30))
    rhythm = unpack(plan(Poll(state, Reason.NEW_ENTRIES, None, stands), now=later).state.rhythm)
    assert rhythm.entries / rhythm.watched_h == pytest.approx(6, rel=0.15)


def failing(
    failures: int, reason: Reason, status: FeedStatus = FeedStatus.BACKING_OFF, *, gone: int = 0, days: float = 0
) -> Poll:
    """`gone`: 410 in a row before this poll."""
    state = FeedState(
        failures=failures,
        status=status,
        reason=reason,
        hint_s=7 * DAY,
        gone_answers=gone,
        failing_since=ago(days * DAY),
    )
    return Poll(state, reason)


BACKOFF = [
    (failing(1, Reason.TIMEOUT), 600),
    (failing(2, Reason.TIMEOUT), 1200),
    (failing(4, Reason.SERVER_ERROR), 4800),
    (failing(9, Reason.DNS_FAILED), DAY),
    (failing(10_000, Reason.DNS_FAILED), DAY),
    (failing(1, Reason.CLIENT_ERROR), HOUR),
    (failing(3, Reason.FORBIDDEN), 4 * HOUR),
    (failing(2, Reason.NOT_A_FEED), 2 * HOUR),
    (failing(1, Reason.GONE), HOUR),
    (failing(3, Reason.GONE, FeedStatus.GONE, gone=2, days=1), 7 * DAY),
    (failing(90, Reason.TIMEOUT, FeedStatus.GONE, gone=3, days=9), 7 * DAY),
    (failing(90, Reason.CLIENT_ERROR, FeedStatus.FAILING, days=31), 7 * DAY),
    (failing(90, Reason.CLIENT_ERROR, FeedStatus.FAILING, days=29), DAY),
    (failing(90, Reason.NOT_A_FEED, FeedStatus.GONE, gone=2, days=31), 7 * DAY),
    # Nobody answered: that may be our own network.
    (failing(900, Reason.DNS_FAILED, FeedStatus.FAILING, days=90), DAY),
]


@pytest.mark.parametrize(("poll", "longest"), BACKOFF)
def test_failing_feeds(poll: Poll, longest: float) -> None:
    waits = [wait_s(poll, LIMITS, seed=seed) for seed in range(50)]
    assert longest * 0.8 <= min(waits)
    assert max(waits) <= longest
    assert len(set(waits)) > 40, "what failed together must not come back together"


def test_the_second_410_is_looked_into_a_day_later_and_not_sooner() -> None:
    answers = [plan(failing(2, Reason.GONE, gone=1), LIMITS, seed) for seed in range(50)]
    assert {answer.state.status for answer in answers} == {FeedStatus.GONE}
    waits = [(answer.at - NOW).total_seconds() for answer in answers]
    assert DAY <= min(waits) < max(waits) <= 1.1 * DAY


def test_retry_after_goes_before_the_backoff_and_before_a_healthy_rhythm() -> None:
    poll = replace(failing(1, Reason.RATE_LIMITED), retry_after_s=5 * HOUR)
    assert wait_s(poll) == 5 * HOUR
    assert plan(poll).state.next_why is Why.RETRY_AFTER
    assert wait_s(first(60, retry_after_s=5 * HOUR)) == 5 * HOUR


def test_a_busy_host_is_no_poll() -> None:
    poll = Poll(FeedState(failures=5, hint_s=DAY, rhythm="x"), Reason.HOST_BUSY, 2.5)
    answer = plan(poll)
    assert 2.5 <= (answer.at - NOW).total_seconds() <= 3.5
    assert answer.state == poll.state


def test_jitter_can_be_switched_off_and_limits_set_to_nothing() -> None:
    limits = Limits(floor_s=0, default_s=2, cap_s=1, jitter=0)
    assert wait_s(Poll(FeedState()), limits) == 1


def test_polls_that_fell_together_are_spread() -> None:
    waits = [wait_s(first(HOUR), LIMITS, seed) for seed in range(200)]
    assert max(waits) - min(waits) > 0.15 * wait_s(first(HOUR))
    night = [wait_s(first(HOUR, state=FeedState(skip_hours=ALL_HOURS & ~1)), LIMITS, seed) for seed in range(200)]
    assert min(night) >= 12 * HOUR
    assert max(night) - min(night) > 15 * MINUTE


def test_skipped_hours_and_days() -> None:
    weekdays = sum(1 << day for day in range(5))
    answer = plan(first(HOUR, state=FeedState(skip_days=weekdays, skip_hours=0b111)))
    assert answer.at == datetime(2026, 11, 7, 3, tzinfo=UTC)  # Saturday
    assert answer.state.next_why is Why.SKIPPED_TIME
    everything = FeedState(skip_hours=ALL_HOURS, skip_days=ALL_DAYS)
    assert plan(first(HOUR, state=everything)).at == plan(first(HOUR)).at


MOMENTS = st.none() | st.floats(-DAY, 1e9).map(ago)
SIGHTINGS = st.none() | st.lists(st.builds(Sighting, MOMENTS, st.booleans()), max_size=60).map(tuple)
RHYTHMS = st.builds(
    Rhythm,
    counts=st.lists(st.floats(0, 1e5), min_size=48, max_size=48).map(tuple),
    exposure_h=st.lists(st.floats(0, 60), min_size=48, max_size=48).map(tuple),
    until_s=st.none() | st.floats(-DAY, 1e8).map(lambda age: NOW.timestamp() - age),
    recent=st.floats(0, 1e5),
    recent_expected=st.floats(0, 1e5),
    window=st.integers(0, 3000),
    tight=st.floats(0, 4),
).map(pack)
STATE = st.builds(
    FeedState,
    failures=st.sampled_from([0, 0, 0, 1, 3, 40]),
    failing_since=st.none() | st.floats(0, 100 * DAY).map(ago),
    gone_answers=st.integers(0, 4),
    moved_polls=st.integers(0, 4),
    moved_since=st.none() | st.floats(0, 5 * DAY).map(ago),
    moved_to=st.sampled_from(["", "https://b.example/"]),
    status=st.sampled_from(FeedStatus),
    hint_s=st.floats(0, 7 * DAY),
    ttl_s=st.floats(0, 7 * DAY),
    skip_hours=st.sampled_from([0, 0]) | st.integers(0, ALL_HOURS),
    skip_days=st.sampled_from([0, 0]) | st.integers(0, ALL_DAYS),
    full_answers=st.integers(0, 5),
    rhythm=RHYTHMS | st.text(max_size=300),
)
POLL = st.builds(
    Poll,
    STATE,
    st.sampled_from(Reason),
    st.none() | st.floats(0, 2 * DAY),
    SIGHTINGS,
    st.sampled_from(["", "https://b.example/"]),
    st.booleans(),
)
BOUNDS = st.builds(
    Limits,
    floor_s=st.floats(0, 1000),
    default_s=st.floats(1, 1e4),
    cap_s=st.floats(1, 1e5),
    error_cap_s=st.floats(1, 1e6),
)
PACES = st.builds(Pace, st.floats(1e-4, 1e5), st.just(Pace().profile))


@given(POLL, BOUNDS, st.integers(), PACES)
def test_never_too_soon_and_never_too_late(poll: Poll, limits: Limits, seed: int, pace: Pace) -> None:
    answer, slack = plan(poll, limits, seed, pace), 1e-5  # datetimes count microseconds
    wait = (answer.at - NOW).total_seconds()
    asked = poll.retry_after_s or 0.0
    assert wait >= asked - slack
    if poll.reason is Reason.HOST_BUSY:
        assert wait <= asked + 1 + slack
        return
    assert wait >= limits.floor_s - slack
    state = poll.state
    if state.failures:
        weekly = answer.state.status in (FeedStatus.GONE, FeedStatus.FAILING)
        longest = max(limits.probe_s, 1.1 * limits.error_cap_s) if weekly else limits.error_cap_s
        assert wait <= max(longest, limits.floor_s, 1.1 * asked) + slack
        return
    assert wait >= max(min(state.hint_s, DAY), min(state.ttl_s, HOUR)) - slack
    skips = (state.skip_hours and state.skip_hours != ALL_HOURS, state.skip_days and state.skip_days != ALL_DAYS)
    if skips[0]:
        assert not state.skip_hours >> answer.at.hour & 1
    if skips[1]:
        assert not state.skip_days >> answer.at.weekday() & 1
    if not any(skips):
        spread = 1.1 * max(limits.floor_s, state.hint_s, min(state.ttl_s, DAY), asked)
        assert wait <= max(7 * limits.cap_s, spread) + slack
        if unpack(answer.state.rhythm).newest_s is None:
            assert wait <= max(limits.cap_s, spread) + slack
    assert answer.state.next_expected >= 0
    assert len(answer.state.rhythm) < 400


def test_usual_floors_that_are_longer_than_the_cap_do_not_pass_it() -> None:
    limits = Limits(floor_s=900.0, default_s=900.0, cap_s=1800.0)
    poll = Poll(FeedState(polls=3, succeeded_at=NOW, full_answers=5), Reason.NOT_MODIFIED)
    waits = [wait_s(poll, limits, seed=seed) for seed in range(50)]
    assert 1799.0 <= min(waits) <= max(waits) <= 1800.0


@given(POLL, st.lists(st.floats(1e-4, 1e5), min_size=2, max_size=6))
def test_a_higher_threshold_never_means_an_earlier_poll(poll: Poll, thresholds: list[float]) -> None:
    waits = [wait_s(poll, STEADY, 1, Pace(threshold)) for threshold in sorted(thresholds)]
    assert waits == sorted(waits)


@pytest.mark.parametrize("seed", range(3))
def test_a_huge_document_is_learned_at_once(seed: int) -> None:
    rng = random.Random(seed)
    entries = tuple(Sighting(ago(rng.uniform(0, 3000 * DAY)), True) for _ in range(2000))
    rhythm = unpack(plan(Poll(FeedState(), sightings=entries)).state.rhythm)
    assert rhythm.window == 2000
    assert rhythm.entries / rhythm.watched_h * 24 == pytest.approx(2000 / 3000, rel=0.5)
