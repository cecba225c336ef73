"""The blocks of the article's room as paragraphs: what is between them and no part of the text is left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.extract import plain
from worker.extract.clear import PROSE
from worker.extract.rooms import Block, Layout

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_IMAGE_ROOM = 320  # weight of a room around an image up to which all of it belongs to the image
_LINKED = 200
_ORPHAN = 60
_ENDS = re.compile(r"[.!?…:;»«”“\"')\]。！？」』؟।]\s*$")
_WORD = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    is_heading: bool = False


def paragraphs(
    layout: Layout, masses: Sequence[float], out: Sequence[bool], at: int, title: str
) -> list[Paragraph]:
    """Paragraphs of room `at` in reading order; items of a list and rows of a table are lines of one paragraph."""
    chosen = layout.rooms[at]
    images = _image_blocks(layout, masses, at)
    kept = [
        index for index in range(chosen.first, chosen.last) if not out[index] and index not in images
        and _WORD.search(layout.blocks[index].text)
    ]  # fmt: skip
    kept = _without_link_lists(layout.blocks, kept)
    kept = _without_labels(layout.blocks, masses, kept)
    return list(_joined(layout, kept, at, plain.key(title)))


def _image_blocks(layout: Layout, masses: Sequence[float], at: int) -> frozenset[int]:
    """Blocks in small rooms around an image: caption, credit, and what else is said about it."""
    rooms, found = layout.rooms, set[int]()
    index = at + 1
    while index < rooms[at].end:
        room = rooms[index]
        size = room.last - room.first
        if (
            room.images
            and size
            and room.tag in ("div", "figure", "td", "section", "picture", "center")
            and sum(block.weight for block in layout.blocks[room.first : room.last][:20]) < _IMAGE_ROOM
            and not any(block.tag == "p" and block.weight > PROSE for block in layout.blocks[room.first : room.last])
        ):
            found.update(range(room.first, room.last))
            index = room.end
        else:
            index += 1
    return frozenset(found)


def _without_link_lists(blocks: Sequence[Block], kept: Sequence[int]) -> list[int]:
    left: list[int] = []
    start = 0
    while start < len(kept):
        end = start
        while end < len(kept) and blocks[kept[end]].tag == "li":
            end += 1
        if end == start:
            left.append(kept[start])
            start += 1
            continue
        items = [blocks[index] for index in kept[start:end]]
        if sum(item.links for item in items) <= 0.6 * sum(item.weight for item in items):
            left += kept[start:end]
        start = end
    return left


def _without_labels(blocks: Sequence[Block], masses: Sequence[float], kept: Sequence[int]) -> list[int]:
    """No short link lines; no short lines without an end of a sentence before the first prose or after the last."""
    proses = [index for index in kept if masses[index]]
    first, last = (proses[0], proses[-1]) if proses else (-1, -1)
    left: list[int] = []
    for index in kept:
        block = blocks[index]
        if block.tag != "li" and block.weight < _LINKED and block.links > 0.6 * block.weight and block.tag not in ("td", "th", "h2", "h3", "h4", "h5"):
            continue
        if (index < first or index > last) and block.tag != "li" and block.weight < _ORPHAN and not _ENDS.search(block.text):
            continue
        left.append(index)
    return left


def _joined(layout: Layout, kept: Sequence[int], at: int, title: str) -> Iterator[Paragraph]:
    seen: set[str] = set()
    lines: list[str] = []
    group = -1
    for index in kept:
        block = layout.blocks[index]
        if block.tag == "h1" or (title and block.weight < 300 and plain.key(block.text) == title):
            continue
        if block.weight > 40 and block.text in seen:
            continue
        seen.add(block.text)
        around = _compound(layout, block, at)
        if around != group or around < 0:
            if lines:
                yield Paragraph("\n".join(lines))
            lines = []
        group = around
        if around < 0:
            yield Paragraph(plain.block(block.text), block.tag in _HEADINGS)
        else:
            lines.append(plain.block(block.text))
    if lines:
        yield Paragraph("\n".join(lines))


def _compound(layout: Layout, block: Block, at: int) -> int:
    """The outermost list that the block is an item of; -1 when it is none."""
    found, room = -1, block.room
    if block.tag not in ("li", "dd", "dt"):
        return -1
    while room > at:
        if layout.rooms[room].tag in ("ul", "ol", "dl"):
            found = room
        room = layout.rooms[room].parent
    return found
