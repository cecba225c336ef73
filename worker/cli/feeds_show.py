"""One subscription as it is printed, and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Console

from worker.cli.freshness import silence_in_words, silence_to_json
from worker.cli.reasons import REASONS
from worker.cli.terminal import count, local, one_line
from worker.index.documents import rfc3339
from worker.models import Feed, FeedState, FeedStatus, Pace, Proposal
from worker.schedule.life import MOVED_POLLS
from worker.schedule.record import unpack
from worker.schedule.rhythm import Rates
from worker.schedule.silence import Silence, silence_of_feed

TROUBLE = frozenset({FeedStatus.BACKING_OFF, FeedStatus.FAILING, FeedStatus.GONE, FeedStatus.PAUSED})


def in_trouble(state: FeedState) -> bool:
    return state.failures > 0 or state.status in TROUBLE


def is_silent(state: FeedState, pace: Pace) -> bool:
    silence = silence_of_feed(state, pace)
    return silence is not None and silence.flagged


def proposal_of(feed: Feed, state: FeedState) -> Proposal | None:
    """What was found in its place and not declined."""
    found = state.proposal
    return None if found is None or found.url in feed.declined else found


def feed_to_json(feed: Feed, state: FeedState, next_poll: datetime, silence: Silence | None) -> dict[str, Any]:
    found = proposal_of(feed, state)
    return {
        "id": feed.id,
        "url": feed.url,
        "title": feed.title or state.title,
        "language": feed.language,
        "folder": feed.folder,
        "origin": feed.origin,
        "former": [{"url": each.url, "until": rfc3339(each.until), "why": each.why} for each in feed.former],
        "status": state.status.value,
        "polls": state.polls,
        "failures": state.failures,
        "failing_since": _moment(state.failing_since),
        "reason": state.reason.value if state.reason else None,
        "detail": state.detail,
        "polled_at": _moment(state.polled_at),
        "succeeded_at": _moment(state.succeeded_at),
        "new_entry_at": _moment(state.new_entry_at),
        "next_poll_at": rfc3339(next_poll),
        "moved_to": state.moved_to or None,
        "moved_since": _moment(state.moved_since),
        "proposal": None
        if found is None
        else {"url": found.url, "title": found.title, "at": rfc3339(found.at), "same": found.same},
        "sought_at": _moment(state.sought_at),
        "validators_distrusted_until": _moment(state.distrusted_until),
        "entries_offered": state.entries_offered,
        "gaps": state.gaps,
        "gap_at": _moment(state.gap_at),
        "unstable_ids": state.unstable_ids,
        "rewritten_links": state.rewritten_links,
        "hubs": list(state.hubs),
        "silence": silence_to_json(silence),
        "pushed_until": _moment(state.push_until),
        "push_heard_at": _moment(state.push_heard_at),
    }


def entries_per_day(state: FeedState, pace: Pace) -> float | None:
    """In the mean over a week, as far as it is known."""
    rhythm = unpack(state.rhythm)
    return Rates(rhythm, pace.profile).mean_per_h * 24 if rhythm.watched_h else None


def plan_to_json(state: FeedState, per_day: float | None, words: str) -> dict[str, Any]:
    return {
        "next_poll": words,
        "next_why": state.next_why.value if state.next_why else None,
        "next_expected_entries": state.next_expected,
        "entries_per_day": None if per_day is None else round(per_day, 3),
        "hint_s": state.hint_s,
        "ttl_s": state.ttl_s,
        "skip_hours": [hour for hour in range(24) if state.skip_hours >> hour & 1],
        "skip_days": [day for day in range(7) if state.skip_days >> day & 1],
    }


def print_feed(
    console: Console, feed: Feed, state: FeedState, next_poll: datetime, silence: Silence | None = None
) -> None:
    name = one_line(feed.title or state.title)
    console.print(one_line(feed.url) + (f"  {name}" if name else ""), style="bold")
    polled = f"polled {local(state.polled_at)}" if state.polled_at else "not polled yet"
    then = "not polled until resumed" if state.status is FeedStatus.PAUSED else f"next {local(next_poll)}"
    offered = count(state.entries_offered, "entry", "entries")
    console.print(f"    {state.status.value}, {polled}, {then}, {offered} offered")
    for line in remarks(feed, state, silence):
        console.print(f"    {line}")


def remarks(feed: Feed, state: FeedState, silence: Silence | None) -> list[str]:
    """What is out of the ordinary, a line each."""
    lines = []
    if state.failures and state.reason is not None:
        detail = f" ({one_line(state.detail, 200)})" if state.detail else ""
        since = f" since {local(state.failing_since)}" if state.failing_since and state.failures > 1 else ""
        words = REASONS[state.reason]
        lines.append(f"{state.reason.value}, {count(state.failures, 'time')} in a row{since}: {words}{detail}")
    if silence is not None and silence.flagged:
        lines.append(silence_in_words(silence))
    found = proposal_of(feed, state)
    if found is not None:
        title = f"  {one_line(found.title, 80)}" if found.title else ""
        kind = "the same feed" if found.same else "perhaps another feed"
        lines.append(f"found on its site, {kind}: {one_line(found.url)}{title}")
        lines.append(f"`feedmill feeds accept {feed.id}` moves there, `decline` forgets it")
    elif state.searches and state.sought_at:
        lines.append(f"looked for on its site {local(state.sought_at)}: nothing was found in its place")
    if state.gap_at:
        lines.append(f"{count(state.gaps, 'gap')}, last {local(state.gap_at)}: entries may have been missed")
    if state.unstable_ids:
        lines.append("gives its entries new ids at every poll; they are told apart by their URLs")
    if state.rewritten_links:
        lines.append("gives its entries new links at every poll; they are told apart by their ids")
    if state.distrusted_until is not None:
        lines.append(
            f'its server said "not modified" although there was news ({count(state.lies, "time")}); '
            f"asked without validators until {local(state.distrusted_until)}"
        )
    if state.push_until:
        heard = f", last {local(state.push_heard_at)}" if state.push_heard_at else ", not yet"
        lines.append(f"told by its hub when there is news, until {local(state.push_until)}{heard}")
    if state.moved_to:
        seen = f"{state.moved_polls} of {MOVED_POLLS} polls" if state.moved_polls else "not read there yet"
        lines.append(f"redirected for good to {one_line(state.moved_to)}: {seen}, then, after a day, it moves there")
    lines += [f"was {one_line(each.url)} until {local(each.until)} ({each.why})" for each in feed.former]
    return lines


def _moment(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None
