"""`feeds`: the subscriptions."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from worker.cli.feeds_add import add
from worker.cli.feeds_find import find_feed, no_such
from worker.cli.feeds_import import import_
from worker.cli.feeds_log import log
from worker.cli.feeds_show import (
    entries_per_day,
    feed_to_json,
    in_trouble,
    is_silent,
    plan_to_json,
    print_feed,
    proposal_of,
)
from worker.cli.feeds_state import accept, decline, pause, resume
from worker.cli.options import data_option, json_option, load_settings
from worker.cli.terminal import count, emit, json_line, results, say
from worker.models import Feed, FeedState
from worker.schedule.explain import next_poll_in_words
from worker.schedule.silence import silence_of_feed


@click.group()
def feeds() -> None:
    """List, add, remove, import and export subscriptions.

    `feedmill run` keeps those that came from its feed list in step with it; those added here stay until removed here.
    A change is seen by a running Feedmill at once.
    """


for command in (add, import_, log, pause, resume, accept, decline):
    feeds.add_command(command)


@feeds.command("list")
@click.option("--failing", is_flag=True, help="Only feeds whose last poll failed, or that are gone or paused.")
@click.option("--silent", is_flag=True, help="Only feeds that are silent against their own rhythm.")
@click.option("--proposals", is_flag=True, help="Only feeds for which another address was found on their site.")
@json_option
@data_option
def list_(failing: bool, silent: bool, proposals: bool, as_json: bool, data_dir: Path | None) -> None:
    """List all feeds: state, last and next poll, entries offered, what is wrong."""
    from worker.wiring import Wiring

    with Wiring(load_settings(data_dir)) as wiring:
        pace = wiring.pacer.pace()

        def is_asked_for(feed: Feed, state: FeedState) -> bool:
            return (
                (failing and in_trouble(state))
                or (silent and is_silent(state, pace))
                or (proposals and proposal_of(feed, state) is not None)
            )

        every = not (failing or silent or proposals)
        rows = [row for row in wiring.feeds.all() if every or is_asked_for(row[0], row[1])]
    for feed, state, next_poll in rows:
        if as_json:
            emit(json_line(feed_to_json(feed, state, next_poll, silence_of_feed(state, pace))))
        else:
            print_feed(results(), feed, state, next_poll, silence_of_feed(state, pace))
    say(count(len(rows), "feed"))


@feeds.command()
@click.argument("reference", metavar="URL|ID")
@json_option
@data_option
def show(reference: str, as_json: bool, data_dir: Path | None) -> int:
    """Show one feed: its state, how often it publishes, and why it is polled next when it is.

    Exit code 1 when there is no such subscription.
    """
    from worker.wiring import Wiring, utc_now

    with Wiring(load_settings(data_dir)) as wiring:
        found = find_feed(wiring, reference)
        row = wiring.feeds.show(found.id) if found is not None else None
        pace = wiring.pacer.pace()
    if row is None:
        return no_such(reference)
    feed, state, next_poll = row
    words, silence = next_poll_in_words(state, next_poll, utc_now()), silence_of_feed(state, pace)
    per_day = entries_per_day(state, pace)
    if as_json:
        emit(json_line(feed_to_json(feed, state, next_poll, silence) | plan_to_json(state, per_day, words)))
        return 0
    print_feed(results(), feed, state, next_poll, silence)
    if per_day is not None:
        results().print(f"    publishes about {per_day:.2g} entries a day")
    results().print(f"    next poll {words}")
    return 0


@feeds.command()
@click.argument("reference", metavar="URL|ID")
@data_option
def remove(reference: str, data_dir: Path | None) -> int:
    """Unsubscribe from a feed. Its articles stay in the archive.

    Exit code 1 when there is no such subscription.
    """
    from worker.wiring import Wiring

    with Wiring(load_settings(data_dir)) as wiring:
        found = find_feed(wiring, reference)
        if found is None:
            return no_such(reference)
        wiring.feeds.remove(found.id)
    say(f"unsubscribed from {found.url}")
    if found.origin == "file":
        say("it came from a feed list: take it out there, too, or the next `feedmill run` brings it back")
    return 0


@feeds.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "opml"]),
    default="yaml",
    show_default=True,
    help="YAML as in config/feeds.yaml, or OPML 2.0 for feed readers.",
)
@data_option
def export(form: Literal["yaml", "opml"], data_dir: Path | None) -> None:
    """Write all subscriptions as a feed list to stdout.

    A subscription without a title gets the one that the feed gave itself.
    """
    from dataclasses import replace

    from worker import feeds as lists
    from worker.wiring import Wiring

    with Wiring(load_settings(data_dir)) as wiring:
        subscribed = [replace(feed, title=feed.title or state.title) for feed, state, _ in wiring.feeds.all()]
    text = lists.dump_opml(subscribed) if form == "opml" else lists.dump_yaml(subscribed)
    emit(text.rstrip("\n"))
    say(count(len(subscribed), "feed"))
