"""Under which addresses a page was met, and which article it is."""

from __future__ import annotations

from dataclasses import dataclass

from worker.models.words import ArticleId


@dataclass(frozen=True, slots=True)
class Addresses:
    """All that speaks for a page being an article that is known already."""

    offered: ArticleId
    """Of the URL that the feed gave."""
    found: ArticleId
    """Of the URL where the page was found in the end; that of the feed where a redirect may not decide."""
    evidence: bytes = b""
    """What tells its text from another (`deduplicate/evidence.py`); empty where there is none."""
    place: bytes = b""
    """Of the URL where it was found: 16 bytes, equal for variants of one address (`places.py`)."""
    canonical_place: bytes = b""
    """Of the canonical URL that it names on its own site; empty where that cannot be an article."""
    offered_place: bytes = b""
    hops: tuple[ArticleId, ...] = ()
    """Of the URLs between the two."""
    host: str = ""
    """Where it was found; with `claim` for what was erased and stays away."""
    claim: bytes = b""
    """What the page says by its canonical URL (`index/erased.py`); empty where it names none."""


@dataclass(frozen=True, slots=True)
class Identity:
    id: ArticleId
    met: bool
    """Another address of an article whose text is on its way, or stored, already: with the same text, or with none."""
    canonical: bool
    """The canonical URL that the page names is taken for another address of it."""
