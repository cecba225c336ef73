"""Feeds to poll in the simulator: when each of them publishes, and how many entries its document holds.

Synthetic ones (log-normal rates, day and weekend cycles, bursts, cron batches) and ones rebuilt from the entry dates
of the real feeds in ../shared/corpus/feeds. Times are seconds since 1970; every trace starts on a Monday, in UTC.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from worker.errors import Refuse
from worker.poll.parse import parse_feed
from worker.schedule.hours import DAY_S, HOUR_S, SHARE, bin_of_hour

START_S = datetime(2026, 10, 5, tzinfo=UTC).timestamp()
WEEK_S = 7 * DAY_S
CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "feeds"
MOST_PER_DAY = 600.0
FEWEST_DATES = 5
BLOCK = 6
"""Gaps that are drawn together, so that a batch or a burst stays one."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One feed. `rate[i]`: the true expected entries per hour in hour i after the start; of a rebuilt trace that of the
    law by which it was drawn."""

    times_s: list[float]
    window: int
    rate: list[float]


def synthetic(feeds: int, days: int, seed: int) -> list[Trace]:
    """Median 5 entries a day, up to 600; half-lives of news sites as in ../shared/research/feeds.md 1.3."""
    rng = np.random.default_rng(seed)
    return [_synthetic(rng, days) for _ in range(feeds)]


def _synthetic(rng: np.random.Generator, days: int) -> Trace:
    hours = np.arange(days * 24)
    per_hour = min(float(np.exp(rng.normal(np.log(5), 1.7))), MOST_PER_DAY) / 24
    kind = rng.choice(["cycle", "cycle", "cycle", "flat", "batch"])
    peak = 13 + rng.normal(0, 3) + rng.choice([0, 0, 0, -6, 8])
    swing, weekend = rng.uniform(0.5, 1), rng.uniform(0.2, 1)
    window = int(rng.choice([10, 10, 20, 20, 30, 50, 100]))
    profile = np.maximum(0.03, 1 + swing * np.cos((hours % 24 - peak) / 24 * 2 * np.pi)) ** 2
    if kind == "flat":
        profile = np.ones(len(hours))
    profile = profile * np.where(hours // 24 % 7 >= 5, weekend, 1)
    rate = per_hour * profile / profile.mean()
    for start in rng.integers(0, len(hours), rng.poisson(days / 10)):
        rate[start : start + rng.integers(2, 6)] *= 8
    counts = rng.poisson(rate)
    if kind == "batch":  # cron: everything of an hour within two minutes
        inside = rng.uniform(0, 1) + rng.uniform(0, 2 / 60, counts.sum())
    else:
        inside = rng.uniform(0, 1, counts.sum())
    times = START_S + (np.repeat(hours, counts) + inside) * HOUR_S
    return Trace(np.sort(times).tolist(), window, rate.tolist())


def corpus(days: int, seed: int, folder: Path = CORPUS) -> list[Trace]:
    """One trace per real feed with at least five different entry dates; empty where the corpus is absent.

    A feed whose dates span two weeks is replayed, week upon week. A shorter one says nothing of its week: blocks of its
    own gaps are drawn, in a time that runs with the profile of all feeds of the corpus. So the true rate of a drawn one
    is its mean gap under that profile; of a replayed one, of which the future is the past, the mean of its weeks is
    taken for it.
    """
    dated = [found for path in sorted(folder.glob("*.xml.gz")) if len(found := _dates(path)) >= FEWEST_DATES]
    rng = np.random.default_rng(seed)
    profile = _profile(dated)
    return [_rebuilt(np.array(dates), days, profile, rng) for dates in dated]


def _dates(path: Path) -> list[float]:
    body = gzip.decompress(path.read_bytes())
    try:
        parsed = parse_feed(body, "application/xml", "https://example.org/", datetime(2030, 1, 1, tzinfo=UTC))
    except Refuse:
        return []
    return sorted({date.timestamp() for entry in parsed.entries if (date := entry.published_at or entry.updated_at)})


def _profile(dated: list[list[float]]) -> np.ndarray:
    """Relative rate of each of a week's 168 hours, a feed weighing at most as 50 entries."""
    bins = np.full(48, 5.0) * np.array(SHARE) * 48
    for dates in dated:
        for date in dates:
            bins[bin_of_hour(int(date // HOUR_S))] += min(1.0, 50 / len(dates))
    rate = bins / np.array(SHARE)
    start = int(START_S // HOUR_S)
    week = np.array([rate[bin_of_hour(start + hour)] for hour in range(168)])
    return week / week.mean()


def _rebuilt(dates: np.ndarray, days: int, profile: np.ndarray, rng: np.random.Generator) -> Trace:
    window = len(dates)
    end_s = START_S + days * DAY_S
    recent = dates[dates > dates[-1] - 8 * WEEK_S]
    span_s = recent[-1] - recent[0]
    if span_s >= 2 * WEEK_S and len(recent) >= FEWEST_DATES:
        weeks = int(span_s // WEEK_S)
        monday = recent[-1] - weeks * WEEK_S
        monday -= (monday - START_S) % WEEK_S
        kept = recent[(recent >= monday) & (recent < monday + weeks * WEEK_S)] - monday
        start_week = int(rng.integers(weeks))
        copies = [START_S + (turn * weeks - start_week) * WEEK_S + kept for turn in range(days // 7 // weeks + 2)]
        times = np.concatenate(copies)
        per_h = len(kept) / (weeks * 168)
    else:
        times, per_h = _from_gaps(recent if len(recent) >= FEWEST_DATES else dates, days, profile, rng)
    times = np.sort(times[(times >= START_S) & (times < end_s)])
    return Trace(times.tolist(), window, (per_h * np.tile(profile, days // 7 + 1)[: days * 24]).tolist())


def _from_gaps(dates: np.ndarray, days: int, profile: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """The entries' times, and how many an hour they are in the mean."""
    clock = np.concatenate([[0.0], np.cumsum(np.tile(profile, days // 7 + 1))])  # operational hours at each hour
    week = clock[168]
    hours = (dates - START_S) / HOUR_S
    inside = np.interp(hours % 168, np.arange(169), clock[:169])
    gaps = np.diff(np.floor(hours / 168) * week + inside)
    gaps *= max(1.0, 24 / MOST_PER_DAY / gaps.mean())
    drawn: list[float] = []
    total, end = 0.0, clock[days * 24]
    while total < end:
        first = int(rng.integers(len(gaps)))
        block = gaps[np.arange(first, first + BLOCK) % len(gaps)]
        drawn += block.tolist()
        total += float(block.sum())
    at = np.cumsum(np.array(drawn))
    return START_S + np.interp(at[at < end], clock, np.arange(len(clock))) * HOUR_S, float(1 / gaps.mean())
