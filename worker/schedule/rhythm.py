"""How often a feed publishes, and when: learned from the dates of its entries, one small value per feed. Pure.

Entries are taken as a Poisson process whose rate goes by the hour of the day and the weekend (48 bins), times a burst
factor. Each bin's rate is a gamma-Poisson mean: what was counted in it, against what the feed's mean and the profile
of all feeds make one expect. Counts and exposure fade with a half-life of weeks, the burst factor with one of hours.

Times are seconds since 1970, rates entries per hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from worker.schedule.hours import BINS, DAY_S, HOUR_S, bin_of, bin_of_hour

HALF_LIFE_D = 28.0
"""Of counts and exposure: long enough for a weekend's 24 bins to fill, short enough to follow a change of habit."""
LOOK_BACK_S = 56 * DAY_S
"""Older dates of a first document are not counted: they would weigh less than a quarter."""
BURST_HALF_LIFE_H = 3.0
BURST_PRIOR = 1.5
"""Entries that must come beyond expectation before a burst is believed in."""
LEAST_BURST, MOST_BURST = 0.05, 1000.0
BIN_PRIOR = 4.0
"""Weight of the prior of one bin, in entries."""
MEAN_PRIOR = 0.5
"""Entries assumed of a feed that has shown none."""
MEAN_PRIOR_H = 24.0
"""A rate is not believed before a day was watched: an hour's haste is no habit."""
LEAST_PER_H = 1e-4
"""An entry in fourteen months: no feed is dead for ever."""
MOST_TIGHT = 4.0
TIGHT_LOSS = 0.25
"""Of tightness with every document that was not new as a whole."""
_NOTHING = (0.0,) * BINS


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known. `until_s` is the moment up to which the feed was watched; None: never."""

    counts: tuple[float, ...] = _NOTHING
    """Entries per bin, faded."""
    exposure_h: tuple[float, ...] = _NOTHING
    """Hours watched per bin, faded alike."""
    until_s: float | None = None
    recent: float = 0.0
    """Entries of the last hours, faded by the burst's half-life."""
    recent_expected: float = 0.0
    """How many the bins expected, faded alike."""
    window: int = 0
    """Entries in the last document that was read."""
    tight: float = 0.0
    """How often lately a whole document was new, so that entries may have fallen out unseen; 0..`MOST_TIGHT`."""
    newest_s: float | None = None
    """When the newest entry known appeared."""

    @property
    def watched_h(self) -> float:
        return sum(self.exposure_h)

    @property
    def entries(self) -> float:
        return sum(self.counts)


