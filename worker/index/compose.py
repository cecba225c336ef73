"""What the stages found, composed into the document. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from worker.models import (
    Article,
    ArticleId,
    Assignment,
    Event,
    Extracted,
    Extraction,
    Kind,
    Reason,
    State,
    Step,
    WorkItem,
)

FOUND_AT = "found at "
"""Begins the detail of an event whose article has another URL than the feed gave: a redirect decided."""

WORD = re.compile(r"\w+")


def compose_article(
    article_id: ArticleId,
    feed: str,
    extracted: Extracted,
    assignment: Assignment,
    *,
    url: str,
    site: str,
    fetched_at: datetime,
) -> Article:
    """`url` is where the article was finally found; `article_id` stays the identity it was offered under."""
    dated = extracted.published_at is not None
    return Article(
        id=article_id,
        url=url,
        site=site,
        feed=feed,
        title=extracted.title,
        summary=extracted.summary,
        body=extracted.body,
        language=extracted.language,
        published_at=extracted.published_at or assignment.first_seen_at,
        published_at_source=extracted.published_at_source if dated else "first_seen",
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
        word_count=len(WORD.findall(extracted.body)),
        revision=assignment.revision,
        story=assignment.story,
        duplicate_of=assignment.duplicate_of,
        extraction=Extraction(extracted.method, extracted.quality, extracted.fulltext, extracted.cut),
    )


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


def event_id(article_id: ArticleId, offer: int) -> str:
    return f"{article_id}-{offer}"
