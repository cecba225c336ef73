"""fetch: one article's page, politely: robots.txt first, then the download, then what the answer means."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from worker.errors import Refuse
from worker.fetch.classify import classify
from worker.models import Page, Reason, WorkItem
from worker.ports import Downloader, HopGate, Robots

MAX_MOVES = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    page: Page
    """`hops` holds the whole way, moves between hosts included."""
    crawl_delay_s: float | None
    """What robots.txt asks between two requests, capped; None when it asks nothing."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A redirect to another host that the gate did not open: go on at `url` when that host is free."""

    url: str


async def fetch(
    item: WorkItem, *, downloader: Downloader, robots: Robots, deadline_s: float, gate: HopGate | None
) -> Fetched | Moved:
    """The page behind `item.url`, or where to go on.

    robots.txt is asked before the first request, before a hop to another host that the gate allows, and for the final
    address when the host's own redirects led there. `deadline_s` is the download's; robots.txt has its own.
    Raises Refuse and Retry as `Downloader.get`, `Robots.check` and `classify` do, and Refuse(too_many_redirects) for
    a fifth move between hosts or one back to where the item was before.
    """
    crawl_delay_s = await robots.check(item.url)

    async def asked(url: str) -> bool:
        if gate is not None and not await gate(url):
            return False
        await robots.check(url)
        return True

    answer = await downloader.get(item.url, gate=asked, deadline_s=deadline_s)
    if answer.next_url:
        return _moved(item, answer.next_url)
    page = classify(answer)
    if page.hops:
        crawl_delay_s = await robots.check(page.url)
    if item.hops:
        # Whether the earlier moves were permanent is not remembered.
        page = replace(page, hops=(*item.hops, *page.hops), permanent=False)
    return Fetched(page, crawl_delay_s)


def _moved(item: WorkItem, url: str) -> Moved:
    if url == item.url or url in item.hops:
        raise Refuse(Reason.TOO_MANY_REDIRECTS, "redirects in a circle")
    if len(item.hops) >= MAX_MOVES:
        raise Refuse(Reason.TOO_MANY_REDIRECTS, f"more than {MAX_MOVES} hosts")
    return Moved(url)


def retry_delay(attempt: int, base_s: float, cap_s: float, rng: random.Random) -> float:
    """Seconds before the next try after try number `attempt` (1 = the first): base, then four times as long each time,
    at most `cap_s`; up to a quarter less by chance, so that what failed together does not come back together.
    """
    longest = cap_s
    # 4 ** 20 is beyond any cap; the bound keeps a wild number from becoming a huge integer.
    if attempt <= 20:
        longest = min(base_s * 4.0 ** max(attempt - 1, 0), cap_s)
    return longest * (1.0 - 0.25 * rng.random())
