"""Where the article stands: the room with most paragraph mass, then what belongs to it before and behind. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from worker.extract.rooms import Layout, Room

_FADES = (1.0, 0.5, 0.3, 0.18, 0.108, 0.065, 0.04, 0.024)
"""What a paragraph counts for its room, the room around that, and so on."""
_CLIMBS = 8
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
    found = Span(layout.rooms[best].first, layout.rooms[best].last)
    found = _longer(layout, masses, sums, best, found, headline)
    return _from_headline(sums, found, headline)


def _best(layout: Layout, masses: Sequence[float], within: Span | None) -> int:
    rooms = layout.rooms
    scores: dict[int, float] = {}
    for index, mass in enumerate(masses):
        if not mass or (within and not within.first <= index < within.last):
            continue
        block = layout.blocks[index]
        at = block.room
        if block.tag in ("p", "pre", "li", "blockquote", "td") or block.weight < _OWN_ROOM:
            at = rooms[at].parent if rooms[at].parent >= 0 else at
        for fade in _FADES:
            scores[at] = scores.get(at, 0.0) + (1 + mass / 100) * fade
            at = rooms[at].parent
            if at < 0:
                break
    return max(scores, key=lambda at: scores[at] * _likelihood(rooms[at]), default=-1)


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


def _longer(
    layout: Layout, masses: Sequence[float], sums: Sequence[float], best: int, found: Span, headline: int
) -> Span:
    """Climb while the room around holds clearly more of the same: an article is often split over sibling wrappers."""
    rooms = layout.rooms
    counts = [0, *accumulate(1 if mass else 0 for mass in masses)]
    links = [0.0, *accumulate(block.links for block in layout.blocks)]
    weights = [0.0, *accumulate(block.weight for block in layout.blocks)]
    make = rooms[best].given.get("class", "")
    at = rooms[best].parent
    for _ in range(_CLIMBS):
        if at <= 0:
            break
        outer = rooms[at]
        inner = sums[found.last] - sums[found.first]
        # Before the headline stands no part of the article.
        start = max(outer.first, headline + 1) if outer.first <= headline < found.first else outer.first
        before = sums[found.first] - sums[min(start, found.first)]
        behind = sums[outer.last] - sums[found.last]
        more = before + behind
        if more > 0.08 * inner:
            number = counts[outer.last] - counts[found.last] + counts[found.first] - counts[min(start, found.first)]
            same = bool(make) and _of_make(layout, masses, at, best, make) > 0.5 * more
            articles = sum(1 for item in rooms[at : outer.end] if item.tag == "article")
            linked = links[outer.last] - links[outer.first] < 0.3 * (weights[outer.last] - weights[outer.first])
            if same or (more > 110 * max(1, number) and articles <= 1 and linked):
                found = Span(min(start, found.first), outer.last)
            elif more > 0.5 * inner:
                break
        at = outer.parent
    return found


def _from_headline(sums: Sequence[float], found: Span, headline: int) -> Span:
    """Begin behind the headline, when it stands in the span and most of the prose follows it."""
    if not found.first <= headline < found.last:
        return found
    after = sums[found.last] - sums[headline + 1]
    return Span(headline + 1, found.last) if after >= 0.7 * (sums[found.last] - sums[found.first]) else found


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
