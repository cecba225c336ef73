"""Each trait of pages by itself: what is of the article comes out, what stands beside it does not."""

from __future__ import annotations

import pytest

from worker.extract import markup, own, rooms

P1 = "Die Gemeinde will ihr altes Hallenbad bis zum Sommer vollständig sanieren und hat dafür einen Kredit bewilligt."
P2 = "Das Bad stammt aus dem Jahr 1974 und verbraucht fast dreimal so viel Energie wie ein Neubau."
P3 = "Geplant sind neue Fenster, eine Wärmepumpe und ein Kinderbecken, das auch den Schulen offensteht."
P4 = "Gegen das Vorhaben hat sich ein Komitee gebildet, das den Kredit für viel zu knapp berechnet hält."
X = "Dieser Absatz gehört zu etwas anderem auf der Seite und ist trotzdem so lang wie ein Absatz des Artikels."
H1 = "<h1>Das Hallenbad wird saniert</h1>"
TEXT = f"<p>{P1}</p><p>{P2}</p><p>{P3}</p><p>{P4}</p>"
BODY = [P1, P2, P3, P4]


def read(html: str, title: str = "Das Hallenbad wird saniert", url: str = "") -> list[str]:
    tree = markup.parse(f"<html><body>{html}</body></html>")
    assert tree is not None
    return [paragraph.text for paragraph in own.find(rooms.read(tree, url), title).paragraphs]


