"""The way of one feed through a poll, on ports: what may be asked, the poll itself, what follows from it, all saved at
once. Read it top to bottom.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from worker.models import Claim, Feed, FeedId, FeedState, Leave, Poll, Pushed, Reason
from worker.models.asked import AGAIN
from worker.poll.asking import Question, ended, question
from worker.poll.figures import counted
from worker.poll.outcome import Polled
from worker.poll.stage import poll
from worker.ports import Downloader, FeedStore, Frontier, Pacer, PollLog, Pushes, Sandbox
from worker.schedule.policy import IN_FULL_S, Limits, Plan, in_full_again, next_poll, no_sooner, rest_if_lost
from worker.schedule.push import heard
from worker.schedule.validators import conditional, judged
from worker.upkeep import Upkeep


@dataclass(frozen=True, slots=True)
class Polling:
    """The parts, and the few numbers that a poll needs. `clock` returns an aware datetime."""

    downloader: Downloader
    sandbox: Sandbox
    frontier: Frontier
    feeds: FeedStore
    pacer: Pacer
    clock: Callable[[], datetime]
    rng: random.Random
    limits: Limits
    deadline_s: float
    host_delay_s: float
    address_delay_s: float
    upkeep: Upkeep
    polls: PollLog | None = None
    """Where polls are told of, where somebody reads it."""
    pushes: Pushes | None = None
    """None: WebSub is off."""

    async def poll_feed(self, claim: Claim) -> Polled | None:
        """One poll: entries offered to the frontier first, then state, validators and next poll in one write."""
        found = self.feeds.get(FeedId(claim.id))
        if found is None:  # removed while it waited
            self.frontier.release(claim)
            return None
        feed, state = found
        started, pace, now = time.monotonic(), self.pacer.pace(), self.clock()
        pushes = self.pushes if state.hubs else None
        pushed = pushes.look(feed.id) if pushes is not None else Pushed()
        asking = self._may_ask(claim, feed, state, pushed, conditional=conditional(state, now, pace))
        if asking is None:
            return None
        polled = await poll(
            feed,
            state,
            claim,
            downloader=self.downloader,
            sandbox=self.sandbox,
            frontier=self.frontier,
            now=now,
            host_delay_s=self.host_delay_s,
            address_delay_s=self.address_delay_s,
            deadline_s=self.deadline_s,
            conditional=asking.conditional,
        )
        was_poll = polled.reason is not Reason.HOST_BUSY
        answered = was_poll and not polled.state.failures
        if answered:
            told = heard(polled.state, pushed, news=polled.offered > 0, now=self.clock())
            polled = replace(polled, state=told)
        if was_poll:
            judgement = judged(state, polled.state, polled.sightings, self.clock(), asked=asking.conditional)
            polled = replace(polled, state=judgement)
        planned_at = self.clock()
        plan = next_poll(polled, planned_at, self.rng, self.limits, pace)
        took_ms = int((time.monotonic() - started) * 1000)
        if polled.unasked and not (plan.state.etag or plan.state.last_modified):
            plan = in_full_again(plan, planned_at, IN_FULL_S, self.rng, self.limits)
        if was_poll:
            known = counted(plan.state, took_ms, hit=polled.offered > 0)
            plan, moved = await self.upkeep.after(claim, feed, replace(plan, state=known))
            polled = replace(polled, detail=f"subscribed to at {moved} from now on") if moved else polled
        asked = ended(asking.asked, polled, plan.state, plan.at, took_ms) if was_poll else None
        if self.feeds.save(
            claim, plan.state, plan.at, polled.window, polled.delay_s, polled.asked_by, now=planned_at, asked=asked,
            in_full=polled.unasked,
        ):  # fmt: skip
            # A first poll is no part of the steady stream: adding ten thousand feeds must not slow the others.
            self.pacer.polled(plan.weights, counts=state.polls > 0 and was_poll)
            if self.pushes is not None and (state.hubs or plan.state.hubs):
                soonest = no_sooner(polled, plan, planned_at, self.limits)
                self.pushes.polled(
                    feed.id, hubs=plan.state.hubs, topic=plan.state.topic,
                    wait_s=(soonest - planned_at).total_seconds(), answered=pushed.ping if answered else "",
                )  # fmt: skip
            if was_poll and self.polls is not None:
                self.polls.add(_told_of(polled, feed, plan.state, self.clock(), took_ms))
        return polled

    def _may_ask(
        self, claim: Claim, feed: Feed, state: FeedState, pushed: Pushed, *, conditional: bool
    ) -> Question | None:
        """What may be asked now, noted before it is; None: nothing, and the feed comes back when it may be."""
        now = self.clock()
        asking = question(feed, state, pushed, now, conditional=conditional)
        leave = self._leave(claim, asking, state)
        if leave.wait_s and (state.etag or state.last_modified):  # there is a question that may be asked
            asking = question(feed, state, pushed, now, conditional=True)
            leave = self._leave(claim, asking, state)
        if leave.granted:
            again = replace(asking.asked, why=AGAIN) if leave.again else asking.asked
            return replace(asking, asked=again)
        plan = in_full_again(Plan(now, state), now, leave.wait_s, self.rng, self.limits)
        self.feeds.save(claim, plan.state, plan.at, None, now=now, in_full=True)
        return None

    def _leave(self, claim: Claim, asking: Question, state: FeedState) -> Leave:
        rest_s = rest_if_lost(state, self.clock(), self.rng, self.limits, in_full=asking.in_full)
        return self.feeds.ask(claim, asking.asked, rest_s=rest_s, in_full=asking.in_full)


def _told_of(polled: Polled, feed: Feed, after: FeedState, now: datetime, took_ms: int) -> Poll:
    return Poll(
        feed_id=feed.id,
        feed_url=feed.url,
        at=now,
        failed=after.failures > 0,
        reason=polled.reason,
        took_ms=took_ms,
        entries=polled.entries_found,
        offered=polled.offered,
    )
