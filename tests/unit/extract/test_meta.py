"""What a page says about itself, in five languages and many makes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from worker.extract.page import extract
from worker.models import Caption, Extracted

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HEAD = "Brücke wird saniert"
TEXT = "".join(
    f"<p>Der Rat hat am {day} entschieden, dass die alte Brücke über den Bach saniert wird und nicht abgerissen.</p>"
    for day in ("Mittwoch", "Donnerstag", "Freitag")
)
EN = "".join(
    f"<p>The council decided on {day} that the old bridge over the river would be repaired and not torn down.</p>"
    for day in ("Monday", "Tuesday", "Friday")
)
URL = "https://www.talbote.ch/politik/x"


def read(
    head: str = "", body: str = TEXT, *, title: str = "", lang: str = "de", url: str = URL, feed_title: str = ""
) -> Extracted:
    html = f"<html lang='{lang}'><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return extract(
        html.encode(), content_type="text/html; charset=utf-8", url=url, min_words=0, now=NOW, feed_title=feed_title
    )


def prop(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def ld(**fields: object) -> str:
    data = {"@type": "NewsArticle", "headline": HEAD, **fields}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


NAMED = prop("og:site_name", "Talbote")


@pytest.mark.parametrize(
    ("title", "head", "wanted"),
    [
        (f"{HEAD} - Talbote", NAMED, HEAD),
        (f"{HEAD} | Talbote", "", HEAD),
        (f"{HEAD} » Talbote", "", HEAD),
        (f"{HEAD} « Talbote", "", HEAD),
        (f"{HEAD} :: Talbote", "", HEAD),
        (f"{HEAD} – Talbote.ch", "", HEAD),
        (f"{HEAD} - Talbote Online", NAMED, HEAD),
        (f"{HEAD} – NZZ", prop("og:site_name", "Neue Zürcher Zeitung"), HEAD),
        (f"{HEAD} - Le Courrier", prop("og:site_name", "Le Courrier"), HEAD),
        (f"{HEAD} | Politik | Talbote", ld(), HEAD),
        (f"Talbote: {HEAD}", NAMED, HEAD),
        (f"Talbote - {HEAD}", "", HEAD),
        (f"Talbote » {HEAD}", "", HEAD),
        (f"{HEAD}...", prop("og:title", f"{HEAD} und nicht abgerissen"), f"{HEAD} und nicht abgerissen"),
        ("x", ld(headline="Die &quot;Brücke&quot; &amp; der Bach"), 'Die "Brücke" & der Bach'),
        # What only looks like a site's name:
        ("Bern – Zürich: Der Zug fällt aus - Talbote", NAMED, "Bern – Zürich: Der Zug fällt aus"),
        ("Wahl 2025 - Grüne verlieren", NAMED, "Wahl 2025 - Grüne verlieren"),
        ("Talbote: Der Ort feiert", "", "Talbote: Der Ort feiert"),
        ("Liberté : le vote reporté", prop("og:site_name", "Le Courrier"), "Liberté : le vote reporté"),
        ("Talbote", NAMED, ""),
        ("Talbote.ch", "", ""),
    ],
)
def test_the_site_s_name_is_cut_off(title: str, head: str, wanted: str) -> None:
    assert read(head, title=title).title == wanted


def test_a_heading_keeps_what_it_shows() -> None:
    assert read(NAMED, f"<h1>Talbote: {HEAD}</h1>{TEXT}", title=f"Talbote: {HEAD}").title == f"Talbote: {HEAD}"


def test_the_feed_s_title_tells_what_the_suffix_is() -> None:
    assert read(title=f"{HEAD} - Zum Tag", feed_title=HEAD).title == HEAD
    assert read(title=f"{HEAD} - Zum Tag").title == f"{HEAD} - Zum Tag"


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (prop("article:section", "Politik"), "Politik"),
        (ld(articleSection=["News", "Politik"]), "Politik"),
        (prop("article:section", "News") + ld(articleSection="Politik"), "Politik"),
        (prop("article:section", "Actualités"), ""),
        (prop("article:section", "Uncategorized"), ""),
        (prop("article:section", "https://www.talbote.ch/politik"), ""),
        ("", ""),
    ],
)
def test_section(head: str, wanted: str) -> None:
    assert read(head).section == wanted


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ("".join(prop("article:tag", tag) for tag in ("Brücke", "brücke", "News", "#Bern", "")), ("Brücke", "Bern")),
        ('<meta name="keywords" content="Bern; Brücke; News; bern">', ("Bern", "Brücke")),
        ('<meta name="keywords" content="東京、予算，市">', ("東京", "予算")),
        (ld(keywords="a b, c d,News"), ("a b", "c d")),
        (ld(keywords=["x y", "X Y", 5, None]), ("x y",)),
        (ld(keywords=",".join(f"tag{number}" for number in range(500))), tuple(f"tag{number}" for number in range(30))),
    ],
)
def test_tags(head: str, wanted: tuple[str, ...]) -> None:
    assert read(head).tags == wanted


@pytest.mark.parametrize(
    ("lang", "body", "wanted"),
    [
        ("de-CH", TEXT, "de"), ("de", EN, "en"), ("en-US", TEXT, "de"), ("", EN, "en"), ("xx", TEXT, "de"),
        ("fr", "<p>Oui.</p>", "fr"), ("de_AT", "<p>Nein.</p>", "de"), ("english", EN, "en"), ("", "<p>Ok.</p>", ""),
    ],
)  # fmt: skip
def test_language(lang: str, body: str, wanted: str) -> None:
    assert read(body=body, lang=lang).language == wanted


SITE = "https://www.talbote.ch"


@pytest.mark.parametrize(
    ("claim", "url", "wanted"),
    [
        ("/politik/x2", URL, f"{SITE}/politik/x2"),
        ("//www.talbote.ch/y", URL, f"{SITE}/y"),
        ("https://m.talbote.ch/politik/x", URL, "https://m.talbote.ch/politik/x"),
        (f"{SITE}/die-neue-bruecke/", f"{SITE}/die-neue-bruecke/amp", f"{SITE}/die-neue-bruecke/"),
        (f"{SITE}/p/2024.html", f"{SITE}/p/2024.html/komplettansicht", f"{SITE}/p/2024.html"),
        (f"{SITE}/politik/", URL, ""),
        (f"{SITE}/", URL, ""),
        ("https://other.ch/x", URL, ""),
        ("javascript:alert(1)", URL, ""),
        ("ftp://www.talbote.ch/y", URL, ""),
        ("http://[::1", URL, ""),
        ("", URL, ""),
    ],
)  # fmt: skip
def test_canonical(claim: str, url: str, wanted: str) -> None:
    assert read(f'<link rel="canonical" href="{claim}">', url=url).canonical_url == wanted


DOT = "data:image/gif;base64,R0lGOD"


@pytest.mark.parametrize(
    ("head", "figure", "image", "caption"),
    [
        (prop("og:image", "/a.jpg"), "", f"{SITE}/a.jpg", None),
        (prop("og:image", DOT), "<img src=/b.jpg><figcaption>Die Brücke. (Bild: Keystone)</figcaption>",
         f"{SITE}/b.jpg", Caption("Die Brücke.", "Keystone")),
        ("", f"<img src='{DOT}' data-src=/c.jpg><figcaption>Die Brücke. <i class=credit>AFP / Jo</i></figcaption>",
         f"{SITE}/c.jpg", Caption("Die Brücke.", "AFP / Jo")),
        ("", "<img srcset='/s.jpg 320w, /l.jpg 1200w'><figcaption>Photo : AFP</figcaption>", f"{SITE}/l.jpg",
         Caption("", "AFP")),
        (ld(image={"@type": "ImageObject", "url": "/d.jpg"}), "", f"{SITE}/d.jpg", None),
        (ld(image={"@list": ["/e.jpg"]}), "", f"{SITE}/e.jpg", None),
        (ld(thumbnailUrl="/t.jpg"), "", f"{SITE}/t.jpg", None),
        (prop("og:image", "http://[bad"), "", "", None),
    ],
)  # fmt: skip
def test_image(head: str, figure: str, image: str, caption: Caption | None) -> None:
    found = read(head, f"<h1>{HEAD}</h1><figure>{figure}</figure>{TEXT}")
    assert (found.image, found.captions) == (image, (caption,) if caption else ())


LEAD = "Der Kanton zahlt den grössten Teil der Kosten, die Gemeinde den Rest"


@pytest.mark.parametrize(
    ("head", "body", "wanted"),
    [
        (f'<meta name="description" content="{LEAD}">', "", LEAD),
        (ld(description=f"&lt;b&gt;{LEAD}&lt;/b&gt;"), "", LEAD),
        (ld(alternativeHeadline=LEAD), "", LEAD),
        ("", f"<p class=lead>{LEAD}</p>", LEAD),
        ("", f"<h2>{LEAD}</h2>", LEAD),
        ("", f"<h2><a href=/y>{LEAD}</a></h2>", ""),
        ("", "<h2>Politik</h2>", ""),
    ],
)
def test_summary(head: str, body: str, wanted: str) -> None:
    assert read(head, f"<h1>{HEAD}</h1>{body}{TEXT}").summary == wanted
