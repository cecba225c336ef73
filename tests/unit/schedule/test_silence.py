from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.models import FeedState, FeedStatus, Pace
from worker.schedule.hours import DAY_S, FLAT, HOUR_S, SHARE, bin_of, normalised
from worker.schedule.record import pack, unpack
from worker.schedule.rhythm import Rhythm, observe
from worker.schedule.silence import (
    LEAST_SILENT_S,
    Silence,
    as_of_newest,
    silence_of,
    silence_of_feed,
)

START_S = 1_760_313_600.0  # a Monday, 0:00 UTC
OFFICE = normalised(tuple(1.0 if 7 <= at < 19 else 0.01 for at in range(48)))
"""Weekdays from 7 to 19, hardly anything at night and at weekends."""


def entries(rng: random.Random, per_day: float, days: float, profile: tuple[float, ...]) -> list[float]:
    """A Poisson process by thinning."""
    highest, at, found = max(profile), START_S, []
    while True:
        at += rng.expovariate(per_day * highest / DAY_S)
        if at >= START_S + days * DAY_S:
            return found
        if rng.random() < profile[bin_of(at)] / highest:
            found.append(at)


def watch(times: list[float], days: float, *, every_h: float = 1.0, profile: tuple[float, ...] = FLAT) -> list[Rhythm]:
    """The rhythm after each poll, through its stored form."""
    rhythm, found, at, rest = Rhythm(), [], START_S, list(times)
    while at < START_S + days * DAY_S:
        at += every_h * HOUR_S
        new = [time for time in rest if time <= at]
        rest = rest[len(new) :]
        rhythm = unpack(pack(observe(rhythm, at, new, profile)))
        found.append(rhythm)
    return found


def flagged_after_d(rhythms: list[Rhythm], profile: tuple[float, ...] = FLAT) -> float | None:
    """Days from the newest entry to the first flag at the end of the watch."""
    found: Silence | None = None
    for rhythm in reversed(rhythms):
        silence = silence_of(rhythm, profile)
        if silence is None or not silence.flagged:
            break
        found = silence
    return found.for_s / DAY_S if found else None


@pytest.mark.parametrize(
    ("per_day", "soonest", "latest"), [(1, 13, 30), (5, 2.5, 4.5), (24, 0.55, 0.9), (200, 0.25, 0.3)]
)
def test_a_feed_that_falls_silent_is_flagged_in_time(per_day: float, soonest: float, latest: float) -> None:
    times = entries(random.Random(5), per_day, 60, FLAT)
    after_d = flagged_after_d(watch(times, 60 + latest + 4, every_h=2.0))
    assert after_d is not None
    assert soonest <= after_d <= latest


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 2.0, 12.0, 60.0]), st.sampled_from([FLAT, OFFICE]))
def test_a_feed_that_keeps_its_rhythm_is_not(seed: int, per_day: float, profile: tuple[float, ...]) -> None:
    times = entries(random.Random(seed), per_day, 45, profile)
    for rhythm in watch(times, 45, every_h=6.0, profile=profile):
        silence = silence_of(rhythm, profile)
        assert silence is None or not silence.flagged, silence


def test_a_night_and_a_weekend_are_no_silence_to_those_who_have_them() -> None:
    """Twelve entries a working day: the same pause says nothing on a Sunday and much on a Tuesday."""
    times = [time for time in entries(random.Random(3), 9, 60, OFFICE) if time < START_S + 54.8 * DAY_S]
    weekend = watch(times, 55.95, profile=OFFICE)[-1]  # Friday evening to Sunday night
    assert (at := silence_of(weekend, OFFICE)) is not None
    assert at.for_s > 1.5 * DAY_S and not at.flagged
    longer = watch(times, 59.5, profile=OFFICE)[-1]
    assert (at := silence_of(longer, OFFICE)) is not None and at.flagged


