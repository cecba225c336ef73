"""Where the article stands: the room with most paragraph mass, then what belongs to it before and behind. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from worker.extract.rooms import Layout, Room

_FADES = (1.0, 0.5, 0.3, 0.18, 0.108, 0.065, 0.04, 0.024)
"""What a paragraph counts for its room, the room around that, and so on."""
_CLIMBS = 8
_TEXT_TAGS = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table"})
_PARTS = frozenset({"li", "dt", "dd", "td", "th", "tr"})
_LONG = 130
"""Mean weight of paragraphs that are an article's in a room of another make."""
_MOST = 1500
"""What one block may count for: longer ones are seldom set to be read."""
_NEAR = 3
"""Climbs up to which a room of another make may belong to the article."""
_NUMBERS = re.compile(r"(?<=[-_])\d+\b|(?<=[a-z])\d\d?\b")  # `part-1`, `text2`, and not `css-1x8kq` or `c190743`
_FORM = 200
"""Weight of prose up to which a room with buttons or fields is a form, and not more of the article."""
_MANY = 3
_PART = 0.5
_OWN_ROOM = 300
"""Weight from which a block that is no paragraph is an article's whole text (line breaks for paragraphs)."""


class Span(NamedTuple):
    """Blocks `first` up to, not including, `last`."""

    first: int
    last: int


def span(layout: Layout, masses: Sequence[float], headline: int, within: Span | None = None) -> Span | None:
    """The article's blocks; None when there is no prose. `within`: a span that it must lie in.

    `masses`: each block's prose, 0 for what is cleared away. `headline`: its block, -1 without one.
    """
    best = _best(layout, masses, within)
    if best < 0:
        return None
    sums = [0.0, *accumulate(masses)]
    found = _longer(layout, masses, sums, best, headline)
    if within:
        found = Span(max(found.first, within.first), min(found.last, within.last))
    return _from_headline(sums, found, headline)


def _best(layout: Layout, masses: Sequence[float], within: Span | None) -> int:
    rooms = layout.rooms
    scores: dict[int, float] = {}
    alone = Counter(block.room for block, mass in zip(layout.blocks, masses, strict=True) if mass)
    for index, mass in enumerate(masses):
        if not mass or (within and not within.first <= index < within.last):
            continue
        block = layout.blocks[index]
        at = block.room
        is_paragraph = block.weight < _OWN_ROOM and alone[at] == 1  # not a line of a text with breaks for paragraphs
        if block.tag in ("p", "pre", "li", "blockquote", "td") or is_paragraph:
            at = rooms[at].parent if rooms[at].parent >= 0 else at
            while rooms[at].last - rooms[at].first == 1 and rooms[at].parent >= 0:
                at = rooms[at].parent  # a paragraph in wrappers of its own
        for fade in _FADES:
            scores[at] = scores.get(at, 0.0) + (1 + min(mass, _MOST) / 100) * fade
            at = rooms[at].parent
            if at < 0:
                break
    return max(scores, key=lambda at: scores[at] * _likelihood(rooms[at]), default=-1)


def _likelihood(candidate: Room) -> float:
    factor = 1.0
    if candidate.is_marked:
        factor = 1.6
    elif candidate.verdict.text:
        factor = 1.35
    if candidate.tag == "article":
        factor *= 1.15
    elif candidate.tag == "body":
        factor *= 0.8
    return factor


