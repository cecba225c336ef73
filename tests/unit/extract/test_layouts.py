"""The made-up layouts of tests/bench: on pages with one part of each make nothing is lost, and nothing let in."""

from __future__ import annotations

import re

import pytest

from tests.bench.body import NOW, URL
from tests.bench.layouts.pages import Layout, layouts
from tests.bench.layouts.systems import SYSTEMS, systems
from worker.extract.page import extract

CHOSEN = [layout for number, layout in enumerate(layouts()) if len(layout.parts) == 1 and number % 5 == 0]

# What is not told apart: notes behind a text without headings; answers that are longer than a question of one
# paragraph; a note on the author of the same length as all of the text; a table's last row.
UNKNOWN = ("spip", "question_site de 1", "about_the_author de 1", "rows de 1")
WHOLE = [layout for layout in systems() if not layout.name.startswith(UNKNOWN)]


def words(text: str) -> str:
    return f" {' '.join(re.findall(r'[0-9A-Za-zÀ-ÿ]+', text))} "


def test_the_layouts_are_the_same_in_every_run() -> None:
    assert [layout.html for layout in layouts()] == [layout.html for layout in layouts()]
    assert [layout.html for layout in systems()] == [layout.html for layout in systems()]


def test_they_are_many() -> None:
    assert len({layout.parts[0] for layout in CHOSEN}) > 60
    assert len({layout.skin for layout in CHOSEN}) > 8
    assert len(SYSTEMS) > 70


@pytest.mark.parametrize("layout", [*CHOSEN, *WHOLE], ids=lambda layout: layout.name)
def test_what_must_and_must_not_come_out(layout: Layout) -> None:
    found = extract(layout.html.encode(), content_type="text/html; charset=utf-8", url=URL, min_words=0, now=NOW)
    body = words(found.body)
    assert [text for text in layout.keep if words(text) not in body] == []
    assert [text for text in layout.drop if words(text) in body] == []
