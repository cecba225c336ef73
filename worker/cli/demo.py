"""`demo`: the whole pipeline on the bundled sample newsroom, and what one can ask of it afterwards."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli.options import load_settings, local_now
from worker.cli.search import print_page, summary
from worker.cli.terminal import count, local, one_line, results, say
from worker.errors import DataDirError
from worker.models import Article, State
from worker.ports import ArticleIndex
from worker.query.ast import Equals, Search, Sort

if TYPE_CHECKING:
    from worker.demo.server import Newsroom

LIMIT_S = 120.0
SEARCHES: Sequence[tuple[str, Sort]] = (
    ("kaltenjoch*", "newest"),
    ("(breakwater OR ferry) lang:en", "best"),
    ("lac since:7d lang:fr", "newest"),
)


@click.command()
@click.option(
    "--data",
    "data_dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the demo's archive here (an empty or new folder).  [default: a temporary folder, removed at the end]",
)
def demo(data_dir: Path | None) -> int:
    """Run the pipeline on a bundled sample newsroom. Needs no network.

    A few invented sites with sixty articles in four languages are served on loopback, among them copies of one agency
    text, a dead link, a slow site and a page full of boilerplate. Feedmill runs until all is indexed, then shows the
    final states, three searches and the story groups.
    """
    from worker.demo.server import Newsroom

    started = time.monotonic()
    with _folder(data_dir) as folder, Newsroom() as newsroom:
        say(f"serving {count(len(newsroom.feeds), 'invented site')} on 127.0.0.1:{newsroom.port}")
        code = _run(newsroom, folder)
        if code:
            say(f"feedmill: the run ended with exit code {code}")
            return code
        _show(folder / "data", newsroom)
        say(f"demo done in {time.monotonic() - started:.0f} s")
        if data_dir is not None:
            say(f"search on: feedmill search --data {shlex.quote(str(folder / 'data'))} WORDS")
    return 0


@contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="feedmill-demo-") as made:
            yield Path(made)
        return
    if wanted.is_dir() and any(wanted.iterdir()):
        raise DataDirError(f"{wanted} is not empty; name a new folder for the demo")
    wanted.mkdir(parents=True, exist_ok=True)
    yield wanted


def _run(newsroom: Newsroom, folder: Path) -> int:
    """`feedmill run --until-idle` as a process of its own, with the newsroom's address allowed and no long rests."""
    feeds = folder / "feeds.yaml"
    feeds.write_text("feeds:\n" + "".join(f"  - url: {url}\n" for url in newsroom.feeds), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FEEDMILL_")} | {
        "FEEDMILL_NET__ALLOW": "127.0.0.0/8",
        "FEEDMILL_NET__HOST_DELAY_S": "0.05",
        "FEEDMILL_NET__CONTACT": "demo on loopback",
        "FEEDMILL_INDEX__BATCH_WAIT_S": "0.2",
        "FEEDMILL_LOG__LEVEL": os.environ.get("FEEDMILL_LOG__LEVEL", "warning"),
    }
    command = [sys.executable, "-m", "worker.cli.main", "run", "--until-idle"]
    command += ["--feeds", str(feeds), "--data", str(folder / "data")]
    # stdin too: the run must not read what is typed for the shell behind the demo
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            return process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            say(f"feedmill: the demo is not done after {LIMIT_S:.0f} s; stopping it")
            process.terminate()
            process.wait(20)
            return 1
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait(20)
            raise


def _show(data_dir: Path, newsroom: Newsroom) -> None:
    from worker.query.parse import parse
    from worker.wiring import Wiring

    console = results()
    with Wiring(load_settings(data_dir)) as wiring:
        for text, sort in SEARCHES:
            console.print()
            console.print(
                f"$ feedmill search {shlex.quote(text)}" + (f" --sort {sort}" if sort != "newest" else ""), style="bold"
            )
            request = Search(parse(text, local_now()), sort=sort, limit=3)
            page = wiring.index.search(request)
            print_page(console, page, wiring.index, request)
            console.print(summary(page), style="dim")
        console.print()
        console.print("Story groups (copies of one text, from several sites)", style="bold")
        for group in story_groups(wiring.index):
            for article in group:
                role = "lead" if article.story.is_lead else "copy"
                when = f"  {role}  {local(article.published_at)}  "
                console.print(f"{when}{one_line(article.site):<34}{one_line(article.title)}")
            console.print()
    missing = [article for article in newsroom.manifest if article.state is State.REFUSED]
    if missing:
        console.print("Not in the archive, on purpose:", style="bold")
    for planned in missing:
        console.print(f"  {one_line(planned.title)}: {planned.reason.value}")


def story_groups(index: ArticleIndex) -> list[list[Article]]:
    """Stories of more than one document: the lead first, then its copies in order of publication."""
    groups: dict[str, list[Article]] = {}
    for article in index.scan(Equals("story.is_lead", False)):
        groups.setdefault(article.story.id, []).append(article)
    for story in groups:
        lead = index.search(Search(Equals("id", story), limit=1, collapse=False, highlight=False))
        groups[story] = [
            *(hit.article for hit in lead.hits),
            *sorted(groups[story], key=lambda each: each.published_at),
        ]
    return list(groups.values())
