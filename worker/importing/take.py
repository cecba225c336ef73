"""Checked lines through deduplication to the outbox. Repeating an import, or going on with one, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from worker.deduplicate.stage import deduplicate, fingerprint_of_document, recall
from worker.importing.read import METHOD, BadLineError, Foreign, read_line
from worker.index.compose import compose_article, event_id
from worker.index.documents import as_known, content_hash
from worker.index.erased import domains_of, hashes_of, keys_of
from worker.models import Article, ArticleId, Event, Known, Reason, Stage, State, Step, Trust
from worker.ports import Aliases, ArticleIndex, Outbox, Stories
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
    aliases: Aliases | None = None,
) -> Iterator[Imported]:
    """One result per line that is not blank, in order. Taken documents stand in the outbox when their result comes.

    A document of our own export keeps all its fields (but `indexed_at`) and its story; `aliases` learns its addresses.
    Any other line becomes a new article of the feed `import`, or a new version of a known one. What the index holds
    already, in the same or a newer version, is left alone. Raises IndexUnavailable; nothing is half done then.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    erased: set[str] = set()
    while batch := list(islice(numbered, BATCH)):
        yield from _take_batch(batch, index, stories, outbox, aliases, clock(), erased)


def _take_batch(
    batch: list[tuple[int, bytes]],
    index: ArticleIndex,
    stories: Stories,
    outbox: Outbox,
    aliases: Aliases | None,
    now: datetime,
    erased: set[str],
) -> Iterator[Imported]:
    """`erased` gathers, over all batches, by what something was erased: keys of tombstones, ids of refused lines."""
    read: list[Row | Imported] = []
    for number, line in batch:
        try:
            found = read_line(line, now)
        except BadLineError as problem:
            read.append(Imported(number, Outcome.REFUSED, str(problem)))
        else:
            read.append((number, found.id if isinstance(found, Article) else article_id(found.url), found))
    read = _without_erased(read, index, erased)
    known = dict(index.known([row[1] for row in read if not isinstance(row, Imported)]))
    for row in read:
        # What an import that was killed left in the outbox is on its way: taken again, it would be counted twice.
        if isinstance(row, Imported) or row[1] in known:
            continue
        waiting = outbox.find(row[1])
        if waiting is not None and waiting.article is not None:
            known[row[1]] = as_known(waiting.article)
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
            _restored(found, known, stories, aliases, erased)
            if isinstance(found, Article)
            else _new(id_, found, known, stories, now)
        )
        if article is None:
            yield Imported(number, Outcome.KNOWN)
            continue
        outbox.append_direct(_event(article, now), article)
        # The next line of this batch may be the same article again.
        known[id_] = as_known(article)
        taken[id_] = article.url
        yield Imported(number, Outcome.TAKEN)


Row = tuple[int, ArticleId, Article | Foreign]


def _without_erased(read: list[Row | Imported], index: ArticleIndex, erased: set[str]) -> list[Row | Imported]:
    """What was erased is refused here, where it can be said; the last gate would hold it back without a word."""
    keys = {row[0]: _keys_of(row) for row in read if not isinstance(row, Imported)}
    leads = {row[2].duplicate_of for row in read if not isinstance(row, Imported) and isinstance(row[2], Article)}
    wanted = frozenset().union(*keys.values(), filter(None, leads))
    erased |= {key for each in index.tombstones(wanted) for key in each.keys}
    kept: list[Row | Imported] = []
    for row in read:
        if isinstance(row, Imported) or erased.isdisjoint(keys[row[0]]):
            kept.append(row)
            continue
        erased.add(row[1])
        problem = "it was erased; `feedmill erase --undo` would let it come back"
        kept.append(Imported(row[0], Outcome.REFUSED, problem))
    return kept


def _keys_of(row: Row) -> set[str]:
    _, id_, found = row
    return keys_of(found) if isinstance(found, Article) else {id_, *hashes_of(found.url), *domains_of(found.url)}


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


def _led_by_who_is_there(article: Article, stories: Stories, erased: Collection[str]) -> Article:
    """A copy whose lead was erased since the export leads its story, or follows who does by now."""
    if article.duplicate_of is None or article.duplicate_of not in erased:
        return article
    lead = stories.current([article.story.id])[article.story.id].lead
    is_lead = lead is None or lead in erased or lead == article.id
    story = replace(article.story, is_lead=is_lead)
    return replace(article, story=story, duplicate_of=None if is_lead else lead)


def _restored(
    article: Article,
    known: Mapping[ArticleId, Known],
    stories: Stories,
    aliases: Aliases | None,
    erased: Collection[str],
) -> Article | None:
    """A document of our own export: as it was, its story taught to the script."""
    before = known.get(article.id)
    if before is not None and before.fetched_at >= article.fetched_at:
        return None
    article = _led_by_who_is_there(article, stories, erased)
    content = content_hash(article.title, article.summary, article.body)
    found = fingerprint_of_document(article)
    stories.restore(article, content=content, fingerprint=found, trust=Trust.INDEX)
    if aliases is not None:
        aliases.restore(article, found)
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
        article = recall(article, before, content=content, stories=stories)
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
