"""`feedmill run`, `feedmill scheduler`, `feedmill worker`: the long-running processes, composed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import IO, Any

import structlog
from celery.exceptions import SecurityWarning
from celery.signals import worker_ready
from redis.exceptions import RedisError

from worker import feeds as feed_lists
from worker import tasks
from worker.app import QUEUES, make_app
from worker.errors import DataDirError, IndexUnavailable, Refuse, UsageError
from worker.metrics.endpoint import Heartbeat, serve
from worker.metrics.processes import ProcessesCollector
from worker.metrics.stages import StageCollector, StageTable
from worker.metrics.state import StateCollector
from worker.models import Feed, State
from worker.orphan import tie_to_parent
from worker.patience import InOneLine
from worker.reachability import feed_figures, offline_line
from worker.settings import LOG_FILE, Settings
from worker.supervise import Display, supervise
from worker.wiring import Wiring, of_scheduler, utc_now

log = structlog.get_logger("run")

REPORT_S = 10.0
NETWORK_S = 2.0
NEVER = datetime.fromtimestamp(0, UTC)
FROM_FILE = "file"
BEAT_S = 5.0


def run(
    settings: Settings,
    *,
    until_idle: bool,
    display: Callable[[Wiring], Display] | None = None,
    summary: Callable[[Wiring], None] | None = None,
) -> int:
    """Everything on this machine, until Ctrl-C (130), SIGTERM (0), or until nothing is pending (`until_idle`, 0).

    With a `display` the children's log lines go to `<data_dir>/feedmill.log`; without, to stderr. `summary` is called
    at the end while the state can still be read.
    """
    feeds = feed_lists.load(settings.feeds_file)
    log_file = _open_log(settings) if display is not None else None
    wiring = Wiring(settings)

    def started() -> None:
        for line in wiring.index.setup():
            log.warning(line)
        if settings.embedded_redis:  # no worker but ours, and none runs yet: what a killed run held need not wait
            ended = wiring.frontier.end_leases()
            if any(ended.values()):
                log.info("the last run was cut short; its unfinished work comes first", **ended)
        wiring.erased.fill(wiring.index.tombstones)
        sync_feeds(wiring, feeds)
        log.info("running", **what_runs(wiring))

    def finished() -> None:
        with contextlib.suppress(IndexUnavailable):
            wiring.index.refresh()  # what was indexed in the last seconds is found from now on
        if summary is not None:
            summary(wiring)

    try:
        return supervise(
            settings,
            log_file=log_file,
            started=started,
            idle=(lambda: is_idle(wiring)) if until_idle else None,
            display=display(wiring) if display is not None else Reporter(wiring),
            finished=finished,
        )
    finally:
        wiring.close()
        if log_file is not None:
            log_file.close()


def what_runs(wiring: Wiring) -> dict[str, Any]:
    """How many feeds, and where everything lies; addresses without their credentials."""
    settings = wiring.settings
    return {
        "feeds": sum(1 for _ in wiring.feeds.all()),
        "data": str(settings.data_dir.resolve()),
        "state": "embedded Valkey" if settings.embedded_redis else _address(settings.redis.url),
        "index": "SQLite" if settings.embedded_index else _address(settings.index.url),
    }


def _address(url: str) -> str:
    return url.partition("://")[2].rpartition("@")[2] or url


def sync_feeds(wiring: Wiring, feeds: Iterable[Feed]) -> None:
    """The list's feeds are subscribed; those that came from a list and left it are dropped; added ones stay.

    A feed that has moved is the one that the list names by an address that it had.
    """
    wanted = {feed.id: feed for feed in feeds}
    listed = set(wiring.feeds.known_as(list(wanted)))
    for feed, _, _ in list(wiring.feeds.all()):
        if feed.origin == FROM_FILE and feed.id not in listed:
            wiring.feeds.remove(feed.id)
    for feed in wanted.values():
        try:
            wiring.feeds.put(feed)
        except Refuse:
            log.warning("not subscribed: its domain was erased (`feedmill erase --list`)", feed=feed.url)


def is_idle(wiring: Wiring) -> bool:
    """Every feed was polled, none is due, no article is anywhere between feed and index, no site is to be cleaned, no
    story to be settled; or all that is left waits for its moment, and the first of these moments is further away than
    `schedule.idle_wait_s`.

    Read in the direction of the flow: what moves on while we look is still seen further down the way. False while
    Redis does not answer.
    """
    try:
        next_s = wiring.frontier.next_work_s()
        if wiring.furniture.pending() or wiring.stories.unsettled(1):
            return False
        if next_s is not None:
            return next_s > wiring.settings.schedule.idle_wait_s and wiring.outbox.size()[0] == 0
        if wiring.feeds.unpolled(NEVER):
            return False
        return wiring.ledger.counts().pending == 0 and wiring.outbox.size()[0] == 0
    except RedisError:
        return False


class Reporter:
    """Off a terminal: one line every ten seconds that says how far it is, and one when the network goes or comes."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._report, name="report", daemon=True)
        self._offline = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _report(self) -> None:
        figures_at = time.monotonic() + REPORT_S
        going_on = True
        while going_on:
            going_on = not self._stop.wait(NETWORK_S)  # a run that ends soon is told about its network, too
            try:
                self._network()
                if going_on and time.monotonic() >= figures_at:
                    figures_at = time.monotonic() + REPORT_S
                    self._figures()
            except RedisError as error:
                log.warning("no figures: Redis does not answer", error=str(error))
                self._stop.wait(REPORT_S)

    def _network(self) -> None:
        figures = feed_figures([state for _, state, _ in self._wiring.feeds.all()])
        if figures.offline and not self._offline:
            log.warning(f"{offline_line(figures)}; going on trying")
        elif self._offline and not figures.offline:
            log.warning("the network is back")
        self._offline = figures.offline

    def _figures(self) -> None:
        counts, depth = self._wiring.ledger.counts(), self._wiring.frontier.depth()
        states = {state.value: counts.states.get(state, 0) for state in State}
        log.info("so far", offered=counts.offered, pending=counts.pending, **states, feeds_due=depth["feeds_due"])


