"""The scheduler's loop: releases due feeds, claims work, publishes it in batches, asks for index batches, sweeps.

It does no work itself and keeps nothing in memory that another scheduler could not find in Redis: any number may run,
and killing one only lets its last claims run into their leases.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from redis.exceptions import RedisError

from worker.models import Claim, ClaimKind
from worker.ports import Furniture
from worker.schedule.steady import Steady, boot_clock
from worker.state.frontier import RedisFrontier
from worker.state.full import refusal
from worker.state.outbox import RedisOutbox

log = structlog.get_logger("scheduler")

RELEASE_AT_ONCE = 200
CLAIM_BATCHES = 4
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
SETTLE_S = 2.0
SETTLE_AT_ONCE = 100
CLEANING_S = 1.0
REPORT_AT_ONCE = 2000
"""Polls in one report: those of a hundred thousand feeds in a minute."""
MESSAGES = {ClaimKind.FEED: ("feeds", "poll"), ClaimKind.ARTICLE: ("articles", "ingest")}


class Publish(Protocol):
    def __call__(self, queue: str, task: str, args: list[Any], /) -> None:
        """Send one message; any exception means that it may or may not have arrived."""


class PublishFailed(Exception):
    """The broker did not take a message; what it carried was given back."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Settings of the same names. `gather_s`: how long hosts that are ready may wait for a batch to fill."""

    tick_s: float
    batch_items: int
    sweep_s: float
    index_batch_items: int
    index_batch_wait_s: float
    gather_s: float = 0.2


@dataclass(frozen=True, slots=True)
class Tick:
    """What one round did."""

    released: int = 0
    feeds: int = 0
    articles: int = 0
    index_asks: int = 0
    settle_asks: int = 0
    cleanings: int = 0
    reports: int = 0
    swept: int = 0

    @property
    def busy(self) -> bool:
        return bool(self.released or self.feeds or self.articles)


