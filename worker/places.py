"""Which URLs may be one page: sites, the variants in which a page is served, and what cannot be an article. Pure.

Nothing here decides that two URLs are one article: it says what is worth comparing, and `state/aliases.py` decides by
the texts.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from worker.lanes import registrable
from worker.urls import canonical_url, host_key

_HOST_PREFIX = re.compile(r"^(?:(?:www\d?|m|mobile|mobil|amp|print)\.)+(?=[^.]+\.)")
_VARIANT_SEGMENTS = frozenset({"amp", "print", "drucken", "imprimer"})
_VARIANT_NAMES = frozenset({"amp", "print", "printable", "printview", "drucken", "mobile"})
_VARIANT_VALUES = frozenset({"amp", "print", "printable", "mobile", "m"})
_VALUE_NAMES = frozenset({"output", "outputtype", "view", "mode", "format", "layout", "service", "type"})
_VARIANT_SUFFIX = re.compile(r"\.(?:amp|print)(?=(?:\.s?html?)?$)")
_INDEX_FILE = re.compile(r"/(?:index|default)\.(?:s?html?|php|aspx?)$")
_TITLE_MARK = re.compile(r"[\d_.\-]|.{21}")


def same_site(one: str, other: str) -> bool:
    """One authority but for prefixes such as `www.` and `amp.`, or one registrable domain (by the public suffix list,
    its private part included: two blogs of one hoster are two sites). Raises Refuse on what is no URL."""
    mine, yours = _bare_host(one), _bare_host(other)
    if mine == yours:
        return True
    domain = _registrable(mine)
    return bool(domain) and domain == _registrable(yours)


def place_of(url: str) -> bytes:
    """16 bytes, equal for the addresses under which sites serve one page: with and without `www.`, a slash at the end,
    AMP and print marks. Equal places mean that the texts are worth comparing, no more. Raises Refuse."""
    parts = urlsplit(canonical_url(url))
    segments = [part for part in _INDEX_FILE.sub("", parts.path.rstrip("/")).split("/") if part]
    if len(segments) > 1:
        for end in (0, -1):
            if segments[end].lower() in _VARIANT_SEGMENTS:
                del segments[end]
    path = _VARIANT_SUFFIX.sub("", "/".join(segments))
    query = "&".join(field for field in parts.query.split("&") if field and not _is_variant(field))
    return hashlib.blake2b(f"{_bare_host(url)}/{path}?{query}".encode(), digest_size=16).digest()


def claim_on(url: str) -> bytes:
    """16 bytes: that a page names `url` as its own. Equal for the variants of the URL, and no place. Raises Refuse."""
    return hashlib.blake2b(place_of(url), digest_size=16, person=b"claim").digest()


def may_be_article(canonical: str, page: str) -> bool:
    """Whether a page at `page` may believe that it is also `canonical`: on the same site, no home page, no section.

    A section is a folder above the page, or one short word right below the host (`/politics`). Raises Refuse.
    """
    if not same_site(canonical, page):
        return False
    parts = urlsplit(canonical)
    path = parts.path.rstrip("/")
    if not path and not parts.query:
        return False
    if place_of(canonical) == place_of(page):
        return True
    if (urlsplit(page).path.rstrip("/") + "/").startswith(path + "/") and not parts.query:
        return urlsplit(page).path.rstrip("/") == path  # the page itself under other parameters
    words = path.strip("/").split("/")
    return len(words) > 1 or bool(parts.query) or _TITLE_MARK.search(words[0]) is not None


def _is_variant(field: str) -> bool:
    name, _, value = field.lower().partition("=")
    if name in _VARIANT_NAMES:
        return value in ("", "1", "true", "yes") or value in _VARIANT_VALUES
    return name in _VALUE_NAMES and value in _VARIANT_VALUES


def _bare_host(url: str) -> str:
    authority = host_key(url) if "://" in url else url
    return _HOST_PREFIX.sub("", authority)


def _registrable(authority: str) -> str:
    """With the port, where there is one; empty for addresses and names below no public suffix."""
    if authority.startswith("["):
        return ""
    host, colon, port = authority.partition(":")
    found = registrable(host)
    return f"{found}{colon}{port}" if found else ""
