"""Checked lines through deduplication to the outbox. Repeating an import, or going on with one, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from worker.deduplicate.fingerprint import fingerprint
from worker.deduplicate.stage import deduplicate
from worker.importing.read import METHOD, BadLineError, Foreign, read_line
from worker.index.compose import compose_article, event_id
from worker.index.documents import content_hash
from worker.models import Article, ArticleId, Event, Fingerprint, Known, Reason, Stage, State, Step
from worker.ports import ArticleIndex, Outbox, Stories
from worker.urls import article_id, site_of

BATCH = 200


class Outcome(StrEnum):
    TAKEN = "taken"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one line; lines count from 1. `problem` is set when it was refused."""

    line: int
    outcome: Outcome
    problem: str = ""


def import_lines(
    lines: Iterable[bytes],
    *,
    index: ArticleIndex,
    stories: Stories,
    outbox: Outbox,
    clock: Callable[[], datetime],
) -> Iterator[Imported]:
    """One result per line that is not blank, in order. Taken documents stand in the outbox when their result comes.

    A document of our own export keeps all its fields (but `indexed_at`) and its story. Any other line becomes a new
    article of the feed `import`, or a new version of a known one. What the index holds already, in the same or a
    newer version, is left alone. Raises IndexUnavailable; nothing is half done then.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        yield from _take_batch(batch, index, stories, outbox, clock())


def _take_batch(
    batch: list[tuple[int, bytes]], index: ArticleIndex, stories: Stories, outbox: Outbox, now: datetime
) -> Iterator[Imported]:
    read: list[tuple[int, ArticleId, Article | Foreign] | Imported] = []
    for number, line in batch:
        try:
            found = read_line(line, now)
        except BadLineError as problem:
            read.append(Imported(number, Outcome.REFUSED, str(problem)))
        else:
            read.append((number, found.id if isinstance(found, Article) else article_id(found.url), found))
    known = dict(index.known([row[1] for row in read if not isinstance(row, Imported)]))
    for row in read:
        # What an import that was killed left in the outbox is on its way: taken again, it would be counted twice.
        if isinstance(row, Imported) or row[1] in known:
            continue
        waiting = outbox.find(row[1])
        if waiting is not None and waiting.article is not None:
            known[row[1]] = _as_known(waiting.article)
    taken: dict[ArticleId, str] = {}
    for row in read:
        if isinstance(row, Imported):
            yield row
            continue
        number, id_, found = row
        if isinstance(found, Article) and _belongs_to_another(found, known, taken, index):
            yield Imported(
                number, Outcome.REFUSED, f"id: another article has {id_}; this URL has {article_id(found.url)}"
            )
            continue
        article = (
            _restored(found, known, stories) if isinstance(found, Article) else _new(id_, found, known, stories, now)
        )
        if article is None:
            yield Imported(number, Outcome.KNOWN)
            continue
        outbox.append_direct(_event(article, now), article)
        # The next line of this batch may be the same article again.
        known[id_] = _as_known(article)
        taken[id_] = article.url
        yield Imported(number, Outcome.TAKEN)


def _as_known(article: Article) -> Known:
    return Known(article.first_seen_at, article.fetched_at, article.revision, article.title, article.body)


def _belongs_to_another(
    article: Article, known: Mapping[ArticleId, Known], taken: Mapping[ArticleId, str], index: ArticleIndex
) -> bool:
    """An id is the hash of the article's URL, or of the one it was offered under (a redirect to a front page). The
    second cannot be told from the line, so such a document may not replace one that stands under another URL."""
    if article.id == article_id(article.url):
        return False
    before = known.get(article.id)
    if before is None or before.fetched_at >= article.fetched_at:
        return False  # nothing to replace, or it is left alone anyway
    if article.id in taken:
        return taken[article.id] != article.url
    stored = index.get(article.id)
    return stored is not None and stored.url != article.url


def _restored(article: Article, known: Mapping[ArticleId, Known], stories: Stories) -> Article | None:
    """A document of our own export: as it was, its story taught to the script."""
    before = known.get(article.id)
    if before is not None and before.fetched_at >= article.fetched_at:
        return None
    content = content_hash(article.title, article.summary, article.body)
    found = fingerprint(article.body, article.language) if article.extraction.fulltext else Fingerprint()
    stories.restore(article, content=content, fingerprint=found)
    return article


def _new(
    id_: ArticleId, found: Foreign, known: Mapping[ArticleId, Known], stories: Stories, now: datetime
) -> Article | None:
    extracted, before = found.extracted, known.get(id_)
    if before is not None:
        older = found.fetched_at is not None and found.fetched_at <= before.fetched_at
        if older or (before.title, before.body) == (extracted.title, extracted.body):
            return None
    site, fetched_at = site_of(found.url), min(found.fetched_at or now, now)
    content = content_hash(extracted.title, extracted.summary, extracted.body)
    # Not skipped when the script has seen this version: the import may have died between here and the outbox.
    assignment = deduplicate(id_, extracted, content=content, site=site, now=now, stories=stories)
    article = compose_article(id_, METHOD, extracted, assignment, url=found.url, site=site, fetched_at=fetched_at)
    if before is not None and article.revision == 1:  # the script forgot it; the index did not
        article = replace(article, revision=before.revision + 1, first_seen_at=before.first_seen_at)
    return article


def _event(article: Article, now: datetime) -> Event:
    """The ledger's line; its id goes by the version, so that a repeated import writes the same one."""
    new = article.revision == 1
    reason = Reason.STORED if new else Reason.NEW_VERSION
    return Event(
        id=event_id(article.id, article.version),
        article_id=article.id,
        url=article.url,
        feed=METHOD,
        site=article.site,
        title=article.title,
        state=State.INDEXED if new else State.UPDATED,
        reason=reason,
        detail="imported",
        at=now,
        offered_at=now,
        attempts=0,
        steps=(Step(Stage.DEDUPLICATE, now, "ok", reason, "imported"),),
    )
