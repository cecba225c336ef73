"""What follows a poll besides its entries: a feed in lasting trouble is looked for on its site, a subscription moves.

All of it happens under the claim of the poll: the host is ours, and its manners hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from worker.errors import Refuse
from worker.models import Claim, Feed, FeedState, FeedStatus
from worker.poll.seek import seek
from worker.ports import Downloader, FeedStore, Frontier, Robots, Sandbox
from worker.schedule.life import search_due, started_anew
from worker.schedule.policy import Plan
from worker.schedule.record import unpack
from worker.urls import feed_id
from worker.visit import Visit

LONGEST_REST_S = 60.0
"""One rest of a host, and all of a search together: who wants to be asked more slowly is not searched."""
MOVED, APPLIED, ACCEPTED = "moved", "applied", "accepted"
"""Why a subscription has another address: redirects for good; a proposal, by the setting; a proposal, by a person."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Ports and numbers as in `Pipeline`. `apply`: a proposal that is the same feed needs nobody's consent."""

    downloader: Downloader
    robots: Robots
    sandbox: Sandbox
    frontier: Frontier
    feeds: FeedStore
    clock: Callable[[], datetime]
    host_delay_s: float
    address_delay_s: float
    deadline_s: float
    floor_s: float
    apply: bool

    async def after(self, claim: Claim, feed: Feed, plan: Plan) -> tuple[Plan, str]:
        """The plan with what came of it, and the address that the subscription went to, or "".

        Raises only what the state's ports raise when their server is away.
        """
        if search_due(plan.state, self.clock()):
            plan = replace(plan, state=await self._sought(claim, feed, plan.state))
        if plan.move_to:
            return plan, self._moved(feed, plan.move_to, MOVED)
        found = plan.state.proposal
        if self.apply and found is not None and found.same and found.url not in feed.declined:
            at = self.clock() + timedelta(seconds=self.floor_s)  # the search has just read it
            return replace(plan, at=at, state=started_anew(plan.state)), self._moved(feed, found.url, APPLIED)
        return plan, ""

    async def _sought(self, claim: Claim, feed: Feed, state: FeedState) -> FeedState:
        await asyncio.sleep(self.host_delay_s)  # every host that the poll has asked has its rest
        visit = Visit(
            claim,
            self.frontier,
            self.host_delay_s,
            between_s=self.address_delay_s,
            longest_s=LONGEST_REST_S,
            budget_s=LONGEST_REST_S,
            patient=True,
        )
        newest_s = unpack(state.rhythm).newest_s if state.status is FeedStatus.SILENT else None
        sought = await seek(
            feed,
            state,
            downloader=self.downloader,
            sandbox=self.sandbox,
            robots=self.robots,
            gate=visit.enter,
            reach=visit.reach,
            learn=visit.learn,
            taken=lambda url: self._taken(url, feed),
            newest_at=None if newest_s is None else datetime.fromtimestamp(newest_s, UTC),
            now=self.clock(),
            deadline_s=self.deadline_s,
        )
        if not sought.over:
            return state
        return replace(
            state, sought_at=self.clock(), searches=state.searches + 1, proposal=sought.proposal or state.proposal
        )

    def _taken(self, url: str, feed: Feed) -> bool:
        [other] = self.feeds.known_as([feed_id(url)])
        return other != feed.id and self.feeds.get(other) is not None

    def _moved(self, feed: Feed, url: str, why: str) -> str:
        try:
            return url if self.feeds.move(feed.id, url, why=why, now=self.clock()) is not None else ""
        except Refuse:  # it moved to a domain that was erased
            return ""
