"""Boxes that ask for consent and bear no name that says so: prose about cookies and a button to accept. Pure.

Both are needed: an article about cookies has no such button in its room, and a button alone asks for something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate, islice

from lxml import etree
from lxml.etree import _Element

from worker.extract.rooms import Layout

_ABOUT = (
    "cookie", "consent", "einwilligung", "zustimm", "datenschutz", "privatsphäre", "privacy", "vie privée",
    "privacidad", "our partners", "unsere partner", "nos partenaires", "nostri partner", "nuestros socios",
)  # fmt: skip
_ACCEPT = re.compile(
    r"\b(?:accept(?:er|e|s)?|akzeptieren?|zustimmen|stimme? zu|einverstanden|annehmen|zulassen|erlauben|agree|allow"
    r"|j'accepte|autoriser|accetto|accetta(?:re)?|acconsento|acepto|aceptar|permitir|consentir|consent)\b"
    r"|^(?:ok|okay|got it|verstanden|alles klar|compris|d'accord|ho capito|entendido|de acuerdo)[.!]?$",
    re.I,
)
_CONTROL_CHARS = 60
_ELEMENTS = 400
_CLICKED = ("button", "a", "input")
_CLIMBS = 5
_LONGEST = 4000
"""Weight of what asks; a longer text with a button below is an article with a banner in its room."""
_SHARE = 0.4
"""Least share of its prose that must be about that."""
_ASKED = 30
_BOX = 100.0
"""Weight from which what is around a button is a box that asks by itself."""
_INLINE = 12
_PIECES = 20
"""Elements of a control that are read."""


def read(layout: Layout, masses: Sequence[float], headline: int) -> list[tuple[int, int]]:
    """Spans of blocks, outermost, in page order. The headline may be in one: a wall has a heading too."""
    blocks = layout.blocks
    # Of most pages nothing is about that: one look at all of it says so.
    whole = "\n".join([block.text[:_LONGEST] for block, mass in zip(blocks, masses, strict=True) if mass]).lower()
    if not any(word in whole for word in _ABOUT):
        return []
    about = [index for index, mass in enumerate(masses) if mass and is_about(blocks[index].text)][:_ASKED]
    sums = [0.0, *accumulate(masses)]
    rooms = {room.element: index for index, room in enumerate(layout.rooms)}
    found: list[tuple[int, int]] = []
    for index in about:
        if found and index < found[-1][1]:
            continue
        at = blocks[index].room
        for _ in range(_CLIMBS):
            room = layout.rooms[at]
            mass = sums[room.last] - sums[room.first]
            if mass > _LONGEST:
                break
            if _accepts(layout, rooms, at):
                if sum(masses[at] for at in about if room.first <= at < room.last) >= _SHARE * mass:
                    found.append((room.first, room.last))
                break
            at = room.parent
            if at < 0:
                break
    return found


def is_about(text: str) -> bool:
    """It speaks of cookies, consent or privacy."""
    lower = text[:_LONGEST].lower()
    return any(word in lower for word in _ABOUT)


def _accepts(layout: Layout, rooms: Mapping[_Element, int], at: int) -> bool:
    """It holds something to click that accepts, in no smaller box that asks."""
    for control in islice(layout.rooms[at].element.iter(etree.Element), _ELEMENTS):
        if not _is_control(control):
            continue
        text = _label(control)
        if not 0 < len(text) <= _CONTROL_CHARS or not _ACCEPT.search(text):
            continue
        around: _Element | None = control
        for _ in range(_INLINE):
            if around is None or around in rooms:
                break
            around = around.getparent()
        inner = rooms.get(around, at) if around is not None else at
        for _ in range(_INLINE):
            if inner in (at, -1) or _asks(layout, inner):
                break
            inner = layout.rooms[inner].parent
        if inner == at:
            return True
    return False


def _asks(layout: Layout, at: int) -> bool:
    room = layout.rooms[at]
    blocks = layout.blocks[room.first : min(room.last, room.first + _PIECES)]
    return sum(block.weight for block in blocks) >= _BOX and any(is_about(block.text) for block in blocks)


def _label(control: _Element) -> str:
    if control.tag == "input":
        return control.get("value", "").strip()
    parts = [control.text or ""]
    for piece in islice(control.iterdescendants(), _PIECES):
        parts += [piece.text or "", piece.tail or ""]
    return " ".join("".join(parts)[: 4 * _CONTROL_CHARS].split())


def _is_control(element: _Element) -> bool:
    if element.tag in _CLICKED or element.get("role") == "button":
        return True
    named = element.get("class")
    return named is not None and any(word in named.lower() for word in ("btn", "button"))
