"""The task that moves the documents of a merged story is killed in the middle: nothing is lost, and it finishes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.articles import NOON, make_article
from tests.mill import running
from tests.state import LIMITS
from tests.valkey import Valkey, valkey, valkey_server
from worker.deduplicate.fingerprint import fingerprint
from worker.index.documents import content_hash
from worker.models import Article, StoryRef
from worker.query.ast import Equals, Everything, Search
from worker.state.scripts import Scripts
from worker.state.stories import RedisStories
from worker.stores.sqlite.index import SqliteIndex

__all__ = ["valkey", "valkey_server"]
pytestmark = [pytest.mark.chaos, pytest.mark.timeout(120)]

COPIES = 2000
"""Four bulk writes of the task."""


def printed(number: int) -> Article:
    """The first names the older story, the second the younger one, to which all others belong."""
    first, younger = make_article("https://older.example/1"), make_article("https://younger.example/1")
    url = (first.url, younger.url)[number] if number < 2 else f"https://s{number % 50}.example/{number}"
    moment = NOON + timedelta(seconds=number)
    story = first.id if number == 0 else younger.id
    own = make_article(url)
    return make_article(
        url, title=f"Title {number}", body=f"Text number {number}. {own.body}", published_at=moment,
        first_seen_at=moment, fetched_at=moment, word_count=13 if number else 900,
        story=StoryRef(story, own.id == story, 1.0), duplicate_of=None if own.id == story else story,
    )  # fmt: skip


def until(what: str, ready: Callable[[], bool], log: Path, every_s: float = 0.02) -> None:
    deadline = time.monotonic() + 50
    while not ready():
        assert time.monotonic() < deadline, f"{what}: not in time\n{log.read_text()[-3000:]}"
        time.sleep(every_s)


def test_settle_killed_in_the_middle_finishes_afterwards(valkey: Valkey, tmp_path: Path) -> None:
    index = SqliteIndex(tmp_path / "data")
    index.setup()
    articles = [printed(number) for number in range(COPIES)]
    for first in range(0, COPIES, 1000):
        index.write(articles[first : first + 1000], [])
    older, younger = articles[0].id, articles[1].id
    stories = RedisStories(Scripts(valkey.client, "feedmill"), LIMITS)
    for article in articles[:2]:
        content = content_hash(article.title, article.summary, article.body)
        stories.restore(article, content=content, fingerprint=fingerprint(article.body, "en"))
    assert stories.merge(younger, older) == (older, younger)

    clean = {name: value for name, value in os.environ.items() if not name.startswith("FEEDMILL_")}
    environment = {
        **clean,
        "FEEDMILL_REDIS__URL": valkey.url,
        "FEEDMILL_DATA_DIR": str(tmp_path / "data"),
        "FEEDMILL_WORKER__PROCESSES": "1",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    log = tmp_path / "log"

    def moved() -> int:
        return index.search(Search(Equals("story.id", older), limit=0, collapse=False, highlight=False)).total

    with running("scheduler", environment=environment, log=log):
        with running("worker", "--queues", "index", environment=environment, log=log) as worker:
            until("the first documents moved", lambda: moved() > 1, log, every_s=0.002)
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(10)
        half = moved()
        assert 1 < half < COPIES, "the kill came too late to prove anything"
        assert stories.unsettled(10), "what was not done stays queued"
        with running("worker", "--queues", "index", environment=environment, log=log):
            until("settled", lambda: not stories.unsettled(10), log)

    found = {article.id: article for article in index.scan(Everything())}
    assert found.keys() == {article.id for article in articles}
    for before in articles:
        after = found[before.id]
        assert (after.story.id, after.story.is_lead) == (older, before.id == older)
        assert after.duplicate_of == (None if before.id == older else older)
        assert (after.body, after.revision, after.first_seen_at) == (before.body, before.revision, before.first_seen_at)
        assert after.fetched_at - before.fetched_at <= timedelta(milliseconds=1)
    index.close()
