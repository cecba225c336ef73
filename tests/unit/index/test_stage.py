"""The pure half of the index stage: stamping, and what a verdict means. The rest runs in tests/contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.articles import NOON, make_article, make_event
from worker.index.documents import as_known
from worker.index.stage import judge, settle
from worker.models import Article, Known, OutboxItem, Reason, State, StoryRef, Verdict, WriteResult
from worker.urls import article_id

LATER = NOON + timedelta(days=40)
LEAD = article_id("https://lead.example/1")
STORED = StoryRef(LEAD, False, 0.8)


def item(deliveries: int = 1, **changes: object) -> OutboxItem:
    article = make_article(fetched_at=LATER, first_seen_at=LATER, **changes)
    return OutboxItem(make_event(), article, receipt="1-0", deliveries=deliveries)


def known(body: str, revision: int = 3) -> Known:
    return as_known(make_article(body=body, revision=revision, story=STORED, duplicate_of=LEAD))


def recalled(article: Article, before: Known) -> Article:
    return replace(article, story=before.story, duplicate_of=before.duplicate_of)


def not_asked(article: Article, before: Known) -> Article:
    raise AssertionError("only what Redis forgot is recalled")


def test_a_new_article_is_only_stamped() -> None:
    settled = settle(item(), {}, LATER, not_asked)
    assert settled.article is not None
    assert (settled.article.indexed_at, settled.article.revision) == (LATER, 1)
    assert settled.event.state is State.INDEXED


def test_what_redis_forgot_and_the_index_knows_becomes_its_next_revision() -> None:
    before = item()
    assert before.article is not None
    settled = settle(before, {before.article.id: known("another text")}, LATER, recalled)
    assert settled.article is not None
    assert (settled.article.first_seen_at, settled.article.revision) == (NOON, 4)
    assert (settled.article.story, settled.article.duplicate_of) == (STORED, LEAD), "its story is what it was"
    assert (settled.event.state, settled.event.reason) == (State.UPDATED, Reason.NEW_VERSION)


def test_the_same_text_found_again_keeps_its_revision() -> None:
    before = item()
    assert before.article is not None
    settled = settle(before, {before.article.id: known(before.article.body)}, LATER, recalled)
    assert settled.article is not None
    assert (settled.article.first_seen_at, settled.article.revision) == (NOON, 3)
    assert settled.event.state is State.UNCHANGED


def test_its_own_first_write_delivered_again_is_no_update() -> None:
    before = item()
    assert before.article is not None
    own = as_known(before.article)
    assert settle(before, {before.article.id: own}, LATER, not_asked).event.state is State.INDEXED


@pytest.mark.parametrize(
    ("result", "deliveries", "state", "reason", "dead"),
    [
        (WriteResult(Verdict.STORED), 1, State.INDEXED, Reason.STORED, False),
        (WriteResult(Verdict.STALE), 1, State.INDEXED, Reason.OLDER_VERSION, False),
        (WriteResult(Verdict.RETRY), 1, None, None, False),
        (WriteResult(Verdict.RETRY, "busy"), 20, State.FAILED, Reason.INDEX_REJECTED, True),
        (WriteResult(Verdict.REJECTED, "bad date"), 1, State.FAILED, Reason.INDEX_REJECTED, True),
        (WriteResult(Verdict.TOO_LARGE), 1, State.FAILED, Reason.INDEX_TOO_LARGE, True),
        (None, 1, State.INDEXED, Reason.STORED, False),
    ],
)
def test_verdicts(
    result: WriteResult | None, deliveries: int, state: State | None, reason: Reason | None, dead: bool
) -> None:
    _, event, is_dead = judge(item(deliveries), result, LATER, 20)
    assert (event.state if event else None, event.reason if event else None) == (state, reason)
    assert is_dead is dead