def _longer(layout: Layout, masses: Sequence[float], sums: Sequence[float], best: int, headline: int) -> Span:
    """Climb, and take in what stands beside the room and is of the article too: it is often split over wrappers.

    Before it: all prose that follows the headline (a lead), in its room or not, or is of the same make. Behind it:
    rooms of the same make, bare paragraphs, and rooms with about as much prose as was found; the first other prose is
    where the article ends.
    """
    rooms = layout.rooms
    found, at = Span(rooms[best].first, rooms[best].last), best
    like, lead = make(rooms[best]), found.first
    for climb in range(_CLIMBS):
        outer = rooms[at].parent
        if outer < 0:
            break
        inner = sums[found.last] - sums[found.first]
        children = _children(rooms, outer)
        place = children.index(at)
        first, last = found
        for child in reversed(children[:place]):
            room = rooms[child]
            mass = sums[room.last] - sums[room.first]
            leads = 0 <= headline < room.first and mass <= inner
            if mass and not (leads or _is_more(layout, masses, room, like, inner if climb < _NEAR else 0.0)):
                if room.first <= headline < room.last and sums[room.last] - sums[headline + 1] <= inner:
                    lead = headline + 1
                break
            if mass:
                first = room.first
        many = _are_many(rooms, sums, children, like)
        least = 0.0 if _are_parts(rooms, sums, children, make(rooms[at])) else _PART * inner
        for child in children[place + 1 :]:
            room = rooms[child]
            mass = sums[room.last] - sums[room.first]
            if mass and not (
                _is_more(layout, masses, room, like, inner if climb < _NEAR else 0.0, is_one_of_many=many)
                or (climb and climb < _NEAR and _is_next_part(layout, masses, room, rooms[at], least))
            ):
                break
            if mass:
                last = room.last
        if first <= headline < found.first:
            first = headline + 1
        found, at = Span(first, last), outer
    return Span(min(lead, found.first), found.last)


def _children(rooms: Sequence[Room], outer: int) -> list[int]:
    found, index = [], outer + 1
    while index < rooms[outer].end:
        found.append(index)
        index = rooms[index].end
    return found


def _is_more(
    layout: Layout, masses: Sequence[float], room: Room, like: str, inner: float, *, is_one_of_many: bool = False
) -> bool:
    """Whether the room goes on with the article. `inner`: the prose found so far, 0 when only its make may tell.

    `is_one_of_many`: a button in it says nothing. Sections that are folded in have one each; forms come not in threes.
    """
    blocks = layout.blocks[room.first : room.last]
    if room.tag in _TEXT_TAGS:
        return all(block.tag in _TEXT_TAGS or block.tag in _PARTS for block in blocks)
    if room.tag == "article":
        return False
    mass = sum(masses[room.first : room.last])
    if make(room) == like:
        return not room.controls or mass > _FORM or is_one_of_many
    number = sum(1 for value in masses[room.first : room.last] if value)
    return 0 < 0.5 * inner <= mass and mass > 0.7 * sum(block.weight for block in blocks) and mass > _LONG * number


def _are_many(rooms: Sequence[Room], sums: Sequence[float], children: Sequence[int], like: str) -> bool:
    """Three rooms of that make and more, each with prose and a button."""
    same = (rooms[at] for at in children if rooms[at].controls and make(rooms[at]) == like)
    return sum(sums[room.last] > sums[room.first] for room in same) >= _MANY


def _are_parts(rooms: Sequence[Room], sums: Sequence[float], children: Sequence[int], like: str) -> bool:
    """Three rooms of that make and more, each with prose: a text in modules, however short one is."""
    return sum(sums[rooms[at].last] > sums[rooms[at].first] and make(rooms[at]) == like for at in children) >= _MANY


def _is_next_part(layout: Layout, masses: Sequence[float], room: Room, before: Room, least: float) -> bool:
    """A room of the same named make as the one around what was found, of nothing but prose and its headings: a text
    in modules. A post of somebody else begins with who wrote it and when; what is short and has no heading is a note
    on the author or the company."""
    if not room.named or room.tag == "article" or room.controls or make(room) != make(before):
        return False
    blocks = layout.blocks[room.first : room.last]
    proses = masses[room.first : room.last]
    begins = blocks[0].tag in _TEXT_TAGS and not proses[0]
    return (begins or sum(proses) >= least) and all(
        mass or (block.tag in _TEXT_TAGS and not block.links) or block.tag in _PARTS
        for mass, block in zip(proses, blocks, strict=True)
    )


def make(room: Room) -> str:
    """Tag and class without numbers: what tells rooms of one kind from others."""
    return f"{room.tag} {_without_numbers(room.named[:200])}" if room.named else room.tag


@lru_cache(maxsize=4096)
def _without_numbers(named: str) -> str:
    return _NUMBERS.sub("", named)


def _from_headline(sums: Sequence[float], found: Span, headline: int) -> Span:
    """Begin behind the headline, when it stands in the span and most of the prose follows it."""
    if not found.first <= headline < found.last:
        return found
    after = sums[found.last] - sums[headline + 1]
    return Span(headline + 1, found.last) if after >= 0.7 * (sums[found.last] - sums[found.first]) else found
