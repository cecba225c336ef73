"""Four thin tasks. A message carries claims only: what is lost with it comes back when its lease runs out."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from celery import shared_task
from celery.signals import worker_process_init, worker_process_shutdown

from worker import settings as settings_module
from worker.cleaning import clean_site
from worker.errors import IndexUnavailable
from worker.index.stage import index_batch
from worker.models import Claim, ClaimKind, CleaningJob, WorkItem
from worker.runner import Runner
from worker.wiring import Wiring, utc_now

log = structlog.get_logger("worker")


class Process:
    """What one worker process holds: made after the fork, once."""

    def __init__(self) -> None:
        self.wiring = Wiring(settings_module.load())
        self.runner = Runner()
        self.pipeline = self.runner.call(self.wiring.pipeline(), 30.0)
        self.consumer = f"{os.uname().nodename}-{os.getpid()}"


_process: list[Process] = []


def process() -> Process:
    if not _process:
        _process.append(Process())
    return _process[0]


@worker_process_init.connect
def _start(**_: Any) -> None:
    process()


@worker_process_shutdown.connect
def _stop(**_: Any) -> None:
    if _process:
        here = _process.pop()
        left = here.runner.drain(here.wiring.settings.worker.grace_s / 2)
        if left:
            log.info("left to their leases", articles=left)
        here.runner.call(here.pipeline.sandbox.close(), 5.0)
        here.runner.call(here.pipeline.downloader.close(), 5.0)
        here.runner.close()


@shared_task(name="poll", max_retries=3, default_retry_delay=0)
def poll(claims: Sequence[Sequence[str]]) -> None:
    here, mine = process(), _claims(claims)
    ours = here.wiring.frontier.begin(mine)
    _run(here, [_poll_one(here, claim) for claim in mine if claim.id in ours])


@shared_task(name="ingest", max_retries=3, default_retry_delay=0)
def ingest(claims: Sequence[Sequence[str]]) -> None:
    here, mine = process(), _claims(claims)
    ours = here.wiring.frontier.begin(mine)
    _run(here, [_ingest_one(here, claim, item) for claim in mine if (item := ours.get(claim.id)) is not None])


@shared_task(name="index", max_retries=0)
def index(limit: int) -> None:
    """One bulk write. While the index is away nothing is acknowledged and the asking pauses, longer each time."""
    here = process()
    wiring, started = here.wiring, time.process_time()
    try:
        done = index_batch(
            wiring.outbox,
            wiring.index,
            consumer=here.consumer,
            limit=limit,
            now=utc_now(),
            max_deliveries=wiring.settings.outbox.max_deliveries,
        )
    except IndexUnavailable as error:
        pause = wiring.breaker.trip()
        log.warning(
            "the index does not answer; nothing is lost, trying again", stage="index", error=str(error), in_s=pause
        )
        return
    wiring.breaker.reset()
    if done.taken:
        wiring.ledger.add_cost("index", (time.process_time() - started) * 1000, done.taken)
        log.info(
            "indexed",
            stage="index",
            taken=done.taken,
            retried=done.retried,
            **{k.value: n for k, n in done.states.items()},
        )


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


async def _poll_one(here: Process, claim: Claim) -> None:
    try:
        polled = await here.pipeline.poll_feed(claim)
    except Exception:  # the task's edge: the lease brings the feed back, the log says why
        log.exception("poll failed", stage="poll", feed=claim.id)
        return
    if polled is not None:
        log.info(
            "polled", stage="poll", feed=polled.feed_url, reason=polled.reason.value, offered=polled.offered,
            detail=polled.detail or None,
        )  # fmt: skip


async def _ingest_one(here: Process, claim: Claim, item: WorkItem) -> None:
    try:
        state = await here.pipeline.ingest_article(claim, item)
    except Exception:
        log.exception("ingest failed", stage="fetch", url=item.url)
        return
    log.debug("ingested", url=item.url, state=state.value if state else "again")


def _run(here: Process, jobs: list[Any]) -> None:
    if not jobs:
        return
    before = resource.getrusage(resource.RUSAGE_SELF)
    here.runner.run(jobs, here.wiring.settings.worker.straggler_s)
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000
    here.wiring.ledger.add_cost("worker", spent, len(jobs))


def _claims(rows: Sequence[Sequence[str]]) -> list[Claim]:
    return [Claim(ClaimKind(kind), id_, host, token) for kind, id_, host, token in rows]
