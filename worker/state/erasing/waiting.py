"""Articles on their way: in the frontier, in the outbox, among the dead letters, and in the list of the last events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from worker.errors import ServerError
from worker.index.erased import (
    domains_of,
    erased_event,
    hashes_of,
    in_domains,
    is_scrubbed,
    keys_of,
    keys_of_event,
    scrubbed,
)
from worker.models import Article, ArticleId, Event, OutboxItem, Reason, Sought, State, WorkItem
from worker.state import codec
from worker.state.envelope import seal, unseal
from worker.state.scripts import Scripts, ms, text

PORTION = 500
IDLE_S = 60.0
"""As in state/outbox.py: an item that a worker has had so long is nobody's."""
IN_HAND_S = 3 * IDLE_S
LOOK_AGAIN_S = 0.3


class Pending:
    """Queued, delayed, or in a worker's hand."""

    name = "frontier"

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def items(self, sought: Sought) -> Iterator[WorkItem]:
        client: Any = self._scripts.client
        key = self._scripts.key
        for id_, payload in client.hscan_iter(key("articles:payload"), count=PORTION):
            meta = client.hget(key("articles:meta"), id_)
            if meta is None:
                continue
            item = codec.read_item(ArticleId(text(id_)), payload, codec.read_meta(meta))
            if item.article_id in sought.ids or not keys_of_item(item).isdisjoint(sought.keys):
                yield item

    def held(self, sought: Sought) -> int:
        return sum(1 for _ in self.items(sought))

    def erase(self, sought: Sought) -> int:
        gone = 0
        now = self._scripts.now()
        for item in list(self.items(sought)):
            event = erased_event(item.article_id, item.offer, _feed(item.feed_url, sought), now)
            gone += int(self._scripts.run("erase_pending", item.article_id, seal(event, None), codec.event_json(event)))
        return gone


class Waiting:
    """Finished documents and events that are not written yet."""

    name = "outbox"

    def __init__(self, scripts: Scripts, sleep: Callable[[float], None] = time.sleep) -> None:
        self._scripts = scripts
        self._sleep = sleep

    def items(self, sought: Sought) -> Iterator[OutboxItem]:
        for receipt, fields in _entries(self._scripts, "outbox"):
            event, article = unseal(fields[b"p"])
            if is_sought(sought, event, article):
                yield OutboxItem(event, article, receipt)

    def held(self, sought: Sought) -> int:
        return sum(1 for _ in self.items(sought))

    def erase(self, sought: Sought) -> int:
        """What a worker has in hand is waited for: it is written by then, and can be found, or was held back."""
        gone, waited = 0, 0.0
        while True:
            found = list(self.items(sought))
            given: list[bytes | str] = []
            for item in found:
                event = scrubbed(item.event)
                if item.article is not None:
                    event = replace(event, state=State.REFUSED, reason=Reason.ERASED)
                given += (item.receipt, seal(event, None))
            answer = self._scripts.run("erase_outbox", ms(IDLE_S), *given) if given else []
            gone += sum(int(each) == 1 for each in answer)
            if not any(int(each) == 0 for each in answer):
                return gone
            if waited > IN_HAND_S:
                raise ServerError("a worker has had a document of it in hand for minutes; run the command again later")
            self._sleep(LOOK_AGAIN_S)
            waited += LOOK_AGAIN_S


class Dead:
    """Documents that the index refused."""

    name = "dead letters"

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def _receipts(self, sought: Sought) -> list[str]:
        return [
            receipt
            for receipt, fields in _entries(self._scripts, "outbox:dead")
            if is_sought(sought, codec.read_event(fields[b"event"]), unseal(fields[b"p"])[1])
        ]

    def held(self, sought: Sought) -> int:
        return len(self._receipts(sought))

    def erase(self, sought: Sought) -> int:
        receipts = self._receipts(sought)
        return int(self._scripts.run("erase_dead", *receipts)) if receipts else 0


class Recent:
    """The newest final events, for `feedmill run` and `status` to show."""

    name = "last events"

    def __init__(self, scripts: Scripts) -> None:
        self._client: Any = scripts.client
        self._key = scripts.key("recent")

    def _rows(self, sought: Sought) -> list[bytes]:
        rows = self._client.lrange(self._key, 0, -1)
        return [row for row in rows if is_sought(sought, codec.read_event(row), None)]

    def held(self, sought: Sought) -> int:
        return len(self._rows(sought))

    def erase(self, sought: Sought) -> int:
        return sum(int(self._client.lrem(self._key, 0, row)) for row in self._rows(sought))


def keys_of_item(item: WorkItem) -> set[str]:
    keys: set[str] = {item.article_id}
    for url in {item.url, item.entry.url, *item.hops}:
        keys.update(hashes_of(url))
    for url in (item.url, item.entry.url):
        keys.update(domains_of(url))
    return keys


def is_sought(sought: Sought, event: Event, article: Article | None) -> bool:
    """What says no more than a hash is not."""
    if article is not None and (article.id in sought.ids or not keys_of(article).isdisjoint(sought.keys)):
        return True
    if is_scrubbed(event):
        return False
    return event.article_id in sought.ids or not keys_of_event(event).isdisjoint(sought.keys)


def _feed(url: str, sought: Sought) -> str:
    return "" if in_domains(sought.domains, url) else url


def _entries(scripts: Scripts, stream: str) -> Iterator[tuple[str, dict[bytes, bytes]]]:
    client: Any = scripts.client
    start = "-"
    while part := client.xrange(scripts.key(stream), start, "+", count=PORTION):
        for receipt, fields in part:
            yield text(receipt), fields
        start = f"({text(part[-1][0])}"
