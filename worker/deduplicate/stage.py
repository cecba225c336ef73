"""The deduplicate stage: fingerprints in, the story out. The decision itself is one atomic script behind `Stories`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from worker.deduplicate.compare import is_same_text
from worker.deduplicate.fingerprint import fingerprint
from worker.models import Article, ArticleId, Assignment, Extracted, Fingerprint, Kind, Known, Trust
from worker.ports import Stories


def deduplicate(
    article_id: ArticleId,
    extracted: Extracted,
    *,
    content: bytes,
    site: str,
    now: datetime,
    stories: Stories,
    known: Fingerprint | None = None,
) -> Assignment:
    """Assign the article's version to a story. Nothing is dropped: a copy is a document that points to its lead.

    `content` is the 16-byte hash of this version (title, summary, body). Without a full text there is nothing to
    compare: the article leads its own story. Repeating a call repeats its answer. `known`: the text's fingerprint,
    where it was made before.
    """
    return stories.assign(
        article_id,
        site=site,
        language=extracted.language,
        content=content,
        fingerprint=known if known is not None else fingerprint_of(extracted),
        now=now,
    )


def fingerprint_of(extracted: Extracted) -> Fingerprint:
    """That of a text which is not to be compared where there is no full text."""
    return fingerprint(extracted.body, extracted.language) if extracted.fulltext else Fingerprint()


def fingerprint_of_document(article: Article) -> Fingerprint:
    """The same of what is stored."""
    return fingerprint(article.body, article.language) if article.extraction.fulltext else Fingerprint()


def recall(article: Article, before: Known, *, content: bytes, stories: Stories) -> Article:
    """A version that Redis took for a new article, of one that the index holds: it stays in the story it has there.

    Happens after Redis was lost, or when an article comes back after its record there has expired. The script is
    taught so. A text that has nothing to do with the stored one keeps what the script decided. `content` as in
    `deduplicate`.
    """
    was = fingerprint(before.body, before.language)
    now = fingerprint_of_document(article)
    if not is_same_text(was, now):
        return article
    kept = replace(
        article,
        story=before.story,
        duplicate_of=before.duplicate_of,
        kind=before.kind if Kind.DIGEST in (before.kind, article.kind) else article.kind,
    )
    stories.restore(kept, content=content, fingerprint=now, trust=Trust.INDEX_AND_COPIES)
    return kept
