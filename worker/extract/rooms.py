"""The page as blocks of text in reading order, and the rooms they stand in. One walk over the tree, which stays as it is.

A block is a run of text that no block-level element interrupts. A room is a block-level element: because blocks are in
document order, a room is a range of them, and every sum over a room is a difference of two prefix sums. All later
steps (`clear`, `choose`, `emit`) work on these lists alone; none is more than linear in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

import lxml.html

from worker.extract import names
from worker.extract.names import Verdict

DEAD = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "map", "button", "select",
    "option", "input", "textarea", "dialog", "menu", "video", "audio", "head", "link", "meta", "math", "label",
    "amp-ad", "amp-sidebar", "amp-consent", "amp-analytics", "amp-iframe", "amp-embed", "amp-user-notification",
})  # fmt: skip
"""Never article text, whatever is around it."""
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "var", "wbr", "nobr", "blink", "o:p",
})  # fmt: skip
_NAMED_INLINE = frozenset({"span", "a", "small", "cite"})
_IMAGES = frozenset({"img", "amp-img", "picture", "image"})
_FORM_PARTS = frozenset({"button", "input", "select", "textarea"})
_BOLD = frozenset({"b", "strong"})
_NOTHING = Verdict()
_MAX_NOTED = 50
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


@dataclass(slots=True)
class Room:
    element: lxml.html.HtmlElement
    tag: str
    parent: int
    first: int
    last: int = 0
    """Its blocks are `blocks[first:last]`."""
    verdict: Verdict = _NOTHING
    given: dict[str, str] = field(default_factory=dict)
    """The element's attributes."""
    images: int = 0
    """Inside it, at any depth."""
    controls: int = 0
    """Buttons and fields inside it, at any depth."""
    end: int = 0
    """Index after its last descendant room."""


@dataclass(slots=True)
class Layout:
    blocks: list[Block]
    rooms: list[Room]
    bylines: list[lxml.html.HtmlElement]
    standfirsts: list[lxml.html.HtmlElement]
    paywall: bool


def read(tree: lxml.html.HtmlElement) -> Layout:
    """The layout of the page's body. Linear; no recursion, so depth costs nothing."""
    body = tree.find("body")
    return _Walk(tree if body is None else body).run()


