"""`explain`: why is this article (not) here?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from worker.cli.articles import SOURCES, find_article, published, told_by
from worker.cli.options import archive_settings, article_reference, data_option, json_option
from worker.cli.reasons import REASONS, STATES
from worker.cli.terminal import count, emit, json_line, local, one_line, results
from worker.errors import StageError
from worker.index.documents import article_to_json, event_to_json, rfc3339, step_to_json
from worker.index.erased import domains_of, hashes_of
from worker.models import Article, Event, Feed, FeedState, Reason, Step, Tombstone, WorkItem
from worker.urls import article_id, site_of

if TYPE_CHECKING:
    from worker.wiring import Wiring

WHERE = {
    "queued": "waiting in its host's queue",
    "delayed": "waiting for its next try",
    "in_flight": "being worked on",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known of one article, from the index, the frontier and the feeds."""

    article_id: str
    url: str
    article: Article | None
    pending: tuple[str, WorkItem] | None
    events: tuple[Event, ...]
    feeds: tuple[tuple[Feed, FeedState], ...]
    """Subscriptions of the same site; looked up only when the article was never seen."""
    robots: str = ""
    erased: Tombstone | None = None
    """It, or its domain, was erased and stays away."""
    waits_for_index: bool = False
    """Finished, and not yet written: the newest event is the outbox's."""

    @property
    def alias_of(self) -> Article | None:
        """The article, when it is known by another URL than the one asked about."""
        return self.article if self.article and self.url and article_id(self.url) != self.article.id else None

    @property
    def seen(self) -> bool:
        return bool(self.article or self.pending or self.events)


@click.command()
@click.argument("reference", metavar="URL|ID")
@click.option("--robots", "ask_robots", is_flag=True, help="Also ask the site's robots.txt now (one request).")
@json_option
@data_option
def explain(reference: str, ask_robots: bool, as_json: bool, data_dir: Path | None) -> None:
    """Say what happened to a URL: every stage's outcome and reason.

    Works for articles that were never indexed, too: refused, failed, quarantined, still waiting, or never offered by
    any feed. The ledger keeps its events for FEEDMILL_INDEX__EVENT_RETENTION_DAYS.
    """
    from worker.wiring import Wiring

    with Wiring(archive_settings(data_dir, state=True)) as wiring:
        found = look_up(wiring, reference)
        if ask_robots and found.url:
            found = _with_robots(found, asyncio.run(_robots_verdict(wiring, found.url)))
    if as_json:
        emit(json_line(explanation_to_json(found)))
    else:
        print_explanation(results(), found)


def look_up(wiring: Wiring, reference: str) -> Explanation:
    asked, url = article_reference(reference)
    article = find_article(wiring.index, reference)
    if article is None and (known := wiring.aliases.article_of([asked]).get(asked)):
        article = wiring.index.get(known)
    names = list(dict.fromkeys((asked, article.id if article else asked)))
    events: tuple[Event, ...] = ()
    pending, waiting, known_as = None, None, asked
    for name in names:  # what happened to the URL itself goes before what happened to its article
        events = tuple(wiring.index.events(name))
        pending = wiring.frontier.pending(name)
        waiting = wiring.outbox.find(name)
        known_as = name
        if events or pending or waiting:
            break
    if waiting is not None and all(event.id != waiting.event.id for event in events):
        events = (waiting.event, *events)
        article = article or told_by(wiring.index, events)
    else:
        waiting = None
    if not url:
        url = next((each.url for each in (article, *events) if each is not None), pending[1].url if pending else "")
    never = article is None and pending is None and not events
    feeds = tuple(_same_site(wiring, url)) if never and url else ()
    erased = next(iter(wiring.index.tombstones([asked, *hashes_of(url), *domains_of(url)])), None)
    return Explanation(
        known_as, url, article, pending, events, feeds, erased=erased, waits_for_index=waiting is not None
    )


def _same_site(wiring: Wiring, url: str) -> Iterable[tuple[Feed, FeedState]]:
    site = site_of(url)
    for feed, state, _ in wiring.feeds.all():
        other = site_of(feed.url)
        if other == site or other.endswith("." + site) or site.endswith("." + other):
            yield feed, state


async def _robots_verdict(wiring: Wiring, url: str) -> str:
    downloader = wiring.downloader()
    try:
        delay = await wiring.robots(downloader).check(url, None)
    except StageError as error:
        return f"{error.reason.value}: {REASONS[error.reason]}"
    finally:
        await downloader.close()
    return "allowed" + (f", {delay:g} s between requests" if delay else "")


def _with_robots(found: Explanation, verdict: str) -> Explanation:
    from dataclasses import replace

    return replace(found, robots=verdict)


