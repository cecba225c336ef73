"""The page as blocks of text in reading order, and the rooms they stand in. One walk over the tree, which stays.

A block is a run of text that no block-level element interrupts. A room is a block-level element: because blocks are in
document order, a room is a range of them, and every sum over a room is a difference of two prefix sums. All later
steps (`clear`, `choose`, `emit`) work on these lists alone; none is more than linear in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import _Element

from worker.extract import attributes, names
from worker.extract.names import Verdict

DEAD = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "map", "button", "select",
    "option", "input", "nav", "textarea", "dialog", "menu", "video", "audio", "head", "link", "meta", "math", "label",
    "amp-ad", "amp-sidebar", "amp-consent", "amp-analytics", "amp-iframe", "amp-embed", "amp-user-notification",
})  # fmt: skip
"""Never article text, whatever is around it."""
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time",
    "tt", "u", "var", "wbr", "nobr", "blink", "o:p",
})  # fmt: skip
_LINK, _BOLD, _NAMED, _VOID, _BREAK, _IMAGE, _CONTROL, _ROOM = 1, 2, 4, 8, 9, 10, 11, 16
_KINDS: dict[object, int] = {
    **dict.fromkeys(_INLINE, 0), "a": _LINK | _NAMED, "b": _BOLD, "strong": _BOLD, "span": _NAMED, "small": _NAMED,
    "cite": _NAMED, **dict.fromkeys(DEAD, _VOID), "br": _BREAK,
    **dict.fromkeys(("img", "amp-img", "picture", "image"), _IMAGE),
    **dict.fromkeys(("button", "input", "select", "textarea"), _CONTROL),
}  # fmt: skip
"""Tag -> what it is; what is not here, unknown tags too, makes a room."""
_NOTHING = names.NOTHING
_READ = attributes.READ
_WORD = re.compile(r"\w")
_MAX_NOTED = 50
_MAX_PARTS = 60
_MAX_SMALL = 300  # characters up to which a named inline element may go missing from a sentence
_DENSE = 2.5  # one character of Chinese, Japanese or Korean says as much as this many letters


@dataclass(slots=True)
class Block:
    text: str
    tag: str
    """Of the room it stands in, or of the room around a `span`-like one."""
    room: int
    weight: float
    """Length in letters of an alphabet."""
    links: float
    """How much of the weight is link text."""
    timed: bool = False
    """Holds a `<time>`."""
    bold: bool = False
    """All of it is bold."""
    href: str = ""
    """Where its first link leads, as written."""
    opens: bool = False
    """It begins with a link."""
    closes: bool = False
    """It ends with a link: no word stands behind the last one."""


class Room:
    """`blocks[first:last]` are its blocks; `end` is the index after its last descendant room."""

    role: str = ""
    """Its ARIA role, or `hidden`."""
    is_marked: bool = False
    """Marked up as the article's body (schema.org)."""
    is_comment: bool = False
    """Marked up as a comment (schema.org)."""
    images: int = 0
    controls: int = 0
    """Images, buttons and fields inside it, at any depth."""
    is_bare: bool = False
    """It has no attribute that says something, names aside."""

    def __init__(self, element: _Element, tag: str, parent: int, first: int, named: str, verdict: Verdict) -> None:
        self.element = element
        self.tag = tag
        self.parent = parent
        self.first = self.last = self.end = first
        self.named = named
        """Its classes."""
        self.verdict = verdict


@dataclass(slots=True)
class Layout:
    blocks: list[Block]
    rooms: list[Room]
    bylines: list[_Element]
    standfirsts: list[_Element]
    paywall: bool = False
    url: str = ""
    """Of the page, where it is known: what tells its own links from others."""


def read(tree: _Element, url: str = "") -> Layout:
    """The layout of the page's body. Linear; no recursion, so depth costs nothing."""
    body = tree.find("body")
    layout = _Walk().run(tree if body is None else body)
    layout.url = url
    return layout


