"""Twice the page is twice the work: no path of our own extractor is more than linear, whatever the page is made of.

The libraries are kept out: what they cost is the sandbox's to end. Measured is CPU time, quadrupled input against the
simple one; linear gives 4, quadratic 16. Nothing is said about how long anything takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from worker.extract import (
    agencies,
    authors,
    captions,
    charset,
    datable,
    dates,
    furniture,
    header,
    jsonld,
    judge,
    markup,
    meta,
    own,
    rooms,
    sniff,
    survey,
)
from worker.extract.paragraphs import joined
from worker.extract.zones import Site

NOW = datetime(2026, 5, 1, tzinfo=UTC)
URL = "https://www.talbote.ch/region/hallenbad"
WORDS = "Der Bundesrat hat am Mittwoch in Bern entschieden, dass die neue Regel ab dem kommenden Jahr gilt. "
MOST = 9.0
_LEAST_S = 0.004
"""Less is noise; what is quadratic takes more at these sizes."""

LINKED = '{"@type": "NewsArticle", "url": "/x", "headline": "T", "author": {"@id": "#a"}}'

MARKUP: dict[str, Callable[[int], str]] = {
    "links in one block": lambda n: "<p>" + "<a href=/x>ein Wort</a> " * n + "</p>",
    "paragraphs": lambda n: "<article>" + f"<p>{WORDS}</p>" * n + "</article>",
    "bare paragraphs and boxes": lambda n: (
        "<div>" + (f"<div>{WORDS}</div>" * 3 + "<div><p>Hier <a href=/>mehr</a></p></div>") * n + "</div>"
    ),
    "line breaks": lambda n: "<div>" + f"{WORDS}<br><br>" * n + "</div>",
    "single line breaks": lambda n: "<p>" + "Zeile<br>" * n + "</p>",
    "one paragraph": lambda n: "<p>" + WORDS * n + "</p>",
    "headings": lambda n: "<h2>Der Titel</h2>" * n,
    "items": lambda n: "<ul>" + f"<li>{WORDS}</li>" * n + "</ul>",
    "cells": lambda n: "<table>" + "<tr><td>a</td><td>b</td></tr>" * n + "</table>",
    "images": lambda n: "<div>" + f"<p>{WORDS}</p><div><img src=x><div>Legende</div></div>" * n + "</div>",
    "figures": lambda n: "<figure><img src=x><figcaption>Text <small>Foto: A</small></figcaption></figure>" * n,
    "a picture's pieces": lambda n: (
        f"<h1>T</h1><div><p>{WORDS}</p><p>{WORDS}</p><div><img src=x><div>"
        + "<span>a</span>" * n
        + "</div></div></div>"
    ),
    "figures in figures": lambda n: (
        "<figure>" * 50 + "<figcaption>x</figcaption>" + "<i>b</i>" * n + "</figure>" * 50 + f"<p>{WORDS}</p>"
    ),
    "authors": lambda n: (
        "<h1>T</h1>" + "<b itemprop=author></b>" * n + "<p><a rel=author href=/a></a>" * n + f"<p>{WORDS}</p>"
    ),
    "blanks in keywords": lambda n: (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "T", "keywords": ["'
        + '", "'.join([" " * n + "x"] * 50)
        + '"]}</script>'
        + f"<p>{WORDS}</p>"
    ),
    "names": lambda n: "".join(f"<div class='a{i} side-b{i} c__d{i}'>x</div>" for i in range(n)),
    "bylines": lambda n: f"<div class=byline>Von Petra Keller</div><p>{WORDS}</p>" * n,
    "comments": lambda n: "<div class=comments>" + f"<div class=comment><p>{WORDS}</p></div>" * n + "</div>",
    "articles": lambda n: f"<article><h2><a href=/x>T</a></h2><p>{WORDS * 4}</p></article>" * n,
    "teasers": lambda n: "<h1>T</h1>" + f"<div><h3><a href=/x>Ein Titel steht hier</a></h3><p>{WORDS}</p></div>" * n,
    "linked headings": lambda n: "<div>" + "<h3><a href=/x>Ein Titel steht hier</a></h3>" * n + f"<p>{WORDS}</p></div>",
    "labels of comments": lambda n: f"<p>{WORDS}</p>" + "<div><h3>12 Kommentare</h3></div>" * n + f"<p>{WORDS}</p>",
    "replies": lambda n: f"<p>{WORDS}</p>" + f"<div><p>{WORDS}</p><a href=#>Antworten</a></div>" * n,
    "consent": lambda n: f"<div><p>{WORDS} Cookies</p><span class=btn>Ja</span></div>" * n + "<button>Accept</button>",
    "buttons": lambda n: f"<div><p>{WORDS * 3} Cookies</p>" + "<button><b></b>Ja</button>" * n + "</div>",
    "folded sections": lambda n: (
        f"<p>{WORDS}</p>" + f"<div class=a><button>Frage</button><div><p>{WORDS}</p></div></div>" * n
    ),
    "modules": lambda n: f"<div class=m><div class=t><p>{WORDS}</p><p>{WORDS}</p></div></div>" * n,
    "notes on authors": lambda n: f"<p>{WORDS}</p>" * 3 + "<h3>Über den Autor</h3>" * n + f"<p>{WORDS}</p>",
    "rights": lambda n: f"<p>{WORDS}</p>" * 3 + "<div>© Talbote</div>" * n,
    "microdata": lambda n: f"<h1>T</h1><p>{WORDS}</p>" + "<b itemprop=author></b><i itemprop=dateModified></i>" * n,
    "same labels": lambda n: f"<p>{WORDS}</p>" + "<div>Label</div>" * n + f"<p>{WORDS}</p>",
    "named spans": lambda n: "<p>" + "<span class=share><b></b></span>" * n + WORDS + "</p>",
    "meta tags": lambda n: "<meta property='article:tag' content='x, y'>" * n,
    "times": lambda n: f"<h1>T</h1>{'<time datetime=x></time>' * n}<p>{WORDS}</p>",
    "dated lines": lambda n: "<h1>T</h1>" + "<div>12.07.2031, 13:13 Uhr</div>" * n + f"<p>{WORDS}</p>",
    "inline pieces": lambda n: "<h1>T</h1><div>" + "<i>x</i>" * n + f"<time datetime=x></time></div><p>{WORDS}</p>",
    "linked articles": lambda n: f"<script type=application/ld+json>{[LINKED] * n}</script>".replace("'", ""),
    "scripts": lambda n: "<script>x</script>" * n,
}
NESTED: dict[str, Callable[[int], str]] = {
    "divs": lambda n: "<div>" * n + f"<p>{WORDS}</p>" * n,
    "tables": lambda n: "<table><tr><td>" * (n // 3) + "x<br><br>" * n,
    "lists": lambda n: "<ul><li>" * (n // 2) + f"<li>{WORDS}</li>" * n,
    "figures": lambda n: "<figure>" * n + "<img src=x>" * n,
    "named spans": lambda n: "<p>" + "<span class=share>" * n + "<b></b>" * n + WORDS * 5,
    "links": lambda n: "<p>" + "<a href=/x>" * n + "word " * n,
    "teasers": lambda n: f"<div><h3><a href=/x>Ein Titel steht hier</a></h3><p>{WORDS}</p>" * n,
    "consent": lambda n: f"<div><p>{WORDS} Cookies</p>" * n + "<button>Accept</button>" * n,
    "buttons": lambda n: f"<p>{WORDS * 3} Cookies</p>" + "<span class=btn>" * n + "Accept" + "<b></b>" * n,
    "sections": lambda n: f"<section class=teaser><p>{WORDS}</p>" * n,
    "leads": lambda n: (
        "<h1>T</h1>" + "<div class='teaser lead'>" * n + "<p>x</p>" * 4 * n + "</div>" * n + f"<p>{WORDS * 3}</p>" * 5
    ),
    "boxes over the text": lambda n: (
        "<h1>T</h1>" + "<div>" * n + "<p>x y</p>" * 190 + "</div>" * n + f"<p>{WORDS * 3}</p>" * 5
    ),
    "empty links over the headline": lambda n: (
        "<div>" * n
        + "<p><a href=/x>Politik</a></p>"
        + "<p><a href=/y></a>" * 7 * n
        + "</div>" * n
        + f"<h1>T</h1><p>{WORDS}</p>"
    ),
    "sidebars": lambda n: "<div class=sidebar>" * n + f"<p>{WORDS}</p>" * n,
}
"""Depth grows with size: a path that looks at all below at every level is quadratic here. Below 2048 levels."""
SOURCE: dict[str, Callable[[int], str]] = {
    name: lambda n, piece=piece: piece * n  # type: ignore[misc]
    for name, piece in {
        "scripts without an end": "<script>", "comments without an end": "<!--", "menus without an end": "<nav>",
        "drawings": "<svg/>", "ends": "</script>", "links": " href=/region/", "brackets": "<", "references": "&#1;",
        "doubled": "f\u00c3\u00bcr ", "controls": "\x84",
        "menus in menus": "<nav><nav></nav>", "scripts in scripts": "<script><script></script>",
    }.items()
}  # fmt: skip


BYTES: dict[str, Callable[[int], bytes]] = {
    "undeclared, one piece": lambda n: b"<p>" + b"x = 1; " * n + b"</p>" + b"\xe4\xf6\xfc" * 20,
    "undeclared, many pieces": lambda n: b"<p>\xe4bc</p>" * n,
    "broken UTF-8": lambda n: b"f\xc3\xbcr \xe4 " * n,
    "two halves": lambda n: b"\xed\xa0\xbd\xed\xb8\x80 " * n,
    "GB18030": lambda n: b"<meta charset=gbk>" + "\u4e2d\u6587 ".encode("gb18030") * n,
}


def own_work(text: str) -> None:
    """Everything of `page.extract` that is ours, without gates: those only make pages smaller."""
    tree = markup.parse(text)
    assert tree is not None
    found, linked, layout = meta.tags(tree), jsonld.read(tree), rooms.read(tree, URL)
    title = meta.title(tree, found, linked)
    shown = captions.collect(layout)
    paragraphs = own.find(layout, title).paragraphs
    around = header.find(layout, own.headline_of(layout, title), paragraphs)
    items = markup.items(tree, text)
    authors.find(tree, items, around, found, linked, ())
    authors.without_byline(paragraphs, ())
    clues = dates.Clues(tree, items, found, linked, around, Site(URL, "de"))
    list(dates._claims(clues))
    list(dates._changes(clues, NOW))
    dates._seen(clues, NOW, changed=False)
    whole = markup.parse_for_libraries(text)
    assert whole is not None
    datable.trim(whole, around)
    seen = survey.read(layout, title)
    judge.look(tree, layout, found, linked, seen, title, len(shown))
    own.find(layout, title, seen)
    meta.section(text, layout, around.headline, found, linked, URL)
    meta.keywords(found, linked)
    meta.summary(found, linked, layout.standfirsts, meta.subtitle(layout, around.headline))
    meta.image(found, linked, URL)
    captions.first_image(layout)
    captions.slides(layout)
    agencies.of_lines(around.lines())
    lines = furniture.read(joined(paragraphs))
    furniture.cut(lines, [block.mark for block in lines.blocks()[::7]])


def source_work(text: str) -> None:
    charset.decode(text.encode(), "")
    sniff.sniff(text.encode())
    sniff.over_limits(text)
    light = markup.lightened(text)
    markup._movable(light.encode())
    meta._folder(text, URL)


def parse_only(text: str) -> None:
    markup.parse(text)


def cpu(work: Callable[[str], None], text: str) -> float:
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        work(text)
        best = min(best, time.process_time() - began)
    return best


def growth(
    work: Callable[[str], None], make: Callable[[int], str], size: int, less: Callable[[str], None] | None = None
) -> float:
    """How many times as much CPU the fourfold page takes, that of `less` (a library's part of it) taken off."""
    small, large = make(size), make(4 * size)
    taken = [cpu(work, text) - (cpu(less, text) if less else 0.0) for text in (small, large)]
    return taken[1] / max(taken[0], _LEAST_S)


@pytest.mark.parametrize("name", MARKUP)
def test_what_a_page_is_made_of(name: str) -> None:
    assert growth(own_work, MARKUP[name], 2_000, less=parse_only) < MOST


@pytest.mark.parametrize("name", NESTED)
def test_how_deep_it_is(name: str) -> None:
    assert growth(own_work, NESTED[name], 450, less=parse_only) < MOST


@pytest.mark.parametrize("name", SOURCE)
def test_what_its_source_holds(name: str) -> None:
    assert growth(source_work, SOURCE[name], 20_000) < MOST


@pytest.mark.parametrize("name", BYTES)
def test_which_charset_it_is_in(name: str) -> None:
    def growing(size: int) -> float:
        body, best = BYTES[name](size), float("inf")
        for _ in range(3):
            began = time.process_time()
            charset.decode(body)
            best = min(best, time.process_time() - began)
        return best

    small = growing(50_000)  # before the other: the library that detects is loaded then
    assert growing(200_000) / max(small, 0.005) < MOST
