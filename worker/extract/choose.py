"""The room the article stands in: paragraph mass pushed to the rooms around it, then wider while more of it follows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from worker.extract.rooms import Layout, Room

_LEVELS = 8  # rooms above a paragraph that its mass counts for
_FADES = (1.0, 0.5, 0.3, 0.18, 0.108, 0.065, 0.04, 0.024)
_CLIMBS = 8
_WRAPPER = 300


def room(layout: Layout, masses: Sequence[float], within: tuple[int, int] | None = None) -> int:
    """Index of the article's room, -1 when there is no prose. `within`: blocks that it must lie in."""
    rooms = layout.rooms
    scores: dict[int, float] = {}
    for index, mass in enumerate(masses):
        if not mass or (within and not within[0] <= index < within[1]):
            continue
        block = layout.blocks[index]
        at = block.room
        if block.tag in ("p", "pre", "li", "blockquote", "td") or block.weight < _WRAPPER:
            at = rooms[at].parent if rooms[at].parent >= 0 else at
        for fade in _FADES:
            scores[at] = scores.get(at, 0.0) + (1 + mass / 100) * fade
            at = rooms[at].parent
            if at < 0:
                break
    if not scores:
        return -1
    best = max(scores, key=lambda at: scores[at] * _likelihood(rooms[at]))
    return _widened(layout, masses, best)


def _likelihood(candidate: Room) -> float:
    factor = 1.0
    if "articlebody" in candidate.given.get("itemprop", "").lower():
        factor = 1.6
    elif candidate.verdict.text:
        factor = 1.35
    if candidate.tag == "article":
        factor *= 1.15
    elif candidate.tag == "body":
        factor *= 0.8
    return factor


def _widened(layout: Layout, masses: Sequence[float], best: int) -> int:
    """Climb while the room around holds clearly more of the same: an article is often split over sibling wrappers."""
    rooms, blocks = layout.rooms, layout.blocks
    sums = [0.0, *accumulate(masses)]
    counts = [0, *accumulate(1 if mass else 0 for mass in masses)]
    links = [0.0, *accumulate(block.links for block in blocks)]
    weights = [0.0, *accumulate(block.weight for block in blocks)]

    def span(values: Sequence[float], of: Room) -> float:
        return values[of.last] - values[of.first]

    at, climbs = rooms[best].parent, 0
    make = rooms[best].given.get("class")
    while at > 0 and climbs < _CLIMBS:
        inner, outer = rooms[best], rooms[at]
        if span(sums, outer) > 1.08 * span(sums, inner):
            more = span(sums, outer) - span(sums, inner)
            mean = more / max(1, span(counts, outer) - span(counts, inner))
            same = make and _of_make(layout, masses, at, best, make) > 0.5 * more
            articles = sum(1 for item in rooms[at : outer.end] if item.tag == "article")
            if same or (mean > 110 and articles <= 1 and span(links, outer) < 0.3 * span(weights, outer)):
                best = at
            elif span(sums, outer) > 1.5 * span(sums, inner):
                break
        at, climbs = outer.parent, climbs + 1
    return best


def _of_make(layout: Layout, masses: Sequence[float], outer: int, inner: int, make: str) -> float:
    """Prose in the outer room, beside the inner one, that stands in rooms of the same class as the inner one."""
    rooms = layout.rooms
    total, index = 0.0, outer + 1
    while index < rooms[outer].end:
        if index == inner:
            index = rooms[inner].end
        elif rooms[index].given.get("class") == make:
            total += sum(masses[rooms[index].first : rooms[index].last])
            index = rooms[index].end
        else:
            index += 1
    return total
