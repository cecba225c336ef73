"""Pages from disk, exactly as a worker extracts them, without a feed: what `feedmill extract` prints per page. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from worker.extract import plain
from worker.extract.page import extract
from worker.models import Extracted


def describe(
    body: bytes, *, url: str = "", filename: str = "", min_words: int = 40, now: datetime, content_type: str = ""
) -> dict[str, Any]:
    """One JSON line: `file`, then the article's fields, `reason` and `detail` when refused; `body` is kept."""
    return to_line(
        extract(body, content_type=content_type, url=url, min_words=min_words, now=now),
        url=url,
        filename=filename,
    )


def to_line(extracted: Extracted, *, url: str = "", filename: str = "") -> dict[str, Any]:
    """The same for a page that went through the sandbox; names and forms are those of the document shape."""
    return {
        "file": filename,
        "url": extracted.canonical_url or url,
        "canonical_url": extracted.canonical_url or None,
        "title": extracted.title,
        "summary": extracted.summary,
        "body": extracted.body,
        "language": extracted.language,
        "published_at": _time(extracted.published_at),
        "published_at_source": extracted.published_at_source.value if extracted.published_at_source else None,
        "published_at_precision": extracted.published_at_precision.value if extracted.published_at else None,
        "updated_at": _time(extracted.updated_at),
        "authors": list(extracted.authors),
        "section": extracted.section,
        "tags": list(extracted.tags),
        "agencies": list(extracted.agencies),
        "image": extracted.image or None,
        "captions": [{"text": caption.text, "credit": caption.credit} for caption in extracted.captions],
        "kind": extracted.kind.value,
        "paywall": extracted.paywall,
        "word_count": plain.words(extracted.body),
        "extraction": {
            "method": extracted.method,
            "quality": extracted.quality,
            "fulltext": extracted.fulltext,
        },
        "reason": extracted.reason.value if extracted.reason else None,
        "detail": extracted.detail,
    }


def _time(moment: datetime | None) -> str | None:
    """RFC 3339; UTC is written `Z`, as in the document shape."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None
