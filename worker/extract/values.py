"""`Extracted` as plain JSON values and back: what crosses the pipe of the sandbox. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from worker.models import Caption, DateSource, Extracted, Kind, Precision, Reason


def extracted_to_json(extracted: Extracted) -> dict[str, Any]:
    return {
        "title": extracted.title,
        "summary": extracted.summary,
        "body": extracted.body,
        "language": extracted.language,
        "published_at": _time(extracted.published_at),
        "updated_at": _time(extracted.updated_at),
        "authors": list(extracted.authors),
        "section": extracted.section,
        "tags": list(extracted.tags),
        "agencies": list(extracted.agencies),
        "image": extracted.image,
        "captions": [{"text": caption.text, "credit": caption.credit} for caption in extracted.captions],
        "canonical_url": extracted.canonical_url,
        "origin_url": extracted.origin_url,
        "kind": extracted.kind.value,
        "method": extracted.method,
        "quality": extracted.quality,
        "reason": extracted.reason.value if extracted.reason else None,
        "detail": extracted.detail,
        "cpu_ms": extracted.cpu_ms,
        "published_at_source": extracted.published_at_source.value if extracted.published_at_source else None,
        "published_at_precision": extracted.published_at_precision.value,
        "paywall": extracted.paywall,
        "fulltext": extracted.fulltext,
    }


def extracted_from_json(data: Mapping[str, Any]) -> Extracted:
    """The inverse; `_cpu_ms`, measured by the sandbox, goes before `cpu_ms`. Raises KeyError, TypeError, ValueError."""
    return Extracted(
        title=data["title"],
        summary=data["summary"],
        body=data["body"],
        language=data["language"],
        published_at=_moment(data["published_at"]),
        updated_at=_moment(data["updated_at"]),
        authors=tuple(data["authors"]),
        section=data["section"],
        tags=tuple(data["tags"]),
        agencies=tuple(data["agencies"]),
        image=data["image"],
        captions=tuple(Caption(item["text"], item["credit"]) for item in data["captions"]),
        canonical_url=data["canonical_url"],
        origin_url=data.get("origin_url", ""),
        kind=Kind(data["kind"]),
        method=data["method"],
        quality=float(data["quality"]),
        reason=Reason(data["reason"]) if data["reason"] else None,
        detail=data["detail"],
        cpu_ms=float(data.get("_cpu_ms", data["cpu_ms"])),
        published_at_source=DateSource(data["published_at_source"]) if data["published_at_source"] else None,
        published_at_precision=Precision(data["published_at_precision"]),
        paywall=bool(data["paywall"]),
        fulltext=bool(data["fulltext"]),
    )


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
