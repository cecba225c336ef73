"""A feed that fails, is gone or silent is looked for on its site: what is found there is proposed, or nothing is.

It is the worker that looks, under the claim of the feed's host, with its rests and robots.txt, in six requests at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.errors import Retry
from worker.models import Feed, FeedState, Proposal
from worker.poll.discover import Candidate, find_again
from worker.poll.window import in_common
from worker.ports import Downloader, HopGate, Reach, Robots, Sandbox
from worker.urls import clean_url

MAX_S = 120.0
"""A search that takes longer is given up, until the next one: it holds the host, and the poll's result waits for it."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search gave. `over`: it came to its end, so that the next one may wait."""

    over: bool
    proposal: Proposal | None = None


async def seek(
    feed: Feed,
    state: FeedState,
    *,
    downloader: Downloader,
    sandbox: Sandbox,
    robots: Robots,
    gate: HopGate,
    reach: Reach,
    learn: Callable[[str, float | None], None],
    taken: Callable[[str], bool],
    newest_at: datetime | None,
    now: datetime,
    deadline_s: float,
) -> Sought:
    """Look for `feed` at the page that it names as its site, else at its host. No stage error escapes.

    `newest_at`: of a feed that answers and is silent, its newest entry: what is found must be newer. `taken`: whether
    a URL is subscribed to as another feed; then it is proposed only when it is the same.
    """
    try:
        async with asyncio.timeout(MAX_S):
            found = await find_again(
                pages_of(feed, state),
                downloader=downloader,
                sandbox=sandbox,
                robots=robots,
                gate=gate,
                reach=reach,
                learn=learn,
                now=now,
                deadline_s=deadline_s,
            )
    except Retry:  # a host on the way is busy
        return Sought(over=False)
    except TimeoutError:
        return Sought(over=True)
    chosen = choose(found.candidates, feed, state, newest_at, taken)
    if chosen is None:
        return Sought(over=True)
    candidate, same = chosen
    return Sought(True, Proposal(candidate.url, candidate.title, now, same))


def pages_of(feed: Feed, state: FeedState) -> tuple[str, ...]:
    """Where to look: the site as the feed named it, and the front page of the feed's own host."""
    front = clean_url("/", feed.url)
    return tuple(dict.fromkeys(filter(None, (state.site, front))))


def choose(
    candidates: Sequence[Candidate],
    feed: Feed,
    state: FeedState,
    newest_at: datetime | None,
    taken: Callable[[str], bool],
) -> tuple[Candidate, bool] | None:
    """The feed that takes the lost one's place best, and whether it is the same by its articles or its title.

    None where there is none, or where the site names the lost one itself and nothing better.
    """
    known = {feed.url, *(former.url for former in feed.former), *feed.declined}
    ranked = []
    for number, each in enumerate(candidates):
        if each.url in known or each.comments or not each.entries:
            continue
        if newest_at is not None and (each.newest_at is None or each.newest_at <= newest_at):
            continue
        common = in_common(state.sample, each.articles)
        titled = _folded(each.title) == _folded(state.title) != ""
        if not common and not titled and taken(each.url):
            continue
        ranked.append((-common, not titled, bool(each.same_as), number, each))
    if not ranked:
        return None
    common, untitled, _, _, best = min(ranked, key=lambda row: row[:4])
    return best, common < 0 or not untitled


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())
