"""Boxes between an article's paragraphs: rooms of another make that ask for something. By structure alone. Pure.

Where most of a room's text stands in plain paragraphs directly inside it, a small room among them that has rooms of
its own and a link or a button is an appeal, a teaser or a form, whatever it is called and whatever it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from worker.extract.choose import Span
from worker.extract.rooms import Layout, Room

_GENERIC = frozenset({"div", "section", "center", "form", "fieldset"})
_PARAGRAPHS = 3
_SHARE = 0.7
_SMALL = 0.15
_MAX_PROSE = 2
_MAX_WEIGHT = 700
_MAX_BLOCKS = 20
_OTHER = frozenset({"li", "td", "th", "dd", "dt", "pre", "blockquote", "h2", "h3", "h4", "h5", "h6"})


def blocks(layout: Layout, masses: Sequence[float], span: Span) -> set[int]:
    """Indices of blocks in such boxes inside the span."""
    rooms = layout.rooms
    sums = [0.0, *accumulate(masses)]
    direct: dict[int, tuple[float, int]] = {}  # room -> prose in plain paragraphs directly inside it, their number
    for index in range(*span):
        if not masses[index]:
            continue
        at = layout.blocks[index].room
        if rooms[at].last - rooms[at].first == 1 and rooms[at].end == at + 1:
            at = rooms[at].parent
        mass, number = direct.get(at, (0.0, 0))
        direct[at] = mass + masses[index], number + 1
    found: set[int] = set()
    for at, (mass, number) in direct.items():
        whole = sums[rooms[at].last] - sums[rooms[at].first]
        if number < _PARAGRAPHS or mass < _SHARE * whole:
            continue
        child = at + 1
        while child < rooms[at].end:
            room = rooms[child]
            if span.first <= room.first and room.last <= span.last and _is_box(layout, masses, room, child, whole):
                found.update(range(room.first, room.last))
            child = room.end
    return found


def _is_box(layout: Layout, masses: Sequence[float], room: Room, index: int, whole: float) -> bool:
    if room.tag not in _GENERIC or room.end == index + 1 or not 0 < room.last - room.first <= _MAX_BLOCKS:
        return False
    held = layout.blocks[room.first : room.last]
    if any(block.tag in _OTHER for block in held):
        return False
    mass = sum(masses[room.first : room.last])
    asks = room.controls or any(block.links for block in held)
    few = sum(1 for value in masses[room.first : room.last] if value) <= _MAX_PROSE
    return bool(asks) and few and mass <= _SMALL * whole and sum(block.weight for block in held) < _MAX_WEIGHT
