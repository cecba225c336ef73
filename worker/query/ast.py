"""The query as a tree: what `query.parse` makes and both indexes compile. Values only, already resolved.

Text nodes (`Word`, `Phrase`, `Prefix`) name one of the text fields or None for all three (title, summary, body);
their text is the user's, not analysed. `Equals` and `Between` name document fields (dotted, as in the JSON shape)
and carry typed values. Field values of `Equals` compare case-insensitively.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TextField = Literal["title", "summary", "body"]


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every document."""


@dataclass(frozen=True, slots=True)
class Word:
    """One or more adjacent words typed without a space between them; several tokens mean a phrase."""

    text: str
    field: TextField | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    field: TextField | None = None
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Unstemmed, folded: matches words as they are written, beginning with `text`."""

    text: str
    field: TextField | None = None


@dataclass(frozen=True, slots=True)
class Equals:
    """`field` is one of EXACT_FIELDS; `prefix` asks for a beginning instead of the whole value (site:exam*)."""

    field: str
    value: str | int | float | bool
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """A range over a RANGE_FIELDS field; None is open. Dates are aware datetimes."""

    field: str
    low: datetime | float | str | None = None
    high: datetime | float | str | None = None
    include_low: bool = True
    include_high: bool = True


@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    item: Node


Node = Everything | Word | Phrase | Prefix | Equals | Between | And | Or | Not

KEYWORD_FIELDS = (
    "id",
    "url",
    "canonical_url",
    "site",
    "feed",
    "language",
    "published_at_source",
    "authors",
    "section",
    "tags",
    "agencies",
    "aliases",
    "kind",
    "story.id",
    "duplicate_of",
    "extraction.method",
)
BOOLEAN_FIELDS = ("story.is_lead", "story.provisional", "extraction.fulltext")
RARELY_TRUE = ("story.provisional",)
"""Of these a document only says that it is so."""
NUMBER_FIELDS = ("word_count", "revision", "story.containment", "extraction.quality")
DATE_FIELDS = ("published_at", "first_seen_at", "fetched_at", "indexed_at")

Sort = Literal["newest", "best"]
"""`newest`: published_at descending, then id ascending. `best`: score descending, then as newest."""


@dataclass(frozen=True, slots=True)
class Search:
    """A whole request. `offset`+`limit` is at most 10,000; use `ArticleIndex.scan` for more."""

    query: Node
    sort: Sort = "newest"
    limit: int = 20
    offset: int = 0
    collapse: bool = True
    """One hit per story, the first in sort order, with the number of its matching documents as `copies`."""
    highlight: bool = True
