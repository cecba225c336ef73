"""`feeds`: the subscriptions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from rich.console import Console

from worker.cli.options import ID, data_option, json_option, load_settings, without_scheme
from worker.cli.reasons import REASONS
from worker.cli.terminal import count, emit, json_line, local, one_line, results, say
from worker.errors import FeedListError, InputError, Refuse
from worker.index.documents import rfc3339
from worker.models import Feed, FeedId, FeedState, FeedStatus, Pace, Reason
from worker.schedule.explain import next_poll_in_words
from worker.schedule.record import unpack
from worker.schedule.rhythm import Rates
from worker.urls import clean_url, feed_id

if TYPE_CHECKING:
    from worker.wiring import Wiring


@click.group()
def feeds() -> None:
    """List, add, remove, import and export subscriptions.

    `feedmill run` keeps those that came from its feed list in step with it; those added here stay until removed here.
    A change is seen by a running Feedmill at once.
    """


@feeds.command("list")
@click.option("--failing", is_flag=True, help="Only feeds whose last poll failed, or that are gone or paused.")
@json_option
@data_option
def list_(failing: bool, as_json: bool, data_dir: Path | None) -> None:
    """List all feeds: state, last and next poll, entries offered, what is wrong."""
    from worker.wiring import Wiring

    with Wiring(load_settings(data_dir)) as wiring:
        rows = [row for row in wiring.feeds.all() if not failing or in_trouble(row[1])]
    for feed, state, next_poll in rows:
        if as_json:
            emit(json_line(feed_to_json(feed, state, next_poll)))
        else:
            print_feed(results(), feed, state, next_poll)
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
        say(f"feedmill: no such subscription: {reference}; `feedmill feeds list` shows all")
        return 1
    feed, state, next_poll = row
    words = next_poll_in_words(state, next_poll, utc_now())
    per_day = entries_per_day(state, pace)
    if as_json:
        emit(json_line(feed_to_json(feed, state, next_poll) | plan_to_json(state, per_day, words)))
        return 0
    print_feed(results(), feed, state, next_poll)
    if per_day is not None:
        results().print(f"    publishes about {per_day:.2g} entries a day")
    results().print(f"    next poll {words}")
    return 0


@feeds.command()
@click.argument("url")
@click.option("--title", default="", help="A name for people; without it the feed's own is shown.")
@click.option("--language", default="", metavar="CODE", help="Its language, when known (de, en, fr, ...).")
@click.option("--folder", default="", help="A folder in exported lists.")
@data_option
def add(url: str, title: str, language: str, folder: str, data_dir: Path | None) -> None:
    """Subscribe to a feed; it is polled as soon as Feedmill runs.

    The URL is not asked for anything now: `feedmill poll URL` shows what it would give.
    """
    from worker.wiring import Wiring

    cleaned = checked(url)
    feed = Feed(feed_id(cleaned), cleaned, title, language, folder)
    with Wiring(load_settings(data_dir)) as wiring:
        new = wiring.feeds.put(feed)
    say(f"{'subscribed to' if new else 'already subscribed to'} {cleaned}")


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
            say(f"feedmill: no such subscription: {reference}; `feedmill feeds list` shows all")
            return 1
        wiring.feeds.remove(found.id)
    say(f"unsubscribed from {found.url}")
    if found.origin == "file":
        say("it came from a feed list: take it out there, too, or the next `feedmill run` brings it back")
    return 0


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
def import_(file: Path, data_dir: Path | None) -> None:
    """Subscribe to every feed of a list, YAML or OPML; what is subscribed already stays as it is.

    One bad URL refuses the whole list, before anything is changed.
    """
    from dataclasses import replace

    from worker import feeds as lists
    from worker.wiring import Wiring

    listed = [replace(feed, origin="cli") for feed in lists.load(file)]
    with Wiring(load_settings(data_dir)) as wiring:
        new = sum(wiring.feeds.put(feed) for feed in listed if wiring.feeds.get(feed.id) is None)
    say(f"{count(len(listed), 'feed')} in {file}, {new} of them new")


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


def checked(url: str) -> str:
    """The URL as it will be requested; FeedListError when it is none that can be polled."""
    try:
        return clean_url(url)
    except Refuse as error:
        if error.reason is Reason.URL_INVALID and (meant := without_scheme(url)):
            raise FeedListError(f"http:// or https:// is missing; did you mean {meant}?") from None
        raise FeedListError(f"not a URL that can be polled: {url} ({REASONS[error.reason]})") from None


def find_feed(wiring: Wiring, reference: str) -> Feed | None:
    """By id, by the URL as it was subscribed, or by its cleaned form."""
    reference = reference.strip()
    ids = [FeedId(reference.lower())] if ID.fullmatch(reference.lower()) else [feed_id(reference)]
    try:
        ids.append(feed_id(clean_url(reference)))
    except Refuse:
        if not ID.fullmatch(reference.lower()):
            raise InputError(f"neither a feed's URL nor its id: {reference}") from None
    found = (wiring.feeds.get(each) for each in ids)
    return next((pair[0] for pair in found if pair is not None), None)


def in_trouble(state: FeedState) -> bool:
    return state.failures > 0 or state.status is not FeedStatus.ACTIVE


def feed_to_json(feed: Feed, state: FeedState, next_poll: datetime) -> dict[str, Any]:
    return {
        "id": feed.id,
        "url": feed.url,
        "title": feed.title or state.title,
        "language": feed.language,
        "folder": feed.folder,
        "origin": feed.origin,
        "status": state.status.value,
        "polls": state.polls,
        "failures": state.failures,
        "reason": state.reason.value if state.reason else None,
        "detail": state.detail,
        "polled_at": rfc3339(state.polled_at) if state.polled_at else None,
        "succeeded_at": rfc3339(state.succeeded_at) if state.succeeded_at else None,
        "new_entry_at": rfc3339(state.new_entry_at) if state.new_entry_at else None,
        "next_poll_at": rfc3339(next_poll),
        "moved_to": state.moved_to or None,
        "entries_offered": state.entries_offered,
        "gaps": state.gaps,
        "gap_at": rfc3339(state.gap_at) if state.gap_at else None,
        "unstable_ids": state.unstable_ids,
        "rewritten_links": state.rewritten_links,
        "hubs": list(state.hubs),
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


def print_feed(console: Console, feed: Feed, state: FeedState, next_poll: datetime) -> None:
    name = one_line(feed.title or state.title)
    console.print(one_line(feed.url) + (f"  {name}" if name else ""), style="bold")
    polled = f"polled {local(state.polled_at)}" if state.polled_at else "not polled yet"
    offered = count(state.entries_offered, "entry", "entries")
    console.print(f"    {state.status.value}, {polled}, next {local(next_poll)}, {offered} offered")
    if in_trouble(state) and state.reason is not None:
        detail = f" ({one_line(state.detail, 200)})" if state.detail else ""
        console.print(
            f"    {state.reason.value}, {count(state.failures, 'time')} in a row: {REASONS[state.reason]}{detail}"
        )
    if state.gap_at:
        console.print(f"    {count(state.gaps, 'gap')}, last {local(state.gap_at)}: entries may have been missed")
    if state.unstable_ids:
        console.print("    gives its entries new ids at every poll; they are told apart by their URLs")
    if state.rewritten_links:
        console.print("    gives its entries new links at every poll; they are told apart by their ids")
    if state.moved_to:
        console.print(f"    has moved to {one_line(state.moved_to)}")
