"""One entry of a well-formed feed, read as feedparser would read it, without its cost. Pure.

The result is the part of feedparser's dictionary that `entries.entry_of` reads, so that one function makes the entry
of both. Whatever could come out differently is declined: feedparser reads the whole feed then. The rules (which
element overwrites which, what counts as a permalink) are feedparser's, oddities included.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from worker.poll.fast_parts import (
    RDF_ABOUT,
    Base,
    DeclinedError,
    Element,
    add_link,
    attributes,
    harmless,
    leaf,
    looks_like_html,
    mended,
    resolved,
    with_href,
    without_address,
)
from worker.poll.names import ACTED_ON, READ, Names, words

_TYPES = {"text": "text/plain", "plain": "text/plain", "text/plain": "text/plain", "html": "text/html"}
_TYPES["text/html"] = "text/html"


class EntryReader:
    """`raw` becomes feedparser's dictionary of the entry, `raw_id` its id as written."""

    __slots__ = (
        "_atom",
        "_base",
        "_depths",
        "_has_content",
        "_names",
        "_plain_author",
        "_title_depth",
        "raw",
        "raw_id",
    )

    def __init__(self, names: Names, base: Base, *, atom: bool, has_content: bool = False) -> None:
        self._names = names
        self._base = base
        self._atom = atom
        self.raw: dict[str, Any] = {}
        self.raw_id = ""
        self._depths: dict[str, int] = {}
        self._title_depth = -1
        self._has_content = has_content
        self._plain_author = False

    def read(self, element: Element, depth: int) -> None:
        if element.items():
            for name, value in element.items():
                if name == RDF_ABOUT:
                    self.raw_id = value
                    if value:
                        self.raw["id"] = value
                elif name.lower() in ("href", "lastmod"):
                    raise DeclinedError("an entry with attributes of CDF")
        self._children(element, depth + 1, direct=True)

    def _children(self, element: Element, depth: int, *, direct: bool) -> None:
        plans = self._names.plans
        for child in element:
            tag = child.tag
            plan = plans.get(tag)
            if plan is None:
                plan = plans[tag] = _plan(self._names, tag, child.prefix)
            handler, is_id = plan
            handler(self, child, depth)
            if is_id and direct:
                self.raw_id = (child.text or "").strip() or self.raw_id

    def _passed_over(self, element: Element, depth: int) -> None:
        if len(element):
            harmless(element, self._names)

    def _store(self, key: str, value: str, depth: int) -> None:
        """The outermost wins, and of those on one level the last."""
        old = self._depths.get(key)
        if old is None or depth <= old:
            self._depths[key] = depth
            self.raw[key] = value

    def _content_type(self, element: Element, default: str) -> str:
        if not element.keys():
            return default
        found = attributes(element)
        if "mode" in found or "src" in found:
            raise DeclinedError("content elsewhere or encoded")
        kind = _TYPES.get(found.get("type", default))
        if kind is None:
            raise DeclinedError("a content type of its own")
        return kind

    def _guessed(self, kind: str, value: str) -> str:
        """RSS does not say whether a text is HTML."""
        return "text/html" if kind == "text/plain" and not self._atom and looks_like_html(value) else kind

    def _title(self, element: Element, depth: int) -> None:
        if self._titled(element, depth):
            self._title_depth = depth

    def _titled(self, element: Element, depth: int) -> str:
        kind = self._content_type(element, "text/plain")
        value = leaf(element)
        if kind == "text/plain":
            kind = self._guessed(kind, value)
        value = mended(value)
        if not -1 < self._title_depth <= depth:
            self._store("title", value, depth)
            self.raw["title_detail"] = {"type": kind}
        return value

    def _media_title(self, element: Element, depth: int) -> None:
        self._titled(element, depth)

    def _description(self, element: Element, depth: int) -> None:
        self._summarised(element, depth, "text/html")

    def _summary(self, element: Element, depth: int) -> None:
        self._summarised(element, depth, "text/plain")

    def _summarised(self, element: Element, depth: int, default: str) -> None:
        if "summary" in self.raw and not self._has_content:
            self._content(element, depth)
            return
        kind = self._content_type(element, default)
        value = leaf(element)
        kind = self._guessed(kind, value)
        self._store("summary", mended(value), depth)
        self.raw["summary_detail"] = {"type": kind}

    def _abstract(self, element: Element, depth: int) -> None:
        kind = self._content_type(element, "text/plain")
        value = leaf(element)
        kind = self._guessed(kind, value)
        self._store("summary", mended(value), depth)
        self.raw["summary_detail"] = {"type": kind}

    def _content(self, element: Element, depth: int) -> None:
        self._contained(element, "text/plain")

    def _encoded(self, element: Element, depth: int) -> None:
        self._contained(element, "text/html")

    def _contained(self, element: Element, default: str) -> None:
        self._has_content = True
        self._content_type(element, default)
        value = leaf(element)
        summary = self.raw.get("summary", "")
        # Only a summary that is missing, or is the content itself, makes anybody read the content; mending shortens a
        # text to a quarter at most.
        if not (summary[:1].isalnum() and len(value) > 4 * len(summary)):
            value = mended(value)
        self.raw.setdefault("content", []).append({"value": value})
        self.raw.setdefault("summary", value)

    def _link(self, element: Element, depth: int) -> None:
        add_link(self.raw, element, self._base, of_entry=True)

    def _guid(self, element: Element, depth: int) -> None:
        found = attributes(element)
        permalink = found.get("ispermalink", "true") == "true"
        value = leaf(element)
        if permalink and value:
            value = resolved(self._base, value)
        value = mended(value)
        self._store("id", value, depth)
        self.raw.setdefault("guidislink", permalink and "link" not in self.raw)
        if permalink:
            self.raw.setdefault("link", value)

    def _published(self, element: Element, depth: int) -> None:
        self._store("published", mended(leaf(element)), depth)

    def _updated(self, element: Element, depth: int) -> None:
        self._store("updated", mended(leaf(element)), depth)

    def _created(self, element: Element, depth: int) -> None:
        self._store("created", mended(leaf(element)), depth)

    def _author(self, element: Element, depth: int) -> None:
        raw = self.raw
        people: list[dict[str, str]] = raw.setdefault("authors", [])
        if not len(element):
            self._plain_author = True
        elif self._plain_author:
            # Parts of this one would be stored with that one: feedparser keeps one dictionary for both.
            raise DeclinedError("authors with and without parts")
        people.append({})
        for part in element:
            name = self._names.of(part.tag, part.prefix)
            key = _PERSON.get(name)
            if key is None:
                if name in ACTED_ON or name in READ or name[0] == "?" or len(part):
                    raise DeclinedError(f"<{name[:40]}> in an author")
                continue
            value = leaf(part)
            if key == "href":
                value = mended(resolved(self._base, value) if value else value)
            self._person()
            people[-1][key] = value
        if len(element) and ((element.text or "").strip() or any((part.tail or "").strip() for part in element)):
            raise DeclinedError("text between the parts of an author")
        self._store("author", "" if len(element) else mended(leaf(element)), depth)
        self._person()

    def _person(self) -> None:
        raw = self.raw
        person = raw["authors"][-1]
        if person:
            name, email = person.get("name"), person.get("email")
            if name or email:
                raw["author"] = f"{name} ({email})" if name and email else name or email
        elif raw.get("author"):
            name, email = without_address(raw["author"])
            if name:
                person["name"] = name
            if email:
                person["email"] = email

    def _category(self, element: Element, depth: int) -> None:
        if not element.keys():
            self._tagged(element, None, None, None)
            return
        found = attributes(element)
        scheme = found.get("scheme", found.get("domain"))
        self._tagged(element, found.get("term"), scheme, found.get("label"))

    def _media_category(self, element: Element, depth: int) -> None:
        found = attributes(element)
        scheme = found.get("scheme", "http://search.yahoo.com/mrss/category_schema")
        self._tagged(element, found.get("term"), scheme, found.get("label"))

    def _itunes_category(self, element: Element, depth: int) -> None:
        found = attributes(element)
        self._tagged(element, found.get("text"), "http://www.itunes.com/", None)

    def _tagged(self, element: Element, term: str | None, scheme: str | None, label: str | None) -> None:
        value = mended(leaf(element))
        tags: list[dict[str, str | None]] = self.raw.setdefault("tags", [])
        if term or scheme or label:
            _add_tag(tags, term, scheme, label)
        if not value:
            return
        if tags and not tags[-1]["term"]:
            tags[-1]["term"] = value
        else:
            _add_tag(tags, value, None, None)

    def _itunes_keywords(self, element: Element, depth: int) -> None:
        self._keywords(element, "http://www.itunes.com/", mended(self._bare(element)))

    def _media_keywords(self, element: Element, depth: int) -> None:
        value = mended(self._bare(element))
        self._store("media_keywords", value, depth)
        self._keywords(element, None, value)

    def _keywords(self, element: Element, scheme: str | None, value: str) -> None:
        for part in value.split(","):
            term = part.strip()
            if term:
                _add_tag(self.raw.setdefault("tags", []), term, scheme, None)

    def _bare(self, element: Element) -> str:
        if element.keys():
            raise DeclinedError("keywords with attributes")
        return leaf(element)

    def _enclosure(self, element: Element, depth: int) -> None:
        leaf(element)
        found = with_href(attributes(element))
        found["rel"] = "enclosure"
        self.raw.setdefault("links", []).append(found)

    def _media_content(self, element: Element, depth: int) -> None:
        self.raw.setdefault("media_content", []).append(attributes(element))
        self._children(element, depth + 1, direct=False)

    def _media_group(self, element: Element, depth: int) -> None:
        self._children(element, depth + 1, direct=False)

    def _media_thumbnail(self, element: Element, depth: int) -> None:
        found = attributes(element)
        value = leaf(element)
        if value:
            found.setdefault("url", mended(resolved(self._base, value)))
        self.raw.setdefault("media_thumbnail", []).append(found)

    def _itunes_image(self, element: Element, depth: int) -> None:
        leaf(element)
        found = attributes(element)
        url = found.get("href") or found.get("url")
        if url:
            self.raw["image"] = {"href": url}

    def _image(self, element: Element, depth: int) -> None:
        leaf(element)
        self._title_depth = -1

    def _source(self, element: Element, depth: int) -> None:
        """Where an entry was taken from: a feed of its own, of which nothing is kept."""
        self._title_depth = -1
        for child in element:
            name = self._names.of(child.tag, child.prefix)
            if name == "title":
                self._content_type(child, "text/plain")
                if leaf(child):
                    self._title_depth = depth + 1
            elif name in _IN_SOURCE:
                for part in child:
                    if self._names.of(part.tag, part.prefix) not in _PERSON:
                        raise DeclinedError("an unusual source")
            else:
                raise DeclinedError("an unusual source")

    def _origlink(self, element: Element, depth: int) -> None:
        if element.keys():
            raise DeclinedError("an origLink with attributes")
        self._store("feedburner_origlink", mended(leaf(element)), depth)