class _Walk:
    def __init__(self, root: lxml.html.HtmlElement) -> None:
        self._layout = Layout([], [], [], [], False)
        self._here = -1
        self._parts: list[str] = []
        self._linked: list[str] = []
        self._links = self._bolds = 0  # how many elements around are links, bold
        self._plain = self._timed = False  # something in this block is not bold; is a time
        self._root = root

    def run(self) -> Layout:
        # The open elements: what is left of their children, whether they are a room, a link, bold.
        path = [(iter(self._root), self._root, self._enter(self._root), False, False)]
        while path:
            child = next(path[-1][0], None)
            if child is not None:
                tag = child.tag
                if tag in DEAD:
                    self._pass(child, tag)
                elif tag == "br":
                    self._break(child.tail)
                elif tag in _IMAGES:
                    self._layout.rooms[self._here].images += 1
                    self._add(child.tail)
                elif tag not in _INLINE:
                    self._flush()
                    path.append((iter(child), child, self._enter(child), False, False))
                elif tag in _NAMED_INLINE and child.get("class") and self._is_aside(child):
                    self._add(child.tail)
                elif len(child) == 0:
                    self._leaf(child, tag)
                else:
                    path.append((iter(child), child, False, *self._inside(child, tag)))
                continue
            _, element, is_room, link, bold = path.pop()
            if is_room:
                self._leave()
            self._links -= link
            self._bolds -= bold
            if path:
                self._add(element.tail)
        _add_up(self._layout.rooms)
        return self._layout

    def _enter(self, element: lxml.html.HtmlElement) -> bool:
        """Open a room; True."""
        given = dict(element.items())
        named = given.get("class", "") + " " + given.get("id", "") if "class" in given or "id" in given else ""
        verdict = names.read(named) if named else _NOTHING
        layout = self._layout
        if verdict is not _NOTHING:
            self._note(element, verdict)
        layout.rooms.append(Room(element, element.tag, self._here, len(layout.blocks), 0, verdict, given))
        self._here = len(layout.rooms) - 1
        if element.text:
            self._add(element.text)
        return True

    def _leave(self) -> None:
        self._flush()
        room = self._layout.rooms[self._here]
        room.last, room.end = len(self._layout.blocks), len(self._layout.rooms)
        self._here = room.parent

    def _inside(self, element: lxml.html.HtmlElement, tag: str) -> tuple[bool, bool]:
        """Begin an inline element; whether it is a link, and bold."""
        link, bold = tag == "a", tag in _BOLD
        self._links += link
        self._bolds += bold
        self._timed = self._timed or tag == "time"
        self._add(element.text)
        return link, bold

    def _leaf(self, element: lxml.html.HtmlElement, tag: str) -> None:
        link, bold = self._inside(element, tag)
        self._links -= link
        self._bolds -= bold
        self._add(element.tail)

    def _pass(self, element: lxml.html.HtmlElement, tag: str) -> None:
        if tag in _FORM_PARTS:
            self._layout.rooms[self._here].controls += 1
        self._add(element.tail)

    def _break(self, tail: str | None) -> None:
        """Two line breaks in a row end a block, one is a line's end in it."""
        if self._parts and self._parts[-1] == "\n":
            self._flush()
        else:
            self._parts.append("\n")
        if tail and not tail.isspace():
            self._add(tail)

    def _is_aside(self, element: lxml.html.HtmlElement) -> bool:
        """A small inline element that is named as no text: a credit, a counter, a label."""
        verdict = names.read(f"{element.get('class', '')} {element.get('id') or ''}")
        if verdict is _NOTHING:
            return False
        self._note(element, verdict)
        if not verdict.beside:
            return False
        size = 0
        for part in islice(element.itertext(), 20):
            size += len(part)
        return size < _MAX_SMALL

    def _note(self, element: lxml.html.HtmlElement, verdict: Verdict) -> None:
        layout = self._layout
        if verdict.byline and len(layout.bylines) < _MAX_NOTED:
            layout.bylines.append(element)
        if verdict.standfirst and len(layout.standfirsts) < _MAX_NOTED:
            layout.standfirsts.append(element)
        layout.paywall = layout.paywall or verdict.paywall

    def _add(self, text: str | None) -> None:
        if not text:
            return
        self._parts.append(text)
        if self._links:
            self._linked.append(text)
        if not self._bolds and not self._plain and not text.isspace():
            self._plain = True

    def _flush(self) -> None:
        if not self._parts:
            return
        text = _block_text(self._parts)
        if text:
            links = sum(len(part.strip()) for part in self._linked)
            weight = float(len(text))
            factor = _DENSE if is_dense(text) else 1.0
            self._layout.blocks.append(
                Block(text, self._layout.rooms[self._here].tag, self._here, weight * factor,
                      min(links, len(text)) * factor, self._timed, not self._plain)
            )  # fmt: skip
        self._parts.clear()
        self._linked.clear()
        self._plain = self._timed = False


def is_dense(text: str) -> bool:
    """Written in Chinese, Japanese or Korean, by three samples."""
    if text.isascii():
        return False
    size = len(text)
    return any("\u2e80" <= text[at] <= "\uffef" for at in (size // 4, size // 2, size * 3 // 4))


def _block_text(parts: list[str]) -> str:
    if "\n" not in parts:  # no line break: a line end in the source is a space
        return " ".join("".join(parts).split())
    lines: list[list[str]] = [[]]
    for part in parts:
        if part == "\n":
            lines.append([])
        else:
            lines[-1].append(part)
    return "\n".join(line for line in (" ".join("".join(pieces).split()) for pieces in lines) if line)


def _add_up(rooms: list[Room]) -> None:
    """Images and controls of a room are those of its inner rooms too."""
    for room in reversed(rooms):
        if room.parent >= 0:
            rooms[room.parent].images += room.images
            rooms[room.parent].controls += room.controls
