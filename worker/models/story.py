"""What makes two texts the same story, and what is known of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from worker.models.words import ArticleId


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a text to find its copies (`deduplicate/`). The default is that of a text not to be compared."""

    exact: bytes | None = None
    """16 bytes, equal for equal texts."""
    words: int = 0
    hashes: bytes = b""
    """Sketch of the shingles: 4 bytes each, big-endian, ascending."""
    tau: int = 0xFFFF_FFFF
    """Every shingle hash of the text up to here is in `hashes`."""
    anchors: int = 0
    """So many of the hashes, from the first, are posted and looked up."""
    segments: bytes = b""
    """In which eighth of the text each of the hashes stands: one byte (0..7) a hash."""
    facts: bytes = b""
    """Numbers, dates and names: place and value, 2 bytes each, ascending."""


@dataclass(frozen=True, slots=True)
class StoryRef:
    id: str
    is_lead: bool
    containment: float
    """Share of the smaller text found in the text of the story that it was matched with, 0..1; 1.0 for equal texts
    and for a text that nothing was found for."""
    provisional: bool = False
    """Decided while a rebuild is at work (`feedmill rebuild`), before all texts of the window were known; decided anew
    before that ends."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the story script decided for one document version, atomically."""

    story: StoryRef
    duplicate_of: ArticleId | None
    """The story's lead when this document is a copy of it, else None."""
    revision: int
    """1 for a new article; unchanged content keeps the number, other content adds one."""
    unchanged: bool
    first_seen_at: datetime
    is_digest: bool = False
    """A round-up: it holds pieces of three or more stories and belongs to none of them."""
    provisional: bool = False
    """Decided by a Redis that does not know all of the window: it was lost, or is new."""
    merge_hint: str = ""
    """Id of another story that holds this text as well: the two are to be merged (queued already)."""


class Trust(StrEnum):
    """Whose word counts where Redis and a document of the index name different stories."""

    STATE = ""
    """That of Redis, unless it is provisional."""
    INDEX = "i"
    INDEX_AND_COPIES = "h"
    """Redis had forgotten the article and took it for new: what joined it since goes along to the document's story."""


@dataclass(frozen=True, slots=True)
class StorySize:
    """How widely a story was printed, counted over the documents that match a query."""

    id: str
    copies: int
    sites: int
    first_at: datetime
    """The earliest `published_at` among them."""


@dataclass(frozen=True, slots=True)
class StoryNow:
    """What a story has become."""

    id: str
    """Its own id, or that of the older story that it was merged into."""
    lead: ArticleId | None
    """None when nothing is known of it any more: what the documents say stands. Or when it has none: see `vacant`."""
    vacant: bool = False
    """Its lead was erased: the next of its documents leads."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What is known of an article now; it may have waited while that changed."""

    story: StoryRef
    lead: ArticleId
    is_digest: bool


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A story whose documents in the index may disagree with what is known of it now."""

    story: str
    other: str
    """Set when two stories are to be merged, else empty."""
    asked_ms: int
    """When it was asked for last; tells whether it was asked for again meanwhile."""
    waits_s: float
