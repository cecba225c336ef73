"""Hostile text -> plain text: what may stand in a title, a body or any other field. Pure, linear."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from worker import marks
from worker.wordcount import words

__all__ = ["block", "key", "line", "words"]

# C0 but tab and line feed, DEL, C1, surrogates, bidi controls and marks, zero-width space and no-break, soft hyphen,
# interlinear and tag characters, noncharacters: none is text, all of them hide or break something. ZWJ and ZWNJ stay:
# Persian and the Indic scripts spell with them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_WORDS = re.compile(r"\w+")
_SHORT = 300
_SPACES = re.compile(r"[^\S\n]+")
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STACKED = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")  # no language stacks more than four


def line(raw: str, limit: int) -> str:
    """One line, spaces collapsed, NFC, at most `limit` characters; a longer one is cut at a word and ends with `…`."""
    # Cut before the expensive part: normalising and collapsing a text node of megabytes helps nobody.
    text = " ".join(_safe(raw[: limit * 8]).split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > limit // 2 else cut).rstrip() + "…"


def block(raw: str) -> str:
    """A paragraph: as `line`, but single line breaks stay and nothing is cut."""
    if raw.isprintable() and "  " not in raw:  # most paragraphs of most pages
        return _normal(raw.strip())
    lines = (_SPACES.sub(" ", part).strip() for part in _safe(raw).split("\n"))
    return "\n".join(part for part in lines if part)


def key(text: str) -> str:
    """For comparing titles and names: case, punctuation and spacing do not count."""
    # Of one page the same few titles and names are asked for again and again.
    return _short_key(text) if len(text) <= _SHORT else " ".join(_WORDS.findall(text.casefold()))


@lru_cache(maxsize=512)
def _short_key(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))


def _safe(raw: str) -> str:
    # Printable means: no control, format, surrogate, private or unassigned character, no space but the common one.
    return _normal(raw if raw.isprintable() else _UNSAFE.sub("", _LINE_ENDS.sub("\n", raw)))


def _normal(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", marks.capped(_STACKED.sub(r"\1", text)))
