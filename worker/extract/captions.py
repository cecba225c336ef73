"""Pictures: their captions and credits, and the blocks around them that are no prose. By structure, not by wording."""

from __future__ import annotations

import re
from itertools import islice
from typing import cast

import lxml.html
from lxml.etree import _Element

from worker.extract import markup, plain, rooms
from worker.extract.markup import classes, text_of
from worker.extract.rooms import Layout, Room
from worker.models import Caption

_MAX_CAPTIONS = 50
_CAPTION_BLOCKS = 50
_PARTS = 200
"""Elements of a figure that may be its credit."""
_MAX_FIGURES = 200
_MAX_TEXT = 1000
_MAX_BLOCK = 600  # an image block with more text is a part of the article that happens to hold an image
_PROSE = 80  # characters from which a sibling counts as prose
_SLIDE_BLOCKS = 4
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-url")
_FIGURES = ("figure", "amp-figure")
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


def collect(layout: Layout) -> tuple[Caption, ...]:
    """Captions of the article's own pictures in page order; those in links and asides are not its own."""
    found: list[Caption] = []
    for room in islice((room for room in layout.rooms if room.tag in _FIGURES), _MAX_FIGURES):
        if len(found) < _MAX_CAPTIONS:
            caption = room.element.find(".//figcaption")
            if caption is not None and _is_own(room.element):
                found.append(_split(caption, room.element))
    found += [_split_block(room.element) for room in _loose(layout)]
    kept = (caption for caption in found if caption.text or caption.credit)
    return tuple(dict.fromkeys(kept))[:_MAX_CAPTIONS]


def slides(layout: Layout) -> int:
    """How many pictures with a text stand in rows of rooms of one make, without links: a gallery of plain divs."""
    rows: dict[tuple[int, str, str], int] = {}
    for room in layout.rooms:
        if (
            room.images == 1
            and room.tag in ("div", "li", "section", "p")
            and 0 < room.last - room.first <= _SLIDE_BLOCKS
        ):
            blocks = layout.blocks[room.first : room.last]
            if sum(block.weight for block in blocks) <= _MAX_BLOCK and not any(block.links for block in blocks):
                key = (room.parent, room.tag, room.named)
                rows[key] = rows.get(key, 0) + 1
    return max(rows.values(), default=0)


def first_image(layout: Layout) -> str:
    """Address of the first picture in a figure or an image block of the article; '' when there is none."""
    figures = (room for room in layout.rooms if room.tag in _FIGURES and room.images)
    for room in (*islice(figures, 3), *_loose(layout)[:3]):
        for image in room.element.iter("img", "amp-img"):
            if found := _address(image):
                return found
    return ""


def _address(image: _Element) -> str:
    """Where the picture really is: until it is seen, `src` often holds a dot, written out."""
    claims = [image.get("src"), *(image.get(name) for name in _LAZY)]
    found = next((claim.strip() for claim in claims if claim and not claim.strip().lower().startswith("data:")), "")
    sources = image.get("srcset") or image.get("data-srcset") or ""
    if found or not sources:
        return found
    # `a.jpg 320w, b.jpg 1200w`: the last is the largest, by custom.
    return next((part.split()[0] for part in reversed(sources[:4000].split(", ")) if part.split()), "")


def cut_loose(tree: lxml.html.HtmlElement) -> None:
    """Remove image blocks that are not marked up as figures from between the paragraphs, in place."""
    for room in _loose(rooms.read(tree)):
        markup.drop(cast("lxml.html.HtmlElement", room.element))


def _is_own(element: _Element) -> bool:
    return not any(parent.tag in ("a", "aside", "nav", "footer") for parent in element.iterancestors())


def _loose(layout: Layout) -> list[Room]:
    """The outermost small rooms with an image and words that stand as siblings between paragraphs of prose."""
    prose: dict[int, int] = {}
    for block in layout.blocks:
        room = layout.rooms[block.room]
        if block.weight - block.links >= _PROSE and not room.images and room.tag in ("p", "div"):
            prose[room.parent] = prose.get(room.parent, 0) + 1
    found: list[Room] = []
    index = 0
    while index < len(layout.rooms) and len(found) < _MAX_CAPTIONS:
        room = layout.rooms[index]
        index += 1
        if room.tag in _FIGURES:
            index = room.end
        elif (
            room.images
            and room.tag == "div"
            and room.last - room.first <= _CAPTION_BLOCKS
            and prose.get(room.parent, 0) >= 2
        ):
            blocks = layout.blocks[room.first : room.last]
            size = sum(len(block.text) for block in blocks)
            # A gallery's own text under each image is prose; a linked one is another article's teaser.
            if 0 < size <= _MAX_BLOCK and any(not block.links for block in blocks) and not _is_prose(layout, room):
                found.append(room)
                index = room.end
    return found


def _is_prose(layout: Layout, room: Room) -> bool:
    """Text of its own, not in inner rooms, as long as a paragraph."""
    return any(
        block.weight >= _PROSE for block in layout.blocks[room.first : room.last] if layout.rooms[block.room] is room
    )


def _split(caption: _Element, figure: _Element) -> Caption:
    credit = next((item for item in islice(caption.iterdescendants(), _PARTS) if _is_credit(item)), None)
    if credit is None:
        inside = set(caption.iter())
        around = islice((item for item in figure.iterdescendants() if item not in inside), _PARTS)
        outside = next((item for item in around if _is_credit(item)), None)
        return _from_text(text_of(caption, _MAX_TEXT), "" if outside is None else text_of(outside, 200))
    whole, part = text_of(caption, _MAX_TEXT), text_of(credit, 200)
    before, _, after = whole.rpartition(part)
    return _from_text(plain.line(f"{before} {after}", _MAX_TEXT) if part else whole, part)


def _split_block(block: _Element) -> Caption:
    """Without a figcaption: the last piece of text is the caption; what stands before it is the image's description."""
    leaves = [item for item in block.iter("div", "p", "span") if (item.text or "").strip()]
    among = set(leaves)
    outer = [item for item in leaves if not (item.tag == "span" and item.getparent() in among)]
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
