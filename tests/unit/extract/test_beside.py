"""Teasers, comments, boxes and edges that no name tells, each beside what resembles it and must stay."""

from __future__ import annotations

import pytest

from worker.extract import markup, own, rooms, survey

P1 = "Die Gemeinde will ihr altes Hallenbad bis zum Sommer vollständig sanieren und hat dafür einen Kredit bewilligt."
P2 = "Das Bad stammt aus dem Jahr 1974 und verbraucht fast dreimal so viel Energie wie ein Neubau."
P3 = "Geplant sind neue Fenster, eine Wärmepumpe und ein Kinderbecken, das auch den Schulen offensteht."
P4 = "Gegen das Vorhaben hat sich ein Komitee gebildet, das den Kredit für viel zu knapp berechnet hält."
BODY = [P1, P2, P3, P4]
H1 = "<h1>Das Hallenbad wird saniert</h1>"
TEXT = "".join(f"<p>{text}</p>" for text in BODY)
OTHER = "Ein anderer Artikel erzählt in diesem Satz von etwas, das nicht hierher gehört und doch lang ist."
URL = "https://www.talbote.example/region/hallenbad"


def layout_of(html: str) -> rooms.Layout:
    tree = markup.parse(f"<html><body>{html}</body></html>")
    assert tree is not None
    return rooms.read(tree, URL)


def read(html: str) -> list[str]:
    return [paragraph.text for paragraph in own.find(layout_of(html), "Das Hallenbad wird saniert").paragraphs]


def row(shape: str, number: int = 4) -> str:
    return "".join(shape.format(n=n, text=f"{OTHER} {n}.") for n in range(number))


GOES = {
    "linked headings in rooms": row("<div><h3><a href=/a{n}>Eine andere Meldung {n}</a></h3><p>{text}</p></div>"),
    "flat headings": f"<div>{row('<h3><a href=/a{n}>Eine andere Meldung {n}</a></h3><p>{text}</p>')}</div>",
    "rooms that are links": row("<div><a href=/a{n}><h3>Eine andere Meldung {n}</h3><p>{text}</p></a></div>"),
    "titles that are no headings": row("<div><a href=/a{n}><div>Eine andere Meldung {n}</div></a><p>{text}</p></div>"),
    "links to more": row("<div><h3>Eine andere Meldung {n}</h3><p>{text}</p><a href=/a{n}>mehr</a></div>"),
    "one teaser in wrappers": "<div><div><h3><a href=/a>Eine andere Meldung</a></h3><p>Ein kurzer "
    "Anriss.</p></div></div>",
    "a poll": "<div><h3>Was meinen Sie dazu?</h3><form><label><input type=radio>Ja</label></form></div>",
    "a form with a heading": "<div><h3>Newsletter</h3><p>Jeden Morgen das Neueste.</p><button>Bestellen</button></div>",
    "counted comments": "<div><h3>2 Kommentare</h3>"
    + row("<div><div>Petra</div><div>1{n}.07.2025</div><p>{text}</p><a href=#>Antworten</a></div>", 2) + "</div>",
    "comments as blogs call them": "<div><h2>2 Gedanken zu „Das Hallenbad wird saniert“</h2>"
    + row("<div><cite>Petra</cite> sagt: <a href=#c>1{n}. Juli 2025 um 13:13</a><p>{text}</p></div>", 2) + "</div>",
    "comments as a list": "<div><h2>Comments (2)</h2><ol>"
    + row("<li><cite>Petra</cite> <time>12 July</time><p>{text}</p><span>Reply</span></li>", 2) + "</ol></div>",
    "boxes to reply to": row("<div><b>Petra</b><p>{text}</p><div><a href=#>Répondre</a></div></div>", 2),
    "a box that asks for consent": f"<div><p>{OTHER} Cookies. Einwilligung.</p><button>Alle akzeptieren</button></div>",
    "networks": "<ul><li><span>Facebook</span></li><li><span>WhatsApp</span></li><li><span>Drucken</span></li></ul>",
    "a note on the author": "<p><em><a href=/autoren/petra-keller>Petra Keller</a> ist seit 2019 Redaktorin in "
    "der Region.</em></p>",
}  # fmt: skip


@pytest.mark.parametrize("name", GOES)
@pytest.mark.parametrize("inside", [True, False])
def test_goes(name: str, inside: bool) -> None:
    html = f"{H1}<div>{TEXT}{GOES[name]}</div>" if inside else f"<div>{H1}<div>{TEXT}</div>{GOES[name]}</div>"
    assert read(html) == BODY


