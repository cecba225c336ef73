"""Migrations under load: processes that write all the time, one that sleeps through it, queries that never stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.articles import make_article
from tests.elasticsearch_node.fixtures import wipe
from tests.elasticsearch_node.migration import Installation, edit
from worker.errors import ServerError
from worker.models import Article
from worker.query.ast import Equals, Everything, Search
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.layout import KINDS
from worker.stores.elasticsearch.migrate import drop_retired

ROOT = Path(__file__).parents[2]
FIXED = 120
WRITER = """
import json, sys, time
from dataclasses import replace
from datetime import timedelta
from tests.articles import NOON, make_article, make_event
from worker.errors import IndexUnavailable
from worker.models import MILLISECOND, Verdict
from worker.stores.elasticsearch.connect import Connection
from worker.stores.elasticsearch.index import ElasticsearchIndex

url, name, me = sys.argv[1:4]
index = ElasticsearchIndex(Connection(url), name)
known = []
print("ready", flush=True)
number = 0
while True:
    new = [make_article(f"https://{me}.example.org/{number}/{n}", language="de",
                        first_seen_at=NOON + timedelta(days=31 * (number % 4) - 60)) for n in range(5)]
    changed = [replace(one, title=f"round {number}", fetched_at=one.fetched_at + MILLISECOND) for one in known[-40::8]]
    batch, events = [*new, *changed], [make_event(f"https://{me}.example.org/{number}")]
    while True:  # as the outbox does: what was not confirmed comes again
        try:
            left = [one for one, result in zip(batch, index.write(batch, events)) if result.verdict is Verdict.RETRY]
        except IndexUnavailable:
            left = batch
        if not left:
            break
        batch = left
        time.sleep(0.1)
    for one in (*new, *changed):
        print(json.dumps([one.id, one.version]), flush=True)
    known += new
    number += 1
"""


class Writer:
    """A process that knows of no migration when it starts; what it prints was confirmed to it."""

    def __init__(self, here: Installation, me: str) -> None:
        self.confirmed: dict[str, int] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER, here.url, here.name, me], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):
                id_, version = json.loads(line)
                self.confirmed[id_] = max(version, self.confirmed.get(id_, 0))

    def signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._thread.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


class Reader:
    """Asks without a pause; every answer must have each of the fixed documents once, and never fewer in all."""

    def __init__(self, here: Installation, fixed: set[str]) -> None:
        self.problems: list[str] = []
        self.asked = 0
        self._fixed = fixed
        self._index = here.index()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        most = 0
        while not self._stop.is_set():
            try:
                page = self._index.search(Search(Equals("section", "fixed"), limit=2 * FIXED, collapse=False))
                every = self._index.search(Search(Everything(), limit=1, collapse=False)).total
                known = self._index.known(sorted(self._fixed))
            except Exception as error:
                self.problems.append(f"{type(error).__name__}: {error}")
                continue
            self.asked += 1
            found = Counter(hit.article.id for hit in page.hits)
            if page.total != FIXED or found != Counter(self._fixed) or set(known) != self._fixed:
                self.problems.append(f"{page.total} found, {len(found)} different, {len(known)} known")
            if every < most:
                self.problems.append(f"{every} documents after {most}")
            most = max(most, every)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(60)
        self._index.close()


@pytest.fixture
def here(elasticsearch_url: str, tmp_path: Path) -> Iterator[Installation]:
    name = "test-load"
    wipe(elasticsearch_url, name, templates=True)
    yield Installation(elasticsearch_url, name, edit(tmp_path / "templates"))
    wipe(elasticsearch_url, name, templates=True)


@pytest.fixture
def index(here: Installation) -> Iterator[ElasticsearchIndex]:
    with here.opened() as found:
        yield found


def until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def dropped(here: Installation) -> bool:
    """Refused as long as a query of the reader still stands on what was replaced."""
    with here.client() as client:
        try:
            return bool(drop_retired(client, here.name, KINDS[0]))
        except ServerError as refused:
            assert "a search still reads" in str(refused)
            return False


@pytest.mark.timeout(400)
def test_nothing_is_missed_doubled_or_lost(here: Installation, index: ElasticsearchIndex) -> None:
    fixed: list[Article] = [make_article(f"https://fixed.example.org/{n}", section="fixed") for n in range(FIXED)]
    index.write(fixed, [])
    index.refresh()
    writers = [Writer(here, me) for me in ("one", "two", "sleeper")]
    reader = Reader(here, {article.id for article in fixed})
    try:
        until(lambda: all(len(writer.confirmed) > 50 for writer in writers))
        writers[-1].signal(signal.SIGSTOP)  # perhaps between asking where something belongs and writing it
        for edited, generation in ((True, 2), (False, 3)):
            before = [len(writer.confirmed) for writer in writers[:-1]]
            done = here.migrate(edited=edited)
            assert done is not None
            assert here.generations() == [generation]
            until(lambda before=before: all(len(w.confirmed) > n for w, n in zip(writers, before, strict=False)))  # type: ignore[misc]
        until(lambda: dropped(here))
        slept = len(writers[-1].confirmed)
        writers[-1].signal(signal.SIGCONT)
        until(lambda: len(writers[-1].confirmed) > slept + 20)
    finally:
        reader.stop()
        for writer in writers:
            writer.stop()
    assert not reader.problems, reader.problems[:5]
    assert reader.asked > 20
    index.refresh()
    stored = Counter[str]()
    versions: dict[str, int] = {}
    for article in index.scan(Everything()):
        stored[article.id] += 1
        versions[article.id] = article.version
    assert max(stored.values()) == 1
    confirmed = {id_: version for writer in writers for id_, version in writer.confirmed.items()}
    lost = {id_ for id_, version in confirmed.items() if versions.get(id_, 0) < version}
    assert not lost, f"{len(lost)} of {len(confirmed)} confirmed writes are not there"
    with here.client() as client:
        found = client.indices.get_alias(index=[kind.every(here.name) for kind in KINDS]).body
    assert not [name for name, each in found.items() if not each["aliases"]], "nobody made an old index again"
