"""The one JSON document shape, both ways, and the hashes that identify a version. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import xxhash

from worker.index.lag import lag_from_json, lag_to_json
from worker.models import (
    Article,
    ArticleId,
    Caption,
    DateSource,
    Event,
    Extraction,
    Kind,
    Known,
    Precision,
    Reason,
    Stage,
    State,
    Step,
    StoryRef,
)


def rfc3339(moment: datetime) -> str:
    """RFC 3339 with zone, to the millisecond at most; UTC is written `Z`."""
    text = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def parse_time(text: str) -> datetime:
    """The other way; a time without zone is taken as UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def content_hash(title: str, summary: str, body: str) -> bytes:
    """16 bytes that change when a reader would see another text; white space does not count."""
    parts = (" ".join(part.split()) for part in (title, summary, body))
    return xxhash.xxh3_128_digest("\x1f".join(parts).encode("utf-8", "surrogatepass"))


def as_known(article: Article) -> Known:
    return Known(
        first_seen_at=article.first_seen_at,
        fetched_at=article.fetched_at,
        revision=article.revision,
        title=article.title,
        body=article.body,
        language=article.language,
        kind=article.kind,
        story=article.story,
        duplicate_of=article.duplicate_of,
    )


def article_to_json(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "url": article.url,
        "site": article.site,
        "feed": article.feed,
        "title": article.title,
        "summary": article.summary,
        "body": article.body,
        "language": article.language,
        "published_at": rfc3339(article.published_at),
        "published_at_source": str(article.published_at_source),
        "published_at_precision": str(article.published_at_precision),
        "updated_at": rfc3339(article.updated_at) if article.updated_at else None,
        "first_seen_at": rfc3339(article.first_seen_at),
        "fetched_at": rfc3339(article.fetched_at),
        "indexed_at": rfc3339(article.indexed_at) if article.indexed_at else None,
        "authors": list(article.authors),
        "section": article.section,
        "tags": list(article.tags),
        "agencies": list(article.agencies),
        "image": article.image or None,
        "captions": [{"text": caption.text, "credit": caption.credit} for caption in article.captions],
        "kind": article.kind.value,
        "paywall": article.paywall,
        "word_count": article.word_count,
        "revision": article.revision,
        "story": {
            "id": article.story.id,
            "is_lead": article.story.is_lead,
            "containment": article.story.containment,
            **({"provisional": True} if article.story.provisional else {}),
        },
        "duplicate_of": article.duplicate_of,
        "extraction": {
            "method": article.extraction.method,
            "quality": article.extraction.quality,
            "fulltext": article.extraction.fulltext,
            # Only where something was cut: the shape of all others is what it always was.
            **({"cut": list(article.extraction.cut)} if article.extraction.cut else {}),
        },
        "lag": lag_to_json(article.lag),
        **({"canonical_url": article.canonical_url} if article.canonical_url else {}),
        **({"aliases": list(article.aliases)} if article.aliases else {}),
    }


def article_from_json(data: Mapping[str, Any]) -> Article:
    """The inverse; raises KeyError, TypeError or ValueError on what is not a whole document.

    Documents stored before `published_at_precision`, `updated_at` and `paywall` were kept lack those.
    """
    story, extraction = data["story"], data["extraction"]
    return Article(
        id=ArticleId(data["id"]),
        url=data["url"],
        site=data["site"],
        feed=data["feed"],
        title=data["title"],
        summary=data["summary"],
        body=data["body"],
        language=data["language"],
        published_at=parse_time(data["published_at"]),
        published_at_source=DateSource(data["published_at_source"]),
        first_seen_at=parse_time(data["first_seen_at"]),
        fetched_at=parse_time(data["fetched_at"]),
        indexed_at=parse_time(data["indexed_at"]) if data["indexed_at"] else None,
        authors=tuple(data["authors"]),
        section=data["section"],
        tags=tuple(data["tags"]),
        agencies=tuple(data["agencies"]),
        image=data["image"] or "",
        captions=tuple(Caption(item["text"], item["credit"]) for item in data["captions"]),
        kind=Kind(data["kind"]),
        word_count=data["word_count"],
        revision=data["revision"],
        story=story_from_json(story),
        duplicate_of=ArticleId(data["duplicate_of"]) if data["duplicate_of"] else None,
        extraction=Extraction(
            extraction["method"], extraction["quality"], extraction["fulltext"], tuple(extraction.get("cut", ()))
        ),
        lag=lag_from_json(data.get("lag")),
        published_at_precision=Precision(data.get("published_at_precision", Precision.TIME)),
        updated_at=parse_time(data["updated_at"]) if data.get("updated_at") else None,
        paywall=data.get("paywall", False),
        canonical_url=data.get("canonical_url", ""),
        aliases=tuple(data.get("aliases", ())),
    )


def story_from_json(data: Mapping[str, Any]) -> StoryRef:
    return StoryRef(data["id"], data["is_lead"], data["containment"], data.get("provisional", False))


def step_to_json(step: Step) -> dict[str, Any]:
    return {
        "stage": step.stage.value,
        "at": rfc3339(step.at),
        "outcome": step.outcome,
        "reason": step.reason.value if step.reason else None,
        "detail": step.detail,
        "took_ms": step.took_ms,
    }


def step_from_json(data: Mapping[str, Any]) -> Step:
    return Step(
        stage=Stage(data["stage"]),
        at=parse_time(data["at"]),
        outcome=data["outcome"],
        reason=Reason(data["reason"]) if data["reason"] else None,
        detail=data["detail"],
        took_ms=data["took_ms"],
    )


def event_to_json(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "article_id": event.article_id,
        "url": event.url,
        "feed": event.feed,
        "site": event.site,
        "title": event.title,
        "state": event.state.value,
        "reason": event.reason.value,
        "detail": event.detail,
        "at": rfc3339(event.at),
        "offered_at": rfc3339(event.offered_at),
        "attempts": event.attempts,
        "steps": [step_to_json(step) for step in event.steps],
    }


def event_from_json(data: Mapping[str, Any]) -> Event:
    return Event(
        id=data["id"],
        article_id=ArticleId(data["article_id"]),
        url=data["url"],
        feed=data["feed"],
        site=data["site"],
        title=data["title"],
        state=State(data["state"]),
        reason=Reason(data["reason"]),
        detail=data["detail"],
        at=parse_time(data["at"]),
        offered_at=parse_time(data["offered_at"]),
        attempts=data["attempts"],
        steps=tuple(step_from_json(step) for step in data["steps"]),
    )
