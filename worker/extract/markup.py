"""Text -> one lxml tree that all the other modules share, and what may be cut from it before the body is looked for."""

from __future__ import annotations

from collections.abc import Iterator

import lxml.html
from lxml import etree

from worker.extract import plain

# Never article text, whatever is around it.
_DEAD = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "map", "button", "select",
    "dialog", "menu", "video", "audio", "amp-ad", "amp-sidebar", "amp-consent", "amp-analytics", "amp-iframe",
})  # fmt: skip
# Beside the article, unless the article itself was put in there.
_AROUND = frozenset({"nav", "aside", "footer", "figure"})
_AROUND_ROLES = frozenset({"navigation", "complementary", "contentinfo", "dialog", "alertdialog", "search", "banner"})
MAX_DEPTH = 2048  # levels that libxml2 keeps


def parse(text: str) -> lxml.html.HtmlElement | None:
    """The document, or None when there is no element in it. Opens nothing: no DTD, no entity file, no network."""
    return parse_page(text)[0]


def parse_page(text: str) -> tuple[lxml.html.HtmlElement | None, bool]:
    """As `parse`, and whether markup was lost because it is nested too deep."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True
    )
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "ignore"), parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError, IndexError):
        # The last two: lxml's own clean-up of documents that consist of a stray head or body.
        return None, False
    return tree, any("depth" in error.message for error in parser.error_log)


def text_of(element: lxml.html.HtmlElement, limit: int = 1000) -> str:
    """The element's text in one line; stops reading early, so that a huge element costs no more than a small one."""
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        parts.append(part)
        size += len(part)
        if size > limit * 4:
            break
    return plain.line("".join(parts), limit)


def text_length(element: lxml.html.HtmlElement) -> int:
    """Characters of visible text, leading and trailing spaces of each piece not counted."""
    return sum(len(part.strip()) for part in element.itertext())


def classes(element: lxml.html.HtmlElement) -> str:
    """Class and id in lower case, short: for looking at names that authors of markup give on purpose."""
    return f"{element.get('class', '')[:200]} {element.get('id', '')[:100]}".lower()


def prune(tree: lxml.html.HtmlElement) -> None:
    """Cut what cannot be the article, in place. Saves a sixth of the extractor's time and most of its mistakes.

    Guarded: nothing is cut that holds the main heading or more than a third of the page's text.
    """
    for element in list(tree.iter(*_DEAD)):
        _drop(element)
    total = text_length(tree)
    for element in list(_around(tree)):
        size = text_length(element)
        if size * 3 > total or (element.tag != "figure" and element.find(".//h1") is not None):
            continue
        if element.tag == "figure" and element.find(".//table") is not None:
            continue
        _drop(element)


def _around(tree: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    yield from tree.iter(*_AROUND)
    for element in tree.iterfind(".//*[@role]"):
        if element.get("role", "").strip().lower() in _AROUND_ROLES:
            yield element
    yield from tree.iterfind(".//*[@hidden]")


def _drop(element: lxml.html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
