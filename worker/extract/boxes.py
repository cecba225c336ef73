"""Boxes between an article's paragraphs: rooms of another make that ask for something. By structure alone. Pure.

Where most of a room's text stands in plain paragraphs directly inside it, a small room among them that has rooms of
its own and a link or a button is an appeal, a teaser or a form, whatever it is called and whatever it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from worker.extract.choose import Span, make
from worker.extract.clear import is_link
from worker.extract.rooms import Block, Layout, Room
from worker.extract.shelves import HEADINGS, is_title, leads_elsewhere

_GENERIC = frozenset({"div", "section", "center", "form", "fieldset"})
_PARAGRAPHS = 3
_SHARE = 0.7
_SMALL = 0.15
_PARAGRAPHS_BEFORE, _LAST_SMALL = 2, 0.35
"""The same for a room behind the last of them: a short text may end in an appeal."""
_MAX_PROSE = 2
_SECTIONS = 3
_MAX_WEIGHT = 700
_MAX_BLOCKS = 20
_BUTTON = 40
"""Weight of a link that stands for a button."""
_OTHER = frozenset({"li", "td", "th", "dd", "dt", "pre", "blockquote"})


def blocks(layout: Layout, masses: Sequence[float], span: Span) -> set[int]:
    """Indices of blocks in such boxes inside the span."""
    rooms = layout.rooms
    sums = [0.0, *accumulate(masses)]
    links = [0.0, *accumulate(block.links for block in layout.blocks)]
    direct: dict[int, tuple[float, int, int]] = {}  # room -> prose of the paragraphs directly in it, number, last one
    for index in range(*span):
        if not masses[index]:
            continue
        at = layout.blocks[index].room
        while rooms[at].last - rooms[at].first == 1 and rooms[at].parent >= 0:
            at = rooms[at].parent  # a paragraph in wrappers of its own
        mass, number, _ = direct.get(at, (0.0, 0, 0))
        direct[at] = mass + masses[index], number + 1, index
    found: set[int] = set()
    for at, (mass, number, end) in direct.items():
        whole = sums[rooms[at].last] - sums[rooms[at].first]
        if number < _PARAGRAPHS_BEFORE or mass < (1 - _LAST_SMALL) * whole:
            continue
        is_plain = number >= _PARAGRAPHS and mass >= _SHARE * whole
        folded = _folded(rooms, sums, links, at)
        child = at + 1
        while child < rooms[at].end:
            room = rooms[child]
            most = _SMALL if is_plain and room.first < end else _LAST_SMALL if room.first > end else 0.0
            inside = most and span.first <= room.first and room.last <= span.last
            if inside and make(room) not in folded and _is_box(layout, masses, room, child, most * whole):
                found.update(range(room.first, room.last))
            child = room.end
    return found


def _folded(rooms: Sequence[Room], sums: Sequence[float], links: Sequence[float], at: int) -> frozenset[str]:
    """The make of sections that are folded in: several, each with a button, prose, and no link."""
    times: Counter[str] = Counter()
    child, end = at + 1, rooms[at].end
    while child < end:
        room = rooms[child]
        if room.controls and sums[room.last] > sums[room.first] and links[room.last] == links[room.first]:
            times[make(room)] += 1
        child = room.end
    return frozenset(made for made, number in times.items() if number >= _SECTIONS)


def _is_box(layout: Layout, masses: Sequence[float], room: Room, index: int, most: float) -> bool:
    if room.tag not in _GENERIC or room.end == index + 1 or not 0 < room.last - room.first <= _MAX_BLOCKS:
        return False
    held = layout.blocks[room.first : room.last]
    if any(block.tag in _OTHER for block in held):
        return False
    # A heading makes it a part of the article, but for a teaser's, which is a link, and that of a form or an offer.
    is_headed = any(block.tag in HEADINGS and not is_title(layout, block) for block in held)
    if is_headed and not room.controls and not _is_offer(layout, held):
        return False
    mass = sum(masses[room.first : room.last])
    asks = room.controls or any(is_link(block) and block.href.strip()[:1] not in ("", "#") for block in held)
    few = sum(1 for value in masses[room.first : room.last] if value) <= _MAX_PROSE
    return bool(asks) and few and mass <= most and sum(block.weight for block in held) < _MAX_WEIGHT


def _is_offer(layout: Layout, held: Sequence[Block]) -> bool:
    """It ends in a short link to another page of the site ("subscribe now")."""
    last = held[-1]
    return is_link(last) and last.weight < _BUTTON and leads_elsewhere(last.href, layout.url)
