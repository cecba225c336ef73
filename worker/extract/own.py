"""Our own extractor: the page's rooms, cleared of what stands beside the article, and the article's span in them. Pure.

One pass over the tree, which stays as it is, and linear lists from there on. It knows no site and no sentence: it goes
by tags, roles, commonly used class names, link density and the place of the headline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.extract import choose, clear, emit, plain
from worker.extract.choose import Span
from worker.extract.paragraphs import Paragraph, trim
from worker.extract.rooms import Layout

_WHOLE = 250
"""Weight of prose from which an `<article>` is no teaser."""
_HEADINGS = ("h1", "h2", "h3")


@dataclass(frozen=True, slots=True)
class Reading:
    paragraphs: list[Paragraph]
    among_several: bool = False
    """The page holds several whole articles, and this is the one of the headline: others will read all of them."""


def find(layout: Layout, title: str) -> Reading:
    """The article's paragraphs in reading order, none when there is no prose on the page."""
    masses = [clear.prose(block) for block in layout.blocks]
    headline = headline_of(layout, title)
    out = clear.cleared(layout, masses, headline)
    left = [0.0 if gone else mass for mass, gone in zip(masses, out, strict=True)]
    within = _among_several(layout, left, headline)
    span = choose.span(layout, left, headline, within)
    if span is None:
        return Reading([])
    return Reading(trim(emit.paragraphs(layout, left, out, span, title), title), within is not None)


def _among_several(layout: Layout, masses: Sequence[float], headline: int) -> Span | None:
    """On a page with several whole articles, the one that holds the headline."""
    found: list[Span] = []
    index = 0
    while index < len(layout.rooms):
        room = layout.rooms[index]
        if room.tag == "article" and sum(masses[room.first : room.last]) >= _WHOLE:
            found.append(Span(room.first, room.last))
            index = room.end
        else:
            index += 1
    return next((span for span in found if span.first <= headline < span.last), None) if len(found) > 1 else None


def headline_of(layout: Layout, title: str) -> int:
    """The heading that says the title, else the first h1; -1 when there is neither."""
    wanted = plain.key(title)
    headings = [index for index, block in enumerate(layout.blocks) if block.tag in _HEADINGS]
    for index in headings if wanted else ():
        if plain.key(layout.blocks[index].text[:1000]) == wanted:
            return index
    return next((index for index in headings if layout.blocks[index].tag == "h1"), -1)
