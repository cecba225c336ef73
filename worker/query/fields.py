"""The names of the query language: what people may write before a colon, and which field it is. Data only."""

from __future__ import annotations

from worker.query.ast import BOOLEAN_FIELDS, DATE_FIELDS, KEYWORD_FIELDS, NUMBER_FIELDS, TextField

TEXT: dict[str, TextField | None] = {"title": "title", "summary": "summary", "body": "body", "text": None}

SINCE, UNTIL = "since", "until"

WHOLE_NUMBERS = ("word_count", "revision")

_ALIASES = {
    "lang": "language",
    "domain": "site",
    "author": "authors",
    "tag": "tags",
    "agency": "agencies",
    "alias": "aliases",
    "canonical": "canonical_url",
    "story": "story.id",
    "lead": "story.is_lead",
    "is_lead": "story.is_lead",
    "provisional": "story.provisional",
    "containment": "story.containment",
    "fulltext": "extraction.fulltext",
    "method": "extraction.method",
    "quality": "extraction.quality",
    "words": "word_count",
    "published": "published_at",
    "date": "published_at",
    "first_seen": "first_seen_at",
    "fetched": "fetched_at",
    "indexed": "indexed_at",
}

NAMES: dict[str, str] = {
    **{name: name for name in (*KEYWORD_FIELDS, *BOOLEAN_FIELDS, *NUMBER_FIELDS, *DATE_FIELDS)},
    **_ALIASES,
}
"""What may be written -> the document's field; text fields, `since` and `until` are apart."""

SHOWN = (
    "title, summary, body, text, lang, site, feed, author, tag, section, agency, kind, story, lead, fulltext, "
    "id, url, alias, words, revision, published, first_seen, fetched, indexed, since, until"
)
"""The names in the order an error message lists them."""
