"""The deduplicate stage: fingerprints in, the story out. The decision itself is one atomic script behind `Stories`."""

from __future__ import annotations

from datetime import datetime

from worker.deduplicate.fingerprint import fingerprint
from worker.models import ArticleId, Assignment, Extracted, Fingerprint
from worker.ports import Stories


def deduplicate(
    article_id: ArticleId, extracted: Extracted, *, content: bytes, site: str, now: datetime, stories: Stories
) -> Assignment:
    """Assign the article's version to a story. Nothing is dropped: a copy is a document that points to its lead.

    `content` is the 16-byte hash of this version (title, summary, body). Without a full text there is nothing to
    compare: the article leads its own story. Repeating a call repeats its answer.
    """
    return stories.assign(
        article_id,
        site=site,
        language=extracted.language,
        content=content,
        fingerprint=fingerprint(extracted.body, extracted.language) if extracted.fulltext else Fingerprint(),
        now=now,
    )
