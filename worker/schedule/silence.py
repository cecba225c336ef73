"""Is a feed silent against its own rhythm? Pure.

Entries are a Poisson process with the rates of `rhythm.py`, which follow the hour of the day and the weekend, bursts
apart. A rate learned from n entries is itself uncertain: under its gamma posterior, no entry while L are expected has
the probability (n / (n + L))^n, which is exp(-L) for a feed that is known well and much more for one that is not.
The silence itself must not count as what is usual: the rates are those of the moment at which it began.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from worker.models import FeedState, FeedStatus, Pace
from worker.schedule.hours import BINS, DAY_S, HOUR_S, SHARE, bin_of_hour
from worker.schedule.record import unpack
from worker.schedule.rhythm import HALF_LIFE_D, MEAN_PRIOR, Rates, Rhythm, day_weight

IMPROBABLE = 1e-6
"""Of a million pauses of feeds that keep their rhythm one is flagged: ten thousand feeds with ten entries a day make
a hundred thousand pauses a day, so a false flag in ten days. An entry an hour: silent after 14 to 20 hours; one a day:
after two to three weeks."""
LEAST_ENTRIES = 8.0
"""Fewer (faded) are no rhythm."""
LEAST_WATCHED_H = 168.0
"""A week, so that one weekend was seen."""
LEAST_SILENT_S = 6 * HOUR_S
"""Shorter pauses are nobody's concern, however busy the feed: a night's maintenance, an editorial system that hangs."""

JUDGED = frozenset({FeedStatus.ACTIVE, FeedStatus.MOVED, FeedStatus.SILENT, FeedStatus.UNSTABLE_GUID})
LONG_S = 180 * DAY_S
"""After so long too little is left of the hours before to be told from rounding; a week or more, they are enough now:
who had `LEAST_ENTRIES` then and none in half a year is silent."""
MOST_WATCHED_H = 24 * HALF_LIFE_D / math.log(2)
"""All hours that fading leaves of a feed watched for ever: with them its rate is rather too low than too high."""


@dataclass(frozen=True, slots=True)
class Silence:
    """The present pause of a feed whose rhythm is known."""

    since_s: float
    """When its newest entry appeared, seconds since 1970."""
    for_s: float
    """How long it was watched since then without an entry."""
    expected: float
    """Entries that its rhythm expects in that time."""
    probability: float
    """Of no entry in that time."""

    @property
    def flagged(self) -> bool:
        return self.probability < IMPROBABLE and self.for_s >= LEAST_SILENT_S


def silence_of(rhythm: Rhythm, profile: tuple[float, ...]) -> Silence | None:
    """The pause up to the last successful poll; None where too little is known to judge it.

    Time in which the feed could not be read is no silence: it was not watched then.
    """
    if rhythm.until_s is None or rhythm.newest_s is None:
        return None
    before = as_of_newest(rhythm)
    if before.entries < LEAST_ENTRIES or before.watched_h < LEAST_WATCHED_H:
        return None
    for_s = max(rhythm.until_s - rhythm.newest_s, 0.0)
    expected = _expected(before, for_s, profile)
    return Silence(rhythm.newest_s, for_s, expected, _none_of(expected, before))


def silence_of_feed(state: FeedState, pace: Pace) -> Silence | None:
    """The same for a feed; one that fails, is gone or paused is not judged: that is told already."""
    if state.failures or state.status not in JUDGED:
        return None
    return silence_of(unpack(state.rhythm), pace.profile)


def is_silent(rhythm: Rhythm, profile: tuple[float, ...]) -> bool:
    """The verdict alone; costs nothing after a poll of a feed that publishes."""
    if rhythm.until_s is None or rhythm.newest_s is None or rhythm.until_s - rhythm.newest_s < LEAST_SILENT_S:
        return False
    silence = silence_of(rhythm, profile)
    return silence is not None and silence.flagged


def no_entry(rhythm: Rhythm, since_s: float, until_s: float, profile: tuple[float, ...], least: float) -> float:
    """How probable it is that none appeared between the two, none having been seen; 1.0 where too little is known.

    `since_s` lies behind everything that was counted; `least`: entries (faded) that make a rhythm.
    """
    before = as_of(rhythm, since_s)
    if until_s <= since_s or before.entries < least:
        return 1.0
    return _none_of(_expected(before, until_s - since_s, profile), before)


def as_of_newest(rhythm: Rhythm) -> Rhythm:
    """What was known when the newest entry appeared: the hours watched since then taken out, their fading undone."""
    return rhythm if rhythm.newest_s is None else as_of(rhythm, rhythm.newest_s)


def as_of(rhythm: Rhythm, moment_s: float) -> Rhythm:
    """The same for any moment since which none appeared."""
    if rhythm.until_s is None or moment_s >= rhythm.until_s:
        return rhythm
    unfade = 1 / day_weight(rhythm.until_s // DAY_S - moment_s // DAY_S)
    if rhythm.until_s - moment_s > LONG_S:
        exposure = [MOST_WATCHED_H * share for share in SHARE]
    else:
        paused = _watched(moment_s, rhythm.until_s)
        exposure = [max(all_ - some, 0.0) * unfade for all_, some in zip(rhythm.exposure_h, paused, strict=True)]
    return replace(
        rhythm, counts=tuple(count * unfade for count in rhythm.counts), exposure_h=tuple(exposure), until_s=moment_s
    )


def _expected(before: Rhythm, for_s: float, profile: tuple[float, ...]) -> float:
    """Entries in the time after `before`."""
    assert before.until_s is not None, "somebody watched it"
    hours = _hours(before.until_s, before.until_s + for_s, lambda day: 1.0)
    rates = Rates(before, profile)
    return sum(hours[at] * rates.of_bin(at) for at in range(BINS) if hours[at])


def _none_of(expected: float, before: Rhythm) -> float:
    known = before.entries + MEAN_PRIOR
    return float((known / (known + expected)) ** known)


def _watched(since_s: float, until_s: float) -> list[float]:
    """Hours per bin between the two, faded as `observe` fades them by `until_s`."""
    today = int(until_s // DAY_S)
    return _hours(since_s, until_s, lambda day: day_weight(today - day))


def _hours(since_s: float, until_s: float, weight: Callable[[int], float]) -> list[float]:
    """Hours per bin between the two, those of each day since 1970 by its weight; whole days at once."""
    found, whole, at = [0.0] * BINS, [0.0, 0.0], since_s
    while at < until_s:
        day = int(at // DAY_S)
        if at == day * DAY_S and at + DAY_S <= until_s:
            whole[bin_of_hour(day * 24) // 24] += weight(day)
            at += DAY_S
            continue
        hour = int(at // HOUR_S)
        end = min((hour + 1) * HOUR_S, until_s)
        found[bin_of_hour(hour)] += (end - at) / HOUR_S * weight(day)
        at = end
    return [hours + whole[at // 24] for at, hours in enumerate(found)]
