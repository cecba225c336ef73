"""What of a page htmldate may look at: not what was read already, and nothing that may be dated for another reason."""

from __future__ import annotations

from itertools import islice

from lxml import etree
from lxml.etree import _Element

from worker.extract import markup
from worker.extract.header import Header

_NOT_OURS = ("nav", "aside", "footer", "form", "time", "abbr", "h1", "title", "figure", "script")
_LOOKED_AT = markup.finder("//meta[@itemprop or contains(@property, 'image') or contains(@name, 'image')]")
_ENDING = 40
_PIECES = 20
_PARTS = ("p", "div", "li", "span", "td", "pre", "blockquote", "section")


def trim(tree: _Element, header: Header) -> None:
    """Cut what was looked at already, and may hold dates of something else: all below the text, what is beside it."""
    etree.strip_elements(tree, *_NOT_OURS, with_tail=False)
    for item in _LOOKED_AT(tree):
        parent = item.getparent()
        if parent is not None:
            parent.remove(item)
    if header.last < 0:
        return
    ending = header.layout.blocks[header.last].text.partition("\n")[0][:_ENDING]
    body = tree.find("body")
    parts = (part for part in reversed(list(tree.iter(*_PARTS))) if not _begins_with_part(part))
    last = next((part for part in parts if _opening(part) == ending), None)
    while last is not None and last is not body:
        outer = last.getparent()
        for below in list(last.itersiblings()):
            if outer is not None:
                outer.remove(below)
        last = outer


def _begins_with_part(part: _Element) -> bool:
    """What it begins with is looked at by itself."""
    return len(part) > 0 and part[0].tag in _PARTS and not (part.text or "").strip()


def _opening(part: _Element) -> str:
    return " ".join("".join(islice(map(str, part.itertext()), _PIECES)).split())[:_ENDING]