SHARED = (
    '<div><time>{n}:05</time><h3><a href="#e{n}">Eintrag Nummer {n}</a></h3><p>{text}</p><button>Teilen</button></div>'
)
STAYS = {
    "a sentence with a link in wrappers": f"<div><div><p>{OTHER[:-1]}, wie <a href=/x>ein Papier</a> zeigt.</p>"
    f"</div></div>",
    "a quote with its source": f"<div><div><p>«{OTHER}» Quelle: <a href=/x>X</a>.</p></div></div>",
    "a sentence of links": "<p><a href=/1>Der Bund</a>, <a href=/2>die Kantone</a>, <a href=/3>die "
    "Gemeinden</a> zahlen.</p>",
    "recommendations of other sites": row("<div><h3><a href=https://a{n}.example/>Empfehlung "
    "{n}</a></h3><p>{text}</p></div>"),
    "a ticker's entries": row(SHARED),
    "a box of facts": f"<div><h3>Darum geht es im Streit</h3><p>{OTHER}</p></div>",
    "a box of facts with a link in it": f"<div><h3>Darum geht es</h3><p>{OTHER[:-1]}, mehr <a href=/x>hier</a> "
    f"im Text.</p></div>",
    "questions and answers": row("<div><h3>Was ändert sich mit dem Bau {n}?</h3><p>{text}</p></div>"),
}  # fmt: skip


@pytest.mark.parametrize("name", STAYS)
def test_stays(name: str) -> None:
    found = read(f"{H1}<div><p>{P1}</p><p>{P2}</p>{STAYS[name]}<p>{P3}</p><p>{P4}</p></div>")
    assert [text for text in found if text in BODY] == BODY
    wanted = [
        " ".join(block.text.split()) for block in layout_of(STAYS[name]).blocks
        if block.weight > 20 and not (block.timed and block.weight < 20)
    ]  # fmt: skip
    assert wanted
    assert [text for text in wanted if text not in found] == []


def test_a_counter_of_comments_above_the_text_counts_and_ends_nothing() -> None:
    count = "<div>12.07.2025</div><div>12 Kommentare</div>"
    assert read(f"{H1}<div><p><b>{P1}</b></p>{count}<p>{P2}</p><p>{P3}</p><p>{P4}</p></div>")[-3:] == [P2, P3, P4]


def test_a_section_on_comments_is_no_comment() -> None:
    assert read(f"{H1}<div><p>{P1}</p><p>{P2}</p><h2>Reaktionen</h2><p>{P3}</p><p>{P4}</p></div>") == [
        P1, P2, "Reaktionen", P3, P4,
    ]  # fmt: skip


def test_teasers_are_all_a_page_has_when_hardly_anything_else_is_left() -> None:
    html = f"<h1>Region</h1>{GOES['linked headings in rooms']}"
    seen = survey.read(layout_of(html), "Region")
    assert not any(seen.out)
    assert (seen.own, seen.titles) == (0.0, 4)
    assert seen.teasers > 300


BY = "<div>Von Petra Keller und Hans Meier (sda)</div><div>12.07.2025, 13:13 Uhr</div><div>Lesezeit: 4 Minuten</div>"


@pytest.mark.parametrize(
    "lines", [BY, BY.replace("div>", "p>"), "<p>By Jane Miller, Reuters</p>", "<p>Par Luc Roy (AFP)</p>"]
)
def test_who_wrote_it_when_stands_before_the_text_or_under_the_lead(lines: str) -> None:
    assert read(f"{H1}<div>{lines}{TEXT}</div>") == BODY
    assert read(f"{H1}<div><p><b>{P1}</b></p>{BY}<p>{P2}</p><p>{P3}</p><p>{P4}</p></div>") == BODY


def test_a_sentence_that_begins_like_a_byline_stays() -> None:
    first = "Von Petra Keller stammt der Plan, den die Gemeinde am Dienstag nach langer Debatte annahm."
    assert read(f"{H1}<div><p>{first}</p>{TEXT}</div>") == [first, *BODY]


def test_the_first_of_several_headings_is_one_of_the_text() -> None:
    sections = "".join(f"<div><time>1{n}:05</time><h3>Stand {n}</h3><p>{text}</p></div>" for n, text in enumerate(BODY))
    found = read(f"{H1}<div>{sections}</div>")
    assert [text for text in found if text.startswith("Stand")] == ["Stand 0", "Stand 1", "Stand 2", "Stand 3"]


def test_a_label_that_comes_again_and_again_is_none_of_the_text() -> None:
    mark = "<div><span>Inserat im Text</span></div>"
    assert read(f"{H1}<div>{mark.join(f'<p>{text}</p>' for text in BODY)}</div>") == BODY
    assert "Inserat im Text" in read(f"{H1}<div><p>{P1}</p>{mark}<p>{P2}</p><p>{P3}</p></div>")


def test_a_short_text_ends_before_the_appeal() -> None:
    appeal = "<div><p>Weiterlesen mit Abo: der erste Monat für 1 Franken.</p><a href=/abo>Jetzt testen</a></div>"
    assert read(f"{H1}<div><p>{P1}</p><p>{P2}</p>{appeal}</div>") == [P1, P2]
