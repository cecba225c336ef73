"""Site furniture: blocks that stand in many texts of one site. What a block is, when two are equal, the cut. Pure.

Donation boxes, comment notices and pleas to subscribe look like the text around them; on a page made of divs no
structure tells them apart. What does is memory: they come back in other stories (`ports.Furniture`).

A block is a line of the body: a paragraph, or an item of a list or row of a table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

import xxhash

from worker import marks
from worker.extract.rooms import is_dense
from worker.models import Block

MOST_SHARE = 0.8
"""Never more of a body is cut: what is furniture to nine tenths is rather a text that was taken for furniture."""
MOST_FIRST, MOST_LAST = 100, 200
"""Blocks of one body that are looked at, from its two ends; a page of 100,000 paragraphs must not flood the memory."""

_TOKEN = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
# Day, time of day, year. Not 3.50: that is a price, and not 3-1: that is a result.
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[./]\s?\d{1,2}[./]\s?(?:\d{4}|\d\d)?|\d{4}-\d\d-\d\d|\d{1,2}[:h]\d\d|(?:19|20)\d\d)(?!\d)"
)
_NUMBER = re.compile(r"\d+(?:[.,'’:]\d+)*")
_COUNTER_WORDS = 4
_ANSWER_WORDS = 2
_CLAUSE = 8
_ANSWER_ENDS = (".", "!", "?", ":", "…", "。", "?", "!", ":")
_SKETCH_WORDS = 8


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    block: Block | None
    """None where the line has nothing to be known by, or is too far from both ends."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A body as its lines, in paragraphs."""

    body: str
    paragraphs: tuple[tuple[Line, ...], ...]

    def blocks(self) -> tuple[Block, ...]:
        """Each once, however often it is repeated, in order of its first place."""
        found = {line.block.mark: line.block for part in self.paragraphs for line in part if line.block}
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Cut:
    body: str
    marks: tuple[bytes, ...]
    """What was removed, each once."""


def read(body: str) -> Lines:
    """Paragraphs are separated by blank lines; a paragraph of several lines is a list or a table."""
    # At once: a fifth of the cost of line by line. Neither form nor case folding touches line breaks.
    parts = zip(body.split("\n\n"), _normal(body).split("\n\n"), strict=True)
    rows = [
        [(text, normal) for text, normal in zip(part.split("\n"), folded.split("\n"), strict=True) if text.strip()]
        for part, folded in parts
    ]
    last = sum(map(len, rows)) - MOST_LAST
    number = 0
    paragraphs = []
    for part in rows:
        lines = []
        for text, normal in part:
            near = number < MOST_FIRST or number >= last
            lines.append(Line(text, _block(normal, len(part) > 1) if near else None))
            number += 1
        paragraphs.append(tuple(lines))
    return Lines(body, tuple(paragraphs))


def fingerprint(text: str, *, is_row: bool = False) -> Block | None:
    """Equal for blocks that a reader would call the same box; None for what must never be taken for one.

    Case, punctuation, spacing and Unicode form do not count. Nor do dates, nor the one number of a very short block:
    counters and time stamps do not make another block ("12 Kommentare"). All others keep their numbers: "Net 260 vs
    172" is news each time (Reuters-21578: else 1,200 figures of 5,302 texts would go), and a row of a table always
    is. Without a word there is nothing to know a block by, and one or two words with a full stop are an answer in an
    interview.
    """
    return _block(_normal(text), is_row)


def _block(text: str, is_row: bool) -> Block | None:
    tokens = _TOKEN.findall(text)
    numbers = sum(map(str.isdecimal, tokens))
    words = len(tokens) - numbers
    if not words:
        return None
    is_answer = len(tokens) <= _ANSWER_WORDS and text.rstrip("\"'»«”“ ").endswith(_ANSWER_ENDS)
    if is_answer and not (len(text) > _CLAUSE and is_dense(text)):  # without blanks a clause is one token
        return None
    if numbers and not is_row:
        folded = _DATE.sub(" ", text)
        if words <= _COUNTER_WORDS and len(_NUMBER.findall(folded)) == 1:
            folded = _NUMBER.sub("0", folded)
        tokens = _TOKEN.findall(folded)
    return Block(xxhash.xxh3_64_digest(" ".join(tokens).encode("utf-8", "surrogatepass")), words)


def cut(lines: Lines, furniture: Collection[bytes]) -> Cut:
    """The body without the furniture; untouched where more than `MOST_SHARE` of its letters would go."""
    if not furniture:
        return Cut(lines.body, ())
    total = sum(len(line.text) for paragraph in lines.paragraphs for line in paragraph)
    parts = [_keep(paragraph, furniture) for paragraph in lines.paragraphs]
    left = sum(len(line.text) for part in parts for line in part)
    if left == total or total - left > MOST_SHARE * total:
        return Cut(lines.body, ())
    texts = ("\n".join(line.text for line in part) for part in parts if part)
    kept = {id(line) for part in parts for line in part}
    gone = {
        line.block.mark: None
        for paragraph in lines.paragraphs
        for line in paragraph
        if line.block is not None and id(line) not in kept
    }
    return Cut("\n\n".join(texts), tuple(gone))


def _keep(paragraph: tuple[Line, ...], furniture: Collection[bytes]) -> tuple[Line, ...]:
    """All of it where one row with a number would be left alone: read again, that would be another block."""
    kept = tuple(line for line in paragraph if line.block is None or line.block.mark not in furniture)
    return paragraph if len(kept) == 1 < len(paragraph) and _DIGIT.search(kept[0].text) else kept


def title_sketch(title: str) -> bytes:
    """At most 8 bytes, one for each of the longest words; see `lua/_furniture.lua` for what it is compared for."""
    words = {token for token in _TOKEN.findall(_normal(title)) if len(token) > 2 and not token.isdecimal()}
    longest = sorted(words, key=lambda word: (-len(word), word))[:_SKETCH_WORDS]
    return bytes(sorted({xxhash.xxh32_intdigest(word.encode("utf-8", "surrogatepass")) & 0xFF for word in longest}))


def _normal(text: str) -> str:
    if text.isascii():
        return text.lower()
    # Twice: case folding can leave a text that NFKC would still change, and the other way round.
    return _composed(_composed(marks.capped(text)).casefold())


def _composed(text: str) -> str:
    """Asking first is cheaper: nearly every text is in this form already."""
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)
