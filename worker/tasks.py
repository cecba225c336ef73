"""Thin tasks. A message carries claims only: what is lost with it comes back when its lease runs out."""

from __future__ import annotations

import logging
import os
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from billiard import current_process
from celery import current_app, shared_task
from celery.signals import worker_process_init, worker_process_shutdown
from redis.exceptions import ResponseError

from worker import settings as settings_module
from worker.cleaning import clean_site
from worker.deduplicate.parameters import RULES
from worker.erasing.erase import forget
from worker.errors import IndexUnavailable, LeaseLost
from worker.held import HeldClaims
from worker.index.stories import settle_stories
from worker.metrics.stages import StageTable
from worker.models import Article, Claim, ClaimKind, CleaningJob, Event, Reason, Stage, Step, WorkItem
from worker.pipeline import Pipeline
from worker.reporting import report as write_report
from worker.runner import Runner
from worker.state.full import refusal
from worker.wiring import Wiring, utc_now

log = structlog.get_logger("worker")


class Process:
    """What one worker process holds: made after the fork, once."""

    runner: Runner
    pipeline: Pipeline
    held: HeldClaims

    def __init__(self) -> None:
        self.wiring = Wiring(settings_module.load())
        self.consumer = f"{os.uname().nodename}-{os.getpid()}"
        self.fetches = False

    def prepare(self) -> None:
        """The loop, the downloader, the extraction child: for polls and pages. One that only indexes needs none."""
        if self.fetches:
            return
        self.runner = Runner()
        # The extractor is half a second and 100 MB: a worker that only polls does without.
        queues = set(current_app.amqp.queues.consume_from)
        prewarm = ("parse_feed",) if queues == {"feeds"} else ("extract", "parse_feed")
        self.pipeline = self.runner.call(self.wiring.pipeline(_observe_step, prewarm), 30.0)
        schedule = self.wiring.settings.schedule
        self.held = HeldClaims(self.wiring.frontier, min(schedule.article_lease_s, schedule.feed_lease_s))
        self.fetches = True


TOMBSTONES_S = 3600.0
"""How often the copy of the tombstones in Redis is compared with the index."""

FETCHING = {"feeds", "articles"}
"""The queues whose work goes to the network and through the extraction child."""

_process: list[Process] = []

measured: list[StageTable] = []
"""Set before the fork: what the processes of the pool did, for the metrics of the process above them."""


def process() -> Process:
    if not _process:
        _process.append(Process())
    return _process[0]


@worker_process_init.connect
def _start(**_: Any) -> None:
    here = process()
    if FETCHING & set(current_app.amqp.queues.consume_from):  # ready before the first page, not with it
        here.prepare()


@worker_process_shutdown.connect
def _stop(**_: Any) -> None:
    if _process and (here := _process.pop()).fetches:
        # The task before this has waited already; together with it this stays well within the grace time.
        here.runner.drain(here.wiring.settings.worker.grace_s / 5)
        left = here.runner.call(here.held.stop(), 5.0)
        if left:
            log.info("given back unfinished", claims=left)
        here.runner.call(here.pipeline.sandbox.close(), 5.0)
        here.runner.call(here.pipeline.downloader.close(), 5.0)
        here.runner.close()


def _observe(stage: Stage, outcome: str, reason: Reason | None, seconds: float) -> None:
    if measured:
        measured[0].observe(getattr(current_process(), "index", 0), stage, outcome, reason, seconds)


def _observe_step(step: Step) -> None:
    """One line per step, with the article and feed that `_ingest_one` bound; what went well, at level debug."""
    well = step.outcome == "ok"
    reason = step.reason.value if step.reason else None
    log.log(
        logging.DEBUG if well else logging.INFO,
        step.outcome, stage=step.stage.value, reason=reason, detail=step.detail or None, took_ms=step.took_ms,
    )  # fmt: skip
    _observe(step.stage, step.outcome, step.reason, step.took_ms / 1000)


@shared_task(name="poll", max_retries=3, default_retry_delay=0)
def poll(claims: Sequence[Sequence[str]]) -> None:
    here, mine = process(), _claims(claims)
    with _told_when_full("poll"):
        ours = here.wiring.frontier.begin(mine)
        _run(here, [_poll_one(here, claim) for claim in mine if claim.id in ours])


@shared_task(name="ingest", max_retries=3, default_retry_delay=0)
def ingest(claims: Sequence[Sequence[str]]) -> None:
    here, mine = process(), _claims(claims)
    with _told_when_full("fetch"):
        ours = here.wiring.frontier.begin(mine)
        _run(here, [_ingest_one(here, claim, item) for claim in mine if (item := ours.get(claim.id)) is not None])


@shared_task(name="index", max_retries=0)
def index(limit: int) -> None:
    """One bulk write. While the index is away nothing is acknowledged and the asking pauses, longer each time."""
    with _told_when_full("index"):
        _index(process(), limit)


def _index(here: Process, limit: int) -> None:
    wiring, started, began = here.wiring, time.process_time(), time.monotonic()
    try:
        done = wiring.write_batch(here.consumer, limit, _tell_given_up)
    except IndexUnavailable as error:
        _observe(Stage.INDEX, "retry", None, time.monotonic() - began)
        pause = wiring.breaker.trip()
        log.warning(
            "the index does not answer; nothing is lost, trying again", stage="index", error=str(error), in_s=pause
        )
        return
    wiring.breaker.reset()
    if done.erased or wiring.once_a_day.first("tombstones", TOMBSTONES_S):
        _tell_erased(wiring, done.erased)
    for state, number in done.states.items():
        for _ in range(number):
            _observe(Stage.INDEX, state.value, None, (time.monotonic() - began) / done.taken)
    if done.taken:
        wiring.ledger.add_cost("index", (time.process_time() - started) * 1000, done.taken)
        log.info(
            "indexed",
            stage="index",
            taken=done.taken,
            retried=done.retried,
            **{k.value: n for k, n in done.states.items()},
        )


