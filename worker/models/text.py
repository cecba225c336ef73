"""What extraction makes of a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from worker.models.words import ArticleId, DateSource, Kind, Precision, Reason


@dataclass(frozen=True, slots=True)
class Caption:
    text: str
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a page gave. `reason` is set when it is no article: then `body` holds what was found, for the record."""

    title: str = ""
    summary: str = ""
    body: str = ""
    language: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    image: str = ""
    captions: tuple[Caption, ...] = ()
    canonical_url: str = ""
    """What the page names as its own URL, on its own host."""
    origin_url: str = ""
    """What it names as canonical on another host: of its site still (`places.py`), or where the text may be from."""
    kind: Kind = Kind.ARTICLE
    method: str = ""
    quality: float = 0.0
    """0..1; how sure the extractor is of the body."""
    reason: Reason | None = None
    detail: str = ""
    cpu_ms: float = 0.0
    cut: tuple[str, ...] = ()
    """Marks, in hex, of the furniture that was cut from `body`."""
    published_at_source: DateSource | None = None
    """None while nobody gave a sane date."""
    published_at_precision: Precision = Precision.TIME
    paywall: bool = False
    """The page says that it is not free to read, or shows a paywall; the text may be whole all the same."""
    fulltext: bool = True
    """False when `body` is empty and only the feed's own title and summary are kept."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one article teaches of its site's furniture."""

    site: str
    story: str
    title: str
    fetched_at: datetime
    blocks: tuple[Block, ...]
    known: frozenset[bytes] = frozenset()
    """Marks of those that were known to be furniture when it was stored."""
    article: ArticleId | None = None
    """One that was erased teaches nothing."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item or box of a body, known by what it says (`extract/furniture.py`)."""

    mark: bytes
    """8 bytes, equal for equal blocks."""
    words: int


@dataclass(frozen=True, slots=True)
class CleaningJob:
    """A share of a site's cleaning, leased to one worker by its token."""

    site: str
    token: str
    since: datetime
    """Versions fetched before this moment do not hold what was learned."""
    cursor: datetime
    """`first_seen_at` up to which earlier shares came."""
    serial: int
    """Of the site's newest furniture when the job was claimed."""


@dataclass(frozen=True, slots=True)
class Extraction:
    method: str
    quality: float
    fulltext: bool
    cut: tuple[str, ...] = ()
    """Marks, in hex, of the site's furniture that was cut from the body; what the memory is rebuilt from."""
