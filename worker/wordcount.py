"""How many words a text has, in any script. Pure; one rule for what is extracted, stored and shown."""

from __future__ import annotations

import re

_DENSE = re.compile("[\u0e00-\u0e7f\u3040-\u9fff]")


def words(text: str) -> int:
    """How many words a person would count; scripts without spaces count two characters as one word."""
    spaced = sum([word[0].isalnum() or any(map(str.isalnum, word)) for word in text.split()])
    return spaced if text.isascii() else max(spaced, len(_DENSE.findall(text)) // 2)
