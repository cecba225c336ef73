"""The first part: documents of the index, newest first, to the scripts: stories, addresses, seen entries, furniture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from types import TracebackType
from typing import Self

from worker.deduplicate.parameters import RULES
from worker.deduplicate.stage import fingerprint_of_document
from worker.extract.unfurnish import cut_lesson
from worker.index.documents import content_hash
from worker.models import Article, ArticleId, Fingerprint, Lesson, Taught
from worker.ports import Aliases, ArticleIndex, Furniture, Stories
from worker.query.ast import Between

BATCH = 100
"""Documents in one round trip: what others ask of Redis waits for a single script only, as always."""
EPOCH = timedelta(milliseconds=RULES.epoch_ms)
WINDOW = 2 * EPOCH
"""So far back a story may be open."""
SLICES = ((WINDOW, timedelta(hours=1)), (timedelta.max, timedelta(days=1)))
"""How far back -> how long the slices are that are read from there. Within one the first article comes first, as it
was when they were assigned: so a lead is known before its copies, and only it is kept to compare with."""


class Teacher:
    """Keeps in mind which leads are still to come whose copies came later than they.

    While one batch is with Redis the next is read and fingerprinted. `opens`: texts that were met before belong to no
    open story.
    """

    def __init__(self, stories: Stories, aliases: Aliases, furniture: Furniture, opens: datetime) -> None:
        self._stories = stories
        self._aliases = aliases
        self._furniture = furniture
        self._opens = opens
        self._awaited: dict[ArticleId, datetime] = {}
        self._sender = ThreadPoolExecutor(1, "teacher")
        self._sent: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sender.shutdown(cancel_futures=True)

    def teach(self, articles: Sequence[Article]) -> None:
        taught = [self._of(article) for article in articles]
        lessons = [lesson for lesson in map(cut_lesson, articles) if lesson is not None]
        self.wait()
        self._sent = self._sender.submit(self._send, taught, lessons)

    def wait(self) -> None:
        """Until all that was given is taught; raises what went wrong with it."""
        if self._sent is not None:
            self._sent.result()
            self._sent = None

    def _send(self, taught: Sequence[Taught], lessons: Sequence[Lesson]) -> None:
        self._stories.restore_all(taught)
        self._aliases.restore_all(taught)
        self._furniture.learn_all(lessons)

    def _of(self, article: Article) -> Taught:
        met = self._awaited.pop(article.id, article.fetched_at)
        lead = article.duplicate_of
        if lead is not None and article.fetched_at >= self._opens:
            self._awaited[lead] = max(self._awaited.get(lead, met), met)
        return taught(article, met=met, compare=met >= self._opens)


def taught(article: Article, *, met: datetime | None = None, compare: bool = True) -> Taught:
    """`compare`: its copies are still to be found, so its fingerprint is wanted."""
    found = fingerprint_of_document(article) if compare else Fingerprint()
    return Taught(article, content_hash(article.title, article.summary, article.body), found, met)


def slices(until: datetime, back_to: datetime) -> Iterator[tuple[datetime, datetime]]:
    """[from, to) that cover the time between, the newest first."""
    high = until
    while high > back_to:
        length = next(length for most, length in SLICES if until - high < most)
        low = max(back_to, high - length)
        yield low, high
        high = low


def batches(index: ArticleIndex, low: datetime, high: datetime) -> Iterator[list[Article]]:
    """What was first seen from `low` to before `high`, the first seen first."""
    found = iter(index.scan(Between("first_seen_at", low=low, high=high, include_high=False)))
    while batch := list(islice(found, BATCH)):
        yield batch


def opens(now: datetime) -> datetime:
    """The beginning of the epoch before this one."""
    since_1970 = now - datetime(1970, 1, 1, tzinfo=now.tzinfo)
    return datetime(1970, 1, 1, tzinfo=now.tzinfo) + (since_1970 // EPOCH - 1) * EPOCH