BESIDE = {
    "a named box": f"<div class='newsletter-signup'><p>{X}</p></div>",
    "an aside": f"<aside><p>{X}</p></aside>",
    "a footer": f"<footer><p>{X}</p></footer>",
    "a form": f"<form><p>{X}</p><input></form>",
    "a hidden box": f"<div style='display:none'><p>{X}</p></div>",
    "a figure": f"<figure><img><figcaption>{X}</figcaption></figure>",
    "a picture's words": "<div><img><div>Das Bad im Winter. Bild: Keystone</div></div>",
    "an offer": f"<div class=x1><h3>Weiterlesen</h3><p>{X[:60]}</p><a href=/abo>Jetzt testen</a></div>",
    "a box that asks": f"<div class='x1'><p>{X[:60]}</p><a href=/>Mehr</a></div>",
    "a list of links": "<ul><li><a href=/1>Ein anderer Artikel</a></li><li><a href=/2>Und noch einer</a></li></ul>",
    "a line that is a link": "<p><a href=/1>Lesen Sie hier alles über die Abstimmung</a></p>",
    "a label and its links": "<p><b>Mehr dazu</b></p><ul><li><a href=/1>Ein anderer Artikel</a></li></ul>",
    "the notice of advertising": "<p>Anzeige</p>",
    "a menu": "<nav><ul><li><a href=/>Start</a></li></ul></nav>",
    "the title once more": "<h2>Das Hallenbad wird saniert</h2>",
    "a reader's words": f"<div><div class=comment-text><p>{X}</p><p>{X}!</p></div></div>",
    "a marked-up comment": f"<div itemprop=comment itemscope><p>{X}</p></div>",
    "who holds the rights": "<div>© Talbote</div>",
    "a German footer": f"<div class=fusszeile><p>{X}</p></div>",
    "a dialog by its role": f"<div role=dialog><p>{X}</p></div>",
    "a table of links": "<table><tr><td><a href=/>Vor</a></td></tr><tr><td><a href=/>Zurück</a></td></tr></table>",
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("where", ["between", "behind", "outside"])
def test_beside(name: str, where: str) -> None:
    box = BESIDE[name]
    html = {
        "between": f"{H1}<div><p>{P1}</p><p>{P2}</p>{box}<p>{P3}</p><p>{P4}</p></div>",
        "behind": f"{H1}<div>{TEXT}{box}</div>",
        "outside": f"<main>{H1}<div>{TEXT}</div></main>{box}",
    }[where]
    assert read(html) == BODY


def each(start: str, end: str, count: int | None = None) -> str:
    """All paragraphs so wrapped; with a count, so many of the stranger's."""
    return "".join(f"{start}{text}{end}" for text in (BODY if count is None else [X] * count))


def each_of(name: str, *texts: str) -> str:
    return "".join(f"<div class={name}-{n}><div><p>{text}</p></div></div>" for n, text in enumerate(texts))


HALVES = f"<p>{P1}</p><p>{P2}</p>", f"<p>{P3}</p><p>{P4}</p>"
SHAPES = {
    "an article": f"<article>{H1}{TEXT}</article>",
    "divs for paragraphs": f"{H1}<div>{each('<div>', '</div>')}</div>",
    "line breaks": f"{H1}<div>{'<br><br>'.join(BODY)}</div>",
    "a layout table": f"<table><tr><td><a href=/>Start</a></td><td>{H1}{'<br><br>'.join(BODY)}</td></tr></table>",
    "each in a box of its own": f"{H1}<div>{each('<div class=p><div><p>', '</p></div></div>')}</div>",
    "wrappers of one make": f"{H1}<div><div class=a1>{HALVES[0]}</div><div class=a2>{HALVES[1]}</div></div>",
    "a lead above": f"<div>{H1}<div class=lead><p>{P1}</p></div><div class=r><p>{P2}</p>{HALVES[1]}</div></div>",
    "a lead beside the headline": f"<div><div>{H1}<p>{P1}</p></div><div class=r><p>{P2}</p>{HALVES[1]}</div></div>",
    "and who wrote it": f"<header>{H1}<p>{P1}</p><p>Von Eva Graf</p></header><div><p>{P2}</p>{HALVES[1]}</div>",
    "modules of any length": f"{H1}<div><div class=m><p>{P1}</p><p>{P2}</p></div>{each_of('m', P3, P4)}</div>",
    "misnamed wrappers": f"<div class=sidebar><div class='teaser comments'>{H1}{TEXT}</div></div>",
    "a form around the page": f"<form>{H1}<div>{TEXT}</div><input></form>",
    "paragraphs all called teaser": f"{H1}<div>{each('<p class=teaser>', '</p>')}</div>",
    "a date and a name first": f"{H1}<div><p>Von Petra Keller</p><p>12.07.2025, 13:13 Uhr</p>{TEXT}</div>",
    "more comments than article": f"{H1}<div>{TEXT}</div><div id=comments>{each('<p>', '</p>', 20)}</div>",
    "a longer article below": f"<article>{H1}{TEXT}</article><article><h2>B</h2>{each('<p>', '.</p>', 9)}</article>",
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes(name: str) -> None:
    assert read(SHAPES[name]) == BODY


def test_what_stays_between_paragraphs() -> None:
    html = (
        f"{H1}<div><p>{P1}</p><h2>Kosten</h2><ul><li>Fenster</li><li>Pumpe</li></ul>"
        f"<table><tr><th>Posten</th><th>Betrag</th></tr><tr><td>Becken</td><td>1,9</td></tr></table>"
        f"<blockquote>«Wir heizen zum Fenster hinaus.»</blockquote><p>{P2}</p><p>{P3}</p><p>{P4}</p></div>"
    )
    between = ["Kosten", "Fenster\nPumpe", "Posten Betrag\nBecken 1,9", "«Wir heizen zum Fenster hinaus.»"]
    assert read(html) == [P1, *between, P2, P3, P4]


@pytest.mark.parametrize("tool", ["[<a href=/e>Bearbeiten</a> | <a href=/q>Quelltext</a>]", "<a href=#kosten>¶</a>"])
def test_the_links_of_a_heading_are_no_part_of_it(tool: str) -> None:
    assert read(f"{H1}<div><p>{P1}</p><h2>Kosten <span>{tool}</span></h2><p>{P2}</p></div>") == [P1, "Kosten", P2]
    assert read(f"{H1}<div><p>{P1}</p><h2>Kosten [Auszug]</h2><p>{P2}</p></div>") == [P1, "Kosten [Auszug]", P2]


def test_what_stands_between_headline_and_text_is_a_lead_or_a_label() -> None:
    assert read(f"{H1}<div>Region</div><div>Teilen</div><div>{TEXT}</div>") == BODY


def test_a_page_without_prose() -> None:
    assert read("<ul><li><a href=/>Start</a></li></ul>") == []
    assert read("") == []


def test_a_text_in_modules_goes_on_under_a_heading() -> None:
    module = "<div class=mod-text><div>{}</div></div>"
    html = module.format(f"<p>{P1}</p><p>{P2}</p>") + module.format(f"<h2>Was geplant ist</h2><p>{P3}</p>")
    assert read(f"{H1}<div>{html}</div>") == [P1, P2, "Was geplant ist", P3]


def test_a_short_module_without_a_heading_is_a_note() -> None:
    module = "<div class=mod-text><div>{}</div></div>"
    assert read(f"{H1}<div>{module.format(TEXT)}{module.format(f'<p>{X}</p>')}</div>") == BODY


def test_sections_that_fold_in_have_buttons() -> None:
    html = each("<div class=item><button>Mehr</button><div><p>", "</p></div></div>")
    assert read(f"{H1}<div><p>{X}</p>{html}</div>") == [X, *BODY]


def test_what_is_folded_in_is_hidden_several_times() -> None:
    folded = each("<div class=q><button>Mehr</button><div class=a aria-hidden=true><p>", "</p></div></div>")
    assert read(f"{H1}<div>{folded}</div>") == BODY
    assert read(f"{H1}<div>{TEXT}</div><div aria-hidden=true>{'<p>' + X + '</p>'}</div>") == BODY


def test_a_box_of_facts_with_a_link_to_another_site_stays() -> None:
    box = f"<div class=x1><h3>Das Bad</h3><p>{X[:60]}.</p><a href=https://bad.example.org/>bad.example.org</a></div>"
    assert read(f"{H1}<div>{TEXT}{box}</div>", url="https://talbote.example.com/a")[4:6] == ["Das Bad", X[:60] + "."]


def test_a_footnote_is_no_box_that_asks() -> None:
    note = f"<div class=note><a href='#r1'>1</a><div><p>{X}</p></div></div>"
    assert read(f"{H1}<div>{TEXT}{note}</div>")[-1] == X


def test_a_lead_that_is_named_as_a_teaser_and_leads_nowhere() -> None:
    assert read(f"{H1}<div class=teaser-text><p>{X}</p></div><div>{TEXT}</div>") == [X, *BODY]
    linked = f"<div class=teaser-text><p>{X} <a href=/x>mehr</a></p></div>"
    assert read(f"{H1}{linked}<div>{TEXT}</div>") == BODY


def test_a_headline_in_no_heading() -> None:
    title = "<p class=titel>Das Hallenbad wird saniert</p>"
    assert read(f"<div>{title}<div class=a><p>{X}</p></div><div class=b>{TEXT}</div></div>") == [X, *BODY]


@pytest.mark.parametrize("label", ["Über den Autor", "Zur Autorin", "About the author", "À propos de l’auteur"])
def test_a_note_on_the_author_under_its_label(label: str) -> None:
    assert read(f"{H1}<div>{TEXT}<h3>{label}</h3><p>{X}</p></div>") == BODY


def test_whose_rights_the_last_paragraph_of_the_text_names_stays() -> None:
    rights = "© 2026 Agentur. Alle Rechte vorbehalten. Dieses Material darf nicht weiterverbreitet werden."
    assert read(f"{H1}<div>{TEXT}<p>{rights}</p></div>") == [*BODY, rights]
    assert read(f"<div>{H1}<div>{TEXT}</div><div class=u><p>{rights}</p></div></div>") == BODY
