"""Layouts: every part in several skins and both languages, alone and mixed, around long and short articles."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench.layouts.parts import PARTS, Part
from tests.bench.layouts.prose import Prose
from tests.bench.layouts.skins import SKINS, Skin

ALONE = ("plain", "ticker", "ticker_shared", "recommendations", "long_sections")
"""Parts that are not mixed with others: nothing to mix, or all of the text."""
LONG, SHORT = 7, 3
MIXES = 60
_MOST_MIXED = 6


@dataclass(frozen=True)
class Layout:
    name: str
    skin: str
    parts: tuple[str, ...]
    html: str
    keep: tuple[str, ...]
    drop: tuple[str, ...]


def layouts() -> Iterator[Layout]:
    """Deterministic: the same pages in every run."""
    for number, name in enumerate(PARTS):
        for turn, skin in enumerate(SKINS):
            language = "en" if (number + turn) % 3 == 0 else "de"
            yield make(skin, language, [name], SHORT if (number + turn) % 4 == 1 else LONG)
    rng = random.Random(4)
    for number in range(MIXES):
        chosen = rng.sample([name for name in PARTS if name not in ALONE], rng.randint(3, _MOST_MIXED))
        yield make(rng.choice(SKINS), "en" if number % 4 == 0 else "de", chosen, LONG)


def make(skin: Skin, language: str, names: Sequence[str], paragraphs: int) -> Layout:
    label = f"{'+'.join(names)} {skin.name} {language} {paragraphs}"
    prose = Prose(language, label)
    title = prose.headline()
    made = [PARTS[name](skin, prose) for name in names]
    alone = any(part.place == "alone" for part in made)
    texts = [] if alone else [prose.paragraph(2 + place % 2) for place in range(paragraphs)]
    blocks = [skin.p(text) for text in texts]
    for place, part in enumerate(made):
        if part.place in ("between", "alone"):
            blocks.insert(min(2 + place, max(len(blocks) - 1, 0)), part.html)
    inside = [*_at(made, "before"), *blocks, *_at(made, "behind")]
    around = "".join(_at(made, "above")), "".join(_at(made, "below"))
    html = skin.page(language, title, "".join(inside), around, "")
    keep = [*texts, *(text for part in made for text in part.keep)]
    return Layout(label, skin.name, tuple(names), html, tuple(keep), tuple(text for part in made for text in part.drop))


def _at(made: Sequence[Part], place: str) -> list[str]:
    return [part.html for part in made if part.place == place]
