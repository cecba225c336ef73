"""`rebuild`: what Redis knew, again from the index."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli.options import archive_settings, data_option
from worker.cli.terminal import count, local, one_line, say
from worker.errors import RebuildTaken
from worker.models import Phase, RebuildState

if TYPE_CHECKING:
    from worker.rebuilding.rebuild import Parts, Progress
    from worker.wiring import Wiring

REPORT_S = 5.0
LEAST_DAYS = 8


@click.command()
@click.option(
    "--days",
    type=click.IntRange(min=LEAST_DAYS),
    metavar="N",
    help="How far back the archive is read.  [default: FEEDMILL_SEEN__DAYS, 30]",
)
@click.option("--anew", is_flag=True, help="Read all of it, also where an unfinished rebuild could be gone on with.")
@data_option
def rebuild(days: int | None, anew: bool, data_dir: Path | None) -> int:
    """Teach an empty Redis what it knew of the archive: the one command after Redis was lost.

    Read from the index, newest first: stories (with the ids they had; copies join them again), articles seen, their
    other addresses, furniture of the sites. Workers may run meanwhile, or not: what they store is marked provisional
    until all is known, and its story is then decided again. Killed or interrupted, it goes on where it was when it is
    started again. With a Redis that lost nothing it changes nothing.

    Exit code 1 when documents could not be brought to follow.
    """
    from worker.wiring import Wiring

    settings = archive_settings(data_dir, state=True)
    with Wiring(settings) as wiring:
        try:
            state = wiring.rebuild.begin(f"{os.uname().nodename}, process {os.getpid()}", anew=anew)
            return _run(wiring, state, days or settings.seen.days)
        except RebuildTaken as taken:
            say(f"feedmill: {_taken(taken.state)}")
            return 2


def _run(wiring: Wiring, state: RebuildState, days: int) -> int:
    from worker.rebuilding.rebuild import rebuild as all_of_it

    say(beginning(state, days))
    shown, began, before = time.monotonic(), time.monotonic(), state.read
    done = False
    try:
        for progress in all_of_it(_parts(wiring), state, days):
            done = progress.phase is Phase.DONE
            if time.monotonic() - shown > REPORT_S:
                rate = (progress.read - before) / max(time.monotonic() - began, 0.001)
                say(standing(progress, rate))
                shown = time.monotonic()
    finally:
        wiring.rebuild.end(done=done)
    say(summary(progress))
    return 0 if done else 1


def _parts(wiring: Wiring) -> Parts:
    from worker.rebuilding.rebuild import Parts

    consumer = f"rebuild-{time.time_ns():x}"

    def write_some() -> int:
        done = wiring.write_batch(consumer)
        return done.taken - done.retried

    return Parts(
        index=wiring.index,
        stories=wiring.stories,
        aliases=wiring.aliases,
        furniture=wiring.furniture,
        outbox=wiring.outbox,
        rebuild=wiring.rebuild,
        write_some=write_some,
        now=wiring.scripts.now,
        changed=wiring.story_changed,
    )


def beginning(state: RebuildState, days: int) -> str:
    if state.phase is Phase.TEACH and state.reached is None:
        known = f"knows nothing from before {local(state.since)}" if state.since else "knows the stories of its window"
        return f"Redis {known}; reading {days} days of the archive, newest first"
    where = {
        Phase.TEACH: f"from {local(state.reached)} back",
        Phase.DECIDE: "at the articles that came meanwhile",
    }
    return f"going on with the rebuild begun at {local(state.began)}, {where.get(state.phase, 'at its documents')}"


def standing(progress: Progress, rate: float) -> str:
    if progress.phase is Phase.TEACH:
        return f"back to {local(progress.reached)}: {count(progress.read, 'article')}, {rate:,.0f} a second"
    if progress.phase is Phase.DECIDE:
        return f"{count(progress.decided, 'article')} of the time without stories decided again"
    return f"{count(progress.written, 'document')} written"


def summary(progress: Progress) -> str:
    parts = [f"{count(progress.read, 'article')} read"]
    if progress.decided:
        into = "another story" if progress.changed == 1 else "other stories"
        parts.append(
            f"{progress.decided:,} that came meanwhile decided again, {progress.changed:,} of them into {into}"
        )
    if progress.written:
        parts.append(f"{count(progress.written, 'document')} written")
    if progress.left:
        parts.append(
            f"{count(progress.left, 'document')} did not reach the index (`feedmill status` shows the outbox);"
            " then start this again"
        )
    else:
        parts.append("Redis knows the archive again")
    return "; ".join(parts)


def _taken(state: RebuildState | None) -> str:
    if state is None or not state.at_work:
        return "Redis forgot this rebuild, or it was away too long; start it again"
    reached = f", back to {local(state.reached)}" if state.reached and state.phase is Phase.TEACH else ""
    return (
        f"another `feedmill rebuild` is at work ({one_line(state.host)}) since {local(state.began)}:"
        f" {count(state.read, 'article')} read{reached}; let it end, or end it and wait a minute"
    )
