from __future__ import annotations

import json

import pytest

from worker.extract import authors, jsonld, markup, meta, rooms


def find(html: str, claim: object = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    data = {"@type": "NewsArticle", "headline": "x", "author": claim}
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>' if claim is not None else ""
    tree = markup.parse(f"<html><head>{script}</head><body>{html}</body></html>")
    assert tree is not None
    linked = jsonld.read(tree)
    return authors.find(tree, rooms.read(tree).bylines, meta.tags(tree), linked, ["Talbote", "Ellery Post"])


@pytest.mark.parametrize(
    ("claim", "people"),
    [
        ("Petra Keller", ("Petra Keller",)),
        ([{"@type": "Person", "name": "Petra Keller"}, {"@type": "Person", "name": "Jonas Wyss"}],
         ("Petra Keller", "Jonas Wyss")),
        ("Von Petra Keller und Jonas Wyss", ("Petra Keller", "Jonas Wyss")),
        ("Petra Keller, Mühlau", ("Petra Keller", "Mühlau")),
        ("Vincent van Gogh; Ursula von der Leyen", ("Vincent van Gogh", "Ursula von der Leyen")),
        ("Redaktion", ()),
        ("Redaktion Talbote", ()),
        ({"@type": "Organization", "name": "Talbote"}, ()),
        ("Online-Redaktion", ()),
        ("La rédaction", ()),
        ("Staff reporter", ()),
        ("https://talbote.example/autor/pk", ()),
        ("redaktion@talbote.example", ()),
        ("山田太郎", ("山田太郎",)),
        ("ابن خلدون", ("ابن خلدون",)),
        (5, ()),
        ([], ()),
    ],
)  # fmt: skip
def test_claims(claim: object, people: tuple[str, ...]) -> None:
    assert find("", claim)[0] == people


@pytest.mark.parametrize(
    ("claim", "wires"), [("sda/afp", ("sda", "afp")), ("dpa", ("dpa",)), ("Reuters", ("reuters",))]
)
def test_agencies_are_not_people(claim: str, wires: tuple[str, ...]) -> None:
    assert find("", claim) == ((), wires)


@pytest.mark.parametrize(
    ("html", "people"),
    [
        ('<meta name="author" content="Petra Keller">', ("Petra Keller",)),
        ('<meta name="author" content="Talbote"><p class="byline">Von Petra Keller</p>', ("Petra Keller",)),
        ('<div class="byline">Von Petra Keller, 12.07.2025, 13:13 Uhr</div>', ("Petra Keller",)),
        ('<span class="author-name">By MARA LIND | Published 3 May</span>', ("MARA LIND",)),
        ('<div itemprop="author"><b>Text:</b> <span itemprop="name">Petra Keller</span></div>', ("Petra Keller",)),
        ('<a rel="author" href="/pk">Petra Keller</a>', ("Petra Keller",)),
        ('<p class="byline">Die Gemeinde teilt mit, dass das Bad saniert wird.</p>', ()),
        ('<form><label class="comment-form-author">Name *</label><div class="author">Ihr Name</div></form>', ()),
        ("<p>Petra Keller war dabei.</p>", ()),
    ],
)
def test_bylines(html: str, people: tuple[str, ...]) -> None:
    assert find(html)[0] == people
