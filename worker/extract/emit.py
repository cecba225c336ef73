"""The blocks of the article's room as paragraphs: what is between them and no part of the text is left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

from worker.extract import boxes, edges, plain
from worker.extract.choose import Span
from worker.extract.clear import PROSE, SENTENCE, is_link
from worker.extract.paragraphs import Paragraph
from worker.extract.rooms import Block, Layout, Room

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_IMAGE_ROOM = 320  # weight of a room around an image up to which all of it belongs to the image
_LINKED = 200
_ALL_LINKS = 0.85
_ORPHAN = 60
_CELL = 200
_IMAGE_ROOMS = frozenset({"div", "figure", "td", "section", "picture", "center"})
_MAY_BE_LINKS = frozenset({"h2", "h3", "h4", "h5"})
# The one word that advertising carries by custom or by law.
_NOTICES = frozenset({
    "advertisement", "advertising", "advert", "ad", "sponsored", "anzeige", "werbung", "reklame", "publicité",
    "pubblicità", "publicidad", "publicidade", "reclame", "advertentie", "annons", "annonce", "reklama",
    "реклама", "広告", "广告", "廣告", "광고", "iklan", "إعلان",
})  # fmt: skip
_TOOL = re.compile(r"(?<=\w)\s*(?:\[[^][]{1,60}\]|[¶#§🔗])$")
"""What is behind a heading of a wiki or a manual: links to edit its section, or to it."""
_WORD = re.compile(r"[^\W\d_]|^_{3,}$")  # the line of underscores with which wires part sections


def paragraphs(layout: Layout, masses: Sequence[float], out: Sequence[bool], span: Span, title: str) -> list[Paragraph]:
    """Paragraphs of the span in reading order; items of a list and rows of a table are lines of one paragraph."""
    beside = _image_blocks(layout, span) | boxes.blocks(layout, masses, span)
    tables = _tables(layout, out, span)
    kept = [
        index for index in range(*span)
        if not out[index] and index not in beside and (index in tables or _says_something(layout.blocks[index].text))
    ]  # fmt: skip
    dropped = _links(layout, masses, [index for index in kept if index not in tables])
    dropped |= edges.outside(layout, masses, kept, tables)
    dropped |= _labels(layout.blocks, kept, dropped)
    left = [index for index in kept if index not in dropped]
    return list(_joined(layout, left, tables, plain.key(title)))


def _says_something(text: str) -> bool:
    return _WORD.search(text) is not None and not (
        len(text) < 30 and text.strip(" .:-–—*•|[]()").casefold() in _NOTICES
    )


def _image_blocks(layout: Layout, span: Span) -> set[int]:
    """Blocks in small rooms around an image: caption, credit, and what else is said about it."""
    rooms, found = layout.rooms, set[int]()
    index = 0
    while index < len(rooms):
        room = rooms[index]
        if room.first >= span.last:
            break
        blocks = layout.blocks[room.first : min(room.last, room.first + 20)]
        if (
            room.images
            and _within(room, span)
            and blocks
            and room.tag in _IMAGE_ROOMS
            and sum(block.weight for block in blocks) < _IMAGE_ROOM
            and not any(block.tag == "p" and block.weight > PROSE for block in blocks)
        ):
            found.update(range(room.first, room.last))
            index = room.end
        else:
            index += 1
    return found


def _within(room: Room, span: Span) -> bool:
    """Inside the span, and not all of it."""
    return span.first <= room.first and room.last <= span.last and room.last - room.first < span.last - span.first


def _tables(layout: Layout, out: Sequence[bool], span: Span) -> dict[int, tuple[int, int]]:
    """Block -> (its table, its row) for tables of data: cells are short, and few of them are links."""
    rooms, blocks, found = layout.rooms, layout.blocks, dict[int, tuple[int, int]]()
    if not any(room.tag == "table" for room in rooms):
        return found
    weights = [0.0, *accumulate(block.weight for block in blocks)]
    links = [0.0, *accumulate(block.links for block in blocks)]
    long = [0, *accumulate(block.weight > _CELL for block in blocks)]
    index = 0
    while index < len(rooms):
        room = rooms[index]
        first, last = room.first, room.last
        if (
            room.tag != "table"
            or not _within(room, span)
            or first == last
            or long[last] > long[first]
            or links[last] - links[first] > 0.6 * (weights[last] - weights[first])
        ):
            index += 1  # a table that lays out the page: what is in its cells is judged by itself
            continue
        rows = [row for row in range(index + 1, room.end) if rooms[row].tag == "tr"]
        for row in rows if len(rows) > 1 else ():
            found.update((cell, (index, row)) for cell in range(rooms[row].first, rooms[row].last) if not out[cell])
        index = room.end
    return found


def _links(layout: Layout, masses: Sequence[float], kept: Sequence[int]) -> set[int]:
    """Lines that are little more than a link, and lists of such; behind the last prose, lists with many links."""
    blocks = layout.blocks
    last = max((index for index in kept if masses[index]), default=-1)
    found: set[int] = set()
    start = 0
    while start < len(kept):
        end = start
        while end < len(kept) and blocks[kept[end]].tag == "li":
            end += 1
        if end > start:
            items = [blocks[index] for index in kept[start:end]]
            most = 0.6 if kept[start] < last else 0.25
            if sum(item.links for item in items) > most * sum(item.weight for item in items):
                found.update(kept[start:end])
            start = end
            continue
        block = blocks[kept[start]]
        is_all = block.links >= _ALL_LINKS * block.weight
        if (block.weight < _LINKED or is_all) and is_link(block) and block.tag not in _MAY_BE_LINKS:
            found.add(kept[start])
        start += 1
    return found


def _labels(blocks: Sequence[Block], kept: Sequence[int], dropped: set[int]) -> set[int]:
    """A short line or heading whose content was dropped as links: `More on this:` says nothing without them."""
    found: set[int] = set()
    for index, following in pairwise(kept):
        block = blocks[index]
        if following in dropped and blocks[following].links and index not in dropped and block.weight < _ORPHAN:
            heading = block.tag in _HEADINGS or (block.bold and not SENTENCE.search(block.text))
            if heading or block.text.endswith(":"):
                found.add(index)
    return found


def _joined(
    layout: Layout, kept: Sequence[int], tables: Mapping[int, tuple[int, int]], title: str
) -> Iterator[Paragraph]:
    lists = _lists(layout.rooms)
    seen: set[str] = set()
    lines: list[str] = []
    group = row = -1
    near = range(len(title), 2 * len(title) + 20) if title else range(0)
    for index in kept:
        block = layout.blocks[index]
        if block.tag == "h1" or (len(block.text) in near and plain.key(block.text) == title):
            continue
        table, line = tables.get(index, (-1, -1))
        if table < 0 and block.weight > 40:
            if block.text in seen:
                continue
            seen.add(block.text)
        around = table if table >= 0 else lists[block.room] if block.tag in ("li", "dd", "dt") else -1
        if around != group or around < 0:
            if lines:
                yield Paragraph("\n".join(lines))
            lines = []
        text = plain.block(block.text)
        if around < 0:
            is_heading = block.tag in _HEADINGS
            yield Paragraph(_TOOL.sub("", text) if is_heading and block.links else text, is_heading)
        elif table >= 0 and line == row and lines:
            lines[-1] += " " + text.replace("\n", " ")
        else:
            lines.append(text)
        group, row = around, line
    if lines:
        yield Paragraph("\n".join(lines))


def _lists(rooms: Sequence[Room]) -> list[int]:
    """For each room the outermost list that it is, or is in; -1 for none."""
    found: list[int] = []
    for index, room in enumerate(rooms):
        outer = found[room.parent] if room.parent >= 0 else -1
        found.append(index if outer < 0 and room.tag in ("ul", "ol", "dl") else outer)
    return found
