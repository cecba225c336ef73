"""index: write finished documents in bulk, and acknowledge them only by the verdict of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.errors import IndexUnavailable
from worker.index.documents import content_hash
from worker.index.stories import seen_through
from worker.models import (
    ArticleId,
    Event,
    Known,
    OutboxItem,
    Reason,
    Stage,
    State,
    Step,
    Verdict,
    WriteResult,
)
from worker.ports import ArticleIndex, Outbox, Stories

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


def index_batch(
    outbox: Outbox,
    index: ArticleIndex,
    stories: Stories,
    *,
    consumer: str,
    limit: int,
    now: datetime,
    max_deliveries: int,
) -> Indexed:
    """Take up to `limit` items, write them, acknowledge by verdict.

    Raises IndexUnavailable with nothing acknowledged: the items are delivered again, and this time does not count.
    """
    items = outbox.take(consumer, limit)
    if not items:
        return Indexed(0, {}, 0)
    try:
        return _write(seen_through(items, stories), outbox, index, now=now, max_deliveries=max_deliveries)
    except IndexUnavailable:
        outbox.put_back(consumer, items)
        raise


def _write(
    items: Sequence[OutboxItem], outbox: Outbox, index: ArticleIndex, *, now: datetime, max_deliveries: int
) -> Indexed:
    documents = [item.article for item in items if item.article is not None]
    known = index.known([article.id for article in documents if article.revision == 1])
    settled = [settle(item, known, now) for item in items]
    articles = [item.article for item in settled if item.article is not None]
    results = iter(index.write(articles, []))
    judged = [judge(item, next(results) if item.article else None, now, max_deliveries) for item in settled]
    index.write([], [event for _, event, _ in judged if event is not None])

    for item, event, dead in judged:
        if dead and event is not None:
            outbox.dead_letter(replace(item, event=event), event.detail)
    outbox.ack([(item, event.state, event.reason) for item, event, dead in judged if event is not None and not dead])
    states = Counter(event.state for _, event, _ in judged if event is not None)
    return Indexed(len(items), dict(states), sum(event is None for _, event, _ in judged))


def settle(item: OutboxItem, known: Mapping[ArticleId, Known], now: datetime) -> OutboxItem:
    """Stamp the document; one that Redis took for new but the index already holds becomes its next revision.

    Happens after Redis was lost, or when an article comes back after its record there has expired: the index is
    the system of record, so `first_seen_at` (and with it the monthly index) stays what it was.
    """
    article = item.article
    if article is None:
        return item
    before = known.get(article.id) if article.revision == 1 else None
    if before is None or before.fetched_at >= article.fetched_at:
        return replace(item, article=replace(article, indexed_at=now))
    same = content_hash(before.title, "", before.body) == content_hash(article.title, "", article.body)
    revision = before.revision if same else before.revision + 1
    merged = replace(article, first_seen_at=before.first_seen_at, revision=revision, indexed_at=now)
    state, reason = (State.UNCHANGED, Reason.SAME_CONTENT) if same else (State.UPDATED, Reason.NEW_VERSION)
    return replace(item, article=merged, event=replace(item.event, state=state, reason=reason))


def judge(
    item: OutboxItem, result: WriteResult | None, now: datetime, max_deliveries: int
) -> tuple[OutboxItem, Event | None, bool]:
    """-> item, its final event (None: comes again), whether it is a dead letter."""
    event = item.event
    if result is None:
        return item, event, False
    if result.verdict is Verdict.RETRY and item.deliveries < max_deliveries:
        return item, None, False
    if result.verdict in (Verdict.STORED, Verdict.STALE):
        reason = Reason.OLDER_VERSION if result.verdict is Verdict.STALE else event.reason
        return item, _close(event, event.state, reason, "", now), False
    reason = FINAL.get(result.verdict, Reason.INDEX_REJECTED)
    return item, _close(event, State.FAILED, reason, result.detail, now), True


def _close(event: Event, state: State, reason: Reason, detail: str, now: datetime) -> Event:
    outcome = "ok" if state is not State.FAILED else state.value
    step = Step(Stage.INDEX, now, outcome, reason, detail)
    detail = detail or event.detail
    return replace(event, state=state, reason=reason, detail=detail, at=now, steps=(*event.steps, step))
