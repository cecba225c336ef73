"""`feeds pause`, `resume`, `accept`, `decline`: what a person decides about a subscription."""

from __future__ import annotations

from pathlib import Path

import click

from worker.cli.feeds_find import find_feed, no_such
from worker.cli.feeds_show import proposal_of
from worker.cli.options import data_option, load_settings
from worker.cli.terminal import one_line, say
from worker.errors import FeedListError, Refuse
from worker.models import Feed, Proposal


@click.command()
@click.argument("reference", metavar="URL|ID")
@data_option
def pause(reference: str, data_dir: Path | None) -> int:
    """Do not poll a feed until it is resumed. What is known of it stays.

    Exit code 1 when there is no such subscription.
    """
    from worker.wiring import Wiring

    with Wiring(load_settings(data_dir)) as wiring:
        found = find_feed(wiring, reference)
        if found is None:
            return no_such(reference)
        done = wiring.feeds.pause(found.id)
    say(f"{'paused' if done else 'paused already'}: {found.url}")
    return 0


@click.command()
@click.argument("reference", metavar="URL|ID")
@data_option
def resume(reference: str, data_dir: Path | None) -> int:
    """Poll a paused feed again, when it would have been polled next, or now if that is past.

    Exit code 1 when there is no such subscription.
    """
    from worker.wiring import Wiring

    with Wiring(load_settings(data_dir)) as wiring:
        found = find_feed(wiring, reference)
        if found is None:
            return no_such(reference)
        done = wiring.feeds.resume(found.id)
    say(f"{'resumed' if done else 'not paused'}: {found.url}")
    return 0


@click.command()
@click.argument("reference", metavar="URL|ID")
@data_option
def accept(reference: str, data_dir: Path | None) -> int:
    """Move a subscription to the address that was found for it (`feeds list --proposals`); it is polled there at once.

    Its articles, what is known of its rhythm and the old address are kept. Where the new address is subscribed to
    already, the two become one. Exit code 1 when nothing was found for it.
    """
    from worker.schedule.life import started_anew
    from worker.upkeep import ACCEPTED
    from worker.wiring import Wiring, utc_now

    with Wiring(load_settings(data_dir)) as wiring:
        found = find_feed(wiring, reference)
        row = wiring.feeds.get(found.id) if found is not None else None
        if row is None:
            return no_such(reference)
        feed, state = row
        proposal = proposal_of(feed, state)
        if proposal is None:
            return _nothing(feed)
        try:
            now = wiring.feeds.move(feed.id, proposal.url, why=ACCEPTED, now=utc_now(), state=started_anew(state))
        except Refuse:
            raise FeedListError(f"{one_line(proposal.url)} is of a domain that was erased (`feedmill erase`)") from None
    if now is None:
        return no_such(reference)
    say(f"{one_line(feed.url)} is subscribed to at {one_line(proposal.url)} from now on")
    if now.id != feed.id:
        say("that was subscribed to already: the two are one now")
    if feed.origin == "file":
        say("it came from a feed list, which may be left as it is: the old address leads to the new one")
    return 0


@click.command()
@click.argument("reference", metavar="URL|ID")
@data_option
def decline(reference: str, data_dir: Path | None) -> int:
    """Do not propose again what was found for a feed; the subscription stays as it is.

    Exit code 1 when nothing was found for it.
    """
    from worker.wiring import Wiring

    with Wiring(load_settings(data_dir)) as wiring:
        found = find_feed(wiring, reference)
        row = wiring.feeds.get(found.id) if found is not None else None
        if row is None:
            return no_such(reference)
        proposal: Proposal | None = proposal_of(*row)
        if proposal is None:
            return _nothing(row[0])
        wiring.feeds.decline(row[0].id, proposal.url)
    say(f"{one_line(proposal.url)} is not proposed again for {one_line(row[0].url)}")
    return 0


def _nothing(feed: Feed) -> int:
    say(f"feedmill: nothing was found in place of {one_line(feed.url)}; see `feedmill feeds list --proposals`")
    return 1
