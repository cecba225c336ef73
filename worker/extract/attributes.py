"""What the attributes of rooms say: hidden, a role, the article's body, a comment; and sums over inner rooms. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lxml.etree import _Element

if TYPE_CHECKING:
    from worker.extract.rooms import Room

READ = frozenset({"hidden", "aria-hidden", "style", "role", "itemprop", "itemtype"})
"""The attributes that say something."""
_COMMENTS = ("/Comment", "/UserComments")


def add_up(rooms: Sequence[Room]) -> None:
    """Images and controls of a room are those of its inner rooms too. Attributes are read of rooms with text only."""
    for room in reversed(rooms):
        if room.images and room.parent >= 0:
            rooms[room.parent].images += room.images
        if room.controls and room.parent >= 0:
            rooms[room.parent].controls += room.controls
        if room.first < room.last and not room.is_bare:
            room.role = _role(room.element)
            itemprop = room.element.get("itemprop")
            if itemprop is not None:
                room.is_marked = "articlebody" in itemprop.lower()
                room.is_comment = itemprop.lower() == "comment"
            room.is_comment = room.is_comment or (room.element.get("itemtype") or "").endswith(_COMMENTS)


def _role(element: _Element) -> str:
    get = element.get
    if get("hidden") is not None or get("aria-hidden") == "true":
        return "hidden"
    style = get("style")
    if style and "none" in style and "display:none" in style.replace(" ", "").lower():
        return "hidden"
    return (get("role") or "").strip().lower()
