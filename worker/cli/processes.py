"""`run`, `scheduler`, `worker`: the processes that stay."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worker.cli.options import data_option, load_settings
from worker.cli.terminal import ago, count, results
from worker.errors import UsageError

if TYPE_CHECKING:
    from worker.wiring import Wiring

QUEUES = ("feeds", "articles", "index")


@click.command()
@click.option(
    "--feeds",
    "feeds_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Feed list, YAML or OPML; read at the start.  [default: FEEDMILL_FEEDS_FILE, else config/feeds.yaml]",
)
@data_option
@click.option(
    "--until-idle",
    is_flag=True,
    help="End with exit code 0 once every feed was polled and nothing is pending, with a summary on stdout. Retries "
    "that are far away are left for a later run.",
)
def run(feeds_file: Path | None, data_dir: Path | None, until_idle: bool) -> int:
    """Run everything on this machine.

    Valkey, scheduler, workers and index, all in the data folder.
    Keeps the subscriptions in step with the feed list, and shows live what happens when stderr is a terminal; elsewhere
    it writes log lines to stderr. Ctrl-C once ends it cleanly, twice at once. One run per data folder.
    With FEEDMILL_REDIS__URL or FEEDMILL_INDEX__URL it uses those servers instead of its own.
    """
    from worker.observe import configure
    from worker.run import run as run_all

    overrides: dict[str, Any] = {} if feeds_file is None else {"feeds_file": feeds_file}
    settings = load_settings(data_dir, **overrides)
    live = sys.stderr.isatty() and settings.log.format == "auto"
    display = None
    if live:
        from worker.cli.live import LiveDisplay

        display = LiveDisplay
    configure(settings.log)
    return run_all(settings, until_idle=until_idle, display=display, summary=print_summary if until_idle else None)


def print_summary(wiring: Wiring) -> None:
    """The final states, on stdout: the result of a run that ends by itself."""
    from worker.cli.status import print_ledger

    print_ledger(results(), wiring.ledger.counts())
    depth, next_s = wiring.frontier.depth(), wiring.frontier.next_work_s()
    articles, feeds = int(depth["queued"] + depth["delayed"]), int(depth["feeds_due"])
    if next_s and (articles or feeds):
        waiting = " and ".join([count(n, word) for n, word in ((articles, "article"), (feeds, "feed")) if n])
        results().print(f"{waiting} left for a later run: nothing can go on for another {ago(next_s)}")


@click.command()
def scheduler() -> int:
    """Run one scheduler, which hands out what is due.

    Needs a Redis or Valkey server (FEEDMILL_REDIS__URL). Any number of schedulers may run at once; no feed is polled
    twice, and a killed one is not missed.
    """
    from worker.observe import configure
    from worker.run import run_scheduler

    settings = load_settings(None)
    _needs_server(settings.redis.url, "scheduler")
    configure(settings.log)
    return run_scheduler(settings)


@click.command()
@click.option(
    "--queues",
    default=",".join(QUEUES),
    show_default=True,
    metavar="LIST",
    help="What this worker does, comma-separated: feeds (polls), articles (fetch, extract), index (bulk writes).",
)
@click.option(
    "--processes",
    type=click.IntRange(0, 512),
    metavar="N",
    help="Processes; 0 = twice the cores.  [default: FEEDMILL_WORKER__PROCESSES]",
)
def worker(queues: str, processes: int | None) -> int:
    """Run one Celery worker for the queues named.

    Needs a Redis or Valkey server (FEEDMILL_REDIS__URL), and for the queue `index` the place of the archive. Start as
    many as you like, anywhere; `celery -A worker.app worker -Q feeds,articles,index` does the same.
    """
    from worker.observe import configure
    from worker.run import run_worker

    settings = load_settings(None)
    names = [name.strip() for name in queues.split(",") if name.strip()]
    unknown = sorted(set(names) - set(QUEUES))
    if unknown or not names:
        raise UsageError(f"no such queue: {', '.join(unknown) or 'none named'}; there are {', '.join(QUEUES)}")
    _needs_server(settings.redis.url, "worker")
    configure(settings.log)
    return run_worker(settings, names, settings.worker.processes if processes is None else processes)


@click.command()
@data_option
def websub(data_dir: Path | None) -> int:
    """Run the WebSub callback: hubs tell it when a feed has news.

    Needs FEEDMILL_WEBSUB__BASE_URL, the public address of the callback; `feedmill run` starts it by itself then. It
    also keeps the subscriptions at the hubs. One is enough; several share the work.
    """
    from worker.observe import configure
    from worker.run import run_websub

    settings = load_settings(data_dir)
    if not settings.websub.base_url:
        raise UsageError(
            "WebSub is off: FEEDMILL_WEBSUB__BASE_URL must be the address at which hubs reach this machine "
            "(https://feeds.example.org)"
        )
    configure(settings.log)
    return run_websub(settings)


def _needs_server(url: str, command: str) -> None:
    if not url:
        raise UsageError(
            f"`feedmill {command}` needs FEEDMILL_REDIS__URL (redis://host:6379/0); `feedmill run` needs no server"
        )