def observe(rhythm: Rhythm, now_s: float, times_s: Sequence[float], profile: tuple[float, ...]) -> Rhythm:
    """After a poll that succeeded at `now_s`: entries appeared at `times_s`, and at no other time since the last one.

    The first time there was no last one: the document itself is the watch, from its oldest date on (which only marks
    the beginning and is not counted), at most eight weeks. Times beyond `now_s` count as now.
    """
    if rhythm.until_s is None:
        since_s = max(min(times_s, default=now_s), now_s - LOOK_BACK_S)
        since_s = min(since_s, now_s)
    elif now_s <= rhythm.until_s:  # a clock that was set back: nothing new was watched
        return replace(rhythm, until_s=now_s)
    else:
        since_s = rhythm.until_s
        rhythm = _faded(rhythm, now_s)
    counts, exposure = list(rhythm.counts), list(rhythm.exposure_h)
    first = rhythm.until_s is None
    fresh = [min(time, now_s) for time in times_s if time > since_s]
    today = now_s // DAY_S
    for time in fresh:
        counts[bin_of(time)] += _age_weight(now_s - time) if first else day_weight(today - time // DAY_S)
    for hour, hours, middle_s in _stretches(since_s, now_s):
        exposure[bin_of_hour(hour)] += hours * (
            _age_weight(now_s - middle_s) if first else day_weight(today - hour // 24)
        )
    newest = max((min(time, now_s) for time in times_s), default=None)
    grown = replace(
        rhythm,
        counts=tuple(counts),
        exposure_h=tuple(exposure),
        until_s=now_s,
        newest_s=newest if rhythm.newest_s is None else max(newest or 0.0, rhythm.newest_s),
    )
    return _with_recent(grown, fresh, since_s, now_s, profile)


def read(rhythm: Rhythm, entries: int, fresh: int) -> Rhythm:
    """After a document of `entries`, of which `fresh` were new. All new: some may be missed."""
    gap = rhythm.until_s is not None and fresh == entries >= 2
    tight = min(rhythm.tight + 1, MOST_TIGHT) if gap else max(rhythm.tight - TIGHT_LOSS, 0.0)
    return replace(rhythm, window=entries, tight=tight)


def _with_recent(
    rhythm: Rhythm, fresh: Sequence[float], since_s: float, now_s: float, profile: tuple[float, ...]
) -> Rhythm:
    fade = _burst_fade(now_s - since_s)
    recent = rhythm.recent * fade + sum(_burst_fade(now_s - time) for time in fresh)
    expected = rhythm.recent_expected * fade
    rates = Rates(rhythm, profile)
    for hour, hours, middle_s in _stretches(max(since_s, now_s - DAY_S), now_s):
        expected += rates.usual(hour) * hours * _burst_fade(now_s - middle_s)
    return replace(rhythm, recent=recent, recent_expected=expected)


class Rates:
    """The rates that a rhythm amounts to under the profile of all feeds (mean 1 over a week)."""

    __slots__ = ("_profile", "_rhythm", "burst", "mean_per_h")

    def __init__(self, rhythm: Rhythm, profile: tuple[float, ...]) -> None:
        self._rhythm = rhythm
        self._profile = profile
        watched = sum(map(float.__mul__, rhythm.exposure_h, profile))
        self.mean_per_h = (sum(rhythm.counts) + MEAN_PRIOR) / max(MEAN_PRIOR_H, watched)
        """Mean over a week."""
        burst = (BURST_PRIOR + rhythm.recent) / (BURST_PRIOR + rhythm.recent_expected)
        self.burst = min(max(burst, LEAST_BURST), MOST_BURST)
        """How many times its usual rate the feed publishes now."""

    def usual(self, hour: int) -> float:
        """Rate in the `hour`-th hour since 1970, bursts apart."""
        return self.of_bin(bin_of_hour(hour))

    def of_bin(self, at: int) -> float:
        """The same by the hour's bin."""
        prior = self.mean_per_h * self._profile[at]
        rhythm = self._rhythm
        if prior < LEAST_PER_H:
            prior = LEAST_PER_H
        rate = (BIN_PRIOR + rhythm.counts[at]) / (BIN_PRIOR / prior + rhythm.exposure_h[at])
        return rate if rate > LEAST_PER_H else LEAST_PER_H


def _faded(rhythm: Rhythm, now_s: float) -> Rhythm:
    """Once a day: fading in tiny steps would drown in the rounding of the stored record."""
    assert rhythm.until_s is not None
    days = now_s // DAY_S - rhythm.until_s // DAY_S
    if days <= 0:
        return rhythm
    factor = day_weight(days)
    return replace(
        rhythm,
        counts=tuple(count * factor for count in rhythm.counts),
        exposure_h=tuple(hours * factor for hours in rhythm.exposure_h),
    )


def day_weight(days: float) -> float:
    """What is left after so many whole days: what a late poll brings weighs as if it had been seen in time."""
    return 0.5 ** (days / HALF_LIFE_D) if days else 1.0


def _age_weight(age_s: float) -> float:
    return float(0.5 ** (age_s / (HALF_LIFE_D * DAY_S)))


def _burst_fade(age_s: float) -> float:
    return float(0.5 ** (age_s / (BURST_HALF_LIFE_H * HOUR_S)))


def _stretches(since_s: float, until_s: float) -> list[tuple[int, float, float]]:
    """The time between, cut at full hours: hour, length in hours, middle. At most `LOOK_BACK_S` of it."""
    found = []
    start = max(since_s, until_s - LOOK_BACK_S)
    while start < until_s:
        hour = int(start // HOUR_S)
        end = min((hour + 1) * HOUR_S, until_s)
        found.append((hour, (end - start) / HOUR_S, (start + end) / 2))
        start = end
    return found