def _add_tag(tags: list[dict[str, str | None]], term: str | None, scheme: str | None, label: str | None) -> None:
    tag = {"term": term, "scheme": scheme, "label": label}
    if tag not in tags:
        tags.append(tag)


_PERSON = {"name": "name", "itunes_name": "name", "email": "email", "itunes_email": "email"} | dict.fromkeys(
    ("uri", "url", "homepage"), "href"
)
_IN_SOURCE = words("id link updated subtitle rights author generator icon logo category contributor")

Handler = Callable[[EntryReader, Element, int], None]

HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("title", "dc_title"), EntryReader._title),
    "media_title": EntryReader._media_title,
    **dict.fromkeys(("description", "dc_description", "media_description"), EntryReader._description),
    **dict.fromkeys(("summary", "itunes_summary"), EntryReader._summary),
    "abstract": EntryReader._abstract,
    "content": EntryReader._content,
    **dict.fromkeys(("content_encoded", "fullitem"), EntryReader._encoded),
    "link": EntryReader._link,
    **dict.fromkeys(("guid", "id"), EntryReader._guid),
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms_issued"), EntryReader._published),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), EntryReader._updated),
    **dict.fromkeys(("created", "dcterms_created"), EntryReader._created),
    **dict.fromkeys(("author", "managingeditor", "dc_author", "dc_creator", "itunes_author"), EntryReader._author),
    **dict.fromkeys(("category", "keywords", "dc_subject"), EntryReader._category),
    "media_category": EntryReader._media_category,
    "itunes_category": EntryReader._itunes_category,
    "itunes_keywords": EntryReader._itunes_keywords,
    "media_keywords": EntryReader._media_keywords,
    "enclosure": EntryReader._enclosure,
    "media_content": EntryReader._media_content,
    "media_group": EntryReader._media_group,
    "media_thumbnail": EntryReader._media_thumbnail,
    **dict.fromkeys(("itunes_image", "itunes_link"), EntryReader._itunes_image),
    "image": EntryReader._image,
    "source": EntryReader._source,
    "feedburner_origlink": EntryReader._origlink,
}


def _plan(names: Names, tag: str, prefix: str | None) -> tuple[Handler, bool]:
    """What is done with every element of that tag, and whether it is an entry's id."""
    name = names.of(tag, prefix)
    handler = HANDLERS.get(name)
    if handler is None:
        known = name in ACTED_ON or name in READ or name[0] == "?"
        handler = _declined(name) if known and name not in IGNORED else EntryReader._passed_over
    return handler, name in ("id", "guid") and tag.rpartition("}")[2] == name


def _declined(name: str) -> Handler:
    def decline(reader: EntryReader, element: Element, depth: int) -> None:
        raise DeclinedError(f"<{name[:40]}> in an entry")

    return decline


IGNORED = words(
    "cloud copyright dc_contributor dc_language dc_publisher dc_rights dcterms_valid email expirationdate "
    "generator georss_box georss_line georss_point georss_polygon height homepage info itunes_block "
    "itunes_explicit itunes_subtitle language media_credit media_license media_player media_rating "
    "media_restriction name rights subtitle tagline uri url webmaster width cc_license creativecommons_license "
    "feedburner_browserfriendly"
)
"""feedparser acts on them, but on nothing that is kept of an entry, as long as they hold text only."""
