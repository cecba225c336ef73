"""What is the article's and what stands beside it, before the article is looked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.extract import asking, clear, plain, replies, shelves
from worker.extract.rooms import Layout

_ENOUGH = 150.0
"""Prose that must be left for teasers to be cut; where less is, they are all the page has."""
_LEFT = 80.0
_LINE = 25.0
_MUCH = 0.25
_HEADINGS = ("h1", "h2", "h3")
_TITLE = 12
"""Letters of a title that may stand in any element."""


@dataclass(frozen=True, slots=True)
class Survey:
    masses: Sequence[float]
    """Of each block, its weight as running text."""
    headline: int
    """Index of its block; -1 without one."""
    out: Sequence[bool]
    """Which blocks are no part of the article."""
    own: float
    """Prose that is neither beside the article nor a teaser's nor asks for consent."""
    teasers: float
    """Prose of teasers that is not out, because hardly anything else would be left."""
    titles: int
    """Linked titles of other pages: headings, and what stands on shelves."""
    lines: int
    """Lines that are little more than a link to another page of the site, as long as a title; of a page with next to no
    prose of its own, else 0."""
    asked: float
    """Prose that asks for consent, by what it says and its buttons."""
    is_part: bool
    """Teasers or comments were found by what they are made of, and are as long as a part of an article."""


def read(layout: Layout, title: str) -> Survey:
    masses = [clear.prose(block) for block in layout.blocks]
    headline = headline_of(layout, title)
    out = clear.cleared(layout, masses, headline)
    left = remaining(masses, out)
    total, asks = sum(left), set[int]()
    cut = _take(out, left, replies.read(layout, left, headline))
    asked = 0.0
    for first, last in asking.read(layout, left, headline):
        span = set(range(first, last))
        mass = sum(left[first:last])
        asked += mass
        if total - asked >= _LEFT and not first <= headline < last:
            cut += _take(out, left, span)
        else:
            asks |= span
    left = remaining(masses, out)
    shelf = shelves.read(layout, left, headline)
    whole, weights = sum(left), [block.weight for block in layout.blocks]
    own = whole - sum(left[index] for index in shelf.led | asks)
    on_shelves = sum(left[index] for index in shelf.blocks)
    if whole - on_shelves >= _ENOUGH:
        cut += _take(out, weights, shelf.blocks)
    teasers = sum(left[index] for index in shelf.led if not out[index])
    lines = 0 if own >= _LEFT else _lines(layout, out)
    is_part = cut >= _MUCH * sum(remaining(masses, out))
    return Survey(masses, headline, out, own, teasers, shelf.titles, lines, asked, is_part)


def _lines(layout: Layout, out: Sequence[bool]) -> int:
    return sum(
        not gone and block.weight >= _LINE and clear.is_link(block) and shelves.leads_elsewhere(block.href, layout.url)
        for block, gone in zip(layout.blocks, out, strict=True)
    )


def _take(out: list[bool], masses: Sequence[float], blocks: Iterable[int]) -> float:
    """Mark the blocks as out; their prose."""
    mass = 0.0
    for index in blocks:
        out[index] = True
        mass += masses[index]
    return mass


def remaining(masses: Sequence[float], out: Sequence[bool]) -> list[float]:
    return [0.0 if gone else mass for mass, gone in zip(masses, out, strict=True)]


def headline_of(layout: Layout, title: str) -> int:
    """The heading that says the title, else another block that does, else the first h1; -1 when there is none."""
    wanted = plain.key(title)
    headings = [index for index, block in enumerate(layout.blocks) if block.tag in _HEADINGS]
    for index in headings if wanted else ():
        if plain.key(layout.blocks[index].text[:1000]) == wanted:
            return index
    first = next((index for index in headings if layout.blocks[index].tag == "h1"), -1)
    if first >= 0 or len(wanted) < _TITLE:
        return first
    near = range(len(wanted), 2 * len(wanted) + 20)
    return next(
        (at for at, block in enumerate(layout.blocks) if len(block.text) in near and plain.key(block.text) == wanted),
        -1,
    )
