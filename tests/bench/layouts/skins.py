"""How a page is made: the frame around an article and the markup of its parts. Each is a content system's habit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MENU = {
    "de": ("Startseite", "Politik", "Wirtschaft", "Sport", "Kultur", "Wetter"),
    "en": ("Home", "Politics", "Business", "Sport", "Culture", "Weather"),
}
IMPRINT = {
    "de": "© Talbote Verlag AG. Alle Rechte vorbehalten. Impressum, AGB, Datenschutz",
    "en": "© Valley Messenger Ltd. All rights reserved. Imprint, terms of use, privacy",
}


@dataclass(frozen=True)
class Skin:
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    """What this content system calls a part; a part that is not here has no class."""
    paragraph: str = "<p>{}</p>"
    heading: str = "<h2>{}</h2>"
    part: str = "div"
    body: str = "<div{}>{}</div>"
    frame: Callable[[str, str, str, str], str] = lambda menu, title, text, foot: f"{menu}{title}{text}{foot}"

    def p(self, text: str) -> str:
        return self.paragraph.format(text)

    def h(self, text: str) -> str:
        return self.heading.format(text)

    def box(self, part: str, inner: str, *, tag: str = "") -> str:
        tag = tag or self.part
        return f"<{tag}{self.named(part)}>{inner}</{tag}>"

    def named(self, part: str) -> str:
        return f' class="{self.names[part]}"' if part in self.names else ""

    def page(self, language: str, title: str, text: str, around: tuple[str, str], head: str) -> str:
        menu = self.box("menu", "".join(f'<a href="/{at}">{name}</a> ' for at, name in enumerate(MENU[language])))
        foot = self.box("foot", f"<div>{IMPRINT[language]}</div>")
        site = "Talbote" if language == "de" else "Valley Messenger"
        inside = self.frame(
            around[0] + menu, f"<h1>{title}</h1>" if title else "", self.body.format(self.named("text"), text),
            around[1] + foot,
        )  # fmt: skip
        return (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
            f"<title>{title or site} - {site}</title>{head}</head><body>{inside}</body></html>"
        )


def _semantic(menu: str, title: str, text: str, foot: str) -> str:
    return (
        f"<header>{menu}</header><main><article><header>{title}</header>{text}</article></main><footer>{foot}</footer>"
    )


def _table(menu: str, title: str, text: str, foot: str) -> str:
    return f"<table><tr><td width=150>{menu}</td><td>{title}{text}</td></tr><tr><td></td><td>{foot}</td></tr></table>"


def _wrapped(menu: str, title: str, text: str, foot: str) -> str:
    article = f"<div><div>{title}</div><div>{text}</div></div>"
    return f"<div><div>{menu}</div><div>{article}</div></div><div><div>{foot}</div></div>"


_ENGLISH = {
    "menu": "main-nav", "foot": "site-footer", "text": "article-body", "share": "share-buttons", "tags": "tags",
    "related": "related-articles", "newsletter": "newsletter-signup", "author": "author-box", "comments": "comments",
    "comment": "comment", "ad": "ad-slot", "consent": "cookie-banner", "pager": "pagination", "player": "audio-player",
    "paywall": "paywall", "facts": "infobox", "lead": "lead", "byline": "byline", "date": "published", "quote": "quote",
    "gallery": "gallery", "donate": "donation", "trail": "breadcrumb", "tweet": "twitter-tweet", "caption": "caption",
    "entry": "live-entry", "side": "sidebar", "nextprev": "post-navigation", "poll": "poll", "events": "event-data",
}  # fmt: skip
_GERMAN = {
    "menu": "hauptnavigation", "foot": "fusszeile", "text": "artikel__inhalt", "share": "teilen-leiste",
    "tags": "schlagworte", "related": "mehr-zum-thema", "newsletter": "newsletter-box", "author": "autoren-box",
    "comments": "kommentare", "comment": "kommentar", "ad": "anzeige", "consent": "cookie-hinweis",
    "pager": "seitenzahlen", "player": "vorlesen", "paywall": "bezahlschranke", "facts": "faktenbox",
    "lead": "vorspann",
    "byline": "autorenzeile", "date": "datum", "quote": "zitat", "gallery": "bilderstrecke", "donate": "spendenaufruf",
    "trail": "brotkrumen", "tweet": "tweet", "caption": "bildunterschrift", "entry": "ticker-eintrag",
    "side": "seitenleiste", "nextprev": "blaettern", "poll": "umfrage", "events": "termindaten",
}  # fmt: skip
_NUMBERS = {part: f"css-{place * 7919 % 9973}" for place, part in enumerate(_ENGLISH)}

SKINS = (
    Skin("semantic", _ENGLISH, part="section", frame=_semantic),
    Skin("bare"),
    Skin("german", _GERMAN),
    Skin("soup", paragraph="<div>{}</div>", heading="<div><b>{}</b></div>", frame=_wrapped),
    Skin("hashed", _NUMBERS, paragraph="<p class=css-1>{}</p>", frame=_wrapped),
    Skin("table", frame=_table),
    Skin("wrapped", paragraph="<div class=el><div class=in><p>{}</p></div></div>", frame=_wrapped),
    Skin("breaks", paragraph="{}<br><br>", heading="<b>{}</b><br><br>"),
    Skin(
        "typo",
        paragraph='<div class="frame frame-default"><div class="ce-text"><p>{}</p></div></div>',
        heading='<div class="frame frame-default"><header><h2>{}</h2></header></div>',
        frame=_wrapped,
    ),
    Skin("spans", paragraph='<div><span style="font-size:12pt">{}</span></div>', heading="<div><b><u>{}</u></b></div>"),
    Skin("numbered", paragraph='<div data-nr="1"><p class="p-1">{}</p></div>', part="section", frame=_semantic),
    Skin("blog", {**_ENGLISH, "text": "entry-content", "share": "sharedaddy", "comments": "comments-area"}),
)