class Scheduler:
    """`clock` is monotonic seconds. `index_paused` says that the index is away and need not be asked,
    `unsettled` that stories wait for their documents to follow them (index/stories.py);
    `steer` moves the pace of polling when a step is due, `report` says, about every `report_s`, whether this scheduler
    is the one to ask for a report (worker/reporting.py); None: nobody reads any.
    """

    def __init__(
        self,
        frontier: RedisFrontier,
        outbox: RedisOutbox,
        publish: Publish,
        pace: Pace,
        *,
        clock: Callable[[], float] = time.monotonic,
        index_paused: Callable[[], bool] = lambda: False,
        steer: Callable[[], object] = lambda: None,
        unsettled: Callable[[], bool] = lambda: False,
        furniture: Furniture | None = None,
        report: Callable[[], bool] | None = None,
        report_s: float = 60.0,
        boot_clock: Callable[[], float] = boot_clock,
    ) -> None:
        self._frontier = frontier
        self._outbox = outbox
        self._publish = publish
        self._pace = pace
        self._clock = clock
        self._index_paused = index_paused
        self._steer = steer
        self._unsettled = unsettled
        self._furniture = furniture
        self._report = report
        self._report_s = report_s
        self._steady = Steady(boot_clock)
        self.expired: Counter[str] = Counter()
        """Leases that ran out since this process began, by kind."""
        self._claim_at = self._sweep_at = self._settle_at = self._clean_at = self._report_at = clock()

    def tick(self) -> Tick:
        """One round. Raises RedisError, or PublishFailed after giving back what could not be published."""
        self._watch_clock()
        swept = self._sweep()
        released = self._frontier.release_due_feeds(RELEASE_AT_ONCE)
        claims = self._claim()
        self._hand_out(claims)
        feeds = sum(claim.kind is ClaimKind.FEED for claim in claims)
        asks, settles, cleanings = self._ask_for_index(), self._ask_to_settle(), self._ask_for_cleaning()
        reports = self._ask_for_report()
        return Tick(released, feeds, len(claims) - feeds, asks, settles, cleanings, reports, swept)

    def run(self, stop: threading.Event, beat: Callable[[], None] = lambda: None) -> None:
        """Round after round until `stop`, each with a `beat`.

        Without Redis or the broker it waits, longer each time, and says so once.
        """
        pause = FIRST_PAUSE_S
        away = False
        while not stop.is_set():
            beat()
            try:
                tick = self.tick()
            except (RedisError, PublishFailed) as error:
                if not away:
                    full = refusal(error)
                    log.warning(f"the scheduler waits: {full or 'Redis does not answer'}", error=str(error))
                away = True
                stop.wait(pause)
                pause = min(LONGEST_PAUSE_S, pause * 2)
                continue
            if away:
                log.info("Redis answers again")
            pause, away = FIRST_PAUSE_S, False
            filled = tick.feeds + tick.articles >= CLAIM_BATCHES * self._pace.batch_items
            stop.wait(0.0 if filled else self._pace.tick_s)

    def _watch_clock(self) -> None:
        """Before anything else: nothing becomes due by a clock that was set."""
        set_by_ms = 0

        def read() -> float:
            nonlocal set_by_ms
            now_s, set_by_ms = self._frontier.now()
            return now_s

        step_s = self._steady.look(read)
        if step_s and self._frontier.clock_was_set(step_s, set_by_ms):
            by_s = round(step_s)
            log.warning("the clock of Redis was set; all waits go on as before", stage="schedule", by_s=by_s)

    def _sweep(self) -> int:
        now = self._clock()
        if now < self._sweep_at:
            return 0
        self._sweep_at = now + self._pace.sweep_s
        self._steer()
        swept = self._frontier.sweep()
        self.expired.update(swept)
        if any(swept.values()):
            log.info("outlived their leases", stage="schedule", **swept)
        return sum(swept.values())

    def _claim(self) -> list[Claim]:
        """Half-empty batches cost as much as full ones: what is ready waits a moment for company."""
        now, size = self._clock(), self._pace.batch_items
        if now < self._claim_at and self._frontier.ready(size) < size:
            return []
        claims = self._frontier.claim(CLAIM_BATCHES * size)
        if claims:
            self._claim_at = now + self._pace.gather_s
        return claims

    def _hand_out(self, claims: Sequence[Claim]) -> None:
        batches = batches_of(claims, self._pace.batch_items)
        for number, batch in enumerate(batches):
            queue, task = MESSAGES[batch[0].kind]
            rows = [[claim.kind.value, claim.id, claim.host, claim.token] for claim in batch]
            try:
                self._publish(queue, task, [rows])
            except Exception as error:  # the broker's library has many; the work must not wait for its lease
                left = [claim for later in batches[number:] for claim in later]
                # Should the message have arrived after all, its tokens are worth nothing now. Without Redis: leases.
                with contextlib.suppress(RedisError):
                    self._frontier.give_back(left)
                raise PublishFailed(str(error)) from error

    def _ask_for_index(self) -> int:
        asks = 0
        pace = self._pace
        if self._index_paused():
            return 0
        while self._outbox.ask(pace.index_batch_items, pace.index_batch_wait_s):
            try:
                self._publish("index", "index", [pace.index_batch_items])
            except Exception as error:  # as above; the ask is forgotten by itself
                raise PublishFailed(str(error)) from error
            asks += 1
        return asks

    def _ask_to_settle(self) -> int:
        now = self._clock()
        if now < self._settle_at or self._index_paused():
            return 0
        self._settle_at = now + SETTLE_S
        if not self._unsettled():
            return 0
        try:
            self._publish("index", "settle", [SETTLE_AT_ONCE])
        except Exception as error:  # as above; it is asked again
            raise PublishFailed(str(error)) from error
        return 1

    def _ask_for_cleaning(self) -> int:
        """One share of one site's cleaning at a time, one a second: it runs beside the bulk writes, not before them."""
        now = self._clock()
        if self._furniture is None or now < self._clean_at or self._index_paused():
            return 0
        self._clean_at = now + CLEANING_S
        job = self._furniture.claim()
        if job is None:
            return 0
        row = [job.site, job.token, job.since.isoformat(), job.cursor.isoformat(), job.serial]
        try:
            self._publish("index", "clean", [row])
        except Exception as error:  # as above; the lease brings the site back
            raise PublishFailed(str(error)) from error
        return 1

    def _ask_for_report(self) -> int:
        now = self._clock()
        if self._report is None or now < self._report_at or self._index_paused():
            return 0
        self._report_at = now + self._report_s
        if not self._report():
            return 0
        try:
            self._publish("index", "report", [REPORT_AT_ONCE])
        except Exception as error:  # as above; the next one tells the same polls
            raise PublishFailed(str(error)) from error
        return 1


def batches_of(claims: Sequence[Claim], size: int) -> list[list[Claim]]:
    """Of one kind each, at most `size`; a claim that must travel alone does."""
    batches = [[claim] for claim in claims if claim.alone]
    for kind in ClaimKind:
        same = [claim for claim in claims if claim.kind is kind and not claim.alone]
        batches += [same[first : first + size] for first in range(0, len(same), size)]
    return batches
