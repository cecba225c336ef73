"""`feeds add`: a subscription from the address of a feed, or of a site that has one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli.options import data_option, load_settings
from worker.cli.reasons import REASONS
from worker.cli.terminal import count, local, one_line, results, say
from worker.errors import FeedListError, Refuse, StageError, UsageError
from worker.models import Feed, Reason
from worker.settings import Settings
from worker.urls import feed_id, feed_likeness

if TYPE_CHECKING:
    from worker.poll.discover import Candidate, Found
    from worker.wiring import Wiring

LONGEST_REST_S = 60.0
"""What a person waits for a site that wants to be asked slowly."""


@click.command()
@click.argument("url")
@click.option("--title", default="", help="A name for people; without it the feed's own is shown.")
@click.option("--language", default="", metavar="CODE", help="Its language, when known (de, en, fr, ...).")
@click.option("--folder", default="", help="A folder in exported lists.")
@click.option(
    "--pick", type=click.IntRange(1), metavar="N", help="Of several feeds that are found, the one with this number."
)
@click.option("--all", "every", is_flag=True, help="All feeds that are found.")
@click.option("--unchecked", is_flag=True, help="Ask nobody: the URL is subscribed to as it stands.")
@click.option("--anyway", is_flag=True, help="Subscribe even when the same feed seems to be there under another URL.")
@data_option
def add(
    url: str,
    title: str,
    language: str,
    folder: str,
    pick: int | None,
    every: bool,
    unchecked: bool,
    anyway: bool,
    data_dir: Path | None,
) -> int:
    """Subscribe to a feed, given its address or that of its site; it is polled as soon as Feedmill runs.

    A feed's own URL is subscribed to as it is given. For any other page its feeds are looked for, with six requests at
    most: the one that is found is taken; of several, `--pick N` or `--all` says which. Exit code 1 when there is no
    feed, 2 when one has to be named.
    """
    from worker.poll.discover import spellings
    from worker.wiring import Wiring

    if pick is not None and every:
        raise UsageError("--pick names one feed, --all takes all: give one of them")
    address = usable(url)
    settings = load_settings(data_dir)
    with Wiring(settings) as wiring:
        if unchecked:
            meant = spellings(address)
            if len(meant) > 1:
                raise FeedListError(f"http:// or https:// is missing; did you mean {meant[0]}?")
            chosen: Sequence[str] = meant
        elif known := _subscribed(wiring, address):
            say(f"already subscribed to {known}")
            return 0
        else:
            try:
                found = asyncio.run(_look(wiring, settings, address))
            except StageError as error:
                say(f"feedmill: {one_line(address)}: {_told(error)}")
                return 1
            picked = choose(found, address, pick, every)
            if isinstance(picked, int):
                return picked
            chosen = [candidate.url for candidate in picked]
        likenesses = {} if anyway else _likenesses(wiring)
        for each in chosen:
            double = likenesses.get(feed_likeness(each), each)
            if double != each:
                say(f"{each} seems to be {double}, which is subscribed to; --anyway takes both")
                continue
            try:
                new = wiring.feeds.put(Feed(feed_id(each), each, title, language, folder))
            except Refuse:
                raise FeedListError(
                    f"{each} is of a domain that was erased; `feedmill erase --undo --domain` lets it come again"
                ) from None
            if new:
                say(f"subscribed to {each}")
            else:  # perhaps under the address that it has moved to
                say(f"already subscribed to {_subscribed(wiring, each) or each}")
    return 0


def usable(url: str) -> str:
    """`url`, if it can be asked for anything; FeedListError otherwise."""
    from worker.poll.discover import spellings

    try:
        spellings(url)
    except Refuse as error:
        raise FeedListError(f"not a URL that can be polled: {one_line(url, 200)} ({REASONS[error.reason]})") from None
    return url.strip()


def choose(found: Found, address: str, pick: int | None, every: bool) -> Sequence[Candidate] | int:
    """What is to be subscribed to, or the exit code where nothing can be; says why."""
    from worker.poll.site_links import How

    candidates, plain = found.candidates, found.plain
    if not candidates:
        named = f"; not asked: {', '.join(link.url for link in found.unasked[:3])}" if found.unasked else ""
        say(f"feedmill: no feed was found at {one_line(address)} with {count(found.requests, 'request')}{named}")
        return 1
    if pick is not None:
        if pick > len(candidates):
            say(f"feedmill: there is no feed {pick}: {count(len(candidates), 'feed')} found at {one_line(address)}")
            return 2
        return [candidates[pick - 1]]
    if every:
        return plain
    if len(plain) == 1:
        if plain[0].how is not How.GIVEN:
            show(candidates)
        return plain
    show(candidates)
    for link in found.unasked:
        say(f"also named there, not asked: {link.url}{f'  {one_line(link.title, 80)}' if link.title else ''}")
    say(f"feedmill: {len(candidates)} feeds found; `--pick N` takes one of them, `--all` all that differ")
    return 2


def show(candidates: Sequence[Candidate]) -> None:
    console = results()
    for number, each in enumerate(candidates, 1):
        name = one_line(each.title, 100) or "(no title)"
        newest = f"newest of {local(each.newest_at)}" if each.newest_at else "no dates"
        remark = ", comments" if each.comments else ""
        remark += f", the same articles as {each.same_as}" if each.same_as else ""
        console.print(f"{number:>3}  {name}", style="bold")
        console.print(f"     {each.format}, {count(each.entries, 'entry', 'entries')}, {newest}{one_line(remark)}")
        console.print(f"     {one_line(each.url)}", style="blue")


def _told(error: StageError) -> str:
    from worker.cli.poll import OF_A_FEED

    detail = f" ({one_line(error.detail, 200)})" if error.detail else ""
    advice = " (--unchecked subscribes without asking)" if error.reason not in (Reason.GONE, Reason.NOT_A_FEED) else ""
    words = OF_A_FEED.get(error.reason, REASONS[error.reason]).rstrip(".")
    return f"{error.reason.value}{detail}: {words}{advice}"


def _subscribed(wiring: Wiring, address: str) -> str:
    """The subscription that has exactly this URL, or had it."""
    from worker.poll.discover import spellings

    ids = [feed_id(url) for url in spellings(address)]
    found = (wiring.feeds.get(each) for each in wiring.feeds.known_as(ids))
    return next((row[0].url for row in found if row is not None), "")


def _likenesses(wiring: Wiring) -> dict[str, str]:
    return {feed_likeness(feed.url): feed.url for feed in wiring.feeds.subscribed()}


async def _look(wiring: Wiring, settings: Settings, address: str) -> Found:
    from worker.models import Claim, ClaimKind
    from worker.poll.discover import find_feeds
    from worker.visit import NoLocks, Visit
    from worker.wiring import utc_now

    downloader, sandbox = wiring.downloader(), wiring.sandbox(prewarm=())
    nobody = Claim(ClaimKind.FEED, "", "", "")
    visit = Visit(nobody, NoLocks(), settings.net.host_delay_s, longest_s=LONGEST_REST_S, budget_s=5 * LONGEST_REST_S)
    try:
        return await find_feeds(
            address,
            downloader=downloader,
            sandbox=sandbox,
            robots=wiring.robots(downloader),
            gate=visit.enter,
            now=utc_now(),
            deadline_s=settings.net.feed_deadline_s,
            typed=True,
        )
    finally:
        await sandbox.close()
        await downloader.close()
