"""Stored articles are cleaned of what was learned to be their site's furniture after they were stored.

And the other way: the memory is learned anew from what is stored. Both work in shares on the index's own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from worker.deduplicate.fingerprint import fingerprint
from worker.extract import furniture as blocks
from worker.extract.unfurnish import lesson, quality_of
from worker.index.documents import content_hash
from worker.models import MILLISECOND, Article, CleaningJob, Extraction, Verdict
from worker.ports import ArticleIndex, Furniture, Stories
from worker.query.ast import And, Between, Equals, Node
from worker.wordcount import words

MARGIN = timedelta(minutes=5)
"""Clocks of workers differ, and a page takes its time from the fetch to the learning."""

BATCH = 100
"""Lessons in one round trip."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What one share came to."""

    read: int
    cleaned: int


def clean_site(
    job: CleaningJob,
    *,
    index: ArticleIndex,
    furniture: Furniture,
    stories: Stories,
    limit: int,
    min_words: int,
    now: datetime,
) -> Cleaned:
    """One share of a site: about `limit` articles in order of `first_seen_at`, those with furniture written anew.

    A cleaned document keeps its id, revision and story; its `fetched_at` is one millisecond later, so a write that
    was on its way with the old text does not undo it, and a newer text is never undone. The story's record learns the
    new content, so the unchanged page stays `unchanged`. Raises IndexUnavailable: the lease brings the share back.
    """
    index.refresh()
    read: list[Article] = []
    last, more = job.cursor, False
    for article in index.scan(_since(job)):
        # Those of one and the same moment go in one share: the next begins after that moment.
        if len(read) >= limit and article.first_seen_at > last:
            more = True
            break
        read.append(article)
        last = article.first_seen_at
    pairs = [(article, clean(article, furniture, min_words, now)) for article in read]
    changed = [(before, cleaned) for before, cleaned in pairs if cleaned is not None]
    results = index.write([cleaned for _, cleaned in changed], []) if changed else []
    for (before, article), result in zip(changed, results, strict=True):
        if result.verdict is Verdict.STORED:
            _teach(before, article, furniture, stories)
    if not any(result.verdict is Verdict.RETRY for result in results):  # else the lease brings the share back
        furniture.done(job, last if more else None)
    return Cleaned(len(read), sum(result.verdict is Verdict.STORED for result in results))


def _teach(before: Article, cleaned: Article, furniture: Furniture, stories: Stories) -> None:
    """The record of the article has the cleaned content from now on; where there is none it gets one."""
    content = _content(cleaned)
    if not furniture.settle(cleaned.id, content=content, earlier=lambda: [_content(before)]):
        stories.restore(cleaned, content=content, fingerprint=fingerprint(cleaned.body, cleaned.language))


def _content(article: Article) -> bytes:
    return content_hash(article.title, article.summary, article.body)


def clean(article: Article, furniture: Furniture, min_words: int, now: datetime) -> Article | None:
    """The next version of the document, without furniture; None where there is none in it."""
    if not article.extraction.fulltext:
        return None
    lines = blocks.read(article.body)
    cut = blocks.cut(lines, furniture.look(article.site, [block.mark for block in lines.blocks()]))
    if not cut.marks:
        return None
    before = article.extraction
    marks = tuple(dict.fromkeys((*before.cut, *(mark.hex() for mark in cut.marks))))
    quality = quality_of(before.quality, cut.body, min_words)
    return replace(
        article,
        body=cut.body,
        word_count=words(cut.body),
        extraction=Extraction(before.method, quality, before.fulltext, marks),
        fetched_at=article.fetched_at + MILLISECOND,
        indexed_at=now,
    )


def relearn(index: ArticleIndex, furniture: Furniture, *, since: datetime, site: str | None = None) -> tuple[int, int]:
    """Learn the furniture of a site, or of all, from what is stored -> articles read, blocks learned.

    Repeating it changes nothing. Whatever is learned marks its site for cleaning, as always.
    """
    read = learned = 0
    stored = _stored(index, since, site)
    while batch := list(islice(stored, BATCH)):
        read += len(batch)
        learned += furniture.learn_all([lesson(article) for article in batch])
    return read, learned


def _stored(index: ArticleIndex, since: datetime, site: str | None) -> Iterator[Article]:
    query: Node = Between("first_seen_at", low=since)
    if site is not None:
        query = And((Equals("site", site), query))
    return (article for article in index.scan(query) if article.extraction.fulltext)


def _since(job: CleaningJob) -> Node:
    return And(
        (
            Equals("site", job.site),
            Between("fetched_at", low=job.since - MARGIN),
            Between("first_seen_at", low=job.cursor, include_low=False),
        )
    )
