"""index: write finished documents in bulk, and acknowledge them only by the verdict of each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.errors import IndexUnavailable
from worker.index.documents import content_hash
from worker.index.erased import scrubbed
from worker.index.lag import measured
from worker.index.stories import seen_through
from worker.models import (
    Article,
    ArticleId,
    Event,
    Known,
    Lag,
    NoLag,
    OutboxItem,
    Reason,
    Stage,
    State,
    Step,
    Verdict,
    WriteResult,
)
from worker.ports import ArticleIndex, Outbox, Stories

Recall = Callable[[Article, Known], Article]
"""A new version of a document, and what the index holds of it -> the version in the story that it stays in."""

FINAL: Mapping[Verdict, Reason] = {
    Verdict.REJECTED: Reason.INDEX_REJECTED,
    Verdict.TOO_LARGE: Reason.INDEX_TOO_LARGE,
}


@dataclass(frozen=True, slots=True)
class Indexed:
    """What one batch came to. `retried` items stay in the outbox and come again."""

    taken: int
    states: Mapping[State, int]
    retried: int
    erased: tuple[Article, ...] = ()
    """Held back: what was remembered of them on their way is to be forgotten."""


def index_batch(
    outbox: Outbox,
    index: ArticleIndex,
    stories: Stories,
    *,
    consumer: str,
    limit: int,
    now: datetime,
    max_deliveries: int,
    recall: Recall,
    changed: Callable[[Collection[str]], None] = lambda _: None,
    given_up: Callable[[Event], None] = lambda _: None,
) -> Indexed:
    """Take up to `limit` items, write them, acknowledge by verdict.

    `changed` is told of the stories of what was written, `given_up` of each document that the index will not take.
    `recall`: the story that an article stays in which Redis took for new, though the index holds it.
    Raises IndexUnavailable with nothing acknowledged: the items are delivered again, and this time does not count.
    """
    items = outbox.take(consumer, limit)
    if not items:
        return Indexed(0, {}, 0)
    try:
        current = seen_through(items, stories)
        done, told, dead = _write(current, outbox, index, now=now, max_deliveries=max_deliveries, recall=recall)
    except IndexUnavailable:
        outbox.put_back(consumer, items)
        raise
    if told:
        changed(told)
    for event in dead:
        given_up(event)
    return done


def _write(
    items: Sequence[OutboxItem],
    outbox: Outbox,
    index: ArticleIndex,
    *,
    now: datetime,
    max_deliveries: int,
    recall: Recall,
) -> tuple[Indexed, set[str], list[Event]]:
    """-> what it came to, the stories of what was stored, the events of what was given up."""
    documents = [item.article for item in items if item.article is not None]
    known = index.known([article.id for article in documents if article.revision == 1])
    settled = [settle(item, known, now, recall) for item in items]
    articles = [item.article for item in settled if item.article is not None]
    started = time.monotonic()
    written = index.write(articles, [])
    took_ms = int((time.monotonic() - started) * 1000)
    results = iter(written)
    judged = [judge(item, next(results) if item.article else None, now, max_deliveries, took_ms) for item in settled]
    index.write([], [event for _, event, _ in judged if event is not None])

    for item, event, dead in judged:
        if dead and event is not None:
            outbox.dead_letter(replace(item, event=event), event.detail)
    # With the event as it ended: of what was erased meanwhile the scrubbed one.
    outbox.ack(
        [
            (replace(item, event=event), event.state, event.reason)
            for item, event, dead in judged
            if event is not None and not dead
        ]
    )
    states = Counter(event.state for _, event, _ in judged if event is not None)
    erased = tuple(
        item.article for item, event, _ in judged if item.article and event and event.reason is Reason.ERASED
    )
    told = {
        article.story.id for article, result in zip(articles, written, strict=True) if result.verdict is Verdict.STORED
    }
    lost = [event for _, event, dead in judged if dead and event is not None]
    return Indexed(len(items), dict(states), sum(event is None for _, event, _ in judged), erased), told, lost


def settle(item: OutboxItem, known: Mapping[ArticleId, Known], now: datetime, recall: Recall) -> OutboxItem:
    """Stamp the document; one that Redis took for new but the index already holds becomes its next revision.

    Happens after Redis was lost, or when an article comes back after its record there has expired: the index is
    the system of record, so `first_seen_at` (and with it the monthly index) and the story stay what they were.
    """
    article = item.article
    if article is None:
        return item
    if not item.event.attempts:  # an import: what it says of itself, if anything, is older than this write
        return replace(item, article=replace(article, indexed_at=now, lag=article.lag or Lag(left_out=NoLag.IMPORTED)))
    before = known.get(article.id) if article.revision == 1 else None
    if before is None or before.fetched_at >= article.fetched_at:
        return replace(item, article=replace(article, indexed_at=now, lag=measured(article, now)))
    same = content_hash(before.title, "", before.body) == content_hash(article.title, "", article.body)
    revision = before.revision if same else before.revision + 1
    merged = replace(article, first_seen_at=before.first_seen_at, revision=revision, indexed_at=now)
    merged = recall(replace(merged, lag=Lag(left_out=NoLag.REVISED)), before)
    state, reason = (State.UNCHANGED, Reason.SAME_CONTENT) if same else (State.UPDATED, Reason.NEW_VERSION)
    return replace(item, article=merged, event=replace(item.event, state=state, reason=reason))


def judge(
    item: OutboxItem, result: WriteResult | None, now: datetime, max_deliveries: int, took_ms: int = 0
) -> tuple[OutboxItem, Event | None, bool]:
    """-> item, its final event (None: comes again), whether it is a dead letter. `took_ms`: the whole bulk write."""
    event = item.event
    if result is None:
        return item, event, False
    if result.verdict is Verdict.RETRY and item.deliveries < max_deliveries:
        return item, None, False
    if result.verdict in (Verdict.STORED, Verdict.STALE):
        reason = Reason.OLDER_VERSION if result.verdict is Verdict.STALE else event.reason
        return item, _close(event, event.state, reason, "", now, took_ms), False
    if result.verdict is Verdict.ERASED:
        return item, scrubbed(_close(event, State.REFUSED, Reason.ERASED, "", now, took_ms)), False
    reason = FINAL.get(result.verdict, Reason.INDEX_REJECTED)
    return item, _close(event, State.FAILED, reason, result.detail, now, took_ms), True


def _close(event: Event, state: State, reason: Reason, detail: str, now: datetime, took_ms: int) -> Event:
    outcome = "ok" if state is not State.FAILED else state.value
    step = Step(Stage.INDEX, now, outcome, reason, detail, took_ms)
    detail = detail or event.detail
    return replace(event, state=state, reason=reason, detail=detail, at=now, steps=(*event.steps, step))
