"""Articles and events for tests: valid by default, any field can be set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from worker.models import (
    Article,
    ArticleId,
    Caption,
    DateSource,
    Event,
    Extraction,
    Kind,
    Reason,
    Stage,
    State,
    Step,
    StoryRef,
)
from worker.urls import article_id, site_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def make_article(url: str = "https://example.org/news/1", **changes: Any) -> Article:
    id_ = article_id(url)
    article = Article(
        id=id_,
        url=url,
        site=site_of(url),
        feed="https://example.org/feed.xml",
        title="Council votes on the new harbour",
        summary="The vote was close.",
        body="The council voted on Tuesday.\n\nThe harbour will be built.",
        language="en",
        published_at=NOON,
        published_at_source=DateSource.FEED,
        first_seen_at=NOON,
        fetched_at=NOON,
        indexed_at=None,
        authors=("Ann Example",),
        section="Local",
        tags=("harbour",),
        agencies=("afp",),
        image="https://example.org/1.jpg",
        captions=(Caption("The harbour.", "Photo: Example"),),
        kind=Kind.ARTICLE,
        word_count=10,
        revision=1,
        story=StoryRef(id_, True, 1.0),
        duplicate_of=None,
        extraction=Extraction("trafilatura", 0.9, True),
    )
    return replace(article, **changes)


def make_event(url: str = "https://example.org/news/1", offer: int = 1, **changes: Any) -> Event:
    id_ = article_id(url)
    event = Event(
        id=f"{id_}-{offer}",
        article_id=ArticleId(id_),
        url=url,
        feed="https://example.org/feed.xml",
        site=site_of(url),
        title="Council votes on the new harbour",
        state=State.INDEXED,
        reason=Reason.STORED,
        detail="",
        at=NOON,
        offered_at=NOON,
        attempts=1,
        steps=(Step(Stage.FETCH, NOON, "ok", None, "4000 bytes", 120),),
    )
    return replace(event, **changes)
