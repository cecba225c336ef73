"""`demo`: the whole pipeline on the bundled sample newsroom, and what one can ask of it afterwards."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli.articles import published
from worker.cli.options import load_settings, local_now
from worker.cli.search import print_hit, print_page, summary
from worker.cli.terminal import count, one_line, results, say
from worker.errors import DataDirError
from worker.models import Article, State
from worker.ports import ArticleIndex
from worker.query.ast import Equals, Search, Sort
from worker.settings import Settings
from worker.urls import feed_id

if TYPE_CHECKING:
    from worker.demo.manifest import Planned
    from worker.demo.server import Newsroom
    from worker.wiring import Wiring

LIMIT_S = 120.0
LOOK_S = 0.2
NEW_WORDS = "quarry dunmarrow"
"""Stand in the second version of the article that changes, and nowhere else together."""
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

    Nine invented sites with sixty articles in four languages are served on loopback, among them copies of one agency
    text, a dead link, a slow site and a page full of boilerplate. When all is indexed, one of the articles changes and
    its feed is polled again. Then come the final states, the changed article, three searches and the story groups.
    """
    from worker.demo.server import Newsroom

    started = time.monotonic()
    with _folder(data_dir) as folder, Newsroom() as newsroom:
        say(f"serving {count(len(newsroom.feeds), 'invented site')} on 127.0.0.1:{newsroom.port}")
        code = _run(newsroom, folder, started)
        if code:
            say(f"feedmill: the run ended with exit code {code}")
            return code
        _show(_settings(folder), newsroom)
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


def _settings(folder: Path) -> Settings:
    """The demo's own archive, whatever servers the caller has set."""
    return load_settings(folder / "data", redis={"url": "", "prefix": "feedmill"}, index={"url": ""})


def _run(newsroom: Newsroom, folder: Path, started: float) -> int:
    """`feedmill run` as a process of its own, with the newsroom's address allowed and no long rests."""
    feeds = folder / "feeds.yaml"
    feeds.write_text("feeds:\n" + "".join(f"  - url: {url}\n" for url in newsroom.feeds), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FEEDMILL_")} | {
        "FEEDMILL_NET__ALLOW": "127.0.0.0/8",
        "FEEDMILL_NET__HOST_DELAY_S": "0.05",
        "FEEDMILL_NET__ADDRESS_DELAY_S": "0.05",
        "FEEDMILL_NET__CONTACT": "demo on loopback",
        "FEEDMILL_INDEX__BATCH_WAIT_S": "0.2",
        "FEEDMILL_LOG__LEVEL": os.environ.get("FEEDMILL_LOG__LEVEL", "warning"),
    }
    command = [sys.executable, "-m", "worker.cli.main", "run"]
    command += ["--feeds", str(feeds), "--data", str(folder / "data")]
    # stdin too: the run must not read what is typed for the shell behind the demo
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            story = _watch(process, newsroom, _settings(folder), started)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait(20)
            raise
        if process.poll() is None:
            process.terminate()
        code = process.wait(20)
    if story is None:
        return code or 1
    say(story)  # only now: until it ended, the run's live display had the terminal
    return code


def _watch(process: subprocess.Popen[bytes], newsroom: Newsroom, settings: Settings, started: float) -> str | None:
    """Until all is indexed; then one article changes, and until that is indexed, too. What happened, in a sentence;
    None when it does not come to that.
    """
    from worker.wiring import Wiring

    def comes(ready: Callable[[], bool]) -> bool:
        while not ready():
            if process.poll() is not None:
                return False
            if time.monotonic() - started > LIMIT_S:
                say(f"feedmill: the demo is not done after {LIMIT_S:.0f} s; stopping it")
                return False
            time.sleep(LOOK_S)
        return True

    if not comes(lambda: _is_up(settings)):
        return None
    with Wiring(settings) as wiring:
        articles = len(newsroom.manifest)
        if not comes(lambda: _settled(wiring, articles)):
            return None
        first_s = time.monotonic() - started
        newsroom.apply_update()
        wiring.feeds.poll_now(feed_id(_changed(newsroom).feed))
        if not comes(lambda: _settled(wiring, articles + 1)):
            return None
    then_s = time.monotonic() - started - first_s
    return f"all {articles} articles done in {first_s:.0f} s; one then changed, and was done again {then_s:.1f} s later"


def _is_up(settings: Settings) -> bool:
    """The run's own Valkey answers: from now on we only look on, and start none."""
    from redis.exceptions import RedisError

    from worker.state.server import connect, socket_url

    client = connect(socket_url(settings.data_dir))
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()


def _settled(wiring: Wiring, offered: int) -> bool:
    from worker.run import is_idle

    return wiring.ledger.counts().offered >= offered and is_idle(wiring)


def _changed(newsroom: Newsroom) -> Planned:
    from worker.demo.content import Case

    return next(planned for planned in newsroom.manifest if planned.kind is Case.UPDATE)


def _show(settings: Settings, newsroom: Newsroom) -> None:
    from worker.cli.status import print_ledger
    from worker.query.parse import parse
    from worker.wiring import Wiring

    console = results()
    with Wiring(settings) as wiring:
        print_ledger(console, wiring.ledger.counts())
        console.print()
        console.print(f"$ feedmill search {shlex.quote(NEW_WORDS)}", style="bold")
        page = wiring.index.search(Search(parse(NEW_WORDS, local_now())))
        for hit in page.hits:
            print_hit(console, hit)
        console.print("the article that changed: found by its new text", style="dim")
        for hit in page.hits:
            console.print(f"revision {hit.article.revision}: {one_line(hit.article.title)}", style="dim")
        for text, sort in SEARCHES:
            console.print()
            console.print(
                f"$ feedmill search {shlex.quote(text)}" + (f" --sort {sort}" if sort != "newest" else ""), style="bold"
            )
            request = Search(parse(text, local_now()), sort=sort, limit=3)
            page = wiring.index.search(request)
            print_page(console, page)
            console.print(summary(page), style="dim")
        console.print()
        console.print("Story groups (copies of one text, from several sites)", style="bold")
        for group in story_groups(wiring.index):
            for article in group:
                role = "lead" if article.story.is_lead else "copy"
                when = f"  {role}  {published(article)}  "
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
