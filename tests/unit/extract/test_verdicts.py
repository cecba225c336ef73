"""Index pages, walls, errors and short pages of all makes and languages, beside the articles that resemble them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.bench.layouts.prose import Prose
from worker.extract.page import extract
from worker.models import Extracted, Kind, Reason

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CLAIM = '<meta property="og:type" content="article">'


def judged(body: str, *, title: str = "Talbote", head: str = "", feed: str = "", language: str = "de") -> Extracted:
    html = (
        f'<html lang="{language}"><head><title>{title}</title>{head}</head><body>'
        f"<div><a href=/>Start</a> <a href=/p>Politik</a></div>{body}"
        "<div>© Talbote AG, <a href=/i>Impressum</a></div></body></html>"
    )
    url = "https://www.talbote.example/region/x-1"
    return extract(html.encode(), content_type="text/html; charset=utf-8", url=url, feed_title=feed, now=NOW)


Card = Callable[[str, str, int], str]
CARDS: dict[str, Card] = {
    "a linked heading": lambda title, text, n: f"<div><h2><a href=/{n}>{title}</a></h2><p>{text}</p></div>",
    "no room of its own": lambda title, text, n: f"<h2><a href=/{n}>{title}</a></h2><p>{text}</p>",
    "one link around": lambda title, text, n: f"<article><a href=/{n}><h2>{title}</h2><p>{text}</p></a></article>",
    "a whole address": lambda title, text, n: (
        f"<article><h3><a href=https://talbote.example/{n}>{title}</a></h3><p>{text}</p></article>"
    ),
    "no heading": lambda title, text, n: f"<div><a href=/{n}><div>{title}</div></a><div>{text}</div></div>",
    "a list": lambda title, text, n: f"<li><a href=/{n}>{title}</a><p>{text}</p></li>",
    "a link to more": lambda title, text, n: f"<div><h3>{title}</h3><p>{text}</p><a href=/{n}>mehr</a></div>",
    "headings only": lambda title, text, n: f"<li><h3><a href=/{n}>{title}</a></h3></li>",
    "two sentences": lambda title, text, n: f"<div><h2><a href=/{n}>{title}</a></h2><p>{text} {text}</p></div>",
    "a dated line": lambda title, text, n: f"<li>{n % 28 + 1}.05.2021 <a href=/{n}>{title}</a></li>",
    "in the paragraph": lambda title, text, n: f"<p><a href=/{n}>{title}</a> {text}</p>",
}  # fmt: skip


def cards(name: str, number: int) -> str:
    prose = Prose("de", name)
    return "".join(CARDS[name](prose.headline(), prose.sentence(), n) for n in range(number))


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("heading", ["", "<h1>Region</h1>"])
def test_index_pages(name: str, heading: str) -> None:
    found = judged(heading + cards(name, 18))
    assert (found.reason, found.kind) == (Reason.INDEX_PAGE, Kind.INDEX)
    assert found.quality <= 0.2


@pytest.mark.parametrize("name", CARDS)
def test_a_short_article_over_many_teasers_is_one(name: str) -> None:
    prose = Prose("de", f"short {name}")
    title, texts = prose.headline(), [prose.paragraph(3), prose.paragraph(2)]
    found = judged(
        f"<h1>{title}</h1><div><p>{texts[0]}</p><p>{texts[1]}</p></div><div>{cards(name, 14)}</div>", title=title
    )
    assert (found.reason, found.kind) == (None, Kind.ARTICLE)
    assert found.body == "\n\n".join(texts)


def test_an_index_that_says_so_and_lists_articles() -> None:
    head = (
        '<script type="application/ld+json">{"@type": "CollectionPage", "mainEntity": {"@type": "ItemList", '
        '"itemListElement": [{"@type": "NewsArticle", "headline": "Eine Meldung"}]}}</script>'
    )
    assert judged(f"<h1>Region</h1>{cards('a linked heading', 9)}", head=head).reason is Reason.INDEX_PAGE


WALLS = {
    "de": ("Ihre Privatsphäre", "Alle akzeptieren", "Wir und unsere 842 Partner speichern Informationen auf Ihrem Gerät"
    ", zum Beispiel in Cookies. Sie können Ihre Einwilligung jederzeit widerrufen. Um unser Angebot zu nutzen, müssen "
    "Sie zustimmen oder ein Abo ohne Werbung abschliessen. Einzelheiten stehen in der Datenschutzerklärung."),
    "en": ("Before you continue", "Accept all", "We and our partners use cookies to store and access "
    "information on your "
    "device. You can accept or manage your choices, including your right to object where legitimate interest is used. "
    "These choices will be signalled to our partners and will not affect what you see."),
    "fr": ("Votre vie privée", "Tout accepter", "Nous et nos partenaires utilisons des cookies pour stocker des "
    "informations sur votre appareil. Vous pouvez accepter ou refuser ces traitements, et changer votre choix à tout "
    "moment dans notre politique de confidentialité, que nous vous invitons à lire."),
    "it": ("La tua privacy", "Accetta tutto", "Noi e i nostri partner utilizziamo i cookie per archiviare informazioni "
    "sul tuo dispositivo. Puoi accettare o rifiutare in qualsiasi momento e modificare le preferenze nella pagina "
    "dedicata alla privacy, che ti invitiamo a leggere con attenzione prima di continuare."),
    "es": ("Tu privacidad", "Aceptar todo", "Nosotros y nuestros socios utilizamos cookies para almacenar "
    "información en "
    "tu dispositivo. Puedes aceptar o rechazar estos usos y cambiar tu elección en cualquier momento en la política de "
    "privacidad, que te invitamos a leer con atención antes de continuar."),
}  # fmt: skip
BUTTONS = (
    "<button>{}</button>", "<a href=#>{}</a>", "<input type=submit value='{}'>", "<div role=button>{}</div>",
    "<span class=btn-primary>{}</span>",
)  # fmt: skip


@pytest.mark.parametrize("language", WALLS)
@pytest.mark.parametrize("button", BUTTONS)
@pytest.mark.parametrize("head", ["", CLAIM])
def test_consent_walls_without_names(language: str, button: str, head: str) -> None:
    title, accept, text = WALLS[language]
    body = f"<div><h1>{title}</h1><p>{text}</p><p>{text}</p><div>{button.format(accept)}</div></div>"
    found = judged(body, language=language, head=head)
    assert (found.reason, found.kind) == (Reason.CONSENT_WALL, Kind.CONSENT)


ABOUT_COOKIES = (
    "Das Bundesgericht hat entschieden, dass die Einwilligung in Cookies nicht vorausgefüllt sein darf.",
    "Die Richterin sagte, wer zustimmen solle, müsse auch ablehnen können. Der Verband der Verlage prüft das Urteil.",
    "Bis dahin bleibt vieles, wie es ist: Die meisten Anbieter fragen beim ersten Besuch und merken sich die Antwort.",
)
BANNER = f"<div><p>{WALLS['de'][2]}</p><button>Alle akzeptieren</button></div>"


@pytest.mark.parametrize("before", ["", BANNER])
@pytest.mark.parametrize("behind", ["", BANNER])
def test_an_article_about_consent_is_one(before: str, behind: str) -> None:
    text = "".join(f"<p>{part}</p>" for part in ABOUT_COOKIES)
    found = judged(
        f"{before}<h1>Gericht verbietet Häkchen</h1><div>{text}</div>{behind}", title="Gericht verbietet Häkchen"
    )
    assert (found.reason, found.kind, found.body) == (None, Kind.ARTICLE, "\n\n".join(ABOUT_COOKIES))


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_short_article_under_a_banner_without_a_name_is_one(language: str) -> None:
    prose, (_, accept, text) = Prose(language, "banner"), WALLS[language]
    title, texts = prose.headline(), [prose.paragraph(3), prose.sentence()]
    banner = f"<div><p>{text}</p><button>{accept}</button></div>"
    body = f"<h1>{title}</h1><div><p>{texts[0]}</p><p>{texts[1]}</p></div>{banner}"
    found = judged(body, title=title, language=language)
    assert (found.reason, found.body) == (None, "\n\n".join(texts))


ERRORS = {
    "an exclamation": ("Talbote", "<h1>Oops!</h1><p>We can't find the page you are looking for. It may have "
    "been moved or "
    "deleted. Please check the address, or use the search box to find the story that you wanted to read.</p>"),
    "a status": ("Talbote", "<h1>Sorry</h1><p>Something went wrong on our side, and we are working on it. "
    "Please try again "
    "in a few minutes, or go back to the home page to read the latest news of the day. HTTP status 503.</p>"),
    "de": ("Talbote", "<h1>Hoppla!</h1><p>Die gewünschte Seite existiert leider nicht mehr. Bitte prüfen Sie "
    "die Adresse oder"
    " nutzen Sie die Suche, um zu finden, was Sie heute lesen wollten und was wohl anderswo steht.</p>"),
    "fr": ("Talbote", "<h1>Oups !</h1><p>La page que vous cherchez n'existe plus ou a été déplacée. Utilisez la "
    "recherche ou "
    "revenez à l'accueil pour lire les dernières nouvelles du jour et de la nuit.</p>"),
    "it": ("Talbote", "<h1>Ops!</h1><p>La pagina che stai cercando non esiste più o è stata spostata. Prova a "
    "usare la ricerca"
    " oppure torna alla pagina iniziale per leggere le ultime notizie del giorno.</p>"),
    "es": ("Talbote", "<h1>¡Vaya!</h1><p>La página que buscas no existe o ha cambiado de dirección. Puedes usar "
    "el buscador o "
    "volver a la portada para leer las últimas noticias del día.</p>"),
    "nothing else": ("Talbote", "<h1>Seite nicht gefunden</h1>"),
    "no longer there": ("Error", "<h1>Sorry, this page is no longer available</h1><p>The article was removed.</p>"),
    "gone in German": ("Talbote", "<h2>Diese Seite gibt es nicht (mehr)</h2><p>Versuchen Sie es mit der Suche.</p>"),
    "teasers below": ("Talbote", f"<h1>Seite nicht gefunden</h1><p>Lesen Sie anderes.</p>"
    f"{cards('a linked heading', 12)}"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_error_pages(name: str) -> None:
    title, body = ERRORS[name]
    found = judged(body, title=title)
    assert (found.reason, found.kind) == (Reason.ERROR_PAGE, Kind.ERROR)


@pytest.mark.parametrize(
    "title",
    ["Warum so viele Seiten den Fehler 404 zeigen", "Restaurant 404 eröffnet am Markt", "Error 404: Band lässt warten"],
)
def test_an_article_about_errors_is_one(title: str) -> None:
    prose = Prose("de", title)
    body = (
        f"<h1>{title}</h1><p>Wer eine Seite aufruft, die es nicht mehr gibt, sieht den Fehler 404. "
        f"{prose.paragraph(3)}</p>"
        f"<p>{prose.paragraph(3)}</p>"
    )
    assert judged(body, title=title, feed=title).reason is None


def figures(number: int, shape: str) -> tuple[str, list[str]]:
    prose = Prose("de", "figures")
    shown = [prose.sentence(clause=False) for _ in range(number)]
    return "".join(shape.format(n, text) for n, text in enumerate(shown)), shown


FIGURE = "<figure><img src={}.jpg><figcaption>{}</figcaption></figure>"
SLIDE = "<div class=slide><img src={}.jpg><p>{}</p></div>"
VIDEO = '<script type="application/ld+json">{"@type": "VideoObject", "name": "x"}</script>'
LOCKED = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
LEAD = "Der Gemeinderat hat am Dienstag einen Plan für das Hallenbad vorgestellt. Im Dorf sorgt das für Unruhe."


def test_a_gallery_of_captions_is_stored_with_them() -> None:
    html, shown = figures(9, FIGURE)
    found = judged(f"<h1>Der Umzug</h1><div>{html}</div>", title="Der Umzug")
    assert (found.reason, found.kind, found.body.split("\n\n"), found.fulltext) == (None, Kind.GALLERY, shown, True)
    assert found.quality < 0.4


def test_a_few_pictures_with_hardly_a_text_are_a_gallery() -> None:
    found = judged(f"<h1>Der Umzug</h1><p>{LEAD}</p><div>{figures(4, FIGURE)[0]}</div>", title="Der Umzug")
    assert (found.reason, found.kind) == (None, Kind.GALLERY)


def test_a_gallery_of_plain_divs() -> None:
    found = judged(f"<h1>Der Umzug</h1><p>{LEAD}</p><div>{figures(10, SLIDE)[0]}</div>", title="Der Umzug")
    assert (found.reason, found.kind) == (None, Kind.GALLERY)


@pytest.mark.parametrize("below", ["", cards("a linked heading", 12)])
def test_a_video_with_two_sentences(below: str) -> None:
    found = judged(f"<h1>Der Umzug</h1><video src=x></video><p>{LEAD} {LEAD[:60]}.</p><div>{below}</div>", head=VIDEO)
    assert (found.reason, found.kind) == (None, Kind.VIDEO)
    assert found.body.startswith(LEAD)


def test_a_video_without_a_text_keeps_the_feed_s() -> None:
    found = judged("<h1>Der Umzug</h1><video src=x></video>", head=VIDEO)
    assert (found.reason, found.kind, found.body, found.fulltext) == (None, Kind.VIDEO, "", False)
    assert found.quality < 0.1


def test_a_sentence_before_a_paywall() -> None:
    appeal = "<div><p>Weiterlesen mit Abo.</p><a href=/abo>Jetzt testen</a></div>"
    found = judged(f"<h1>Der Umzug</h1><p>{LEAD}</p><p>{LEAD[:70]}.</p>{appeal}", head=LOCKED)
    assert (found.reason, found.kind, found.body) == (None, Kind.TEASER, f"{LEAD}\n\n{LEAD[:70]}.")
    assert found.quality < 0.4


def test_two_sentences_of_nothing_in_particular_are_too_short() -> None:
    found = judged(f"<h1>Der Umzug</h1><p>{LEAD}</p>")
    assert (found.reason, found.kind) == (Reason.TOO_SHORT, Kind.ARTICLE)


def test_quality_warns_of_a_page_that_may_be_an_index() -> None:
    prose = Prose("de", "unsure")
    few = f"<h1>Region</h1><p>{prose.paragraph(4)}</p>{cards('a linked heading', 12)}"
    many = f"<h1>Region</h1>{''.join(f'<p>{prose.paragraph(3)}</p>' for _ in range(8))}{cards('a linked heading', 12)}"
    assert judged(few).quality <= 0.5
    assert judged(many).quality > 0.7


def entries(clock: str, number: int, *, newest_first: bool) -> str:
    prose = Prose("de", "ticker")
    hours = range(18, 18 - number, -1) if newest_first else range(8, 8 + number)
    return "".join(f"<div><span>{clock.format(hour)}</span><p>{prose.paragraph(1)}</p></div>" for hour in hours)


@pytest.mark.parametrize("clock", ["{:02}:17", "{}.17 Uhr", "12.5.2021, {:02}:17 Uhr"])
def test_a_ticker_that_does_not_say_so(clock: str) -> None:
    assert judged(f"<h1>Sturm</h1><div>{entries(clock, 7, newest_first=True)}</div>").kind is Kind.LIVE
    assert judged(f"<h1>Sturm</h1><div>{entries(clock, 4, newest_first=True)}</div>").kind is Kind.ARTICLE
    assert judged(f"<h1>Programm</h1><div>{entries(clock, 7, newest_first=False)}</div>").kind is Kind.ARTICLE
