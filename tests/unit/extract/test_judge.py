"""Kinds and refusals, each by the sign that tells it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from worker.extract.page import extract
from worker.models import Kind, Reason

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SENTENCE = "Die Gemeinde will ihr altes Hallenbad bis zum Sommer vollständig sanieren und hat dafür Geld bewilligt. "
SHORT = "<p>Bitte versuchen Sie es mit der Suche oder gehen Sie zurück auf die Startseite.</p>"


def judged(
    body: str, head: str = "", title: str = "Das Bad", url: str = "https://a.example/x", feed: str = ""
) -> tuple[Reason | None, Kind]:
    html = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    found = extract(html.encode(), content_type="text/html; charset=utf-8", url=url, feed_title=feed, now=NOW)
    return found.reason, found.kind


def text(words: int) -> str:
    sentences = -(-words // 16)
    return f"<h1>Das Bad</h1><article>{''.join(f'<p>{n} {SENTENCE}</p>' for n in range(sentences))}</article>"


@pytest.mark.parametrize(
    "title",
    [
        "404", "404 Not Found", "Error 404", "Fehler 404", "Page not found", "Seite nicht gefunden | Talbote",
        "404 - Seite nicht gefunden", "Diese Seite existiert leider nicht mehr", "Page introuvable",
        "Pagina non trovata",
        "Página no encontrada", "Access Denied", "Zugriff verweigert", "503 Service Unavailable", "Just a moment...",
        "Attention Required! | Cloudflare", "502 Bad Gateway",
    ],
)  # fmt: skip
def test_error_pages(title: str) -> None:
    assert judged(f"<h1>{title}</h1>{SHORT}", title=title)[0] is Reason.ERROR_PAGE


@pytest.mark.parametrize(
    "title",
    [
        "404 Menschen gerettet",
        "Fehler kostet Millionen",
        "Wartungsarbeiten im Tunnel",
        "Seite an Seite",
        "Access to it",
    ],
)
def test_articles_that_sound_like_errors(title: str) -> None:
    assert judged(f"<h1>{title}</h1><p>{SENTENCE * 3}</p>", title=title)[0] is None


def test_what_the_feed_announced_is_no_error() -> None:
    body = f"<h1>Page not found</h1><p>{SENTENCE * 4}</p>"
    assert judged(body, title="Page not found")[0] is Reason.ERROR_PAGE
    assert judged(body, title="Page not found", feed="Page not found")[0] is None


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ("<form action='https://consent.a.example/s'><p>Wir brauchen Ihre Zustimmung.</p></form>", "https://a.example/x"),
        (f"<h1>Zustimmung</h1>{SHORT}", "https://a.example/zustimmung?url=x"),
        (f"<div id='cookie-consent'><h2>Ihre Privatsphäre</h2>{SHORT * 2}</div>", "https://a.example/x"),
        ("<div class='cmpbox'><p>We value your privacy and so do our partners.</p></div>", "https://a.example/x"),
    ],
)  # fmt: skip
def test_consent_walls(body: str, url: str) -> None:
    assert judged(body, url=url)[0] is Reason.CONSENT_WALL


def test_an_article_under_a_consent_banner_is_one() -> None:
    assert judged(text(200) + f"<div id='cookie-consent'>{SHORT * 3}</div>")[0] is None


TEASERS = "".join(
    f"<h3><a href='/{n}'>Meldung Nummer {n} aus dem Tal</a></h3><p>Ein kurzer Anriss.</p>" for n in range(12)
)


def test_index_pages() -> None:
    assert judged(f"<h1>Region</h1>{TEASERS}")[0] is Reason.INDEX_PAGE
    assert judged(f"<h1>Talbote</h1>{TEASERS}{text(200)}", url="https://a.example/")[0] is Reason.INDEX_PAGE
    assert judged(f"{text(200)}{TEASERS}")[0] is None


def linked(**claims: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **claims})}</script>'


VIDEO = '<meta property="og:type" content="video.other">'
PICTURES = "".join(f"<figure><img src={n}><figcaption>Bild {n}.</figcaption></figure>" for n in range(9))


@pytest.mark.parametrize(
    ("body", "head", "kind"),
    [
        (text(200), "", Kind.ARTICLE),
        (text(200), linked(**{"@type": "LiveBlogPosting"}), Kind.LIVE),
        (text(60), VIDEO, Kind.VIDEO),
        (text(200), VIDEO, Kind.ARTICLE),
        (text(60) + PICTURES, "", Kind.GALLERY),
        (text(60), linked(isAccessibleForFree=False), Kind.TEASER),
        (text(200), linked(isAccessibleForFree="False", wordCount=900), Kind.TEASER),
        (text(200), linked(isAccessibleForFree=False), Kind.ARTICLE),
        (text(60) + "<div class=paywall><p>Jetzt testen.</p></div>", "", Kind.TEASER),
    ],
)
def test_kinds(body: str, head: str, kind: Kind) -> None:
    assert judged(body, head) == (None, kind)
