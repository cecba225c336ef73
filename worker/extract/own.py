"""Our own extractor: the page's rooms, cleared of what stands beside the article, and the article's span in them. Pure.

One pass over the tree, which stays as it is, and linear lists from there on. It knows no site and no sentence: it goes
by tags, roles, commonly used class names, link density and the place of the headline.
"""

from __future__ import annotations

from worker.extract import choose, clear, emit, plain
from worker.extract.paragraphs import Paragraph, trim
from worker.extract.rooms import Layout

_HEADINGS = ("h1", "h2", "h3")


def find(layout: Layout, title: str) -> list[Paragraph]:
    """The article's paragraphs in reading order, [] when there is no prose on the page."""
    masses = [clear.prose(block) for block in layout.blocks]
    headline = headline_of(layout, title)
    out = clear.cleared(layout, masses, headline)
    left = [0.0 if gone else mass for mass, gone in zip(masses, out, strict=True)]
    span = choose.span(layout, left, headline)
    return trim(emit.paragraphs(layout, left, out, span, title), title) if span else []


def headline_of(layout: Layout, title: str) -> int:
    """The heading that says the title, else the first h1; -1 when there is neither."""
    wanted = plain.key(title)
    headings = [index for index, block in enumerate(layout.blocks) if block.tag in _HEADINGS]
    for index in headings if wanted else ():
        if plain.key(layout.blocks[index].text[:1000]) == wanted:
            return index
    return next((index for index in headings if layout.blocks[index].tag == "h1"), -1)
