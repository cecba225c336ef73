"""Pictures: their captions and credits, and the blocks around them that are no prose. By structure, not by wording."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.etree import _Element

from worker.extract import plain
from worker.extract.markup import classes, text_length, text_of
from worker.models import Caption

_MAX_CAPTIONS = 50
_MAX_IMAGES = 300
_MAX_TEXT = 1000
_MAX_BLOCK = 600  # an image block with more text is a part of the article that happens to hold an image
_PROSE = 80  # characters from which a sibling counts as prose
_IMAGES = ("img", "amp-img", "picture")
_INLINE = frozenset(
    {"span", "small", "cite", "em", "i", "b", "strong", "a", "sup", "sub", "br", "abbr", "mark", "time"}
)
_CREDIT_NAME = re.compile(r"credit|copyright|source|quelle|photograph|byline|rights|autor|author|legende-?quelle")
_LABEL = re.compile(
    r"^(?:bild(?:er)?|fotos?|photos?|images?|picture|quelle|source|fonte|fuente|credits?|crédits?|copyright|illustration"
    r"|grafik|graphic|©|\(c\))\s*(?:credit|von|by|de|di)?\s*(?:[:/©]|(?<=©)|(?<=\(c\)))\s*(.{2,160})$",
    re.I,
)
_TAIL = re.compile(
    r"(?:^|(?<=[.!?»”\")]))\s*[(\[]?((?:bild|fotos?|photos?|image|quelle|source|fonte|fuente|credits?|crédits?)\s*:\s*[^()\[\]]{2,100}"
    r"|©\s*[^()\[\]]{2,100})[)\]]?\.?$",
    re.I,
)


def collect(tree: _Element) -> tuple[Caption, ...]:
    """Captions of the article's own pictures in page order; those in links and asides are not its own."""
    found: list[Caption] = []
    for figure in tree.iter("figure", "amp-figure"):
        caption = figure.find(".//figcaption")
        if caption is not None and _is_own(figure):
            found.append(_split(caption, figure))
    found += [_split_block(block) for block in _loose_blocks(tree)]
    kept = (caption for caption in found if caption.text or caption.credit)
    return tuple(dict.fromkeys(kept))[:_MAX_CAPTIONS]


def cut_loose(tree: _Element) -> None:
    """Remove image blocks that are not marked up as figures from between the paragraphs, in place."""
    for block in list(_loose_blocks(tree)):
        block.drop_tree()


def _is_own(element: _Element) -> bool:
    return not any(parent.tag in ("a", "aside", "nav", "footer") for parent in element.iterancestors())


def _loose_blocks(tree: _Element) -> Iterator[_Element]:
    """The outermost small blocks with an image that stand as siblings between paragraphs of prose."""
    prose: dict[_Element, int] = {}
    seen: set[_Element] = set()
    for image in list(tree.iter(*_IMAGES))[:_MAX_IMAGES]:
        block = _block_of(image, prose)
        if block is not None and block not in seen and text_length(block):
            seen.add(block)
            yield block


def _block_of(image: _Element, prose: dict[_Element, int]) -> _Element | None:
    node = image
    while (parent := node.getparent()) is not None and parent.tag not in ("body", "html"):
        if node.tag in ("p", "figure", "a", "li", "td", "article", "h1", "h2", "h3") or text_length(node) > _MAX_BLOCK:
            return None
        if parent not in prose:
            prose[parent] = sum(1 for child in parent if _is_prose(child))
        # Prose before this block or after it: a gallery's own text under each image has neither.
        if prose[parent] >= 2 and not _is_prose(node):
            return node if node.tag == "div" else None
        node = parent
    return None


def _is_prose(element: _Element) -> bool:
    if element.tag not in ("p", "div") or next(element.iter(*_IMAGES), None) is not None:
        return False
    own = len((element.text or "").strip()) + sum(
        len((child.tail or "").strip()) + (text_length(child) if child.tag in _INLINE and child.tag != "a" else 0)
        for child in element
    )
    return own >= _PROSE


def _split(caption: _Element, figure: _Element) -> Caption:
    credit = next((item for item in caption.iterdescendants() if _is_credit(item)), None)
    if credit is None:
        inside = set(caption.iter())
        outside = next((item for item in figure.iterdescendants() if item not in inside and _is_credit(item)), None)
        return _from_text(text_of(caption, _MAX_TEXT), "" if outside is None else text_of(outside, 200))
    whole, part = text_of(caption, _MAX_TEXT), text_of(credit, 200)
    before, _, after = whole.rpartition(part)
    return _from_text(plain.line(f"{before} {after}", _MAX_TEXT) if part else whole, part)


def _split_block(block: _Element) -> Caption:
    """Without a figcaption: the last piece of text is the caption; what stands before it is the image's description."""
    leaves = [item for item in block.iter("div", "p", "span") if (item.text or "").strip()]
    outer = [item for item in leaves if not (item.tag == "span" and item.getparent() in leaves)]
    if not outer:
        return Caption("", "")
    last = outer[-1]
    credit = next((item for item in reversed(last) if item.tag in _INLINE and _is_credit(item)), None)
    if credit is None:
        return _from_text(text_of(last, _MAX_TEXT), "")
    part, whole = text_of(credit, 200), text_of(last, _MAX_TEXT)
    return _from_text(whole.rpartition(part)[0], part)


def _is_credit(element: _Element) -> bool:
    if element.tag not in _INLINE and not (element.tag in ("p", "div") and _CREDIT_NAME.search(classes(element))):
        return False
    if element.tag in ("cite", "small") or _CREDIT_NAME.search(
        f"{classes(element)} {element.get('itemprop', '')}".lower()
    ):
        return bool(text_of(element, 200))
    return _LABEL.match(text_of(element, 200)) is not None


def _from_text(raw: str, credit: str) -> Caption:
    text = raw.strip()
    if not credit and (match := _TAIL.search(text)):
        text, credit = text[: match.start()], match.group(1)
    credit = credit.strip(" ()[]|–-")
    if match := _LABEL.match(credit):
        credit = match.group(1)
    return Caption(text.strip(" |–(["), credit.strip(" ()[]."))
