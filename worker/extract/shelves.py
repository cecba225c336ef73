"""Shelves: what a page shows of other articles, as linked titles each with a little text. By structure alone. Pure.

A shelf is a room in which next to all prose stands right under linked headings, or a row of sibling rooms of one make
that each begin with a linked title. What is long, leads to other sites or to a place on the same page is no teaser:
that is a list of recommendations, a whole post, a ticker's entry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import urlsplit

from worker.extract.choose import make
from worker.extract.rooms import Block, Layout, Room

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LINKED = 0.8
_SHORTEST, _LONGEST = 12, 260
"""Weights of a title."""
_TEXT = 500
"""Most prose of one teaser."""
_PROSES = 3
_MORE = 40
"""Weight of a link that says "more"."""
_BLOCKS = 14
_NO_PAGE = re.compile(r"(?:javascript|mailto|tel|data):", re.I)
_ENTRY_LINK = 20
_ENTRIES = 4
_ROW = 3
"""From so many on, teasers are a shelf."""
_PICTURED = 2
"""The same where each has a picture."""
_CLIMBS = 8
_OTHER_SHARE, _OTHER = 0.1, 100.0
"""Most prose of a shelf that stands under no linked heading."""


class Shelves(NamedTuple):
    blocks: set[int]
    """What stands on shelves."""
    titles: int
    """How many linked headings the page has, and other linked titles on shelves."""
    led: set[int]
    """Prose under linked headings, on shelves or not."""


def read(layout: Layout, masses: Sequence[float], headline: int) -> Shelves:
    """`masses`: each block's prose, 0 for what is cleared away. `headline`: its block, -1 without one."""
    if sum([block.links > 0 for block in layout.blocks]) < _ROW:
        return Shelves(set(), 0, set())
    titles = [
        block.links > 0 and index != headline and is_title(layout, block) for index, block in enumerate(layout.blocks)
    ]
    heads = [titled and block.tag in HEADINGS for titled, block in zip(titles, layout.blocks, strict=True)]
    led = _led(layout, masses, heads)
    entries = [
        mass > 0 and block.opens and is_entry(layout, block) for mass, block in zip(masses, layout.blocks, strict=True)
    ]
    if sum(entries) >= _ENTRIES:
        led.update(index for index, is_one in enumerate(entries) if is_one)
    else:
        entries = [False] * len(entries)
    in_rows, number = _rows(layout, masses, titles, headline)
    found = _rooms(layout, masses, [*map(max, heads, entries)], led, headline) | in_rows
    others = sum(1 for index in found if titles[index] and not heads[index])
    return Shelves(found, max(sum(heads) + sum(entries) + others, number), led | {at for at in found if masses[at]})


def is_title(layout: Layout, block: Block) -> bool:
    """A short text that is all link, to another page of the site."""
    if not _SHORTEST <= block.weight <= _LONGEST or block.links < _LINKED * block.weight:
        return False
    return leads_elsewhere(block.href, layout.url)


def is_entry(layout: Layout, block: Block) -> bool:
    """A paragraph that begins with a linked title and goes on with a little text."""
    if not block.opens or block.tag not in ("p", "div", "td") or block.links < _ENTRY_LINK or block.weight > _TEXT:
        return False
    return leads_elsewhere(block.href, layout.url)


def leads_elsewhere(href: str, url: str) -> bool:
    """To another page of the same site."""
    href = href.strip()
    if not href or href[0] == "#" or _NO_PAGE.match(href):
        return False
    site, path = _place(url)
    if href[0] == "/" and href[1:2] != "/":  # most links of most pages
        return "?" in href or href.partition("#")[0] != path
    there, to = _place(href[:2000])
    if there and site and there != site:
        return False
    return "?" in href or not to or to != path


