"""What was erased and must stay away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from worker.models.words import ArticleId


class TombstoneKind(StrEnum):
    URL = "url"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Keeps one article, or all of a domain, away. Of an article it holds hashes only, nothing that can be read."""

    id: str
    """The hash of the URL that was named, or `domain:<domain>`."""
    kind: TombstoneKind
    erased_at: datetime
    hashes: tuple[str, ...] = ()
    """32 hex digits each: the ids of the article's addresses, and their places (`worker/places.py`)."""
    domain: str = ""
    """A host name in ASCII, perhaps with a port; its subdomains are meant as well."""
    note: str = ""
    """Why, in the operator's words."""

    @property
    def keys(self) -> tuple[str, ...]:
        """By any of these it is found again."""
        return (*self.hashes, self.domain) if self.domain else self.hashes


@dataclass(frozen=True, slots=True)
class Sought:
    """What an erasure looks for: articles by any of their ids or keys, and everything of these domains."""

    ids: frozenset[ArticleId] = frozenset()
    domains: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    """Of the tombstones (`index/erased.py`): the domains, and the hashes of all addresses."""
    stories: Mapping[ArticleId, str] = field(default_factory=dict)
    """Of those ids that are documents: the story."""
    kept_stories: frozenset[str] = frozenset()
    """Of those stories: the ones that other documents stay in."""
    sites: frozenset[str] = frozenset()
    """Of the articles."""
    urls: frozenset[str] = frozenset()
    """Addresses of the articles that were named, as far as they are known."""

    def joined(self, other: Sought) -> Sought:
        return Sought(
            self.ids | other.ids,
            self.domains | other.domains,
            self.keys | other.keys,
            {**self.stories, **other.stories},
            self.kept_stories | other.kept_stories,
            self.sites | other.sites,
            self.urls | other.urls,
        )
