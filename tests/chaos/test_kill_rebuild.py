"""`feedmill rebuild` is killed in the middle while a worker indexes: started again, it ends as if nothing had been."""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.articles import make_article, make_event
from tests.mill import running
from tests.state import LIMITS
from tests.texts import edited, sentences, text
from tests.valkey import Valkey, valkey, valkey_server
from worker.deduplicate.fingerprint import fingerprint
from worker.index.documents import content_hash
from worker.models import Article, Phase, StoryRef
from worker.query.ast import Everything
from worker.state.outbox import RedisOutbox
from worker.state.rebuild import RedisRebuild
from worker.state.scripts import Scripts
from worker.state.stories import RedisStories
from worker.stores.sqlite.index import SqliteIndex

__all__ = ["valkey", "valkey_server"]
pytestmark = [pytest.mark.chaos, pytest.mark.timeout(180)]

STORIES, COPIES = 500, 3
KILLS = 3
DAYS = timedelta(days=3.5)
"""Less than an epoch: all of it is in the window, whatever day it is."""


def body_of(story: int, copy: int) -> str:
    base = sentences(story, 14)
    return text(base if not copy else edited(base, copy, 11))


def stored(story: int, copy: int, now: datetime) -> Article:
    moment = now - DAYS * ((STORIES - story) / STORIES) + timedelta(minutes=copy)
    body = body_of(story, copy)
    lead = make_article(f"https://s0.example/{story}")
    own = make_article(f"https://s{copy}.example/{story}")
    return make_article(
        own.url, body=body, word_count=len(body.split()), title=f"Story {story}", summary="", first_seen_at=moment,
        fetched_at=moment, published_at=moment, story=StoryRef(lead.id, copy == 0, 1.0 if copy == 0 else 0.8),
        duplicate_of=None if copy == 0 else lead.id,
    )  # fmt: skip


def test_rebuild_killed_in_the_middle_finishes_when_started_again(valkey: Valkey, tmp_path: Path) -> None:
    index = SqliteIndex(tmp_path / "data")
    index.setup()
    scripts = Scripts(valkey.client, "feedmill")
    now = scripts.now().astimezone(UTC).replace(microsecond=0)
    articles = [stored(story, copy, now) for story in range(STORIES) for copy in range(COPIES)]
    for first in range(0, len(articles), 500):
        index.write(articles[first : first + 500], [])
    before = {article.id: article for article in articles}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FEEDMILL_")}
    environment = {
        **clean,
        "FEEDMILL_REDIS__URL": valkey.url,
        "FEEDMILL_DATA_DIR": str(tmp_path / "data"),
        "FEEDMILL_WORKER__PROCESSES": "1",
        "FEEDMILL_INDEX__BATCH_WAIT_S": "0.2",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    stories, outbox = RedisStories(scripts, LIMITS), RedisOutbox(scripts, LIMITS)
    attempt = RedisRebuild(scripts, LIMITS)
    log = tmp_path / "log"
    came = 0

    def come(number: int) -> None:
        """A late copy of a story: assigned, and on its way to the index."""
        nonlocal came
        story = (7 * number) % STORIES
        body = body_of(story, 50 + number)
        article = make_article(f"https://late{number}.example/1", body=body, word_count=len(body.split()))
        answer = stories.assign(
            article.id, site=article.site, language="en", content=content_hash("", "", body),
            fingerprint=fingerprint(body, "en"), now=scripts.now(),
        )  # fmt: skip
        moment = scripts.now()
        story_ref = StoryRef(answer.story.id, answer.story.is_lead, answer.story.containment, answer.provisional)
        article = make_article(
            article.url, body=body, word_count=len(body.split()), story=story_ref, duplicate_of=answer.duplicate_of,
            first_seen_at=answer.first_seen_at, fetched_at=moment, published_at=moment,
        )  # fmt: skip
        outbox.append_direct(make_event(article.url, 1), article)
        came = number + 1

    with (
        running("scheduler", environment=environment, log=log),
        running("worker", "--queues", "index", environment=environment, log=log),
    ):
        come(0)
        for kill in range(KILLS):
            with running("rebuild", environment=environment, log=log) as rebuild:
                state = attempt.state()
                read = state.read if state else 0
                deadline = time.monotonic() + 60
                while rebuild.poll() is None and time.monotonic() < deadline:
                    state = attempt.state()
                    if came < 40:
                        come(came)
                    if state is not None and state.at_work and state.read > read + 100 * (kill + 1):
                        break
                    time.sleep(0.01)
                os.killpg(rebuild.pid, signal.SIGKILL)
                rebuild.wait(10)
            valkey.client.delete(scripts.key("rebuild:lease"))  # its minute is over
        state = attempt.state()
        assert state is not None
        assert state.phase is not Phase.DONE, "the kills came too late to prove anything"
        with running("rebuild", environment=environment, log=log) as rebuild:
            while rebuild.poll() is None:
                if came < 60:
                    come(came)
                time.sleep(0.01)
            assert rebuild.returncode == 0, log.read_text()[-3000:]
        deadline = time.monotonic() + 60
        while outbox.size()[0] or stories.unsettled(1):
            assert time.monotonic() < deadline, log.read_text()[-3000:]
            time.sleep(0.05)

    found = {article.id: article for article in index.scan(Everything())}
    assert len(found) == len(before) + came
    for id_, article in before.items():
        assert (found[id_].story, found[id_].duplicate_of) == (article.story, article.duplicate_of)
    astray = {}
    for number in range(came):
        late = found[make_article(f"https://late{number}.example/1").id]
        lead = make_article(f"https://s0.example/{(7 * number) % STORIES}")
        if (late.story.id, late.duplicate_of, late.story.provisional) != (lead.id, lead.id, False):
            astray[number] = late.story
    assert astray == {}
    index.close()
