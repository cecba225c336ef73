"""`feeds import`: many subscriptions from a list, however long it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli.options import data_option, load_settings
from worker.cli.terminal import count, say
from worker.index.erased import in_domains
from worker.models import Feed
from worker.urls import feed_likeness

if TYPE_CHECKING:
    from worker.wiring import Wiring

BATCH = 500
TOLD_EVERY = 10_000
MOST_TOLD = 20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--anyway", is_flag=True, help="Also take feeds that seem to be there under another URL.")
@data_option
def import_(file: Path, anyway: bool, data_dir: Path | None) -> None:
    """Subscribe to every feed of a list, YAML or OPML; what is subscribed already stays as it is.

    One bad URL refuses the whole list, before anything is changed. A feed that seems to be there already under another
    URL (http for https, with or without www., a slash at the end, tracking parameters) is named and left out. An
    import that was cut short is gone on with by repeating it.
    """
    from worker import feeds as lists
    from worker.wiring import Wiring

    settings = load_settings(data_dir)
    # Once through before the first change; what comes through a pipe can be read only once, so it is kept.
    kept = list(lists.read(file)) if file.is_fifo() or file.is_char_device() else None
    total = len(kept) if kept is not None else sum(1 for _ in lists.read(file))
    with Wiring(settings) as wiring:
        done = take(wiring, lists.read(file) if kept is None else kept, total, anyway)
    for line in done.told:
        say(line)
    if done.left_out > len(done.told):
        say(f"... and {done.left_out - len(done.told):,} more like these")
    if done.left_out:
        say(f"{count(done.left_out, 'feed')} left out; --anyway takes them, too")
    if done.erased:
        say(f"{count(done.erased, 'feed')} left out: their domains were erased (`feedmill erase --list`)")
    say(f"{count(total - done.again, 'feed')} in {file}, {done.new:,} of them new")


@dataclass(slots=True)
class Taken:
    new: int = 0
    again: int = 0
    """Listed twice, letter by letter."""
    left_out: int = 0
    erased: int = 0
    """Of domains that were erased."""
    told: list[str] = field(default_factory=list)


def take(wiring: Wiring, feeds: Iterable[Feed], total: int, anyway: bool) -> Taken:
    """Feeds into the store in batches, doubles left out: the first of several spellings counts, or the one there is."""
    done = Taken()
    known = {} if anyway else {feed_likeness(feed.url): feed.url for feed in wiring.feeds.subscribed()}
    there = set() if anyway else set(known.values())
    seen: set[str] = set()
    erased = wiring.erased.domains()

    def wanted() -> Iterator[Feed]:
        for number, feed in enumerate(feeds, 1):
            if number % TOLD_EVERY == 0:
                say(f"{number:,} of {total:,}")
            if feed.id in seen:
                done.again += 1
                continue
            seen.add(feed.id)
            if in_domains(erased, feed.url):
                done.erased += 1
                continue
            if not anyway and feed.url not in there:
                double = known.setdefault(feed_likeness(feed.url), feed.url)
                if double != feed.url:
                    done.left_out += 1
                    if len(done.told) < MOST_TOLD:
                        done.told.append(f"{feed.url} seems to be {double}: left out")
                    continue
            yield replace(feed, origin="cli")

    rows = wanted()
    while batch := list(islice(rows, BATCH)):
        done.new += wiring.feeds.put_new(batch)
    return done
