from __future__ import annotations

import json

import pytest

from worker.extract import authors, header, jsonld, markup, meta, own, rooms
from worker.extract.paragraphs import Paragraph


def find(html: str, claim: object = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    data = {"@type": "NewsArticle", "headline": "x", "author": claim}
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>' if claim is not None else ""
    tree = markup.parse(f"<html><head>{script}</head><body>{html}</body></html>")
    assert tree is not None
    linked = jsonld.read(tree)
    layout = rooms.read(tree)
    around = header.find(layout, own.headline_of(layout, ""), own.find(layout, "").paragraphs)
    return authors.find(tree, markup.items(tree, html), around, meta.tags(tree), linked, ["Talbote", "Ellery Post"])


@pytest.mark.parametrize(
    ("claim", "people"),
    [
        ("Petra Keller", ("Petra Keller",)),
        ([{"@type": "Person", "name": "Petra Keller"}, {"@type": "Person", "name": "Jonas Wyss"}],
         ("Petra Keller", "Jonas Wyss")),
        ("Von Petra Keller und Jonas Wyss", ("Petra Keller", "Jonas Wyss")),
        ("Petra Keller, Mühlau", ("Petra Keller",)),
        ("Petra Keller, New York", ("Petra Keller",)),
        ("Petra Keller (Text) und Jonas Wyss (Bilder)", ("Petra Keller", "Jonas Wyss")),
        ("Keller, Petra", ("Petra Keller",)),
        ("Petra Keller (petra.keller@talbote.example)", ("Petra Keller",)),
        ("Petra Keller, Korrespondentin in Rom", ("Petra Keller",)),
        ("Unserem Korrespondenten Peter Huber, Rom", ("Peter Huber",)),
        ("Notre correspondante à Rome, Anne Dubois", ("Anne Dubois",)),
        ("Anna Rossi e Marco Bianchi", ("Anna Rossi", "Marco Bianchi")),
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("Ana López y Juan Pérez", ("Ana López", "Juan Pérez")),
        ("Par Jean Dupont avec AFP", ("Jean Dupont",)),
        ("Reporting by Mara Lind; Editing by John Roe", ("Mara Lind",)),
        ("Jane Doe, Political Editor", ("Jane Doe",)),
        ({"@type": "Organization", "name": "Verein Pro Brücke"}, ()),
        ("Talbote Online", ()), ("talbote.de", ()), ("Newsdesk", ()), ("Sportredaktion", ()), ("La redazione", ()),
        ("Korrespondentin in Rom", ()), ("envoyé spécial", ()), ("pkeller", ()), ("@petrakeller", ()),
        (["https://www.facebook.com/petra", "Petra Keller"], ("Petra Keller",)),
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
    ("claim", "wires"),
    [
        ("sda/afp", ("sda", "afp")), ("dpa", ("dpa",)), ("Reuters", ("reuters",)),
        ("Reporting by Reuters", ("reuters",)),
        ("Agence France-Presse", ("afp",)), ("(AP)", ("ap",)), ("Keystone-SDA", ("keystone-sda",)),
        ("Von dpa", ("dpa",)), ({"@type": "Organization", "name": "AFP"}, ("afp",)),
    ],
)  # fmt: skip
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


TEXT = "".join(
    f"<p>Der Rat hat am {day} entschieden, dass die alte Brücke über den Bach saniert wird und nicht abgerissen.</p>"
    for day in ("Mittwoch", "Donnerstag", "Freitag")
)


@pytest.mark.parametrize(
    ("line", "people", "wires"),
    [
        ("<p>Von Anna Keller und Peter Huber (dpa)</p>", ("Anna Keller", "Peter Huber"), ("dpa",)),
        ("<div>Por María García<br>Madrid - 12 may 2021 - 18:30</div>", ("María García",), ()),
        ("<div><span>dpa/Anna Keller</span></div>", ("Anna Keller",), ("dpa",)),
        ("<span>SDA/AFP</span>", (), ("sda", "afp")),
        ("<span>(AP)</span>", (), ("ap",)),
        ("<span>Keystone-SDA</span>", (), ("keystone-sda",)),
        ("<span>Agence France-Presse</span>", (), ("afp",)),
        ("<p>Reporting by Reuters</p>", (), ("reuters",)),
        ("<p>Par Jean Dupont, avec AFP</p>", ("Jean Dupont",), ("afp",)),
        ("<p>di Anna Rossi e Marco Bianchi</p>", ("Anna Rossi", "Marco Bianchi"), ()),
        ("<p>Por Ana López, 12 de julio de 2025</p>", ("Ana López",), ()),
        ("<p>By Jane Doe in London | 12 July 2025</p>", ("Jane Doe",), ()),
        ("<p>Von Petra Keller, Mühlau</p>", ("Petra Keller",), ()),
        ("<p>12.07.2025 | 13.13 Uhr | Anna Keller (sda)</p>", ("Anna Keller",), ("sda",)),
        # No bylines:
        ("<p>Von Bern nach Zürich</p>", (), ()),
        ("<p>Von unserer Redaktion</p>", (), ()),
        ("<p>Di Maio attacca il governo</p>", (), ()),
        ("<h2>Von Anna Keller</h2>", (), ()),
        ("<p>Anna Keller</p>", (), ()),
        ("<p>BERLIN (dpa) - Der Rat</p>", (), ()),
        ("<aside><p>Von Anna Keller</p></aside>", (), ()),
    ],
)
def test_a_line_at_the_headline(line: str, people: tuple[str, ...], wires: tuple[str, ...]) -> None:
    assert find(f"<h1>Brücke wird saniert</h1>{line}{TEXT}") == (people, wires)


def test_a_byline_below_the_text_is_another_s() -> None:
    assert (
        find(f"<h1>Brücke wird saniert</h1>{TEXT}<div class=c><h3><a>Mehr</a></h3><p>Von Anna Keller</p></div>")[0]
        == ()
    )


def test_an_author_who_is_told_of_elsewhere() -> None:
    graph = [
        {"@type": "NewsArticle", "headline": "x", "author": {"@id": "#p"}},
        {"@type": "Person", "@id": "#p", "name": "Petra Keller"},
    ]
    script = f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'
    assert find(script)[0] == ("Petra Keller",)


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["Von Anna Keller und Peter Huber (dpa)", "Text."], ["Text."]),
        (["Ein Lead.", "Par Jean Dupont, avec AFP", "Text."], ["Ein Lead.", "Text."]),
        (["dpa/Anna Keller", "Text."], ["Text."]),
        (["Von Anna Keller stammt die Idee zur Brücke", "Text."], None),
        (["Von Bern nach Zürich", "Text."], None),
        (["BERLIN (dpa) - Der Rat", "Text."], None),
        (["Text.", "Text.", "Von Anna Keller"], None),
        (["Von Anna Keller"], None),
        ([], None),
    ],
)
def test_the_byline_is_no_text(lines: list[str], kept: list[str] | None) -> None:
    found = authors.without_byline([Paragraph(line) for line in lines], [])
    assert [item.text for item in found] == (lines if kept is None else kept)
