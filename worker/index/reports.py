"""Reports and events as flat documents, for whoever draws them: numbers and words, nothing to be computed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.index.documents import event_to_json, rfc3339
from worker.models import Depths, Event, FeedReport, FeedStatus, Poll, Stage, StoryReport
from worker.urls import site_of

ARTICLE, POLL, STANDING = "article", "poll", "standing"
"""Values of `type` in the events."""
FAILING = (FeedStatus.BACKING_OFF, FeedStatus.FAILING, FeedStatus.GONE)


def event_document(event: Event) -> dict[str, Any]:
    """The ledger's line, and beside it what each stage took in all its tries, where it ended, and after how long."""
    took: dict[str, int] = {}
    for step in event.steps:
        name = f"{step.stage.value}_ms"
        took[name] = took.get(name, 0) + step.took_ms
    return {
        **event_to_json(event),
        "type": ARTICLE,
        "took": took,
        "ended_in": event.steps[-1].stage.value if event.steps else None,
        "retries": sum(step.outcome == "retry" for step in event.steps),
        "total_s": max(round((event.at - event.offered_at).total_seconds(), 3), 0.0),
    }


def poll_document(poll: Poll) -> dict[str, Any]:
    outcome, reason = "failed" if poll.failed else "polled", poll.reason.value
    at = rfc3339(poll.at)
    return {
        "id": poll_id(poll),
        "type": POLL,
        "at": at,
        "feed": poll.feed_url,
        "site": site_of(poll.feed_url),
        "state": outcome,
        "reason": reason,
        "ended_in": Stage.POLL.value,
        "steps": [{"stage": Stage.POLL.value, "at": at, "outcome": outcome, "reason": reason, "took_ms": poll.took_ms}],
        "took": {"poll_ms": poll.took_ms},
        "entries": poll.entries,
        "offered": poll.offered,
        "hit": int(poll.offered > 0),
    }


def poll_id(poll: Poll) -> str:
    return f"poll-{poll.feed_id}-{int(poll.at.timestamp() * 1000)}"


def standing_document(standing: Depths) -> dict[str, Any]:
    depth = dict(_named(standing.depth, oldest=False))
    oldest = dict(_named(standing.depth, oldest=True))
    return {
        "id": f"standing-{int(standing.at.timestamp())}",
        "type": STANDING,
        "at": rfc3339(standing.at),
        "depth": {**depth, "outbox": standing.outbox_items, "pending": standing.pending},
        "oldest": {**oldest, "outbox_s": standing.outbox_oldest_s},
        "outbox_bytes": standing.outbox_bytes,
    }


def _named(depth: Mapping[str, float], *, oldest: bool) -> Iterator[tuple[str, float]]:
    for name, value in depth.items():
        if name.startswith("oldest_") == oldest:
            yield name.removeprefix("oldest_"), value if oldest else int(value)


def feed_document(report: FeedReport) -> dict[str, Any]:
    feed, state = report.feed, report.state
    failing = state.failures > 0 or state.status in FAILING
    flags = {"failing": failing, "silent": report.silent, "slow": report.slow, "lagging": report.lagging}
    total = report.freshness.total if report.freshness else None
    return {
        "id": feed.id,
        "at": rfc3339(report.at),
        "url": feed.url,
        "site": site_of(feed.url),
        "title": feed.title or state.title,
        "language": feed.language,
        "folder": feed.folder,
        "status": state.status.value,
        "reason": state.reason.value if state.reason else None,
        "failures": state.failures,
        **flags,
        "troubles": [name for name, has in flags.items() if has] or ["none"],
        "polls": state.polls,
        "hit_rate": state.hit_rate,
        "took_ms": state.took_ms,
        "entries_offered": state.entries_offered,
        "entries_per_day": None if report.entries_per_day is None else round(report.entries_per_day, 3),
        "silent_for_s": report.silent_for_s,
        "expected_entries": report.expected_entries,
        "lag": {
            "p50_s": total.p50_s if total else None,
            "p95_s": total.p95_s if total else None,
            "articles": report.freshness.measured if report.freshness else 0,
        },
        "gaps": state.gaps,
        "polled_at": rfc3339(state.polled_at) if state.polled_at else None,
        "succeeded_at": rfc3339(state.succeeded_at) if state.succeeded_at else None,
        "new_entry_at": rfc3339(state.new_entry_at) if state.new_entry_at else None,
        "next_poll_at": rfc3339(report.next_poll_at),
    }


def story_document(report: StoryReport) -> dict[str, Any]:
    spread_s = (report.last_at - report.first_at).total_seconds() if report.first_at and report.last_at else None
    return {
        "id": report.id,
        "at": rfc3339(report.at),
        "title": report.title,
        "lead": report.lead,
        "url": report.url or None,
        "site": report.site or None,
        "language": report.language or None,
        "section": report.section or None,
        "articles": report.articles,
        "sites": report.sites,
        "languages": report.languages,
        "on_sites": list(report.on_sites),
        "in_languages": list(report.in_languages),
        "first_at": rfc3339(report.first_at) if report.first_at else None,
        "last_at": rfc3339(report.last_at) if report.last_at else None,
        "spread_s": spread_s,
        "half_after_s": report.half_after_s,
        "per_hour": None if spread_s is None else round((report.articles - 1) / max(spread_s / 3600, 1.0), 3),
        "merged_into": report.merged_into or None,
    }
