"""When a feed is polled next. Pure: no clock and no randomness of its own.

A healthy feed: by the expected accumulated delay (`delay.py`) under what is known of its rhythm (`rhythm.py`), then
never sooner than floor and wishes (`wishes.py`) allow. A failing one: by backoff.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from worker.models import FeedState, FeedStatus, Pace, Reason, Sighting, Why
from worker.schedule import life
from worker.schedule.delay import expected_entries, wait_until
from worker.schedule.hours import DAY_S, HOUR_S, bin_of
from worker.schedule.push import SLOWER, believed, slowed
from worker.schedule.record import pack, unpack
from worker.schedule.rhythm import Rates, Rhythm, observe, read
from worker.schedule.silence import JUDGED, is_silent
from worker.schedule.wishes import least_wait, outside_skipped

USUAL_FLOORS = 3.0
"""Floors that a feed rests at least, unless much is expected of it now: 15 min at a floor of 5."""
HOT_PER_H = 1.0
"""Entries an hour, expected now, at which one floor is enough; in between as many as make the same number of entries
likely: no feed is asked for less than a twelfth of an entry sooner than after the usual floors."""
UNCONDITIONAL_FLOORS = 12
"""Floors that a feed rests whose server never says "not modified" and sends everything every time: an hour."""
FULL_ANSWERS = 3
"""Full answers without news after which a server counts as one of those."""
SILENT_S, SILENT_CAPS = 365 * DAY_S, 7
"""A feed silent for a year is polled at least once in this many caps."""
LEAST_WINDOW = 5
"""A document with fewer entries is rather a young feed's than a short one."""
UNKNOWN_H = 6.0
"""A feed watched for less than this that has shown no date is polled at the default interval."""
OLD_NEWS_S = DAY_S
"""An entry that appears this long after its own date was changed or imported: no sign of the feed's rhythm."""
MAX_SKIP_SPREAD_S = 1800.0
IN_FULL_S = DAY_S
"""A server that gives validators is asked without them so seldom."""
PROFILE_ENTRIES = 20.0
"""Entries from which on a feed has its full say in the profile of all feeds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """All in seconds."""

    floor_s: float = 300.0
    """Never sooner after a poll, whatever else is said."""
    default_s: float = 900.0
    """While nothing is known of the feed's rhythm."""
    cap_s: float = 21600.0
    """Never later, unless the server asked for it, the feed fails, or was silent for a year."""
    error_cap_s: float = 86400.0
    """Longest backoff of a failing feed."""
    error_base_s: float = 600.0
    refused_base_s: float = 3600.0
    """Of answers that seldom change within minutes."""
    probe_s: float = 7 * 86400.0
    """A feed that is gone, or was refused for a month, is still asked this often: some come back."""
    jitter: float = 0.1
    """Share of the interval over which polls that fell together are spread."""
    guard: float = 0.8
    """Share of a document's entries that may be new: with more, some might fall out of it unseen."""


