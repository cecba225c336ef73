"""Which text is taken, by which route, and how far independent readings of the page agree on it.

Ours first; resiliparse as a cheap second opinion; trafilatura only where those two disagree. What linked data calls
the article's body (JSON-LD, or microdata around the text) confirms ours, and the former stands in where the markup
gives next to nothing; it is never taken for being there alone (measured: a quarter of such claims are teasers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from worker.extract import jsonld, markup, own, plain
from worker.extract.jsonld import LinkedData
from worker.extract.own import Reading
from worker.extract.paragraphs import MAX_CHARS, Paragraph, joined, trim
from worker.extract.rooms import Layout, is_dense
from worker.extract.survey import Survey

OWN = "own"
OWN_CONFIRMED = "own+ld"
TRAFILATURA = "trafilatura"
LINKED_DATA = "linked_data"
CASCADE = "cascade"
"""The setting; the others are what a document says was taken."""

GATE = 0.75
"""Agreement from which the second opinion is enough."""
_CONFIRMED = 0.9
_SHORT = 250  # characters below which two readings agree by chance
_RESCUE = 600  # shorter articleBody values are teasers more often than texts
_INSIDE = 0.93
_AS_LONG = 0.6
_FEW, _ADDED = 12, 0.2
"""Words of a text that is no accident; share of it that others may add of the page's prose and be wrong."""
_UNCONFIRMED = 0.3
_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class Found:
    paragraphs: list[Paragraph]
    method: str
    agreement: float | None
    """0..1: share of words that the text has in common with the reading closest to it; None when none was compared."""


def find(text: str, layout: Layout, title: str, linked: LinkedData, seen: Survey) -> Found:
    """`text` is the page's source, `layout` its rooms, `seen` what is known of them."""
    reading = own.find(layout, title, seen)
    ours = reading.paragraphs
    body = joined(ours)
    words = _words(body)
    claim = _claimed(linked, title)
    claimed = _words(joined(claim))
    confirmed = max(agreement(words, claimed), agreement(words, _words(_marked(layout))))
    if len(body) >= _SHORT and confirmed >= _CONFIRMED:
        return Found(ours, OWN_CONFIRMED, confirmed)
    second = _words(_second_opinion(text))
    # Of a page with several articles the others read them all, and the teasers and comments that we cut as well: then
    # it is enough that ours is in theirs.
    agreed = _held(words, second) if reading.is_part else agreement(words, second)
    if len(body) >= _SHORT and agreed >= GATE:
        return Found(ours, OWN, agreed)
    found = _third(text, title, reading, (words, second, _prose(layout, seen)))
    if _is_rescue(joined(found.paragraphs), claim):
        return Found(claim, LINKED_DATA, max(agreement(claimed, _words(joined(found.paragraphs))), _UNCONFIRMED))
    return found


def agreement(first: frozenset[str], second: frozenset[str]) -> float:
    """Dice: twice the different words in common over those of both; 1.0 for the same words, whatever their order."""
    total = len(first) + len(second)
    return 2 * len(first & second) / total if total else 0.0


def _held(inner: frozenset[str], outer: frozenset[str]) -> float:
    """Share of `inner` that is in `outer`."""
    return len(inner & outer) / len(inner) if inner else 0.0


def baseline(text: str, _: Layout, title: str, linked: LinkedData, __: Survey) -> Found:
    """trafilatura alone (`extract.method = trafilatura`); linked data where it finds next to nothing."""
    paragraphs = _by_trafilatura(text, title, precision=True)
    claim = _claimed(linked, title)
    if _is_rescue(joined(paragraphs), claim):
        return Found(claim, LINKED_DATA, None)
    return Found(paragraphs, TRAFILATURA, None)


def _third(
    text: str, title: str, reading: Reading, known: tuple[frozenset[str], frozenset[str], frozenset[str]]
) -> Found:
    """Ours when trafilatura's text holds it and hardly more, or more that is no prose or known to stand beside the
    article, or when the second opinion is closer to ours. `known`: words of ours, of the second, of the page's prose.
    """
    words, second, prose = known
    ours = reading.paragraphs
    theirs = _by_trafilatura(text, title, precision=False)
    others = _words(joined(theirs))
    common = agreement(words, others)
    with_ours, with_theirs = agreement(words, second), agreement(others, second)
    if not others:
        return Found(ours, OWN, with_ours)
    as_long = reading.is_part or len(words) >= _AS_LONG * len(others)
    adds = len((others - words) & prose)
    inside = _held(words, others) >= _INSIDE and (as_long or (len(words) >= _FEW and adds <= _ADDED * len(words)))
    if words and (inside or with_ours >= with_theirs):
        return Found(ours, OWN, max(common, with_ours))
    return Found(theirs, TRAFILATURA, max(common, with_theirs, _UNCONFIRMED))


def _prose(layout: Layout, seen: Survey) -> frozenset[str]:
    """The words of what is running text, and not known to stand beside the article."""
    blocks = zip(layout.blocks, seen.masses, seen.out, strict=True)
    return _words("\n".join(block.text for block, mass, out in blocks if mass and not out))


def _by_trafilatura(text: str, title: str, *, precision: bool) -> list[Paragraph]:
    from worker.extract import baseline

    return baseline.find(text, title, precision=precision)


def _words(text: str) -> frozenset[str]:
    """The different words; in scripts without spaces, pairs of neighbouring characters."""
    text = text[:_CHARS]
    if text and is_dense(text):
        return frozenset(map("".join, pairwise(text)))
    return frozenset(text.split())


def _second_opinion(text: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    found = extract_plain_text(
        HTMLTree.parse(text), main_content=True, alt_texts=False, comments=False, preserve_formatting=False
    )
    return str(found or "")


def _is_rescue(body: str, claim: Sequence[Paragraph]) -> bool:
    claimed = sum(len(paragraph.text) for paragraph in claim)
    return claimed > _RESCUE and len(body) * 3 < claimed


def _marked(layout: Layout) -> str:
    """The same claim as microdata: the text of the one element that is marked up as articleBody."""
    rooms = [room for room in layout.rooms if room.is_marked]
    return "\n".join(block.text for block in layout.blocks[rooms[0].first : rooms[0].last]) if len(rooms) == 1 else ""


def _claimed(linked: LinkedData, title: str) -> list[Paragraph]:
    """The linked data's articleBody as paragraphs; some sites put markup into it."""
    claimed = jsonld.text(linked.article.get("articleBody"))[:MAX_CHARS]
    if "<" in claimed:
        tree = markup.parse(claimed)
        if tree is None:
            return []
        for element in tree.iter("p", "br", "div", "li", "h2", "h3"):
            element.tail = "\n" + (element.tail or "")
        claimed = "".join(map(str, tree.itertext()))
    parts = (plain.block(part) for part in claimed.split("\n"))
    return trim([Paragraph(part) for part in parts if part], title)