def _tell_given_up(event: Event) -> None:
    log.warning(
        event.state.value, stage="index", article=event.article_id, feed=event.feed, url=event.url,
        reason=event.reason.value, detail=event.detail,
    )  # fmt: skip


def _tell_erased(wiring: Wiring, documents: Sequence[Article]) -> None:
    """Redis learns again what was erased: it was lost, or restored, when the last gate had to hold something back."""
    known = wiring.erased.fill(wiring.index.tombstones)
    if documents:
        forget(wiring.remembered, documents)
        log.warning("held back: it was erased", stage="index", documents=len(documents), tombstones=known)


@shared_task(name="clean", max_retries=0)
def clean(row: Sequence[Any]) -> None:
    """A share of one site's stored articles; without the index it is left to its lease."""
    here, started = process(), time.process_time()
    wiring, settings = here.wiring, here.wiring.settings
    site, token, since, cursor, serial = row
    job = CleaningJob(site, token, datetime.fromisoformat(since), datetime.fromisoformat(cursor), serial)
    try:
        done = clean_site(
            job,
            index=wiring.index,
            furniture=wiring.furniture,
            stories=wiring.stories,
            limit=settings.furniture.clean_items,
            min_words=settings.extract.min_words,
            now=utc_now(),
        )
    except IndexUnavailable as error:
        log.warning("the index does not answer; the cleaning waits", stage="index", site=site, error=str(error))
        return
    if done.read:
        wiring.ledger.add_cost("clean", (time.process_time() - started) * 1000, done.read)
    if done.cleaned:
        log.info("cleaned of furniture", stage="index", site=site, read=done.read, cleaned=done.cleaned)


@shared_task(name="settle", max_retries=0)
def settle(limit: int) -> None:
    """Stories that were merged or changed their lead: their documents follow. What is not done stays queued."""
    wiring = process().wiring
    try:
        done = settle_stories(
            wiring.stories, wiring.index, wiring.outbox, limit=limit, lead_growth=RULES.lead_growth,
            changed=wiring.story_changed,
        )  # fmt: skip
    except IndexUnavailable as error:
        log.warning("the index does not answer; stories settle later", stage="index", error=str(error))
        return
    if done.done or done.rewritten:
        log.info("settled", stage="index", stories=done.done, rewritten=done.rewritten, waiting=done.waiting)


@shared_task(name="report", max_retries=0)
def report(limit: int) -> None:
    """What dashboards show. What was not written comes with the next report."""
    wiring = process().wiring
    if wiring.reports is None:
        return
    try:
        done = write_report(
            wiring.polls,
            wiring.story_log,
            wiring.feeds,
            wiring.frontier,
            wiring.outbox,
            wiring.ledger,
            wiring.stories,
            wiring.index,
            wiring.reports,
            pace=wiring.pacer.pace(),
            thresholds=wiring.thresholds,
            limit=limit,
            now=utc_now(),
        )
    except IndexUnavailable as error:
        log.warning("the index does not answer; the report waits", stage="index", error=str(error))
        return
    log.debug("reported", stage="index", polls=done.polls, feeds=done.feeds, stories=done.stories)


async def _poll_one(here: Process, claim: Claim) -> None:
    began = time.monotonic()
    try:
        async with here.held.hold(claim):
            polled = await here.pipeline.poll_feed(claim)
    except Exception as error:  # the task's edge: the lease brings the feed back, the log says why
        if full := refusal(error):
            log.warning(full, stage="poll", feed=claim.id)
        else:
            log.exception("poll failed", stage="poll", feed=claim.id)
        return
    if polled is not None:
        failed = polled.state.failures > 0 and polled.reason is not Reason.HOST_BUSY
        _observe(Stage.POLL, "failed" if failed else "ok", polled.reason, time.monotonic() - began)
        log.log(
            logging.WARNING if failed else logging.INFO,
            "polled", stage="poll", feed=polled.feed_url, reason=polled.reason.value, offered=polled.offered,
            detail=polled.detail or None,
        )  # fmt: skip


async def _ingest_one(here: Process, claim: Claim, item: WorkItem) -> None:
    structlog.contextvars.bind_contextvars(article=item.article_id, feed=item.feed_url, url=item.url)
    try:
        async with here.held.hold(claim):
            await here.pipeline.ingest_article(claim, item)
    except LeaseLost:
        log.warning("somebody else has it now", stage="fetch")
        return
    except Exception as error:
        if full := refusal(error):  # no fault of the article: its lease brings it back
            log.warning(full, stage="fetch")
            return
        log.exception("ingest failed", stage="fetch")
        here.pipeline.give_up(claim, item, error)
        return


@contextmanager
def _told_when_full(stage: str) -> Iterator[None]:
    """Redis out of disk or memory is one line, not a traceback: what was in hand comes back with its leases."""
    try:
        yield
    except ResponseError as error:
        full = refusal(error)
        if not full:
            raise
        log.warning(full, stage=stage)


def _run(here: Process, jobs: list[Any]) -> None:
    if not jobs:
        return
    here.prepare()
    before = resource.getrusage(resource.RUSAGE_SELF)
    here.runner.run(jobs, here.wiring.settings.worker.straggler_s)
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000
    here.wiring.ledger.add_cost("worker", spent, len(jobs))


def _claims(rows: Sequence[Sequence[str]]) -> list[Claim]:
    return [Claim(ClaimKind(kind), id_, host, token) for kind, id_, host, token in rows]