class Outcome(Protocol):
    """What the policy needs of a poll; `worker.poll.stage.Polled` is one."""

    @property
    def state(self) -> FeedState: ...

    @property
    def reason(self) -> Reason: ...

    @property
    def retry_after_s(self) -> float | None: ...

    @property
    def sightings(self) -> Sequence[Sighting] | None: ...

    @property
    def moved_to(self) -> str: ...

    @property
    def in_full(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """The next poll, and the state with what was learned from this one."""

    at: datetime
    state: FeedState
    move_to: str = ""
    """The address to which the subscription is to move (`life.py`)."""
    weights: Mapping[int, float] = field(default_factory=dict)
    """What the entries that this poll counted add to the profile of all feeds: bin -> weight."""


def next_poll(polled: Outcome, now: datetime, rng: random.Random, limits: Limits, pace: Pace) -> Plan:
    """The next poll after one that ended at `now`.

    Never sooner than the floor, the server's wishes (capped) or its Retry-After, never in hours or on days that the
    feed asks to be spared; never later than the cap, unless one of those, the backoff of a failing feed, or a hub that
    has proven its pings, says so.
    A poll that only waits for a host comes back when that host is free: it was no poll.
    """
    asked_s = max(polled.retry_after_s or 0.0, 0.0)
    state = polled.state
    if polled.reason is Reason.HOST_BUSY:
        return Plan(now + timedelta(seconds=asked_s + rng.random()), state)
    said = life.said(polled.reason, failed=state.failures > 0, target=polled.moved_to, in_full=polled.in_full)
    if state.failures:
        state, _ = life.after(state, said, now, silent=False)
        wait_s, why = _backoff(state, now, rng, limits)
        interval_s = max(wait_s, limits.floor_s)
        if asked_s > interval_s:
            interval_s, why = _later(asked_s, rng, limits), Why.RETRY_AFTER
        planned = replace(state, next_why=why, next_expected=0.0)
        return Plan(now + timedelta(seconds=interval_s), planned)

    now_s = now.timestamp()
    rhythm, fresh_s = _learned(unpack(state.rhythm), polled.sightings, now_s, pace)
    state, move_to = life.after(state, said, now, silent=is_silent(rhythm, pace.profile))
    chosen = healthy_wait(rhythm, state, now_s, rng, limits, pace)
    interval_s, why = (_later(asked_s, rng, limits), Why.RETRY_AFTER) if asked_s > chosen[0] else chosen
    allowed_s = outside_skipped(now_s + interval_s, state.skip_hours, state.skip_days)
    if allowed_s > now_s + interval_s:  # at the full hour, and not all of them in its first second
        interval_s, why = allowed_s - now_s, Why.SKIPPED_TIME
        interval_s += rng.random() * min(limits.jitter * interval_s, MAX_SKIP_SPREAD_S)
    rates = Rates(rhythm, pace.profile)
    expected = expected_entries(now_s / HOUR_S, interval_s / HOUR_S, rates.usual, rates.burst)
    planned = replace(state, rhythm=pack(rhythm), next_why=why, next_expected=round(expected, 3))
    return Plan(now + timedelta(seconds=interval_s), planned, move_to, _weights(fresh_s, rhythm))


def in_full_again(plan: Plan, now: datetime, wait_s: float, rng: random.Random, limits: Limits) -> Plan:
    """Where a feed must be asked without validators next, and that is not allowed for `wait_s` yet."""
    at = now + timedelta(seconds=wait_s * (1 + limits.jitter * rng.random()))
    return plan if plan.at > at else replace(plan, at=at, state=replace(plan.state, next_why=Why.ONCE_A_DAY))


def rest_if_lost(state: FeedState, now: datetime, rng: random.Random, limits: Limits, *, in_full: bool) -> float:
    """Seconds until a feed is asked again when nothing more is heard of this request, since its worker died.

    As after a failed poll, and not before what the last answer asked for; after one `in_full` a day.
    """
    lost = replace(state, failures=state.failures + 1, reason=Reason.UNEXPECTED)
    wait_s, _ = _backoff(lost, now, rng, limits)
    wish_s, _ = least_wait(state, lively=True)
    return max(wait_s, wish_s, limits.floor_s, IN_FULL_S if in_full else 0.0)


def no_sooner(polled: Outcome, plan: Plan, now: datetime, limits: Limits) -> datetime:
    """The moment before which not even a hub's ping has the feed polled again.

    After a poll that was answered: the floor, and the server's Retry-After. A ping goes before everything that says
    how often a feed may change: that it changed is what it says. Any other state waits for the time that was planned.
    """
    if polled.state.failures or plan.state.status not in JUDGED or polled.reason is Reason.HOST_BUSY:
        return plan.at
    return min(plan.at, now + timedelta(seconds=max(limits.floor_s, polled.retry_after_s or 0.0)))


def healthy_wait(
    rhythm: Rhythm, state: FeedState, now_s: float, rng: random.Random, limits: Limits, pace: Pace
) -> tuple[float, Why]:
    """Seconds until a healthy feed's next poll, and what decided it; Retry-After and skipped hours apart."""
    rates = Rates(rhythm, pace.profile)
    silent = rhythm.newest_s is not None and now_s - rhythm.newest_s > SILENT_S
    cap_s = limits.cap_s * (SILENT_CAPS if silent else 1)
    most = max(rhythm.window, LEAST_WINDOW) * limits.guard * 0.5**rhythm.tight
    wait = wait_until(
        now_s / HOUR_S, rates.usual, rates.burst, threshold=pace.threshold, most=most, cap_h=cap_s / HOUR_S
    )
    interval_s, why = wait.hours * HOUR_S, wait.bound
    if rhythm.watched_h < UNKNOWN_H and rhythm.entries < 1 and interval_s > limits.default_s:
        interval_s, why = limits.default_s, Why.UNKNOWN
    interval_s = interval_s * (1 + limits.jitter * (2 * rng.random() - 1))
    if interval_s > cap_s:
        interval_s = cap_s * (1 - limits.jitter * rng.random())
    floor_s = _floor_s(rates, state, now_s, limits)
    if floor_s > interval_s:
        most_s = max(limits.cap_s, (1 + limits.jitter) * limits.floor_s)  # where usual floors are longer than the cap
        interval_s, why = min(_later(floor_s, rng, limits), most_s), Why.FLOOR
    if believed(state, now_s):
        overflow = wait_until(
            now_s / HOUR_S, rates.usual, rates.burst, threshold=math.inf, most=most,
            cap_h=max(interval_s * SLOWER, 1.0) / HOUR_S,
        )  # fmt: skip
        slow_s = slowed(interval_s, overflow_s=overflow.hours * HOUR_S, cap_s=cap_s)
        interval_s, why = (slow_s, Why.PUSH) if slow_s > interval_s else (interval_s, why)
    wish_s, whose = least_wait(state, lively=rates.mean_per_h * 24 > 1)
    return (_later(wish_s, rng, limits), whose) if wish_s > interval_s else (interval_s, why)


def _later(seconds: float, rng: random.Random, limits: Limits) -> float:
    """Not sooner than that, and not all feeds that have the same wait at the same moment."""
    return seconds * (1 + limits.jitter * rng.random())


def _floor_s(rates: Rates, state: FeedState, now_s: float, limits: Limits) -> float:
    """By the feed's manners and its haste; never above the cap."""
    if state.full_answers >= FULL_ANSWERS:
        floor_s = limits.floor_s * UNCONDITIONAL_FLOORS
    else:
        now_per_h = rates.usual(int(now_s // HOUR_S)) * rates.burst
        floor_s = limits.floor_s * min(max(HOT_PER_H / now_per_h, 1.0), USUAL_FLOORS)
    return max(min(floor_s, limits.cap_s), limits.floor_s)


def _learned(
    rhythm: Rhythm, sightings: Sequence[Sighting] | None, now_s: float, pace: Pace
) -> tuple[Rhythm, tuple[float, ...]]:
    """The rhythm after this poll, and when the entries appeared that it counted.

    The first document counts by its dates. Later only what is new counts: at its date when that lies since the last
    poll, else halfway; a feed whose entries are all dated "now" must not look busy.
    """
    if sightings is None:
        return observe(rhythm, now_s, (), pace.profile), ()
    first = rhythm.until_s is None
    if first:
        times = [sighting.at.timestamp() for sighting in sightings if sighting.at is not None]
        counted = times
    else:
        since_s = rhythm.until_s or now_s
        counted = [time for sighting in sightings if sighting.new for time in _appeared(sighting.at, since_s, now_s)]
    seen = read(rhythm, len(sightings), sum(sighting.new for sighting in sightings))
    if seen.tight > rhythm.tight and len(dates := {sighting.at for sighting in sightings}) > 1 and None not in dates:
        # Entries may have fallen out unseen: the document tells only of the time since its oldest.
        seen = replace(seen, until_s=max(rhythm.until_s or now_s, min(min(counted, default=now_s), now_s)))
    return observe(seen, now_s, counted, pace.profile), tuple(counted)


def _appeared(date: datetime | None, since_s: float, now_s: float) -> tuple[float, ...]:
    halfway = (since_s + now_s) / 2
    if date is None:
        return (halfway,)
    date_s = date.timestamp()
    if date_s <= since_s:
        return (halfway,) if since_s - date_s < OLD_NEWS_S else ()
    return (min(date_s, now_s),)


def _weights(times_s: Sequence[float], rhythm: Rhythm) -> dict[int, float]:
    """A feed weighs at most as one, however much it publishes."""
    weights: dict[int, float] = {}
    for time_s in times_s:
        at = bin_of(time_s)
        weights[at] = weights.get(at, 0.0) + 1 / max(PROFILE_ENTRIES, rhythm.entries)
    return weights


def _backoff(state: FeedState, now: datetime, rng: random.Random, limits: Limits) -> tuple[float, Why]:
    """Doubles with every failure, up to the error cap; spread downwards, so that the cap holds."""
    if life.rests_a_week(state, now):
        return limits.probe_s * (1 - 2 * limits.jitter * rng.random()), Why.PROBE
    if state.status is FeedStatus.GONE:  # a day and not less: within a day nothing may be final
        return limits.error_cap_s * (1 + limits.jitter * rng.random()), Why.PROBE
    refused = state.reason in (Reason.GONE, Reason.RATE_LIMITED) or state.reason in life.REFUSALS
    base_s = limits.refused_base_s if refused else limits.error_base_s
    longest_s = min(base_s * 2.0 ** min(state.failures - 1, 30), limits.error_cap_s)
    return longest_s * (1 - 2 * limits.jitter * rng.random()), Why.BACKOFF
