"""Text -> one lxml tree that all the other modules share, and what may be cut from it before the body is looked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import cast

import lxml.html
from lxml import etree
from lxml.etree import _Element

from worker.extract import plain

# Never article text, whatever is around it.
_DEAD = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "map", "button", "select",
    "dialog", "menu", "video", "audio", "amp-ad", "amp-sidebar", "amp-consent", "amp-analytics", "amp-iframe",
})  # fmt: skip
_RAW = ("script", "style")
_MOST_DEAD = 20
# Beside the article, unless the article itself was put in there.
_AROUND = frozenset({"nav", "aside", "footer", "figure"})
_AROUND_ROLES = frozenset({"navigation", "complementary", "contentinfo", "dialog", "alertdialog", "search", "banner"})
# libxml2 parses these, written out or as references, but lxml refuses to move a text that holds one: every cut would
# fail, ours and trafilatura's.
_UNMOVABLE = bytes([*range(9), 11, 12, *range(14, 32)])
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_UNMOVABLE_REFERENCE = re.compile(
    rb"&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef]|d[89a-f][0-9a-f]{2})(?![0-9a-f])"
    rb"|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9]));?",
    re.I | re.A,
)
# The look ahead saves a third: only at one of these letters are the names tried.
_HEAVY = re.compile(r"<(?=[!SsNn])(?i:(script|style|svg|nav)\b([^<>]*)>|!--)")
_CLOSING = {
    **{name: re.compile(rf"</{name}\s*>", re.I) for name in ("script", "style", "svg", "nav")},
    "": re.compile("-->"),
}
# What must not be inside: another of the kind (one of them is no element then) that is not quoted, as scripts quote
# what they write; in a menu what articles are made of.
_QUOTES = "\"'`\\"
_NOT_INSIDE = {
    "script": re.compile(rf"<(?<![{re.escape(_QUOTES)}]<)(?:script|style)\b", re.I),
    "style": re.compile(r"<(?:script|style)\b", re.I),
    "svg": re.compile(r"<svg\b", re.I), "nav": re.compile(r"<(?:nav|h1|article|main|p|script)\b", re.I),
}  # fmt: skip
_JOINER = "\u2060".encode()
MAX_DEPTH = 2048  # levels that libxml2 keeps


def lightened(text: str) -> str:
    """The source without comments, styles, drawings, menus, and scripts but for linked data: most of many pages.

    What is not plainly one element stays for the parser to judge, as does all behind one that never ends. Linear.
    """
    kept: list[str] = []
    start = at = 0
    while match := _HEAVY.search(text, at):
        name = (match.group(1) or "").lower()
        is_quoted = match.start() > 0 and text[match.start() - 1] in _QUOTES
        if name and (is_quoted or match.group(2).endswith("/")):
            at = match.end()
            continue
        closing = _CLOSING[name].search(text, match.end())
        if closing is None:
            break
        at = closing.end()
        if name and (
            _NOT_INSIDE[name].search(text, match.end(), closing.start()) or "ld+json" in match.group(2).lower()
        ):
            continue
        kept.append(text[start : match.start()])
        start = at
    kept.append(text[start:])
    return "".join(kept)


Items = Callable[[], list[_Element]]


def items(tree: _Element, text: str) -> Items:
    """What gives the elements that bear microdata's `itemprop`, in page order. `text`: the page's source.

    Looked for when first asked, which linked data often spares; faster than XPath, which looks at every attribute of
    every element once per question.
    """

    @cache
    def find() -> list[_Element]:
        if "itemprop" not in text and "ITEMPROP" not in text:
            return []
        return [element for element in tree.iter() if element.get("itemprop")]

    return find


def finder(path: str) -> Callable[[_Element], list[_Element]]:
    """A compiled XPath that gives elements: one scan in C."""
    return cast("Callable[[_Element], list[_Element]]", etree.XPath(path))


def parse(text: str) -> _Element | None:
    """The document, or None when there is no element in it. Opens nothing: no DTD, no entity file, no network."""
    return parse_page(text.encode("utf-8", "ignore"))[0]


def parse_page(data: bytes) -> tuple[_Element | None, bool]:
    """As `parse`, of UTF-8, and whether markup was lost because it is nested too deep.

    Plain elements of lxml.etree: those of lxml.html ask Python for a class at every one, a third of our time.
    """
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True, collect_ids=False
    )
    try:
        tree = etree.fromstring(_movable(data), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None, False
    if tree is None:
        return None, False
    return tree, any("depth" in error.message for error in parser.error_log)


def parse_for_libraries(text: str) -> lxml.html.HtmlElement | None:
    """The same page as the elements that trafilatura and htmldate ask for."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True
    )
    try:
        return lxml.html.document_fromstring(
            _movable(text.encode("utf-8", "ignore")), parser=parser, ensure_head_body=True
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError, IndexError):
        # The last two: lxml's own clean-up of documents that consist of a stray head or body.
        return None


def _movable(data: bytes) -> bytes:
    data = data.translate(None, _UNMOVABLE)
    if b"\xef" in data:
        for noncharacter in _NONCHARACTERS:
            data = data.replace(noncharacter, b"")
    # A word joiner, which `plain` drops, and not nothing: what is left and right of it must not become a reference.
    return _UNMOVABLE_REFERENCE.sub(_JOINER, data)


def text_of(element: _Element, limit: int = 1000) -> str:
    """The element's text in one line; stops reading early, so that a huge element costs no more than a small one."""
    parts: list[str] = []
    size = 0
    for part in islice(map(str, element.itertext()), limit * 4):
        parts.append(part)
        size += len(part)
        if size > limit * 4:
            break
    return plain.line("".join(parts), limit)


def text_length(element: _Element) -> int:
    """Characters of visible text, leading and trailing spaces of each piece not counted."""
    return sum(len(part.strip()) for part in element.itertext())


def classes(element: _Element) -> str:
    """Class and id in lower case, short: for looking at names that authors of markup give on purpose."""
    return f"{element.get('class', '')[:200]} {element.get('id', '')[:100]}".lower()


def prune(tree: lxml.html.HtmlElement) -> None:
    """Cut what cannot be the article, in place. Saves a sixth of the extractor's time and most of its mistakes.

    Guarded: nothing is cut that holds the main heading or more than a third of the page's text.
    """
    for element in list(tree.iter(*_RAW)):
        drop(element)
    whole, looked_at = text_length(tree), 0
    for element in list(tree.iter(*_DEAD)):
        if len(element) and looked_at < _MOST_DEAD:
            looked_at += 1
            if text_length(element) * 3 > whole:  # never closed: all that follows is in it
                continue
        drop(element)
    # HTML knows no link in a link; libxml2 builds them, and trafilatura then reads every text once per level.
    for nested in tree.xpath("//a[ancestor::a]"):
        nested.drop_tag()
    total = text_length(tree)
    for element in list(_around(tree)):
        size = text_length(element)
        if size * 3 > total or (element.tag != "figure" and element.find(".//h1") is not None):
            continue
        if element.tag == "figure" and element.find(".//table") is not None:
            continue
        drop(element)


def _around(tree: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    yield from tree.iter(*_AROUND)
    for element in tree.iterfind(".//*[@role]"):
        if element.get("role", "").strip().lower() in _AROUND_ROLES:
            yield element
    yield from tree.iterfind(".//*[@hidden]")


def drop(element: lxml.html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
