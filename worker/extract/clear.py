"""Which blocks are no part of the article, by the rooms they stand in: tags, roles and names, within guards. Pure.

A room is never cleared when it holds the headline and text under it, the marked-up article body, or a large share of
the page's prose: the wrappers of real articles are called `has-sidebar`, `teaser` and `comments-on` too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from worker.extract.rooms import Block, Layout, Room

_TAGS = frozenset({"nav", "aside", "footer", "figure", "figcaption", "form", "fieldset", "amp-figure"})
_ROLES = frozenset({
    "navigation", "complementary", "contentinfo", "dialog", "alertdialog", "search", "banner", "menu", "menubar",
    "toolbar", "tablist", "alert", "hidden",
})  # fmt: skip
_HIDDEN = "hidden"
_FOLDED = 3
_APART_ROLES = frozenset({"contentinfo", "dialog", "alertdialog"})
_KEPT = frozenset({"body", "html", "article", "main", "blockquote"})
_SHARE = 0.3
_FEW = 400  # weight of a page's prose below which shares say nothing
_FEW_CLEARED = 120
_HEADLINE_ROOM = 800
_ENOUGH = 150
_MOST_MARKED = 20
_LEAD_BLOCKS = 6
_LEAD_LENGTH = 30
PROSE = 80
"""Weight from which a block in no paragraph element is taken for prose."""
_PARAGRAPH = 25
_LINKED = 0.6
SENTENCE = re.compile(r"[.!?…。！？؟।][»«”“\"')\]]*\s*$")
"""Ends as a sentence does."""


def prose(block: Block) -> float:
    """Weight of the block as running text; 0 for a label, a link, a list's item."""
    if block.weight < _PARAGRAPH or block.links > 0.5 * block.weight:
        return 0.0
    if block.tag in ("p", "pre", "blockquote"):
        return block.weight - block.links
    if block.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "th"):
        return 0.0
    least = 120 if block.tag in ("li", "dd", "dt") else PROSE
    return block.weight - block.links if block.weight >= least else 0.0


def is_link(block: Block) -> bool:
    """Little more than a link; a sentence that goes on behind its links is none, however many they are."""
    if block.links <= _LINKED * block.weight:
        return False
    return block.closes or not SENTENCE.search(block.text)


def cleared(layout: Layout, masses: Sequence[float], headline: int) -> list[bool]:
    """For each block, whether it is out. `masses` is each block's prose; `headline` its index, -1 without one."""
    sums = [0.0, *accumulate(masses)]
    weights = [0.0, *accumulate(block.weight for block in layout.blocks)]
    rooms = layout.rooms
    marked = [index for index, room in enumerate(rooms) if room.is_marked]
    total = sums[-1]
    most = _SHARE * total if total > _FEW else _FEW_CLEARED
    doubted = _too_common(rooms, sums, most)
    out = [False] * len(layout.blocks)
    index = 0
    while index < len(rooms):
        room = rooms[index]
        if room.first == room.last or not _is_beside(room, doubted) or _is_lead(layout, room, headline):
            index += 1
            continue
        mass, weight = sums[room.last] - sums[room.first], weights[room.last] - weights[room.first]
        holds_headline = room.first <= headline < room.last
        if _is_apart(room) and not holds_headline and total - mass >= _ENOUGH:
            pass  # readers may well write more than the author did
        elif (
            mass > most
            or (mass == 0 and total < _FEW and weight > 600)
            or (holds_headline and room.tag not in ("nav", "figure") and weight > _HEADLINE_ROOM)
            or any(index < inner < room.end for inner in marked[:_MOST_MARKED])
        ):
            index += 1  # what is inside may be beside the article all the same
            continue
        out[room.first : room.last] = [True] * (room.last - room.first)
        index = room.end
    return out


def _is_beside(room: Room, doubted: frozenset[str]) -> bool:
    verdict = room.verdict
    if room.tag in _KEPT:
        return room.tag == "article" and room.parent > 0 and verdict.beside and not room.is_marked
    if room.tag in _TAGS or verdict.apart or room.is_comment:
        return True
    if room.role and room.role in _ROLES:
        return room.role != _HIDDEN or _kind(room) not in doubted
    return verdict.beside and not room.is_marked and _kind(room) not in doubted


def _is_lead(layout: Layout, room: Room, headline: int) -> bool:
    """Named as a lead (`teaser-text`, `intro`) under the headline, and leading nowhere."""
    if not room.verdict.standfirst or not 0 <= room.first - headline <= _LEAD_BLOCKS or headline < 0:
        return False
    if room.last - room.first > _LEAD_LENGTH:
        return False
    return not any(block.links for block in layout.blocks[room.first : room.last])


def _is_apart(room: Room) -> bool:
    return room.is_comment or room.verdict.apart or room.tag == "footer" or room.role in _APART_ROLES


def _too_common(rooms: Sequence[Room], sums: Sequence[float], most: float) -> frozenset[str]:
    """Kinds of rooms that hold a large share of the prose: a name that stands on every paragraph says nothing, and what
    is hidden in several rooms of one kind is folded in."""
    shares: dict[str, float] = {}
    times: Counter[str] = Counter()
    for room in rooms:
        if room.verdict.beside or room.role == _HIDDEN:
            kind = _kind(room)
            shares[kind] = shares.get(kind, 0.0) + sums[room.last] - sums[room.first]
            times[kind] += 1
    return frozenset(
        kind for kind, share in shares.items()
        if share > most and (not kind.startswith(_HIDDEN) or times[kind] >= _FOLDED)
    )  # fmt: skip


def _kind(room: Room) -> str:
    """Tag and class, and whether it is hidden."""
    return f"{room.role if room.role == _HIDDEN else ''} {room.tag} {room.named}"
