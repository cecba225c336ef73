"""`Stories` over a real Valkey: revisions, exact copies, replays, and races."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import timedelta
from multiprocessing.synchronize import Barrier

import pytest

from tests.articles import make_article
from tests.state import LIMITS, NOW, Mill, indexed
from tests.valkey import Valkey
from worker.models import ArticleId, Assignment, Fingerprint, Reason, State, StoryRef
from worker.state.scripts import Scripts
from worker.state.server import connect
from worker.state.stories import RedisStories
from worker.urls import article_id

DAY = 86400
ONE, TWO = article_id("https://a.example/1"), article_id("https://b.example/2")
TEXT, OTHER = b"t" * 16, b"o" * 16


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def assign(mill: Mill, id_: ArticleId, content: bytes, exact: bytes | None = TEXT, days: float = 0) -> Assignment:
    now = NOW + timedelta(days=days)
    return mill.stories.assign(
        id_, site="a.example", language="en", content=content, fingerprint=Fingerprint(exact), now=now
    )


def deliver(mill: Mill, url: str, answer: Assignment) -> None:
    event, article = indexed(url)
    mill.offer([url])
    [claim] = mill.frontier.claim(1)
    article = replace(article, revision=answer.revision, story=answer.story)
    assert mill.frontier.finish_document(claim, event, article)


def test_the_first_with_a_text_leads_and_the_next_is_its_copy(mill: Mill) -> None:
    first, second = assign(mill, ONE, b"1" * 16), assign(mill, TWO, b"2" * 16)
    assert (first.story, first.duplicate_of) == (StoryRef(ONE, True, 1.0), None)
    assert (second.story, second.duplicate_of) == (StoryRef(ONE, False, 1.0), ONE)
    assert (first.revision, first.unchanged, first.first_seen_at) == (1, False, NOW)


def test_a_text_too_short_to_group_stands_alone(mill: Mill) -> None:
    for id_ in (ONE, TWO):
        assert assign(mill, id_, b"s" * 16, exact=None).story == StoryRef(id_, True, 1.0)


def test_the_same_version_gets_the_same_answer_until_it_is_delivered(mill: Mill) -> None:
    """A worker that died between the answer and the outbox must not turn the article into `unchanged`."""
    first = assign(mill, ONE, b"1" * 16)
    assert assign(mill, ONE, b"1" * 16, days=1) == first
    deliver(mill, "https://a.example/1", first)
    again = assign(mill, ONE, b"1" * 16, days=2)
    assert again == replace(first, unchanged=True)


def test_other_content_is_the_next_revision_of_the_same_article(mill: Mill) -> None:
    first = assign(mill, ONE, b"1" * 16)
    deliver(mill, "https://a.example/1", first)
    second = assign(mill, ONE, b"2" * 16, exact=OTHER, days=1)
    assert (second.revision, second.unchanged, second.first_seen_at) == (2, False, NOW)
    assert second.story == first.story
    assert assign(mill, ONE, b"2" * 16, exact=OTHER, days=1) == second
    assert assign(mill, TWO, b"3" * 16, exact=OTHER).duplicate_of == ONE, "copies of the new text join the story"


def test_a_stale_delivery_does_not_settle_a_newer_version(mill: Mill) -> None:
    first = assign(mill, ONE, b"1" * 16)
    second = assign(mill, ONE, b"2" * 16)
    deliver(mill, "https://a.example/1", first)
    assert assign(mill, ONE, b"2" * 16) == second


def test_a_copy_that_changes_stays_in_its_story(mill: Mill) -> None:
    assign(mill, ONE, b"1" * 16)
    assign(mill, TWO, b"2" * 16)
    assert assign(mill, TWO, b"3" * 16, exact=OTHER).story == StoryRef(ONE, False, 1.0)


def test_a_story_takes_in_copies_for_four_to_eight_days_after_the_last_one(mill: Mill) -> None:
    number = 0

    def copy() -> Assignment:
        nonlocal number
        number += 1
        return assign(mill, article_id(f"https://c.example/{number}"), number.to_bytes(16, "big"))

    lead = copy()
    for _ in range(5):
        mill.later(3.9 * DAY)
        assert copy().story.id == lead.story.id
    mill.later(8.1 * DAY)
    assert copy().story.is_lead


def test_restore_teaches_a_document_that_the_index_holds(mill: Mill) -> None:
    now = mill.scripts.now()
    story = StoryRef(TWO, False, 1.0)
    article = make_article("https://a.example/1", revision=4, story=story, duplicate_of=TWO, first_seen_at=now)
    article = replace(article, id=ONE)
    mill.stories.restore(article, content=b"1" * 16, fingerprint=Fingerprint(TEXT))
    again = assign(mill, ONE, b"1" * 16)
    assert (again.revision, again.unchanged, again.story, again.duplicate_of) == (4, True, story, TWO)
    assert again.first_seen_at == now
    assert assign(mill, article_id("https://c.example/"), b"3" * 16).story.id == TWO
    mill.stories.restore(replace(article, revision=2), content=b"0" * 16, fingerprint=Fingerprint(TEXT))
    assert assign(mill, ONE, b"1" * 16).revision == 4, "an older version teaches nothing"


def test_restoring_an_old_document_does_not_open_its_story_again(mill: Mill) -> None:
    old = make_article(first_seen_at=mill.scripts.now() - timedelta(days=9), story=StoryRef(ONE, True, 1.0))
    mill.stories.restore(old, content=b"1" * 16, fingerprint=Fingerprint(TEXT))
    assert assign(mill, TWO, b"2" * 16).story.is_lead


def test_a_dead_letter_is_not_taken_for_delivered(mill: Mill) -> None:
    first = assign(mill, ONE, b"1" * 16)
    deliver(mill, "https://a.example/1", first)
    [item] = mill.outbox.take("w", 1)
    mill.outbox.dead_letter(item, "mapping")
    assert assign(mill, ONE, b"1" * 16) == first
    assert mill.ledger.counts().reasons == {(State.FAILED, Reason.INDEX_REJECTED): 1}


def _race(url: str, number: int, stories: int, barrier: Barrier, answers: multiprocessing.Queue[list[str]]) -> None:
    client = connect(url)
    here = RedisStories(Scripts(client, "test"), LIMITS)
    found = []
    barrier.wait()
    for story in range(stories):
        id_ = article_id(f"https://s{number}.example/{story}")
        content = (number * stories + story).to_bytes(16, "big")
        exact = story.to_bytes(16, "little")
        answer = here.assign(id_, site="s", language="en", content=content, fingerprint=Fingerprint(exact), now=NOW)
        found.append(answer.story.id)
    answers.put(found)
    client.close()


def test_four_processes_never_open_the_same_story_twice(valkey: Valkey) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_race, args=(valkey.url, n, 500, barrier, answers)) for n in range(4)]
    for process in processes:
        process.start()
    found = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(10)
    for same in zip(*found, strict=True):
        assert len(set(same)) == 1