@given(st.lists(st.floats(0, 6 * DAY_S), max_size=300), st.floats(0, 173 * DAY_S))
def test_too_little_history_flags_nothing(times: list[float], pause_s: float) -> None:
    """Watched less than a week: whatever it did, and however long, up to half a year, it has done nothing since."""
    rhythm = observe(Rhythm(), START_S, [], FLAT)
    rhythm = observe(rhythm, START_S + 6 * DAY_S, [START_S + time for time in times], FLAT)
    assert silence_of(rhythm, FLAT) is None
    later = observe(rhythm, START_S + 6 * DAY_S + pause_s, [], FLAT)
    assert silence_of(later, FLAT) is None


@given(st.integers(0, 10**6), st.floats(1, 30), st.lists(st.floats(0.01, 12), min_size=1, max_size=12))
def test_the_silence_itself_does_not_become_the_rhythm(seed: int, per_day: float, steps_d: list[float]) -> None:
    """Whatever the polls in vain, early or late: what was known before comes out of the record again."""
    times = entries(random.Random(seed), per_day, 30, FLAT)
    if not times:
        return
    before = observe(observe(Rhythm(), START_S, [], FLAT), times[-1], times, FLAT)
    after, at_s = before, times[-1]
    for step_d in steps_d:
        at_s += step_d * DAY_S
        after = observe(after, at_s, [], FLAT)
    back = as_of_newest(after)
    assert back.entries == pytest.approx(before.entries, rel=1e-6)
    assert back.exposure_h == pytest.approx(before.exposure_h, rel=1e-6, abs=1e-6)


@given(st.integers(0, 10**6), st.floats(2, 50), st.floats(0, 30), st.floats(0, 30))
def test_the_longer_the_less_probable(seed: int, per_day: float, one_d: float, other_d: float) -> None:
    times = entries(random.Random(seed), per_day, 20, FLAT)
    base = observe(observe(Rhythm(), START_S, [], FLAT), START_S + 20 * DAY_S, times, FLAT)
    short, long = sorted((one_d, other_d))
    found = [silence_of(waited(base, 20, days), FLAT) for days in (short, long)]
    if found[0] is not None and found[1] is not None:
        assert found[1].probability <= found[0].probability * 1.0001
        assert found[1].expected >= 0


@pytest.mark.parametrize("days", [30, 100, 181, 400])
@pytest.mark.parametrize("per_day", [0.5, 3, 50])
def test_once_flagged_it_stays_flagged_for_years(per_day: float, days: int) -> None:
    times = entries(random.Random(2), per_day, 90, FLAT)
    [rhythm] = watch(times, 90, every_h=24)[-1:]
    for day in range(1, days + 1):
        rhythm = unpack(pack(observe(rhythm, START_S + (90 + day) * DAY_S, [], FLAT)))
    silence = silence_of(rhythm, FLAT)
    assert silence is not None
    assert silence.flagged or (per_day < 1 and days < 60)


def waited(rhythm: Rhythm, start_d: float, days: float) -> Rhythm:
    """Polled in vain every day, and at the end."""
    for day in (*range(1, int(days) + 1), days):
        rhythm = observe(rhythm, START_S + (start_d + day) * DAY_S, [], FLAT)
    return rhythm


def test_a_busy_feed_may_pause_for_some_hours() -> None:
    times = entries(random.Random(1), 500, 20, FLAT)
    at_s = times[-1] + LEAST_SILENT_S - 60
    rhythm = observe(observe(Rhythm(), START_S, [], FLAT), at_s, times, FLAT)
    silence = silence_of(rhythm, FLAT)
    assert silence is not None
    assert silence.probability < 1e-9
    assert not silence.flagged


def test_feeds_in_trouble_are_told_of_elsewhere() -> None:
    times = entries(random.Random(1), 24, 20, FLAT)
    rhythm = observe(observe(Rhythm(), START_S, [], FLAT), times[-1] + 3 * DAY_S, times, FLAT)
    state = FeedState(rhythm=pack(rhythm))
    silence = silence_of_feed(state, Pace(profile=FLAT))
    assert silence is not None and silence.flagged
    for other in (replace(state, failures=1), replace(state, status=FeedStatus.PAUSED), FeedState()):
        assert silence_of_feed(other, Pace(profile=FLAT)) is None


def test_the_profile_counts_by_its_share() -> None:
    assert sum(value * share for value, share in zip(OFFICE, SHARE, strict=True)) == pytest.approx(1)
