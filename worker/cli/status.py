"""`status`: how the mill stands, on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from worker.cli.options import archive_settings, data_option
from worker.cli.terminal import ago, count, emit, json_line, local, one_line, results, say
from worker.errors import IndexUnavailable
from worker.index.documents import rfc3339
from worker.models import Counts, Reason, State
from worker.reachability import FeedFigures, feed_figures, offline_line

if TYPE_CHECKING:
    from worker.wiring import Wiring

TOP_REASONS = 12


@dataclass(frozen=True, slots=True)
class Standing:
    """One reading of everything; `index` is None while the index does not answer."""

    feeds: Mapping[str, int]
    feeds_unpolled: int
    oldest_poll_s: float | None
    reached: FeedFigures
    frontier: Mapping[str, float]
    outbox: tuple[int, int, float]
    index: Mapping[str, Any] | None
    counts: Counts

    @property
    def adds_up(self) -> bool:
        return self.counts.offered == self.counts.pending + sum(self.counts.states.values())


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@data_option
def status(as_json: bool, data_dir: Path | None) -> int:
    """Show where everything stands: from the feeds to the index.

    Feeds, frontier, work in flight, outbox, index and the ledger of final states, with the oldest of each.

    Exit code 1 when the index does not answer or the ledger does not add up
    (offered = indexed + updated + unchanged + refused + failed + quarantined + pending).
    """
    from worker.state.full import shortage
    from worker.wiring import Wiring

    with Wiring(archive_settings(data_dir, state=True)) as wiring:
        standing = read(wiring, datetime.now(UTC))
        full = shortage(wiring.redis.info())
    if as_json:
        emit(json_line(standing_to_json(standing)))
    else:
        print_standing(results(), standing)
    if standing.reached.offline:
        when = local(standing.reached.last_poll)
        say(
            f"feedmill: {offline_line(standing.reached)} (last tried {when}); `feedmill feeds list --failing` says more"
        )
    if full:
        say(f"feedmill: {full}")
    if standing.index is None:
        say("feedmill: the index does not answer; documents wait in the outbox, nothing is lost")
    if not standing.adds_up:
        say("feedmill: the ledger does not add up; please report this with the numbers above")
    return 0 if standing.adds_up and standing.index is not None else 1


def read(wiring: Wiring, now: datetime) -> Standing:
    states = [state for _, state, _ in wiring.feeds.all()]
    polled = [state.polled_at for state in states if state.polled_at is not None]
    try:
        index: Mapping[str, Any] | None = dict(wiring.index.stats())
    except IndexUnavailable:
        index = None
    return Standing(
        feeds=Counter(state.status.value for state in states),
        feeds_unpolled=len(states) - len(polled),
        oldest_poll_s=(now - min(polled)).total_seconds() if polled else None,
        reached=feed_figures(states),
        frontier=wiring.frontier.depth(),
        outbox=wiring.outbox.size(),
        index=index,
        counts=wiring.ledger.counts(),
    )


def standing_to_json(standing: Standing) -> dict[str, Any]:
    items, size, oldest = standing.outbox
    index = standing.index and {key: _plain_value(value) for key, value in standing.index.items()}
    return {
        "feeds": {
            **standing.feeds,
            "unpolled": standing.feeds_unpolled,
            "oldest_poll_s": standing.oldest_poll_s,
            "offline": standing.reached.offline,
        },
        "frontier": dict(standing.frontier),
        "outbox": {"items": items, "bytes": size, "oldest_s": oldest},
        "index": index,
        "ledger": {
            "offered": standing.counts.offered,
            "pending": standing.counts.pending,
            "states": {state.value: standing.counts.states.get(state, 0) for state in State},
            "reasons": [
                {"state": state.value, "reason": reason.value, "count": number}
                for (state, reason), number in _ranked(standing.counts.reasons)
            ],
            "adds_up": standing.adds_up,
        },
    }


def _plain_value(value: Any) -> Any:
    return rfc3339(value) if isinstance(value, datetime) else value


def _ranked(reasons: Mapping[tuple[State, Reason], int]) -> list[tuple[tuple[State, Reason], int]]:
    return sorted(reasons.items(), key=lambda row: (-row[1], row[0]))


def print_standing(console: Console, standing: Standing) -> None:
    for name, value in lines(standing):
        console.print(f"{name:<12}{one_line(value)}")
    console.print()
    print_ledger(console, standing.counts)


def lines(standing: Standing) -> list[tuple[str, str]]:
    items, size, oldest = standing.outbox
    frontier = standing.frontier
    feeds = [f"{number:,} {name}" for name, number in sorted(standing.feeds.items())] or ["none"]
    if standing.feeds_unpolled:
        feeds.append(f"{standing.feeds_unpolled:,} not polled yet")
    if standing.oldest_poll_s is not None:
        feeds.append(f"longest unpolled {ago(standing.oldest_poll_s)}")
    queue = [f"{frontier.get(name, 0):,.0f} {name.replace('_', ' ')}" for name in ("queued", "delayed", "feeds_due")]
    hosts = [f"{frontier.get(name, 0):,.0f} {name.removeprefix('hosts_')}" for name in ("hosts_ready", "hosts_locked")]
    flight = [f"{frontier.get('in_flight', 0):,.0f} articles", f"{frontier.get('feeds_leased', 0):,.0f} feeds"]
    return [
        ("feeds", ", ".join(feeds)),
        ("frontier", ", ".join(queue) + _oldest(frontier.get("oldest_queued_s", 0))),
        ("hosts", ", ".join(hosts)),
        ("in flight", ", ".join(flight) + _oldest(frontier.get("oldest_in_flight_s", 0))),
        ("outbox", f"{count(items, 'document')}, {_size(size)}" + _oldest(oldest)),
        ("index", _index_line(standing.index)),
    ]


def _index_line(index: Mapping[str, Any] | None) -> str:
    if index is None:
        return "does not answer"
    parts = [
        f"{index.get('documents', 0):,} articles",
        f"{index.get('stories', 0):,} stories",
        _size(index.get("bytes", 0)),
    ]
    newest = index.get("newest_indexed_at")
    if isinstance(newest, datetime):
        parts.append(f"newest indexed {ago((datetime.now(UTC) - newest).total_seconds())} ago")
    return ", ".join(parts)


def print_ledger(console: Console, counts: Counts) -> None:
    """The final states of everything offered, and why."""
    console.print(f"{count(counts.offered, 'entry', 'entries')} offered by feeds:", style="bold")
    for state in State:
        if number := counts.states.get(state, 0):
            console.print(f"  {state.value:<13}{number:>9,}")
    console.print(f"  {'pending':<13}{counts.pending:>9,}")
    shown = _ranked(counts.reasons)[:TOP_REASONS]
    if shown:
        console.print("Most frequent reasons:", style="bold")
    for (state, reason), number in shown:
        console.print(f"  {number:>9,}  {state.value}: {reason.value}")


def _oldest(seconds: float) -> str:
    return f", oldest {ago(seconds)}" if seconds >= 1 else ""


def _size(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
