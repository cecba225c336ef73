"""Chinese, Japanese and Korean by pairs of characters, as Lucene's CJKBigramFilter makes them of the standard tokens.

These languages have no blanks to tell words by (Korean has, but glues particles to its words): a run of characters
becomes its overlapping pairs, so a word is found wherever it stands. A character alone stays alone; words in other
scripts stay whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import regex

from worker.stores.words import Token

CODE = "cjk"
LANGUAGES = frozenset(("ja", "ko", "zh"))

# 々 and its like are letters to Unicode's word breaks (and to Lucene), so they stay out of pairs.
_CHARACTER = r"[[\p{Script=Han}\p{Script=Hiragana}\p{WB=Katakana}]--\p{WB=ALetter}]|[\p{Script=Hangul}&&\p{WB=ALetter}]"
_PAIRED = regex.compile(rf"(?:{_CHARACTER})(?:{_CHARACTER}|[\p{{WB=Extend}}\p{{WB=Format}}\p{{WB=ZWJ}}])*", regex.V1)


class Pair(NamedTuple):
    """A term, and the first and last of the tokens that it is made of (positions in their list)."""

    text: str
    first: int
    last: int


def pairs(found: Sequence[Token]) -> list[Pair]:
    """The terms in order; the n-th has position n. Words in other scripts come as they are, for the caller to fold."""
    out: list[Pair] = []
    run: list[tuple[str, int]] = []
    end = -1
    for index, token in enumerate(found):
        if _PAIRED.fullmatch(token.text) is None:
            _flush(run, out)
            out.append(Pair(token.text, index, index))
            continue
        if token.start != end:
            _flush(run, out)
        run.extend((character, index) for character in token.text)
        end = token.end
    _flush(run, out)
    return out


def _flush(run: list[tuple[str, int]], out: list[Pair]) -> None:
    if len(run) == 1:
        out.append(Pair(run[0][0], run[0][1], run[0][1]))
    for (one, first), (other, last) in pairwise(run):
        out.append(Pair(one + other, first, last))
    run.clear()
