"""The same story arrives at the same instant in several processes; some of them die on the way."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from multiprocessing.synchronize import Barrier

import pytest

from tests.state import LIMITS, NOW, Mill
from tests.valkey import Valkey
from worker.models import ArticleId, Fingerprint
from worker.state.scripts import Scripts
from worker.state.server import connect
from worker.state.stories import RedisStories
from worker.urls import article_id

PROCESSES = 4
RACES = 10_000
HASHES = 12  # a short text's worth keeps the test short; the script is the same


def copy_of(story: int, process: int) -> tuple[ArticleId, bytes, Fingerprint]:
    """Every process has an edited copy of its own: all shingle hashes but one in common, never an equal text."""
    shared = hashlib.shake_128(f"story {story}".encode()).digest(4 * (HASHES - 1))
    own = hashlib.shake_128(f"copy {story} {process}".encode()).digest(4)
    hashes = sorted({(shared + own)[at : at + 4] for at in range(0, 4 * HASHES, 4)})
    content = (story * PROCESSES + process).to_bytes(16, "little")
    found = Fingerprint(
        exact=content,
        words=300,
        hashes=b"".join(hashes),
        anchors=8,
        segments=bytes(number % 8 for number in range(len(hashes))),
    )
    return article_id(f"https://site{process}.example/{story}"), content, found


def assign(stories: RedisStories, story: int, process: int) -> tuple[str, int]:
    id_, content, found = copy_of(story, process)
    answer = stories.assign(
        id_, site=f"site{process}.example", language="en", content=content, fingerprint=found, now=NOW
    )
    return answer.story.id, answer.revision


def _race(
    url: str, process: int, races: int, barrier: Barrier, answers: multiprocessing.Queue[tuple[int, list[str]]]
) -> None:
    client = connect(url)
    here = RedisStories(Scripts(client, "test"), LIMITS)
    found = []
    for story in range(races):
        id_, content, fingerprint = copy_of(story, process)
        barrier.wait(60)
        answer = here.assign(
            id_, site=f"site{process}.example", language="en", content=content, fingerprint=fingerprint, now=NOW
        )
        found.append(answer.story.id)
        if story % 10 == process:  # the answer was lost: the worker asks again
            assert assign(here, story, process)[0] == found[-1]
    answers.put((process, found))
    client.close()


@pytest.mark.timeout(300)
def test_ten_thousand_races_split_no_story(valkey: Valkey) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(PROCESSES), context.Queue()
    runners = [
        context.Process(target=_race, args=(valkey.url, number, RACES, barrier, answers)) for number in range(PROCESSES)
    ]
    for runner in runners:
        runner.start()
    found = dict(answers.get(timeout=280) for _ in runners)
    for runner in runners:
        runner.join(10)
    winners: Counter[int] = Counter()
    for story in range(RACES):
        named = {found[process][story] for process in range(PROCESSES)}
        assert len(named) == 1, f"story {story} was split"
        [name] = named
        winners[next(p for p in range(PROCESSES) if name == copy_of(story, p)[0])] += 1
    assert len(winners) == PROCESSES, f"each process should have been first now and then: {winners}"


def _until_killed(url: str, process: int, races: int) -> None:
    client = connect(url)
    here = RedisStories(Scripts(client, "test"), LIMITS)
    for story in range(races):
        assign(here, story, process)
    client.close()


def test_killed_in_the_middle_and_started_again(valkey: Valkey) -> None:
    """kill -9 at any moment: what was decided stays decided, and nothing is decided twice."""
    context = multiprocessing.get_context("spawn")
    races, rng = 300, random.Random(7)
    for _ in range(3):
        runners = [
            context.Process(target=_until_killed, args=(valkey.url, number, races)) for number in range(PROCESSES)
        ]
        for runner in runners:
            runner.start()
        before = _assigned(valkey)
        while _assigned(valkey) == before and any(runner.is_alive() for runner in runners):
            time.sleep(0.005)
        time.sleep(rng.uniform(0.01, 0.15))
        for runner in runners:
            if runner.is_alive() and runner.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(runner.pid, signal.SIGKILL)
            runner.join(10)
    mill = Mill(valkey.client)
    for story in range(races):
        answers = {assign(mill.stories, story, process) for process in range(PROCESSES)}
        assert len(answers) == 1, f"story {story} was split, or a version was counted twice: {answers}"
        assert answers.pop()[1] == 1


def _assigned(valkey: Valkey) -> int:
    return int(valkey.client.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"])