def explanation_to_json(found: Explanation) -> dict[str, Any]:
    """`events` newest first, each with its steps; `article` without its text; `pending` null when it is not queued."""
    article = article_to_json(found.article) if found.article else None
    if article is not None:
        del article["body"]
    where, item = found.pending if found.pending else ("", None)
    pending = item and {
        "where": where,
        "attempt": item.attempt,
        "offered_at": rfc3339(item.offered_at),
        "feed": item.feed_url,
        "steps": [step_to_json(step) for step in item.steps],
    }
    return {
        "id": found.article_id,
        "url": found.url,
        "seen": found.seen,
        "article": article,
        "pending": pending,
        "events": [event_to_json(event) for event in found.events],
        "feeds_of_site": [feed.url for feed, _ in found.feeds],
        "robots": found.robots or None,
        "waits_for_index": found.waits_for_index,
        "erased": found.erased
        and {
            "at": rfc3339(found.erased.erased_at),
            "domain": found.erased.domain or None,
            "note": found.erased.note,
        },
        "alias_of": found.alias_of.url if found.alias_of else None,
    }


def print_explanation(console: Console, found: Explanation) -> None:
    console.print(one_line(found.url or found.article_id), style="bold")
    console.print(f"id {found.article_id}", style="dim")
    if found.article is not None:
        article = found.article
        console.print(
            f"In the archive: “{one_line(article.title)}”, version {article.revision}, {local(article.indexed_at)}."
        )
        console.print(f"Published {published(article)}: {SOURCES[article.published_at_source]}.")
        if found.alias_of:
            console.print(f"That URL is another address of {one_line(article.url)}, id {article.id}.")
        if cut := len(article.extraction.cut):
            console.print(f"{count(cut, 'block')} of its site's furniture cut from the text.")
        if article.duplicate_of:
            console.print(f"It is a copy of {article.duplicate_of}; search shows one of both unless --no-collapse.")
    if found.pending is not None:
        _print_pending(console, *found.pending)
    if found.waits_for_index:
        console.print("It is finished and waits to be written to the index.")
    for number, event in enumerate(found.events):
        _print_event(console, event, earlier=number > 0)
    if found.erased is not None:
        _print_erased(console, found.erased)
    if found.article is not None and not found.events:
        console.print("Its events have expired (FEEDMILL_INDEX__EVENT_RETENTION_DAYS), or it was imported.")
    if not found.seen and found.erased is None:
        _print_never_seen(console, found)
    if found.robots:
        console.print(f"robots.txt now: {one_line(found.robots)}")


def _print_erased(console: Console, erased: Tombstone) -> None:
    what = f"All of {erased.domain} was erased" if erased.domain else "It was erased"
    note = f" ({one_line(erased.note, 200)})" if erased.note else ""
    console.print(
        f"{what} {local(erased.erased_at)}{note}, and stays away; `feedmill erase --undo` lets it come again."
    )


def _print_pending(console: Console, where: str, item: WorkItem) -> None:
    tries = f", {count(item.attempt, 'try', 'tries')} so far" if item.attempt else ""
    console.print(
        f"Pending: {WHERE.get(where, where)}{tries}; offered {local(item.offered_at)} by {one_line(item.feed_url)}."
    )
    _print_steps(console, item.steps)


def _print_event(console: Console, event: Event, *, earlier: bool) -> None:
    console.print()
    when = "Earlier" if earlier else "Last outcome"
    console.print(f"{when}: {event.state.value} ({STATES[event.state]}), {local(event.at)}.", style="bold")
    console.print(f"  {event.reason.value}: {REASONS[event.reason]}")
    if event.detail:
        console.print(f"  detail: {one_line(event.detail, 300)}")
    if event.feed:
        tries = count(event.attempts, "try", "tries")
        console.print(f"  offered {local(event.offered_at)} by {one_line(event.feed)}, {tries}")
    _print_steps(console, event.steps)


def _print_steps(console: Console, steps: Iterable[Step]) -> None:
    for step in steps:
        reason = f"  {step.reason.value}" if step.reason else ""
        detail = f"  {one_line(step.detail, 200)}" if step.detail else ""
        took = f"  {step.took_ms} ms" if step.took_ms else ""
        at = step.at.astimezone().strftime("%H:%M:%S")
        console.print(f"    {at}  {step.stage.value:<12}{step.outcome:<10}{reason}{detail}{took}")


def _print_never_seen(console: Console, found: Explanation) -> None:
    console.print("No feed has offered this URL (or it is forgotten: events are kept for a limited time).")
    if not found.url:
        console.print("An id alone says no more; try it with the URL.")
        return
    if not found.feeds:
        console.print(f"No feed of {site_of(found.url)} is subscribed; `feedmill feeds add URL` subscribes to one.")
        return
    console.print("Subscribed feeds of this site:")
    for feed, state in found.feeds:
        polled = f"last polled {local(state.polled_at)}" if state.polled_at else "not polled yet"
        console.print(f"  {one_line(feed.url)}: {state.status.value}, {polled}{_trouble(state.reason)}")
    console.print("`feedmill poll FEED_URL` lists what a feed offers now.")


def _trouble(reason: Reason | None) -> str:
    fine = (None, Reason.NEW_ENTRIES, Reason.NOT_MODIFIED, Reason.SAME_BODY, Reason.NO_NEW_ENTRIES)
    return "" if reason in fine or reason is None else f", {reason.value}: {REASONS[reason]}"
