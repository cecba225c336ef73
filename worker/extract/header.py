"""Where on a page the article's own date and names may stand: around its headline, before or in its text. Pure.

What stands below the text (comments, other articles, the site's footer), in a box about something else or in another
article's card is never the article's: a date from there would be an invented one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from lxml.etree import _Element

from worker.extract.paragraphs import Paragraph
from worker.extract.rooms import Block, Layout, Room

_BEFORE, _AFTER = 3, 12
"""Blocks around the headline, where nothing else tells how far the header goes."""
_FAR = 12
_BEHIND = 2
_PREFIX = 40
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_BESIDE = frozenset({"aside", "nav", "form", "blockquote", "figure", "figcaption", "table", "dialog"})
_LONG_LINK = 45
"""Weight of a link that is another article's title and no author's or section's name."""
_MOST = 200


@dataclass(slots=True)
class Header:
    layout: Layout
    headline: int
    """Index of its block, -1 without one."""
    first: int = -1
    turn: int = -1
    """The block that ends the header: the text's first, or its second paragraph where the first may be a lead."""
    last: int = -1
    """The text's first and last block; -1 when it is not found on the page."""
    _rooms: dict[_Element, int] = field(default_factory=dict)
    _judged: dict[int, bool] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        """Those that may say when and by whom: from the headline on, then the few before it."""
        start, end = self._range()
        turn = max(start, self.headline)
        for index in (*range(turn, end), *range(start, turn)):
            if index != self.headline and self._is_own(self.layout.blocks[index].room):
                yield self.layout.blocks[index]

    def above(self) -> frozenset[int]:
        """The identities of those before the headline."""
        start, _ = self._range()
        return frozenset(map(id, self.layout.blocks[start : max(start, self.headline)]))

    def lines(self) -> Iterator[str]:
        """What stands around the text: its header's lines, and the two behind it."""
        yield from (block.text for block in self.blocks())
        if self.last >= 0:
            for index in range(self.last + 1, min(self.last + 1 + _BEHIND, len(self.layout.blocks))):
                if self._is_own(self.layout.blocks[index].room):
                    yield self.layout.blocks[index].text

    def block_of(self, element: _Element) -> tuple[bool, Block | None]:
        """(whether the inline element stands where it may, the block of text that it is in)."""
        at, room = self._place(element)
        start, end = self._range()
        if room < 0 or not start <= at <= end or not self._is_own(room):
            return False, None
        return True, self.layout.blocks[at] if at < len(self.layout.blocks) else None

    def is_beside(self, element: _Element) -> bool:
        """In a comment, an aside, another article: wherever it is on the page."""
        _, room = self._place(element)
        return room < 0 or not self._is_own(room)

    def _range(self) -> tuple[int, int]:
        size = len(self.layout.blocks)
        if self.headline < 0:
            return (max(0, self.first - _FAR), self.first + 1) if self.first >= 0 else (0, 0)
        end = self.headline + 1 + _AFTER
        if self.turn >= 0:
            end = self.turn + 1
        return max(0, self.headline - _BEFORE), min(end, size)

    def _place(self, element: _Element) -> tuple[int, int]:
        """(number of blocks before the element, its room); the room is -1 outside of the body."""
        if not self._rooms:
            self._rooms.update({room.element: index for index, room in enumerate(self.layout.rooms)})
        child, parent = element, element.getparent()
        while parent is not None and parent not in self._rooms:
            child, parent = parent, parent.getparent()
        if parent is None:
            return 0, -1
        at = self._rooms[parent]
        for sibling in islice(child.itersiblings(preceding=True), _MOST):
            if sibling in self._rooms:
                return self.layout.rooms[self._rooms[sibling]].last, at
        return self.layout.rooms[at].first, at

    def _is_own(self, room: int) -> bool:
        """Up from the room to the one that holds the headline or the text too: none on the way is of something else."""
        rooms = self.layout.rooms
        anchor = self.headline if self.headline >= 0 else self.first
        way, at = [], room
        while at >= 0 and at not in self._judged and not (anchor >= 0 and rooms[at].first <= anchor < rooms[at].last):
            way.append(at)
            at = rooms[at].parent
        if at not in self._judged:
            self._judged[at] = at < 0 or not rooms[at].verdict.consent
        is_own = self._judged[at]
        for at in reversed(way):
            is_own = self._judged[at] = is_own and self._is_open(rooms[at], anchor)
        return is_own

    def _is_open(self, room: Room, anchor: int) -> bool:
        if room.tag in _BESIDE or room.role == "hidden" or room.verdict.apart or room.verdict.consent:
            return False
        blocks = self.layout.blocks[room.first : min(room.last, room.first + _MOST)]
        if room.tag == "article" or any(map(_is_other, blocks)):
            return False
        return not (anchor >= 0 and room.last - room.first > _MOST)


def find(layout: Layout, headline: int, paragraphs: Sequence[Paragraph]) -> Header:
    """The header of the article whose text is `paragraphs`."""
    places: dict[str, list[int]] = {}
    for index, block in enumerate(layout.blocks):
        places.setdefault(block.text.partition("\n")[0][:_PREFIX], []).append(index)
    first = _first(places, [paragraph.text.partition("\n")[0] for paragraph in paragraphs[:3]], headline)
    last = first
    for paragraph in paragraphs[:-6:-1]:
        found = [index for index in places.get(paragraph.text.rpartition("\n")[2][:_PREFIX], ()) if index >= first]
        if found and first >= 0:
            last = found[0]
            break
    turn = first
    if len(paragraphs) > 1 and first >= 0 and sum(len(item.text) for item in paragraphs[1:]) >= len(paragraphs[0].text):
        turn = _first(places, [paragraphs[1].text.partition("\n")[0]], first)
    return Header(layout, headline, first, turn if first < turn <= last else first, last)


def _first(places: dict[str, list[int]], lines: Sequence[str], headline: int) -> int:
    for line in lines:
        if found := places.get(line[:_PREFIX]):
            return next((index for index in found if index > headline), found[0])
    return -1


def _is_other(block: Block) -> bool:
    """The linked title of another article."""
    linked = block.links > 0.5 * block.weight
    return linked and (block.tag in _HEADINGS or block.weight >= _LONG_LINK)
