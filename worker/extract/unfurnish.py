"""The body of an article without what is known as its site's furniture."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.extract import furniture, plain
from worker.models import Article, ArticleId, Block, CleaningJob, Extracted, Lesson
from worker.ports import Furniture

LONG_WORD = 30
MOST_EARLIER = 30
SHORT_QUALITY = 0.3
"""Most that an article is worth whose own text is shorter than `min_words`."""


@dataclass(frozen=True, slots=True)
class Unfurnished:
    extracted: Extracted
    lines: furniture.Lines
    """The body as the page gave it: what is learned from."""
    known: Mapping[bytes, int]
    """Which of its blocks were furniture already, and since when (`Furniture.look`)."""
    marks: tuple[bytes, ...]
    """What was cut."""

    @property
    def detail(self) -> str:
        """For the ledger; empty where nothing was cut."""
        number = len(self.marks)
        return f"{number} block{'s' if number > 1 else ''} of site furniture cut" if number else ""

    def earlier(self) -> tuple[str, ...]:
        """The body as it was cut, or not, when less was known; newest first.

        Furniture becomes known in an order, so these are the bodies that may have been stored of this very text: the
        last ones and the whole. It is done again for each, in the worker's loop.
        """
        marks = sorted(self.marks, key=lambda mark: self.known[mark])
        numbers = [*reversed(range(max(1, len(marks) - MOST_EARLIER), len(marks))), 0]
        return tuple(furniture.cut(self.lines, marks[:number]).body for number in numbers)


def unfurnish(extracted: Extracted, site: str, memory: Furniture, *, min_words: int) -> Unfurnished:
    """Look up the body's blocks and cut those that are furniture of the site.

    What remains stays an article even where it has fewer than `min_words` words: the page was judged to be one, at
    least a fifth of the text is left, and a verdict must not depend on when the box was learned. Its quality says so.
    """
    if not extracted.fulltext:
        return Unfurnished(extracted, furniture.Lines("", ()), {}, ())
    lines = furniture.read(extracted.body)
    known = memory.look(site, [block.mark for block in lines.blocks()])
    cut = furniture.cut(lines, known)
    if not cut.marks:
        return Unfurnished(extracted, lines, known, ())
    quality = quality_of(extracted.quality, cut.body, min_words)
    marks = tuple(mark.hex() for mark in cut.marks)
    return Unfurnished(replace(extracted, body=cut.body, quality=quality, cut=marks), lines, known, cut.marks)


def quality_of(quality: float, body: str, min_words: int) -> float:
    """What is longer than so many long words need not be counted, which costs more than the cut."""
    is_long = len(body) > min_words * LONG_WORD or plain.words(body) >= min_words
    return quality if is_long else min(quality, SHORT_QUALITY)


def lesson(article: Article) -> Lesson:
    """What a stored article teaches. A body that was cut no longer has its furniture; the document says what it was."""
    kept = furniture.read(article.body).blocks()
    # How many words a block had that was cut is not known any more; none, so it says nothing about coverage.
    cut = [Block(bytes.fromhex(mark), 0) for mark in article.extraction.cut]
    seen = {block.mark: block for block in (*cut, *kept)}
    known = frozenset(block.mark for block in cut)
    return _lesson(article, tuple(seen.values()), known)


def cut_lesson(article: Article) -> Lesson | None:
    """What it says was cut, and no more: furniture that was known stands in every later article of its site, so this is
    enough to know it again, and no body has to be read for it."""
    cut = tuple(Block(bytes.fromhex(mark), 0) for mark in article.extraction.cut)
    if not cut:
        return None
    known = frozenset(block.mark for block in cut)
    return _lesson(article, cut, known)


def _lesson(article: Article, blocks: tuple[Block, ...], known: frozenset[bytes]) -> Lesson:
    return Lesson(article.site, article.story.id, article.title, article.fetched_at, blocks, known, article.id)


class NoFurniture:
    """The `Furniture` port switched off: nothing is learned, nothing is cut."""

    def look(self, site: str, marks: Sequence[bytes]) -> dict[bytes, int]:
        return {}

    def learn(
        self,
        site: str,
        *,
        article: ArticleId | None = None,
        story: str,
        title: str,
        fetched_at: datetime,
        blocks: Sequence[Block],
        known: Collection[bytes],
    ) -> int:
        return 0

    def learn_all(self, lessons: Sequence[Lesson]) -> int:
        return 0

    def settle(self, article_id: ArticleId, *, content: bytes, earlier: Callable[[], Sequence[bytes]]) -> bool:
        return False

    def claim(self) -> CleaningJob | None:
        return None

    def done(self, job: CleaningJob, cursor: datetime | None) -> bool:
        return False

    def pending(self) -> int:
        return 0
