"""What the stages found, composed into the document. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from worker.models import (
    Article,
    ArticleId,
    Assignment,
    DateSource,
    Event,
    Extracted,
    Extraction,
    Kind,
    Lag,
    NoLag,
    Precision,
    Reason,
    Stage,
    State,
    Step,
    WorkItem,
)
from worker.urls import canonical_url
from worker.wordcount import words

FOUND_AT = "found at "
"""Begins the detail of an event whose article has another URL than the feed gave: a redirect decided."""

SAME_AS = "another address of "
"""Begins the detail of an event whose URL turned out to lead to an article known by another one; its id follows."""


def compose_article(
    article_id: ArticleId,
    feed: str,
    extracted: Extracted,
    assignment: Assignment,
    *,
    url: str,
    site: str,
    fetched_at: datetime,
    backlog: bool = False,
    aliases: tuple[str, ...] = (),
) -> Article:
    """`url` is where the article was finally found; `article_id` stays the identity it was offered under."""
    published_at, source = extracted.published_at, extracted.published_at_source
    if published_at is None or source is None:
        published_at, source = assignment.first_seen_at, DateSource.FIRST_SEEN
    dated = source is not DateSource.FIRST_SEEN
    return Article(
        id=article_id,
        url=url,
        site=site,
        feed=feed,
        title=extracted.title,
        summary=extracted.summary,
        body=extracted.body,
        language=extracted.language,
        published_at=published_at,
        published_at_source=source,
        first_seen_at=assignment.first_seen_at,
        fetched_at=fetched_at,
        indexed_at=None,
        authors=extracted.authors,
        section=extracted.section,
        tags=extracted.tags,
        agencies=extracted.agencies,
        image=extracted.image,
        captions=extracted.captions,
        kind=Kind.DIGEST if assignment.is_digest else extracted.kind,
        word_count=words(extracted.body),
        revision=assignment.revision,
        story=replace(assignment.story, provisional=assignment.provisional),
        duplicate_of=assignment.duplicate_of,
        extraction=Extraction(extracted.method, extracted.quality, extracted.fulltext, extracted.cut),
        lag=Lag(left_out=NoLag.BACKLOG) if backlog else None,
        published_at_precision=extracted.published_at_precision if dated else Precision.TIME,
        updated_at=extracted.updated_at,
        paywall=extracted.paywall,
        canonical_url=_named(extracted, url),
        aliases=aliases,
    )


def _named(extracted: Extracted, url: str) -> str:
    """Said only where it is another URL than the document's own."""
    named = extracted.canonical_url or extracted.origin_url
    return named if named and canonical_url(named) != url else ""


def compose_event(
    item: WorkItem, *, site: str, title: str, state: State, reason: Reason, detail: str, at: datetime, step: Step | None
) -> Event:
    steps = (*item.steps, step) if step else item.steps
    return Event(
        id=event_id(item.article_id, item.offer),
        article_id=item.article_id,
        url=item.entry.url,
        feed=item.feed_url,
        site=site,
        title=title or item.entry.title,
        state=state,
        reason=reason,
        detail=detail,
        at=at,
        offered_at=item.offered_at,
        attempts=item.attempt,
        steps=steps,
    )


def refused_entry(
    article_id: ArticleId, offer: int, feed: str, reason: Reason, at: datetime, *, url: str = "", site: str = "",
    title: str = "",
) -> Event:  # fmt: skip
    """The ledger's line of an entry that never was offered."""
    state = State.REFUSED
    return Event(
        id=event_id(article_id, offer), article_id=article_id, url=url, feed=feed, site=site, title=title, state=state,
        reason=reason, detail="", at=at, offered_at=at, attempts=0, steps=(Step(Stage.POLL, at, state.value, reason),),
    )  # fmt: skip


def event_id(article_id: ArticleId, offer: int) -> str:
    return f"{article_id}-{offer}"
