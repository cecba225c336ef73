"""Made-up news for tests: every seed gives other sentences; they share three words in a row by chance only."""

from __future__ import annotations

import random
from collections.abc import Sequence

_SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve", "wi", "zo", "kra", "ster")


def sentences(seed: int, count: int, words: int = 12) -> list[str]:
    """`count` sentences of `words` lower-case words each; no numbers, no names."""
    rng = random.Random(seed)

    def word() -> str:
        return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 4)))

    return [" ".join(word() for _ in range(words)) + "." for _ in range(count)]


def text(*parts: Sequence[str]) -> str:
    return " ".join(sentence for part in parts for sentence in part)


def edited(given: Sequence[str], seed: int, every: int) -> list[str]:
    """Every `every`-th word is another one."""
    rng = random.Random(seed)
    out, number = [], 0
    for sentence in given:
        words = []
        for word in sentence.rstrip(".").split():
            number += 1
            words.append("x" + "".join(rng.choice(_SYLLABLES) for _ in range(3)) if number % every == 0 else word)
        out.append(" ".join(words) + ".")
    return out
