"""fetch: one article's page, politely: robots.txt first, then the download, then what the answer means."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from worker.errors import Refuse, Retry
from worker.fetch.classify import classify
from worker.models import Page, Reason, WorkItem
from worker.ports import Downloader, HopGate, Robots
from worker.visit import Visit

MAX_MOVES = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    page: Page
    """`hops` holds the whole way, moves between hosts included."""
    crawl_delay_s: float | None
    """What robots.txt asks between two requests, capped; None when it asks nothing."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A redirect that cannot be followed under this claim: go on at `url`, after `after_s`, when its host is free.

    It leads to another host, or the rest before it would hold up a task.
    """

    url: str
    after_s: float = 0.0


async def fetch(
    item: WorkItem, *, downloader: Downloader, robots: Robots, visit: Visit, deadline_s: float, gate: HopGate | None
) -> Fetched | Moved:
    """The page behind `item.url`, or where to go on.

    No URL is requested, that of a redirect neither, before robots.txt allowed it and its host had its rest (`visit`).
    Hops that `gate` does not open are not followed. `deadline_s` is the download's; robots.txt has its own.
    Raises Refuse and Retry as `Downloader.get`, `Robots.check` and `classify` do; Retry(host_busy) when the first
    request has to wait; and Refuse(too_many_redirects) for a sixth move or one back to where the item was before.
    """
    crawl_delay_s: float | None = None
    wait_s, at = 0.0, item.url

    async def enter(url: str) -> None:
        nonlocal crawl_delay_s
        crawl_delay_s = await robots.check(url, visit.enter, visit.reach)
        visit.learn(url, crawl_delay_s)
        await visit.enter(url)

    async def hop(url: str) -> bool:
        nonlocal wait_s, at
        if gate is not None and not await gate(url):
            return False
        try:
            await enter(url)
        except Retry as error:
            if error.reason is not Reason.HOST_BUSY:
                raise
            wait_s = error.after_s or 0.0
            return False
        at = url
        return True

    await enter(item.url)
    try:
        answer = await downloader.get(item.url, gate=hop, reach=visit.reach, deadline_s=deadline_s)
    except Retry as error:
        if error.reason is not Reason.HOST_BUSY or at == item.url:
            raise
        return _moved(item, at, error.after_s or 0.0)  # the way so far need not be asked again
    if answer.next_url:
        return _moved(item, answer.next_url, wait_s)
    page = classify(answer)
    if item.hops:
        # Whether the earlier moves were permanent is not remembered.
        page = replace(page, hops=(*item.hops, *page.hops), permanent=False)
    return Fetched(page, crawl_delay_s)


def _moved(item: WorkItem, url: str, after_s: float) -> Moved:
    if url == item.url or url in item.hops:
        raise Refuse(Reason.TOO_MANY_REDIRECTS, "redirects in a circle")
    if len(item.hops) >= MAX_MOVES:
        raise Refuse(Reason.TOO_MANY_REDIRECTS, f"more than {MAX_MOVES} moves")
    return Moved(url, after_s)


def retry_delay(attempt: int, base_s: float, cap_s: float, rng: random.Random) -> float:
    """Seconds before the next try after try number `attempt` (1 = the first): base, then four times as long each time,
    at most `cap_s`; up to a quarter less by chance, so that what failed together does not come back together.
    """
    longest = cap_s
    # 4 ** 20 is beyond any cap; the bound keeps a wild number from becoming a huge integer.
    if attempt <= 20:
        longest = min(base_s * 4.0 ** max(attempt - 1, 0), cap_s)
    return longest * (1.0 - 0.25 * rng.random())