class _Walk:
    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._rooms: list[Room] = []
        self._layout = Layout(self._blocks, self._rooms, [], [])
        self._here = -1
        self._parts: list[str] = []
        self._linked: list[str] = []
        self._links = self._bolds = 0  # how many elements around are links, bold
        self._plain = self._timed = self._broken = False  # in this block: not all bold, a time, a line break
        self._href, self._closes = "", False

    def run(self, root: _Element) -> Layout:
        parts, kind_of = self._parts, _KINDS.get
        # What is open: the children to come, the element, and which kind it is (a room, or an inline element's flags).
        path: list[tuple[Iterator[_Element], _Element, int]] = []
        children: Iterator[_Element] = iter(root)
        element, kind = root, _ROOM
        self._enter(root, root.tag)
        while True:
            for child in children:
                tag = child.tag
                inner = kind_of(tag, _ROOM)
                if inner == _ROOM:
                    if parts:
                        self._flush()
                    self._enter(child, tag)
                elif inner >= _VOID:
                    self._pass(inner)
                    if tail := child.tail:
                        self._add(tail)
                    continue
                elif inner & _NAMED and (named := child.get("class")) and self._is_aside(child, named):
                    if tail := child.tail:
                        self._add(tail)
                    continue
                else:
                    inner &= _LINK | _BOLD
                    if inner:
                        self._links += inner & _LINK
                        self._bolds += inner >> 1
                        if inner & _LINK and not self._linked:
                            self._href = child.get("href") or ""
                    elif tag == "time":
                        self._timed = True
                    if text := child.text:
                        self._add(text)
                if len(child):
                    path.append((children, element, kind))
                    children, element, kind = iter(child), child, inner
                    break
                if inner == _ROOM:
                    self._leave()
                elif inner:
                    self._links -= inner & _LINK
                    self._bolds -= inner >> 1
                if tail := child.tail:
                    self._add(tail)
            else:
                if kind == _ROOM:
                    self._leave()
                elif kind:
                    self._links -= kind & _LINK
                    self._bolds -= kind >> 1
                if not path:
                    break
                tail = element.tail
                children, element, kind = path.pop()
                if tail:
                    self._add(tail)
        attributes.add_up(self._rooms)
        return self._layout

    def _enter(self, element: _Element, tag: str) -> None:
        """Open a room."""
        named, verdict = "", _NOTHING
        keys = element.keys()  # one question instead of seven: most paragraphs have none
        if keys:
            named, id_ = element.get("class") or "", element.get("id")
            if named or id_:
                verdict = names.read(f"{named} {id_}" if id_ else named)
                if verdict is not _NOTHING:
                    self._note(element, verdict)
        room = Room(element, tag, self._here, len(self._blocks), named, verdict)
        room.is_bare = not keys or _READ.isdisjoint(keys)
        self._timed = False  # an empty `<time>` before it is none of its text
        self._here = len(self._rooms)
        self._rooms.append(room)
        if text := element.text:
            self._add(text)

    def _leave(self) -> None:
        if self._parts:
            self._flush()
        room = self._rooms[self._here]
        room.last, room.end = len(self._blocks), len(self._rooms)
        self._here = room.parent

    def _pass(self, kind: int) -> None:
        """A dead element, an image, a line break: nothing of what is in it is text."""
        if kind == _BREAK:
            # Two in a row end a block, one is a line's end in it.
            if self._parts and self._parts[-1] == "\n":
                self._flush()
            elif self._parts:
                self._parts.append("\n")
                self._broken = True
        elif kind == _IMAGE:
            self._rooms[self._here].images += 1
        elif kind == _CONTROL:
            self._rooms[self._here].controls += 1

    def _is_aside(self, element: _Element, named: str) -> bool:
        """A small inline element that is named as no text: a credit, a counter, a label."""
        verdict = names.read(named)
        if verdict is _NOTHING:
            return False
        self._note(element, verdict)
        if not verdict.beside:
            return False
        size = 0
        for number, part in enumerate(element.iter()):
            size += len(part.text or "") + (len(part.tail or "") if number else 0)
            if size >= _MAX_SMALL or number >= _MAX_PARTS:
                return False
        return True

    def _note(self, element: _Element, verdict: Verdict) -> None:
        layout = self._layout
        if verdict.byline and len(layout.bylines) < _MAX_NOTED:
            layout.bylines.append(element)
        if verdict.standfirst and len(layout.standfirsts) < _MAX_NOTED:
            layout.standfirsts.append(element)
        layout.paywall = layout.paywall or verdict.paywall

    def _add(self, text: str) -> None:
        if text.isspace():
            if self._parts and self._parts[-1] != "\n":
                self._parts.append(" ")
            return
        self._parts.append(text)
        if self._links:
            self._linked.append(text)
            self._closes = True
        elif self._closes and _WORD.search(text):
            self._closes = False
        if not self._bolds:
            self._plain = True

    def _flush(self) -> None:
        text = _lines(self._parts) if self._broken else " ".join("".join(self._parts).split())
        if text:
            weight = float(len(text))
            links = float(min(sum(len(part.strip()) for part in self._linked), len(text))) if self._linked else 0.0
            if not text.isascii() and is_dense(text):
                weight, links = weight * _DENSE, links * _DENSE
            tag = self._rooms[self._here].tag
            block = Block(text, tag, self._here, weight, links, self._timed, not self._plain)
            if links:
                block.href, block.closes = self._href, self._closes
                block.opens = text.startswith(" ".join(self._linked[0].split()))
            self._blocks.append(block)
        self._parts.clear()
        self._linked.clear()
        self._plain = self._timed = self._broken = self._closes = False


def is_dense(text: str) -> bool:
    """Written in Chinese, Japanese or Korean, by three samples."""
    size = len(text)
    return any("\u2e80" <= text[at] <= "\uffef" for at in (size // 4, size // 2, size * 3 // 4))


def _lines(parts: list[str]) -> str:
    """Line ends in the source are spaces; those of `<br>` stay."""
    lines: list[list[str]] = [[]]
    for part in parts:
        if part == "\n":
            lines.append([])
        else:
            lines[-1].append(part)
    return "\n".join(line for line in (" ".join("".join(pieces).split()) for pieces in lines) if line)
