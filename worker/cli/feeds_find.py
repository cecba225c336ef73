"""The subscription that a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.cli.options import ID
from worker.cli.terminal import say
from worker.errors import InputError, Refuse
from worker.models import Feed, FeedId
from worker.urls import clean_url, feed_id

if TYPE_CHECKING:
    from worker.wiring import Wiring


def find_feed(wiring: Wiring, reference: str) -> Feed | None:
    """By id, by the URL as it was subscribed, by its cleaned form, or by an address that it had before."""
    found = (wiring.feeds.get(each) for each in wiring.feeds.known_as(ids_of(reference)))
    return next((pair[0] for pair in found if pair is not None), None)


def ids_of(reference: str) -> list[FeedId]:
    """The ids of the feeds that may be meant, subscribed or not."""
    reference = reference.strip()
    ids = [FeedId(reference.lower())] if ID.fullmatch(reference.lower()) else [feed_id(reference)]
    try:
        ids.append(feed_id(clean_url(reference)))
    except Refuse:
        if not ID.fullmatch(reference.lower()):
            raise InputError(f"neither a feed's URL nor its id: {reference}") from None
    return ids


def no_such(reference: str) -> int:
    """Says so; the exit code."""
    say(f"feedmill: no such subscription: {reference}; `feedmill feeds list` shows all")
    return 1
