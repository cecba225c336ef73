"""Our own extractor: the page's rooms, cleared of what stands beside the article, and the article's span in them. Pure.

One pass over the tree, which stays as it is, and linear lists from there on. It knows no site and no sentence: it goes
by tags, roles, commonly used class names, link density and the place of the headline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.extract import choose, emit, survey
from worker.extract.choose import Span
from worker.extract.paragraphs import Paragraph, trim
from worker.extract.rooms import Layout
from worker.extract.survey import Survey, headline_of

__all__ = ["Reading", "find", "headline_of"]

_WHOLE = 250
"""Weight of prose from which an `<article>` is no teaser."""


@dataclass(frozen=True, slots=True)
class Reading:
    paragraphs: list[Paragraph]
    is_part: bool = False
    """The page holds several whole articles, or teasers and comments as long as one: others will read all of them."""


def find(layout: Layout, title: str, surveyed: Survey | None = None) -> Reading:
    """The article's paragraphs in reading order, none when there is no prose on the page."""
    seen = surveyed or survey.read(layout, title)
    headline, out = seen.headline, seen.out
    left = survey.remaining(seen.masses, out)
    within = _among_several(layout, left, headline)
    span = choose.span(layout, left, headline, within)
    if span is None:
        return Reading([])
    return Reading(trim(emit.paragraphs(layout, left, out, span, title), title), within is not None or seen.is_part)


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
