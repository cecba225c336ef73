"""When a feed is polled next. Pure: no clock and no randomness of its own.

A healthy feed: by the expected accumulated delay (`delay.py`) under what is known of its rhythm (`rhythm.py`), then
never sooner than floor and wishes (`wishes.py`) allow. A failing one: by backoff.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from worker.models import FeedState, FeedStatus, Pace, Reason, Sighting, Why
from worker.schedule.delay import expected_entries, wait_until
from worker.schedule.hours import DAY_S, HOUR_S, bin_of
from worker.schedule.record import pack, unpack
from worker.schedule.rhythm import Rates, Rhythm, observe, read
from worker.schedule.wishes import least_wait, outside_skipped

_FINAL_SOUNDING = frozenset({Reason.GONE, Reason.FORBIDDEN, Reason.CLIENT_ERROR, Reason.NOT_A_FEED})
"""Answers that seldom change within minutes: their backoff starts at an hour instead of ten minutes."""

USUAL_FLOORS = 3
"""Floors that a feed rests which is not hot: 15 min at a floor of 5."""
HOT_PER_H = 1.0
"""Entries an hour, expected now, that make a feed hot."""
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
    gone_s: float = 7 * 86400.0
    """A feed that is gone is still asked this often: some come back."""
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


@dataclass(frozen=True, slots=True)
class Plan:
    """The next poll, and the state with what was learned from this one."""

    at: datetime
    state: FeedState
    weights: Mapping[int, float] = field(default_factory=dict)
    """What the entries that this poll counted add to the profile of all feeds: bin -> weight."""


def next_poll(polled: Outcome, now: datetime, rng: random.Random, limits: Limits, pace: Pace) -> Plan:
    """The next poll after one that ended at `now`.

    Never sooner than the floor, the server's wishes (capped) or its Retry-After, never in hours or on days that the
    feed asks to be spared; never later than the cap, unless one of those, or the backoff of a failing feed, says so.
    A poll that only waits for a host comes back when that host is free: it was no poll.
    """
    asked_s = max(polled.retry_after_s or 0.0, 0.0)
    state = polled.state
    if polled.reason is Reason.HOST_BUSY:
        return Plan(now + timedelta(seconds=asked_s + rng.random()), state)
    if state.failures:
        interval_s = max(_backoff_s(polled, rng, limits), limits.floor_s)
        why = Why.RETRY_AFTER if asked_s > interval_s else Why.BACKOFF
        planned = replace(state, next_why=why, next_expected=0.0)
        return Plan(now + timedelta(seconds=max(interval_s, asked_s)), planned)

    now_s = now.timestamp()
    rhythm, fresh_s = _learned(unpack(state.rhythm), polled.sightings, now_s, pace)
    chosen = healthy_wait(rhythm, state, now_s, rng, limits, pace)
    interval_s, why = (asked_s, Why.RETRY_AFTER) if asked_s > chosen[0] else chosen
    allowed_s = outside_skipped(now_s + interval_s, state.skip_hours, state.skip_days)
    if allowed_s > now_s + interval_s:  # at the full hour, and not all of them in its first second
        interval_s, why = allowed_s - now_s, Why.SKIPPED_TIME
        interval_s += rng.random() * min(limits.jitter * interval_s, MAX_SKIP_SPREAD_S)
    rates = Rates(rhythm, pace.profile)
    expected = expected_entries(now_s / HOUR_S, interval_s / HOUR_S, rates.usual, rates.burst)
    planned = replace(state, rhythm=pack(rhythm), next_why=why, next_expected=round(expected, 3))
    return Plan(now + timedelta(seconds=interval_s), planned, _weights(fresh_s, rhythm))


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
    interval_s = min(interval_s * (1 + limits.jitter * (2 * rng.random() - 1)), cap_s)
    floor_s = _floor_s(rates, state, now_s, limits)
    if floor_s > interval_s:
        interval_s, why = floor_s, Why.FLOOR
    wish_s, whose = least_wait(state, lively=rates.mean_per_h * 24 > 1)
    return (wish_s, whose) if wish_s > interval_s else (interval_s, why)


def _floor_s(rates: Rates, state: FeedState, now_s: float, limits: Limits) -> float:
    """By the feed's manners and its haste; never above the cap."""
    if state.full_answers >= FULL_ANSWERS:
        floor_s = limits.floor_s * UNCONDITIONAL_FLOORS
    else:
        hot = rates.usual(int(now_s // HOUR_S)) * rates.burst >= HOT_PER_H
        floor_s = limits.floor_s * (1 if hot else USUAL_FLOORS)
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


def _backoff_s(polled: Outcome, rng: random.Random, limits: Limits) -> float:
    """Doubles with every failure, up to the error cap; spread downwards, so that the cap holds."""
    if polled.state.status is FeedStatus.GONE:
        longest_s = limits.gone_s
    else:
        base_s = limits.refused_base_s if polled.reason in _FINAL_SOUNDING else limits.error_base_s
        longest_s = min(base_s * 2.0 ** min(polled.state.failures - 1, 30), limits.error_cap_s)
    return longest_s * (1 - 2 * limits.jitter * rng.random())
