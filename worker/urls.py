"""URLs: strict parsing, canonical form, identity. Pure."""

from __future__ import annotations

from worker.models import ArticleId, FeedId


def clean_url(raw: str, base: str = "") -> str:
    """An absolute http(s) URL as it will be requested; Refuse(url_missing | url_invalid | scheme_blocked) otherwise."""
    raise NotImplementedError


def canonical_url(url: str) -> str:
    """The form that identifies an article; idempotent; never merges two different articles."""
    raise NotImplementedError


def article_id(url: str) -> ArticleId:
    """Hash of `canonical_url(url)`."""
    raise NotImplementedError


def feed_id(url: str) -> FeedId:
    raise NotImplementedError


def host_key(url: str) -> str:
    """The authority that is hit: lower-case host, with the port when it is not the scheme's own."""
    raise NotImplementedError


def site_of(url: str) -> str:
    """What people call the site: `host_key` without a leading `www.`."""
    raise NotImplementedError