def run_scheduler(settings: Settings) -> int:
    """The scheduler's loop in this process, until SIGTERM or Ctrl-C."""
    tie_to_parent()
    app = make_app(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def publish(queue: str, task: str, args: list[Any]) -> None:
        # No retry here: what could not be sent is given back at once. A message that outlived its leases is worthless.
        app.send_task(task, args=args, queue=queue, expires=settings.schedule.article_lease_s, retry=False)

    with Wiring(of_scheduler(settings)) as wiring:
        scheduler, heart = wiring.scheduler(publish), Heartbeat()
        state = StateCollector(
            wiring.ledger,
            wiring.frontier,
            wiring.outbox,
            max_outbox_bytes=settings.outbox.max_bytes,
            index_away=wiring.breaker.is_open,
            memory=lambda: wiring.redis.info("memory"),
            swept=lambda: scheduler.expired,
        )
        serve(settings.metrics, [state], alive=heart.fault, ready=lambda: _not_ready(wiring, QUEUES[:0]))
        with wiring.expiry().running(stop):
            scheduler.run(stop, heart.beat)
    return 0


def run_worker(settings: Settings, queues: Sequence[str], processes: int) -> int:
    """A Celery worker in this process, until SIGTERM (its running tasks end first, a few seconds each).

    `processes` 0 means twice the cores. stdout becomes stderr: results own stdout, and Celery prints there.
    """
    tie_to_parent()
    sys.stdout.flush()
    os.dup2(2, 1)
    app = make_app(settings)
    app.set_default()
    name = f"{'-'.join(queues)}-{os.getpid()}@%h"
    processes = processes or 2 * (os.cpu_count() or 1)
    _serve_worker(settings, queues, processes)
    try:
        # Celery warns root because of pickled messages; ours are JSON only.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        for handler in logging.getLogger().handlers:
            handler.addFilter(InOneLine())
        app.worker_main(
            [
                *(
                    "--quiet",
                    "worker",
                    "--queues",
                    ",".join(queues),
                    "--concurrency",
                    str(processes),
                    "--hostname",
                    name,
                ),
                *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
            ]
        )
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0


def _serve_worker(settings: Settings, queues: Sequence[str], processes: int) -> None:
    """Metrics and health of a worker, from its main process. Its heart beats in the loop that takes messages in."""
    if not settings.metrics.port:
        return
    table, heart, wiring = StageTable(processes), Heartbeat(), Wiring(settings)
    tasks.measured.append(table)

    def beat(sender: Any, **_: Any) -> None:
        sender.timer.call_repeatedly(BEAT_S, heart.beat)

    worker_ready.connect(beat, weak=False)
    collectors = [StageCollector(table), ProcessesCollector()]
    serve(settings.metrics, collectors, alive=heart.fault, ready=lambda: _not_ready(wiring, queues))


def _not_ready(wiring: Wiring, queues: Sequence[str]) -> str:
    """Why no work can be done now. A worker that only fetches can do so while the index is away."""
    try:
        if "index" in queues and wiring.breaker.is_open():
            return "the index does not answer"
        wiring.redis.ping()
    except RedisError as error:
        return f"Redis does not answer: {error}"
    return ""


def run_websub(settings: Settings) -> int:
    """The WebSub callback and its subscriptions in this process, until SIGTERM or Ctrl-C."""
    # Only this process needs them.
    from worker.websub.callback import PATH, make_callback
    from worker.websub.serve import serve as serve_websub
    from worker.websub.subscriber import Subscriber

    tie_to_parent()
    given = settings.websub
    try:
        family = socket.AF_INET6 if ":" in given.host else socket.AF_INET
        listening = socket.create_server((given.host, given.port), family=family)
    except OSError as error:
        raise UsageError(
            f"{given.host} port {given.port} cannot be listened on ({os.strerror(error.errno or 0)}); "
            "FEEDMILL_WEBSUB__HOST and FEEDMILL_WEBSUB__PORT name others"
        ) from None

    async def both() -> None:
        downloader = wiring.downloader()
        rng = random.Random()
        app = make_callback(
            wiring.subscriptions, wiring.pushes, clock=utc_now, rng=rng, max_body_bytes=given.max_body_bytes
        )
        subscriber = Subscriber(
            wiring.subscriptions,
            downloader,
            callback=lambda token: f"{given.base_url}{PATH}{token}",
            lease_s=given.lease_s,
            rest_s=settings.net.host_delay_s,
            clock=utc_now,
            rng=rng,
        )
        try:
            await serve_websub(app, subscriber, listening)
        finally:
            await downloader.close()

    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn ends for them, and then lets us have them, too
        signal.signal(number, lambda *_: None)
    with Wiring(settings) as wiring:
        log.info("websub listens", host=given.host, port=given.port, public=given.base_url)
        asyncio.run(both())
    return 0


def _open_log(settings: Settings) -> IO[bytes]:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return (settings.data_dir / LOG_FILE).open("ab")
    except OSError as error:
        raise DataDirError(f"the data folder {settings.data_dir} cannot be used: {error.strerror}") from None