@lru_cache(maxsize=1024)
def _place(url: str) -> tuple[str, str]:
    """(the last two labels of the host, the path): news.example.org and www.example.org are one publisher."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    host = parts.netloc.lower().rstrip(".").partition(":")[0]
    return ".".join(host.split(".")[-2:]), parts.path


def _led(layout: Layout, masses: Sequence[float], heads: Sequence[bool]) -> set[int]:
    """Prose right under a linked heading, in the smallest room that holds both, up to the next heading."""
    found: set[int] = set()
    group: list[int] = []
    mass, end, under = 0.0, -1, -1  # the last heading's block, -1 when none leads
    for index, block in enumerate(layout.blocks):
        if under >= 0 and (block.tag in HEADINGS or (group and index >= end)):
            found.update(_short(group, mass))
            group, mass, under = [], 0.0, -1
        if heads[index]:
            under = index
        elif under >= 0 and masses[index]:
            if not group:
                end = _common_end(layout.rooms, layout.blocks[under].room, index)
                if end <= index:
                    under = -1
                    continue
            group.append(index)
            mass += masses[index]
    found.update(_short(group, mass))
    return found


def _short(group: list[int], mass: float) -> list[int]:
    return group if mass <= _TEXT and len(group) <= _PROSES else []


def _common_end(rooms: Sequence[Room], at: int, index: int) -> int:
    """Where the smallest room around `at` that holds the block `index` ends; 0 when it is far up."""
    for _ in range(_CLIMBS):
        if rooms[at].last > index:
            return rooms[at].last
        at = rooms[at].parent
        if at < 0:
            break
    return 0


def _rooms(layout: Layout, masses: Sequence[float], heads: Sequence[bool], led: set[int], headline: int) -> set[int]:
    """The outermost rooms of which nearly all prose is led by linked headings."""
    found: set[int] = set()
    sums = [0.0, *accumulate(masses)]
    counts = [0, *accumulate(heads)]
    leds = [0.0, *accumulate(mass if index in led else 0.0 for index, mass in enumerate(masses))]
    rooms, index = layout.rooms, 1
    while index < len(rooms):
        room = rooms[index]
        first, last = room.first, room.last
        mass = sums[last] - sums[first]
        other = mass - (leds[last] - leds[first])
        if (
            counts[last] - counts[first] >= _ROW
            and not first <= headline < last
            and other <= min(_OTHER_SHARE * mass, _OTHER)
        ):
            found.update(range(first, last))
            index = room.end
        else:
            index += 1
    return found


def _rows(layout: Layout, masses: Sequence[float], titles: Sequence[bool], headline: int) -> tuple[set[int], int]:
    """Sibling rooms of one make, each with a little prose, that begin with a linked title or end in a link to more.

    Their blocks, and how many rooms they are.
    """
    found: set[int] = set()
    open_: dict[int, tuple[str, list[int]]] = {}  # parent -> make and members of the row that is being read
    closed: list[list[int]] = []
    counts = [0, *accumulate(titles)]
    sums = [0.0, *accumulate(masses)]
    linked = [block.links > 0 for block in layout.blocks]
    for index, room in enumerate(layout.rooms):
        first, last = room.first, room.last
        if first == last or room.parent < 0:
            continue
        mass = sums[last] - sums[first]
        is_item = (
            (linked[last - 1] or counts[last] > counts[first])
            and mass <= _TEXT
            and last - first <= _BLOCKS
            and not first <= headline < last
            and (
                (counts[last] > counts[first] and _begins_with_title(layout, masses, titles, room))
                or (mass > 0 and last - first > 1 and _leads_on(layout, masses, room))
            )
        )
        if not is_item:
            if mass and room.parent in open_:
                closed.append(open_.pop(room.parent)[1])
            continue
        made, row = open_.get(room.parent, ("", []))
        if row and made == make(room):
            row.append(index)
        else:
            closed.append(row)
            open_[room.parent] = make(room), [index]
    number = 0
    for row in (*closed, *(row for _, row in open_.values())):
        least = _PICTURED if all(layout.rooms[at].images for at in row) else _ROW
        if len(row) >= least and any(sums[layout.rooms[at].last] > sums[layout.rooms[at].first] for at in row):
            number += len(row)
            for at in row:
                found.update(range(layout.rooms[at].first, layout.rooms[at].last))
    return found, number


def _leads_on(layout: Layout, masses: Sequence[float], room: Room) -> bool:
    """A heading, a little text, and a short link behind it."""
    last = layout.blocks[room.last - 1]
    return (
        last.weight <= _MORE
        and last.links >= _LINKED * last.weight
        and leads_elsewhere(last.href, layout.url)
        and any(layout.blocks[index].tag in HEADINGS for index in range(room.first, room.last))
        and 0 < sum(1 for index in range(room.first, room.last) if masses[index]) <= _PROSES
    )


def _begins_with_title(layout: Layout, masses: Sequence[float], titles: Sequence[bool], room: Room) -> bool:
    proses = 0
    titled = False
    for index in range(room.first, room.last):
        titled = titled or titles[index]
        if masses[index]:
            proses += 1
            if not titled:
                return False
        elif layout.blocks[index].tag in HEADINGS and not titles[index] and layout.blocks[index].weight >= _SHORTEST:
            return False
    return proses <= _PROSES
