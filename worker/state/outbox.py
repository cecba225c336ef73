"""The `Outbox` port: finished documents on their way to the index, in a stream with one consumer group."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from worker.models import Article, ArticleId, Event, OutboxItem, Reason, State
from worker.state import codec
from worker.state.envelope import document_arguments, seal, unseal
from worker.state.limits import Limits
from worker.state.scripts import Scripts, ms, text

MOST_DEAD = 10_000
MOST_TOLD = 200
MOST_ASKS = 2


class RedisOutbox:
    """`idle_s`: an item that its consumer has not acknowledged for so long is given to another one."""

    def __init__(self, scripts: Scripts, limits: Limits, *, idle_s: float = 60.0) -> None:
        self._scripts = scripts
        self._epoch_ms = limits.epoch_ms
        self._idle_ms = ms(idle_s)

    def take(self, consumer: str, limit: int) -> list[OutboxItem]:
        items = []
        for receipt, deliveries, _, payload in self._scripts.run("outbox_take", consumer, limit, self._idle_ms):
            event, article = unseal(payload)
            items.append(OutboxItem(event, article, text(receipt), int(deliveries)))
        return items

    def ack(self, items: Sequence[tuple[OutboxItem, State, Reason]]) -> None:
        given: list[bytes | str] = []
        for number, (item, state, reason) in enumerate(items):
            told = len(items) - number <= MOST_TOLD
            event = codec.event_json(replace(item.event, state=state, reason=reason)) if told else b""
            given += (item.receipt, state.value, reason.value, event)
        if given:
            self._scripts.run("outbox_ack", *given)

    def dead_letter(self, item: OutboxItem, detail: str) -> None:
        """The reason is the event's when it says `failed`, else `index_rejected`."""
        failed = item.event.state is State.FAILED
        reason = item.event.reason if failed else Reason.INDEX_REJECTED
        event = replace(item.event, state=State.FAILED, reason=reason, detail=detail)
        self._scripts.run(
            "outbox_dead",
            item.receipt,
            State.FAILED.value,
            reason.value,
            codec.event_json(event),
            detail.encode("utf-8", "surrogatepass"),
            MOST_DEAD,
            *document_arguments(item.article, self._epoch_ms)[:2],
        )

    def size(self) -> tuple[int, int, float]:
        items, taken, age = self._scripts.run("outbox_size")
        return int(items), int(taken), int(age) / 1000

    def append_direct(self, event: Event, article: Article | None) -> None:
        self._scripts.run(
            "outbox_append",
            secrets.token_hex(8),
            seal(event, article),
            event.state.value,
            event.reason.value,
            codec.event_json(event),
            event.article_id,
            *document_arguments(article, self._epoch_ms),
        )

    def put_back(self, consumer: str, items: Sequence[OutboxItem]) -> None:
        """The index did not answer: the next `take` gets them at once, and this delivery does not count."""
        client: Any = self._scripts.client
        receipts = [item.receipt for item in items]
        if receipts:
            client.xclaim(
                self._scripts.key("outbox"), "index", consumer, 0, receipts,
                idle=self._idle_ms + 1000, retrycount=0, justid=True,
            )  # fmt: skip

    def find(self, article_id: ArticleId) -> OutboxItem | None:
        """The newest item of this article that waits to be written."""
        client: Any = self._scripts.client
        receipt = client.hget(self._scripts.key("outbox:ids"), article_id)
        for found, fields in client.xrange(self._scripts.key("outbox"), receipt, receipt) if receipt else ():
            event, article = unseal(fields[b"p"])
            return OutboxItem(event, article, text(found))
        return None

    def ask(self, batch_items: int, batch_wait_s: float) -> bool:
        """Is an index task wanted now? Noted as asked until a `take` answers it; at most two are unanswered."""
        return bool(self._scripts.run("outbox_ask", batch_items, ms(batch_wait_s), self._idle_ms, MOST_ASKS))

    def dead(self, limit: int) -> list[tuple[OutboxItem, str]]:
        """The newest dead letters and what the index said of them, newest first."""
        client: Any = self._scripts.client
        letters = []
        for receipt, fields in client.xrevrange(self._scripts.key("outbox:dead"), count=limit):
            _, article = unseal(fields[b"p"])
            item = OutboxItem(codec.read_event(fields[b"event"]), article, text(receipt))
            letters.append((item, text(fields[b"detail"])))
        return letters
