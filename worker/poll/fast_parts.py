"""The parts of the fast path: texts, attributes and links of one element as feedparser has them. Pure."""

from __future__ import annotations

import html.entities
import re
from typing import Any
from urllib.parse import urljoin

from worker.poll.names import ACTED_ON, PREFIXES, READ, Names, words

# lxml's elements; its stubs lack what is used here.
Element = Any

RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"

MAX_AUTHOR_CHARS = 1000
"""With an address in it; the search for one takes time by the square of the length."""

# Joining changes nothing in these: no empty parameters, query or fragment to drop, nothing to strip.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[^\x00-\x20?#;]*)?(?:\?[^\x00-\x20#]+)?(?:#[^\x00-\x20]+)?")
_SCHEME_SLASHES = re.compile(r"([A-Za-z][A-Za-z0-9+,\-.]*://)/*")
_ABSOLUTE = re.compile(r"https?://[^/]", re.IGNORECASE)
_XML_BASE = re.compile(rb"""base\s*=\s*["']""")
_PSEUDO_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
_CLOSING_TAG = re.compile(r"</\w+>")
_REFERENCE = re.compile(r"&#?\w+;")
_NAMED_REFERENCE = re.compile(r"&(\w+);")
_TAG = re.compile(r"</?(\w+)")
_ADDRESS = re.compile(
    r"[\w.+-]+@(?:[A-Z0-9-]+\.)+(?:[A-Z]{2,4}|\d{1,3})\]?(?:\?subject=\S+)?", re.ASCII | re.IGNORECASE
)
_C1 = re.compile("[\x80-\x9f]")
_CP1252 = {code: bytes((code,)).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_HTML_TAGS = words("a b blockquote br cite code div em h1 h2 h3 h4 i img li ol p small span strong sub sup u ul")


class DeclinedError(Exception):
    """The fast path does not read this document; the text says why, in a few words."""


class Base:
    """What the links of a document are relative to; "" where `xml:base` says so in it, which is only looked for when a
    link is relative: nearly none is.
    """

    __slots__ = ("_data", "_found", "_url")

    def __init__(self, url: str, data: bytes) -> None:
        self._url = url
        self._data = data
        self._found: str | None = None

    def __str__(self) -> str:
        if self._found is None:
            self._found = "" if _XML_BASE.search(self._data) else joined(self._url, self._url)
        return self._found


def resolved(base: Base, uri: str) -> str:
    """As feedparser joins; without a base only what needs none: declined otherwise."""
    if _PLAIN_URL.fullmatch(uri) or uri.startswith(("tag:", "urn:")):
        return uri
    start = str(base)
    found = joined(start or uri, uri)
    if not start and (found != uri or not _ABSOLUTE.match(uri)):
        raise DeclinedError("a relative link, and xml:base")
    return found


def joined(base: str, uri: str) -> str:
    """RFC 3986 by the standard library, as feedparser calls it; "" for what cannot be joined."""
    if _SCHEME_SLASHES.match(uri):
        uri = _SCHEME_SLASHES.sub(r"\1", uri, count=1)
    try:
        return urljoin(base, uri)
    except ValueError:
        return ""


def mended(value: str) -> str:
    """UTF-8 that was read as Latin 1 and encoded again, and C1 controls that are Windows-1252: as feedparser does."""
    if value.isascii():
        return value
    try:  # noqa: SIM105  (suppress() takes longer than all the rest, and this is done to every text)
        value = value.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        pass
    return value.translate(_CP1252) if _C1.search(value) else value


def leaf(element: Element) -> str:
    """The element's own text, stripped; declined when there are elements in it."""
    if len(element):
        raise DeclinedError("markup inside a field")
    value = element.text
    return value.strip() if value else ""


def attributes(element: Element) -> dict[str, str]:
    """As feedparser has them: names in lower case, values of rel and type as well; foreign ones are declined."""
    found: dict[str, str] = {}
    for name, value in element.items():
        if name[0] == "{":
            uri, _, local = name[1:].rpartition("}")
            # feedparser drops the prefix of an attribute whose namespace it does not know.
            if not PREFIXES.get(uri.lower()) and local.lower() in _READ_ATTRIBUTES:
                raise DeclinedError("an attribute of another namespace")
            continue
        lower = name.lower()
        if lower in found or (lower == "base" and lower != name):
            raise DeclinedError("an attribute twice")
        found[lower] = value.lower() if lower in ("rel", "type") else value
    return found


def harmless(element: Element, names: Names) -> None:
    """Declined unless everything inside is merely stored by feedparser, under names that nobody reads."""
    for inner in element.iterdescendants():
        name = names.of(inner.tag, inner.prefix)
        if name in ACTED_ON or name in READ or name[0] == "?":
            raise DeclinedError(f"<{name[:40]}> where none is expected")


def without_address(author: str) -> tuple[str, str]:
    """Name and mail address of "address (name)" and the like, cut apart where feedparser cuts them."""
    if "@" not in author:
        return author, ""
    if "@[" in author or len(author) > MAX_AUTHOR_CHARS:
        raise DeclinedError("an unusual address")
    found = _ADDRESS.search(author)
    if not found:
        return author, ""
    name = author.replace(found[0], "")
    for empty in ("()", "<>", "&lt;&gt;"):
        name = name.replace(empty, "")
    name = name.strip()
    name = name[1:] if name.startswith("(") else name
    name = name[:-1] if name.endswith(")") else name
    return name.strip(), found[0]


def looks_like_html(value: str) -> bool:
    """feedparser's guess; declined where it would need feedparser's own list of tags."""
    if "&" not in value and "</" not in value:
        return False
    if not (_CLOSING_TAG.search(value) or _REFERENCE.search(value)):
        return False
    if any(tag.lower() not in _HTML_TAGS for tag in _TAG.findall(value)):
        raise DeclinedError("perhaps HTML in a plain text")
    return all(name in html.entities.entitydefs for name in _NAMED_REFERENCE.findall(value))


def with_href(found: dict[str, str]) -> dict[str, str]:
    """`url`, `uri` and `href` are one attribute."""
    href = found.get("url", found.get("uri", found.get("href")))
    if href:
        found.pop("url", None)
        found.pop("uri", None)
        found["href"] = href
    return found


def add_link(context: dict[str, Any], element: Element, base: Base, *, of_entry: bool) -> None:
    """A link of an entry or a feed, of RSS (its text) or of Atom (its href)."""
    if element.keys():
        found = attributes(element)
        found.setdefault("rel", "alternate")
        found.setdefault("type", "application/atom+xml" if found["rel"] == "self" else "text/html")
        with_href(found)
    else:
        found = {"rel": "alternate", "type": "text/html"}
    context.setdefault("links", []).append(found)
    value = leaf(element)
    if "href" in found:
        found["href"] = resolved(base, found["href"])
        if found["rel"] == "alternate" and found["type"] in _HTML_LINKS:
            context["link"] = found["href"]
        return
    value = mended(resolved(base, value)) if value else ""
    if "&" in value:
        value = _PSEUDO_REFERENCE.sub(r"&\1", value.replace("&amp;", "&") if of_entry else value)
    context["link"] = value
    if value:
        found["href"] = value


_READ_ATTRIBUTES = words("rel type href url uri term scheme domain label text ispermalink medium width mode src")
_HTML_LINKS = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})
