"""Keeps every subscription as its feed wants it: asked for, renewed in time, left. One round does what is due."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from worker.errors import Refuse, Retry, StageError
from worker.models import Standing, Subscription, Wish
from worker.ports import Downloader, Subscriptions
from worker.retry_after import retry_after_s
from worker.urls import host_key
from worker.websub import lease

log = structlog.get_logger("websub")

AT_ONCE = 200
HUBS_AT_ONCE = 8
DEADLINE_S = 20.0
CHANGE_S = 86400.0
"""How long a feed keeps its subscription before another hub or topic of it is taken: some name a new one every poll."""
RETRY_CAP_S = 7 * 86400.0
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Round:
    wishes: int = 0
    asked: int = 0
    failed: int = 0


class Subscriber:
    """`callback` makes the public URL of a token; a hub rests `rest_s` between two requests."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        downloader: Downloader,
        *,
        callback: Callable[[str], str],
        lease_s: float,
        rest_s: float,
        clock: Callable[[], datetime],
        rng: random.Random,
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(TOKEN_BYTES),
    ) -> None:
        self._subscriptions = subscriptions
        self._downloader = downloader
        self._callback = callback
        self._lease_s = lease_s
        self._rest_s = rest_s
        self._clock = clock
        self._rng = rng
        self._new_token = new_token

    async def round(self) -> Round:
        """What changed, then what is due: hubs side by side, the requests of one hub one after the other."""
        wishes = self._subscriptions.changed(AT_ONCE)
        for wish in wishes:
            self._follow(wish)
            self._subscriptions.settled(wish)
        by_hub: dict[str, list[Subscription]] = {}
        for subscription in self._subscriptions.due(AT_ONCE):
            by_hub.setdefault(_place(subscription.hub), []).append(subscription)
        limit = asyncio.Semaphore(HUBS_AT_ONCE)
        done = await asyncio.gather(*(self._hub(some, limit) for some in by_hub.values()))
        return Round(len(wishes), sum(asked for asked, _ in done), sum(failed for _, failed in done))

    def _follow(self, wish: Wish) -> None:
        """Make the record what the feed names. Nothing is asked here."""
        now, current = self._clock(), wish.current
        if current is not None and wish.topic:
            if current.topic == wish.topic and current.hub in wish.hubs:
                if current.hubs != wish.hubs:
                    self._subscriptions.put(current, replace(current, hubs=wish.hubs))
                return
            if now - current.made_at < timedelta(seconds=CHANGE_S):
                return  # seen to when it is due
        if current is not None:
            self._subscriptions.put(current, lease.left(current, now))
        if wish.topic:
            made = lease.made(
                wish.feed_id, wish.hubs, wish.topic, token=self._new_token(), secret=self._new_token(), now=now
            )
            self._subscriptions.put(None, made)

    async def _hub(self, subscriptions: Sequence[Subscription], limit: asyncio.Semaphore) -> tuple[int, int]:
        asked = failed = 0
        loop = asyncio.get_running_loop()
        ends = loop.time() + 200.0  # within the time for which no other process takes them
        async with limit:
            for number, subscription in enumerate(subscriptions):
                if loop.time() > ends:
                    break
                if number:
                    await asyncio.sleep(self._rest_s)
                good = await self._ask(subscription)
                asked += good is not None
                failed += good is False
        return asked, failed

    async def _ask(self, subscription: Subscription) -> bool | None:
        """One request to the hub; None: there was nothing to ask. What it answers is in the record afterwards."""
        now = self._clock()
        if subscription.standing is not Standing.LEAVING:
            [wish] = self._subscriptions.wishes([subscription.feed_id])
            if wish.current is None or wish.current.token != subscription.token or not wish.topic:
                self._subscriptions.put(subscription, lease.left(subscription, now))
                return None
            if wish.current != subscription:
                return None  # confirmed a moment ago
            if (subscription.topic, subscription.hubs) != (wish.topic, wish.hubs):
                self._follow(wish)
                [wish] = self._subscriptions.wishes([subscription.feed_id])
                if wish.current is None or wish.current.token != subscription.token:
                    return None  # its successor comes in the next round
                subscription = wish.current
        if lease.overdue(subscription, now):
            self._fail(subscription, "the hub took the request and never confirmed it")
            return False
        # Written before it is asked: a quick hub confirms before it has answered.
        pending = lease.accepted(subscription, now)
        if not self._subscriptions.put(subscription, pending):
            return None
        fields = lease.form(pending, self._callback(pending.token), self._lease_s)
        try:
            answer = await self._downloader.post(pending.hub, fields, deadline_s=DEADLINE_S)
        except StageError as error:
            self._fail(pending, str(error), (error.after_s if isinstance(error, Retry) else None) or 0.0)
            return False
        if 200 <= answer.status <= 299:
            return True
        after_s = retry_after_s(answer.page.headers, self._clock()) or 0.0
        self._fail(pending, f"status {answer.status}", min(after_s, RETRY_CAP_S))
        return False

    def _fail(self, subscription: Subscription, detail: str, after_s: float = 0.0) -> None:
        """A confirmation that came meanwhile stands."""
        then = lease.failed(subscription, self._clock(), self._rng, detail, after_s=after_s)
        if self._subscriptions.put(subscription, then):
            host = urlsplit(subscription.hub).netloc
            log.info("no subscription", hub=host, topic=subscription.topic, detail=detail, tries=subscription.tries + 1)


def _place(hub: str) -> str:
    try:
        return host_key(hub)
    except Refuse:  # it is refused again when it is asked, and then counts as a failure
        return ""
