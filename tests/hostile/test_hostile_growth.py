"""Twice the page is twice the work: no path of our own extractor is more than linear, whatever the page is made of.

The libraries are kept out: what they cost is the sandbox's to end. Measured is CPU time, quadrupled input against the
simple one; linear gives 4, quadratic 16. Nothing is said about how long anything takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from worker.extract import authors, captions, charset, dates, jsonld, judge, markup, meta, own, rooms, sniff

NOW = datetime(2026, 5, 1, tzinfo=UTC)
URL = "https://www.talbote.ch/region/hallenbad"
WORDS = "Der Bundesrat hat am Mittwoch in Bern entschieden, dass die neue Regel ab dem kommenden Jahr gilt. "
MOST = 9.0

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
    "names": lambda n: "".join(f"<div class='a{i} side-b{i} c__d{i}'>x</div>" for i in range(n)),
    "bylines": lambda n: f"<div class=byline>Von Petra Keller</div><p>{WORDS}</p>" * n,
    "comments": lambda n: "<div class=comments>" + f"<div class=comment><p>{WORDS}</p></div>" * n + "</div>",
    "articles": lambda n: f"<article><h2><a href=/x>T</a></h2><p>{WORDS * 4}</p></article>" * n,
    "named spans": lambda n: "<p>" + "<span class=share><b></b></span>" * n + WORDS + "</p>",
    "meta tags": lambda n: "<meta property='article:tag' content='x, y'>" * n,
    "scripts": lambda n: "<script>x</script>" * n,
}
NESTED: dict[str, Callable[[int], str]] = {
    "divs": lambda n: "<div>" * n + f"<p>{WORDS}</p>" * n,
    "tables": lambda n: "<table><tr><td>" * (n // 3) + "x<br><br>" * n,
    "lists": lambda n: "<ul><li>" * (n // 2) + f"<li>{WORDS}</li>" * n,
    "figures": lambda n: "<figure>" * n + "<img src=x>" * n,
    "named spans": lambda n: "<p>" + "<span class=share>" * n + "<b></b>" * n + WORDS * 5,
    "links": lambda n: "<p>" + "<a href=/x>" * n + "word " * n,
    "sections": lambda n: f"<section class=teaser><p>{WORDS}</p>" * n,
    "sidebars": lambda n: "<div class=sidebar>" * n + f"<p>{WORDS}</p>" * n,
}
"""Depth grows with size: a path that looks at all below at every level is quadratic here. Below 2048 levels."""
SOURCE: dict[str, Callable[[int], str]] = {
    name: lambda n, piece=piece: piece * n  # type: ignore[misc]
    for name, piece in {
        "scripts without an end": "<script>", "comments without an end": "<!--", "menus without an end": "<nav>",
        "drawings": "<svg/>", "ends": "</script>", "links": " href=/region/", "brackets": "<", "references": "&#1;",
        "menus in menus": "<nav><nav></nav>", "scripts in scripts": "<script><script></script>",
    }.items()
}  # fmt: skip


def own_work(text: str) -> None:
    """Everything of `page.extract` that is ours, without gates: those only make pages smaller."""
    tree = markup.parse(text)
    assert tree is not None
    found, linked, layout = meta.tags(tree), jsonld.read(tree), rooms.read(tree)
    title = meta.title(tree, found, linked)
    shown = captions.collect(layout)
    authors.find(tree, layout.bylines, found, linked, ())
    clues = dates.Clues(tree, found, linked, layout, own.headline_of(layout, title), URL, "de")
    list(dates._claims(clues))
    dates._shown(clues, NOW)
    judge.look(tree, layout, found, linked, URL, title, len(shown))
    own.find(layout, title)


def source_work(text: str) -> None:
    charset.decode(text.encode(), "")
    sniff.sniff(text.encode())
    sniff.over_limits(text)
    light = markup.lightened(text)
    markup._movable(light)
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
    return taken[1] / max(taken[0], 0.0005)


@pytest.mark.parametrize("name", MARKUP)
def test_what_a_page_is_made_of(name: str) -> None:
    assert growth(own_work, MARKUP[name], 2_000, less=parse_only) < MOST


@pytest.mark.parametrize("name", NESTED)
def test_how_deep_it_is(name: str) -> None:
    assert growth(own_work, NESTED[name], 450, less=parse_only) < MOST


@pytest.mark.parametrize("name", SOURCE)
def test_what_its_source_holds(name: str) -> None:
    assert growth(source_work, SOURCE[name], 20_000) < MOST
