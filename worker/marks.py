"""Marks that are put on the letter before them: in no language many on one letter, and long runs cost quadratic time.

To normalise is to sort each run by class (Unicode Standard, canonical ordering), which every library does as if runs
were short. Pure, linear.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

MOST = 8
"""On one letter; pointed and cantillated Hebrew has five."""
_BEFORE, _BEHIND = 0x300, 0x1F000
"""Where marks are in Unicode."""


def capped(text: str) -> str:
    """Without the marks of a run behind the first MOST, be they marks as written or in a compatibility form."""
    return text if text.isascii() else _runs().sub(r"\1", text)


@cache
def _runs() -> re.Pattern[str]:
    marks = "".join(map(re.escape, filter(_is_mark, map(chr, range(_BEFORE, _BEHIND)))))
    return re.compile(f"([{marks}]{{{MOST}}})[{marks}]+")


def _is_mark(char: str) -> bool:
    if unicodedata.combining(char):
        return True
    given = unicodedata.decomposition(char)  # halfwidth voicing marks, for example
    return bool(given) and unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) != 0
