"""The rhythm of a feed, its record, and the wait that follows from it."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models import Why
from worker.schedule.delay import expected_entries, wait_until
from worker.schedule.hours import BINS, DAY_S, FLAT, HOUR_S, SHARE, bin_of, normalised
from worker.schedule.record import pack, unpack
from worker.schedule.rhythm import Rates, Rhythm, observe, read

MONDAY = datetime(2026, 11, 2, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("moment", "bin_"),
    [
        ("2026-11-02T00:00:00+00:00", 0),
        ("2026-11-06T23:59:59+00:00", 23),
        ("2026-11-07T00:00:00+00:00", 24),
        ("2026-11-08T23:00:00+00:00", 47),
        ("2026-11-09T00:30:00+01:00", 47),  # still Sunday in UTC
        ("2026-11-06T20:00:00-05:00", 25),  # already Saturday in UTC
        ("1970-01-01T05:00:00+00:00", 5),
        ("1969-12-28T05:00:00+00:00", 29),
    ],
)
def test_bins_are_in_utc(moment: str, bin_: int) -> None:
    assert bin_of(datetime.fromisoformat(moment).timestamp()) == bin_


def test_shares_are_a_week() -> None:
    assert sum(SHARE) == pytest.approx(1)
    assert normalised((0.0,) * BINS) == FLAT
    assert normalised(tuple(3.0 * value for value in FLAT)) == pytest.approx(FLAT)


def watched(rates: list[float], weeks: int, seed: int = 1) -> Rhythm:
    """Polled every half hour; entries by chance at `rates` (per hour, 48 bins)."""
    rng, rhythm = random.Random(seed), observe(Rhythm(), MONDAY, (), FLAT)
    for half in range(weeks * 336):
        start = MONDAY + half * HOUR_S / 2
        times = []
        at = start + rng.expovariate(rates[bin_of(start)]) * HOUR_S
        while at < start + HOUR_S / 2:
            times.append(at)
            at += rng.expovariate(rates[bin_of(start)]) * HOUR_S
        rhythm = unpack(pack(observe(rhythm, start + HOUR_S / 2, times, FLAT)))
    return rhythm


def test_day_and_weekend_are_learned_through_the_stored_record() -> None:
    true = [4.0 if 8 <= hour < 18 else 0.2 for hour in range(24)] + [0.5] * 24
    rates = Rates(watched(true, 8), FLAT)
    for day, weekend in ((0, 0), (5, 1)):
        for hour in (3, 12):
            at = int(MONDAY // HOUR_S) + 8 * 168 + day * 24 + hour
            assert rates.usual(at) == pytest.approx(true[hour + 24 * weekend], rel=0.3, abs=0.12)
    mean = sum(rate * share for rate, share in zip(true, SHARE, strict=True))
    assert rates.mean_per_h == pytest.approx(mean, rel=0.1)


def test_counts_fade_with_their_half_life() -> None:
    rhythm = observe(Rhythm(), MONDAY, [MONDAY - hour * HOUR_S for hour in range(48)], FLAT)
    later = observe(rhythm, MONDAY + 28 * DAY_S, (), FLAT)
    assert later.entries == pytest.approx(rhythm.entries / 2)


def test_a_burst_is_believed_and_forgotten() -> None:
    usual = watched([1.0] * BINS, 3)
    now = usual.until_s
    assert now is not None
    assert 0.5 < Rates(usual, FLAT).burst < 2
    busy = observe(usual, now + HOUR_S, [now + minute * 60 for minute in range(1, 60, 6)], FLAT)
    assert Rates(busy, FLAT).burst > 1.8
    assert Rates(observe(busy, now + 24 * HOUR_S, (), FLAT), FLAT).burst < 1.2


def test_a_clock_that_was_set_back_teaches_nothing() -> None:
    rhythm = observe(Rhythm(), MONDAY, [MONDAY - 5.0], FLAT)
    back = observe(rhythm, MONDAY - DAY_S, [MONDAY - 2 * DAY_S], FLAT)
    assert back == replace(rhythm, until_s=MONDAY - DAY_S), "and it goes on from there"


def test_tightness_comes_with_gaps_and_goes() -> None:
    rhythm = Rhythm(until_s=MONDAY)
    for _ in range(9):
        rhythm = read(rhythm, 10, 10)
    assert rhythm.tight == 4
    assert read(rhythm, 10, 9).tight == 3.75
    assert read(Rhythm(), 10, 10).tight == 0, "the first document is new by nature"
    assert read(Rhythm(until_s=1.0), 1, 1).tight == 0


FINITE = st.just(0.0) | st.floats(1e-6, 1e6)
BIN = st.lists(FINITE, min_size=BINS, max_size=BINS).map(tuple)
MOMENT = st.none() | st.floats(0, 1e11)
RHYTHM = st.builds(
    Rhythm,
    counts=BIN,
    exposure_h=BIN,
    until_s=MOMENT,
    recent=FINITE,
    recent_expected=FINITE,
    window=st.integers(0, 100_000),
    tight=st.floats(0, 9),
    newest_s=MOMENT,
)


@given(RHYTHM)
def test_the_record_is_small_and_keeps_what_matters(rhythm: Rhythm) -> None:
    record = pack(rhythm)
    assert len(record) == 285
    back = unpack(record)
    assert (back.until_s, back.newest_s, back.window) == (rhythm.until_s, rhythm.newest_s, min(rhythm.window, 65535))
    assert back.counts == pytest.approx(rhythm.counts, abs=max(rhythm.counts) / 60_000, rel=0.001)
    assert back.exposure_h == pytest.approx(rhythm.exposure_h, abs=max(rhythm.exposure_h) / 60_000, rel=0.001)
    assert pack(back) == record, "storing it again loses nothing more"


@given(st.text() | RHYTHM.map(pack).map(lambda record: record[:-3]) | st.binary(min_size=228, max_size=228).map(repr))
def test_a_damaged_record_is_nothing_known(record: str) -> None:
    assert unpack(record) == Rhythm()


@given(st.binary(min_size=228, max_size=228))
def test_no_bytes_make_a_rhythm_that_breaks(raw: bytes) -> None:
    import base64

    rhythm = unpack(base64.b85encode(b"\x01" + raw[1:]).decode())
    assert all(map(math.isfinite, (*rhythm.counts, *rhythm.exposure_h, rhythm.recent)))
    rates = Rates(rhythm, FLAT)
    wait_until(MONDAY / HOUR_S, rates.usual, rates.burst, threshold=1, most=10, cap_h=24)


@given(st.floats(1e-4, 1e3), st.floats(1e-3, 1e2), st.floats(0, 200))
def test_a_constant_rate_gives_the_square_root_law(rate: float, threshold: float, start_h: float) -> None:
    wait = wait_until(start_h, lambda _: rate, 1.0, threshold=threshold, most=math.inf, cap_h=1e9)
    if math.sqrt(2 * threshold / rate) < 2000:
        assert wait.hours == pytest.approx(math.sqrt(2 * threshold / rate), rel=1e-6, abs=1e-9)
        assert wait.bound is Why.DELAY


HOURLY = st.lists(st.floats(1e-3, 100), min_size=30, max_size=30)


@given(HOURLY, st.floats(0, 5), st.floats(1e-3, 50), st.floats(0.3, 5))
def test_the_closed_form_is_the_integral(rates: list[float], start_h: float, threshold: float, burst: float) -> None:
    def rate(hour: int) -> float:
        return rates[hour % 30]

    wait = wait_until(start_h, rate, burst, threshold=threshold, most=math.inf, cap_h=24.0)
    steps = 4000
    size = wait.hours / steps
    delay = 0.0
    # Inside an hour the burst's factor is that of its beginning (or of the poll).
    for number in range(steps):
        at = start_h + (number + 0.5) * size
        began = max(math.floor(at), start_h)
        delay += (
            rate(math.floor(at)) * (1 + (burst - 1) * 0.5 ** ((began - start_h) / 3)) * (wait.hours - (at - start_h))
        )
    if wait.bound is Why.DELAY:
        assert delay * size == pytest.approx(threshold, rel=0.02)
    else:
        assert wait.hours == 24.0
        assert delay * size <= threshold * 1.02


@given(HOURLY, st.floats(0, 5), st.floats(1, 60))
def test_the_window_bounds_what_is_expected(rates: list[float], start_h: float, most: float) -> None:
    wait = wait_until(start_h, lambda hour: rates[hour % 30], 1.0, threshold=math.inf, most=most, cap_h=48.0)
    expected = expected_entries(start_h, wait.hours, lambda hour: rates[hour % 30], 1.0)
    assert expected <= most * (1 + 1e-9) + 1e-9
    if wait.bound is Why.WINDOW:
        assert expected == pytest.approx(most)
