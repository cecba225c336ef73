"""The second part: provisional articles decided again, and documents that follow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from worker.errors import FeedmillError
from worker.extract import furniture as blocks
from worker.index.stories import in_place
from worker.models import MILLISECOND, Article, ArticleId, Decided, Taught, Verdict
from worker.ports import ArticleIndex, Furniture
from worker.query.ast import Equals, Node, Or
from worker.rebuilding.teach import BATCH, taught

if TYPE_CHECKING:
    from worker.rebuilding.rebuild import Parts

DECIDE_AT_ONCE = 50
PATIENCE_S = 120.0
"""For documents on their way to the index: a share that a killed worker had comes back after a minute."""
PAUSE_S = 0.2
MARKED: Node = Equals("story.provisional", True)


class OutboxStuck(FeedmillError):
    """`items` wait for the index and do not go."""

    def __init__(self, items: int) -> None:
        super().__init__(f"{items} documents in the outbox do not go")
        self.items = items


def in_batches(index: ArticleIndex, query: Node) -> Iterator[list[Article]]:
    index.refresh()
    found = iter(index.scan(query))
    while batch := list(islice(found, BATCH)):
        yield batch


def outbox_is_past(parts: Parts) -> None:
    """Wait until nothing waits for the index that was on its way when this was called; raises OutboxStuck."""
    asked = moved = time.monotonic()
    while True:
        items, _, oldest_s = parts.outbox.size()
        now = time.monotonic()
        if not items or oldest_s < now - asked:
            return
        if parts.write_some():
            moved = time.monotonic()
        elif now - moved > PATIENCE_S:
            raise OutboxStuck(items)
        else:
            time.sleep(PAUSE_S)
        parts.rebuild.beat()


def enlist(parts: Parts, articles: Sequence[Article]) -> int:
    """Those of them whose story is provisional; their turn is when they were fetched."""
    given = [(_bare(article, parts.furniture), article.fetched_at) for article in articles]
    number = parts.rebuild.enlist(given)
    parts.rebuild.beat()
    return number


def decide(parts: Parts) -> Iterator[Decided]:
    left = 1
    while left:
        done = parts.rebuild.decide(DECIDE_AT_ONCE)
        parts.rebuild.beat()
        left = done.left
        yield done


def write_all(parts: Parts) -> Iterator[tuple[int, int]]:
    """-> documents written so far, and those that would not go.

    First what was decided; then, once all that was under way has arrived, what still says that it is provisional.
    """
    written = left = 0
    ids = parts.rebuild.decided()
    for first in range(0, len(ids), BATCH):
        part = ids[first : first + BATCH]
        wanted = Or(tuple(Equals("id", id_) for id_ in part))
        done, missed = _write(parts, [article for batch in in_batches(parts.index, wanted) for article in batch])
        parts.rebuild.written([id_ for id_ in part if id_ not in missed])
        parts.rebuild.beat()
        written, left = written + done, left + len(missed)
        yield written, left
    outbox_is_past(parts)
    for batch in in_batches(parts.index, MARKED):
        # One that was assigned while no rebuild was at work, and arrived since.
        if enlist(parts, batch):
            for _ in decide(parts):
                pass
        done, missed = _write(parts, batch)
        written, left = written + done, left + len(missed)
        yield written, left


def _write(parts: Parts, articles: Sequence[Article]) -> tuple[int, set[ArticleId]]:
    placed = parts.stories.placed([article.id for article in articles])
    changed = [
        # A newer version of the same fetch: a write that was under way meanwhile must not undo it, the next fetch must.
        replace(after, fetched_at=article.fetched_at + MILLISECOND)
        for article in articles
        if article.id in placed and (after := in_place(article, placed[article.id])) != article
    ]
    results = parts.index.write(changed, []) if changed else []
    if changed:
        parts.changed({article.story.id for article in (*articles, *changed)})
    missed = {
        article.id
        for article, result in zip(changed, results, strict=True)
        if result.verdict not in (Verdict.STORED, Verdict.STALE)
    }
    return len(changed) - len(missed), missed


def _bare(article: Article, furniture: Furniture) -> Taught:
    """Compared without what is known as its site's furniture by now; the document itself is cleaned by the workers."""
    given = taught(article, compare=False)
    if not article.extraction.fulltext:
        return given
    lines = blocks.read(article.body)
    known = furniture.look(article.site, [block.mark for block in lines.blocks()])
    body = blocks.cut(lines, known).body
    return replace(given, fingerprint=taught(replace(article, body=body)).fingerprint)
