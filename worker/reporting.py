"""The report: what the polls of the last minute left behind, their feeds as they stand now, the stories of what was
written, and the whole pipeline.

Written for dashboards, once a minute, by whoever is asked; bounded by `limit` polls however large the installation.
Feeds are told of when they were polled, which each is several times a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.models import Depths, FeedReport, Freshness, Pace, Poll
from worker.ports import ArticleIndex, FeedStore, Frontier, Ledger, Outbox, PollLog, Reports, Stories, StoryLog
from worker.schedule.record import unpack
from worker.schedule.rhythm import Rates
from worker.schedule.silence import silence_of_feed

LAG_DAYS = 7
"""Articles of so many days make a feed's lag: a quiet one has few in less."""
STORIES_AT_ONCE = 6000
"""Those of a hundred articles a second; more wait for the next report."""
LEAST_MEASURED = 5
"""Fewer articles say nothing about how a feed lags."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a feed counts as slow or lagging."""

    slow_ms: float
    """Mean of its last polls. As long as a task waits for its slowest page: from there on a feed holds up others."""
    lagging_s: float
    """Half of its articles reach the index later than this. The mean time between two polls: what is polled so often
    has its articles after half of it; where it takes twice as long, the feed, its dates or we are late."""


@dataclass(frozen=True, slots=True)
class Reported:
    polls: int
    feeds: int
    stories: int


def report(
    log: PollLog,
    story_log: StoryLog,
    feeds: FeedStore,
    frontier: Frontier,
    outbox: Outbox,
    ledger: Ledger,
    stories: Stories,
    index: ArticleIndex,
    reports: Reports,
    *,
    pace: Pace,
    thresholds: Thresholds,
    limit: int,
    now: datetime,
) -> Reported:
    """Raises IndexUnavailable with nothing dropped: the same polls and stories are in the next report."""
    polls, changed = log.oldest(limit), story_log.oldest(STORIES_AT_ONCE)
    standing = standing_of(frontier, outbox, ledger, now)
    rows = _feeds_of(polls, feeds, index, pace, thresholds, now)
    if changed:
        index.refresh()  # what changed them is seen
    called = {id_: story.id for id_, story in stories.current(changed).items()}
    written = reports.write(polls, rows, standing, called)
    log.drop(polls)
    story_log.drop(changed)
    return Reported(len(polls), len(rows), written)


def standing_of(frontier: Frontier, outbox: Outbox, ledger: Ledger, now: datetime) -> Depths:
    items, size, oldest_s = outbox.size()
    return Depths(now, frontier.depth(), items, size, oldest_s, ledger.counts().pending)


def _feeds_of(
    polls: Sequence[Poll], feeds: FeedStore, index: ArticleIndex, pace: Pace, thresholds: Thresholds, now: datetime
) -> list[FeedReport]:
    """Each polled feed once; those that were removed meanwhile are left out."""
    wanted = {poll.feed_id: poll.feed_url for poll in polls}
    if not wanted:
        return []
    _, *each = index.freshness(now - timedelta(days=LAG_DAYS), sorted(set(wanted.values())))
    lags: Mapping[str, Freshness] = {one.feed: one for one in each}
    rows = []
    for feed_id in wanted:
        found = feeds.show(feed_id)
        if found is None:
            continue
        feed, state, next_poll_at = found
        silence, lag, rhythm = silence_of_feed(state, pace), lags.get(feed.url), unpack(state.rhythm)
        rows.append(
            FeedReport(
                at=now,
                feed=feed,
                state=state,
                next_poll_at=next_poll_at,
                entries_per_day=Rates(rhythm, pace.profile).mean_per_h * 24 if rhythm.watched_h else None,
                silent=silence is not None and silence.flagged,
                silent_for_s=silence.for_s if silence else None,
                expected_entries=silence.expected if silence else None,
                freshness=lag,
                slow=state.took_ms > thresholds.slow_ms,
                lagging=_lags(lag, thresholds.lagging_s),
            )
        )
    return rows


def _lags(lag: Freshness | None, most_s: float) -> bool:
    return lag is not None and lag.total is not None and lag.measured >= LEAST_MEASURED and lag.total.p50_s > most_s
