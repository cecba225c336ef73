"""Whole pages as content systems make them: long, short and very short, in two languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.bench.layouts.blogs import BLOGS
from tests.bench.layouts.oddities import ODDITIES
from tests.bench.layouts.pages import Layout
from tests.bench.layouts.portals import PORTALS
from tests.bench.layouts.prose import Prose
from tests.bench.layouts.sheet import Sheet
from tests.bench.layouts.systems_later import LATER_SYSTEMS

SYSTEMS: dict[str, Callable[[Sheet], str]] = {**BLOGS, **PORTALS, **ODDITIES, **LATER_SYSTEMS}
SIZES = (("de", 8), ("de", 3), ("de", 1), ("en", 6))


def systems() -> Iterator[Layout]:
    """Deterministic: the same pages in every run."""
    for name, make in SYSTEMS.items():
        for language, paragraphs in SIZES:
            label = f"{name} {language} {paragraphs}"
            sheet = Sheet(Prose(language, label), paragraphs)
            html = make(sheet)
            yield Layout(
                label,
                "later" if name in LATER_SYSTEMS else "system",
                (name,),
                html,
                tuple(sheet.keep),
                tuple(sheet.drop),
            )
