"""What parts of pages are made of: their words in two languages, and what of a part must and must not come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.layouts.prose import Prose
from tests.bench.layouts.skins import Skin


@dataclass
class Part:
    """`html` goes to the place (`between` two paragraphs, `before` all, `behind` all, `above`/`below` the whole)."""

    html: str
    keep: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    place: str = "between"


Maker = Callable[[Skin, Prose], Part]
TEXT: dict[str, dict[str, str]] = {
    "de": {
        "more": "Mehr zum Thema", "read": "Lesen Sie auch:", "letter": "Jeden Morgen das Wichtigste in Ihrem Postfach.",
        "subscribe": "Jetzt abonnieren", "comments": "{} Kommentare", "reply": "Antworten", "ad": "Anzeige",
        "listen": "Artikel anhören", "by": "Von {}", "share": "Teilen", "print": "Drucken", "tags": "Schlagworte:",
        "bio": "{} ist seit 2019 Redaktor im Ressort Region. Er schreibt über Verkehr und Bauen.",
        "follow": "Alle Artikel von {}", "cookies": "Wir und unsere Partner verwenden Cookies, um Inhalte zu "
        "personalisieren. Sie können Ihre Einwilligung jederzeit widerrufen.", "accept": "Alle akzeptieren",
        "reject": "Ablehnen", "next": "Weiter", "page": "Seite", "pay": "Weiterlesen mit Abo: der erste Monat für 1 "
        "Franken.", "offer": "Jetzt testen", "note": "Korrektur: In einer früheren Fassung stand eine falsche Zahl.",
        "donate": "Guter Journalismus kostet Geld. Unterstützen Sie uns mit einem Beitrag.", "give": "Jetzt spenden",
        "read_time": "Lesezeit: 4 Minuten", "clock": "Uhr", "photo": "Foto", "home": "Startseite", "when": "Wann",
        "where": "Wo", "facts": "Darum geht es", "vote": "Abstimmen", "app": "Laden Sie unsere App herunter.",
        "older": "Vorheriger "
        "Artikel", "newer": "Nächster "
        "Artikel", "top": "Nach oben", "go": "Weiterlesen", "all_comments": "Alle "
        "Kommentare", "write": "Kommentar schreiben",
    },
    "en": {
        "more": "More on this story", "read": "Read also:", "letter": "The most important news in your inbox daily.",
        "subscribe": "Subscribe now", "comments": "{} comments", "reply": "Reply", "ad": "Advertisement",
        "listen": "Listen to this article", "by": "By {}", "share": "Share", "print": "Print", "tags": "Tags:",
        "bio": "{} has been a staff writer since 2019. He covers transport and building.",
        "follow": "More by {}", "cookies": "We and our partners use cookies to personalise content. You can withdraw "
        "your consent at any time.", "accept": "Accept all", "reject": "Reject", "next": "Next", "page": "Page",
        "pay": "Continue reading with a subscription: the first month for 1 pound.", "offer": "Try it now",
        "note": "Correction: an earlier version of this article gave a wrong figure.",
        "donate": "Good journalism costs money. Please support us with a contribution.", "give": "Donate now",
        "read_time": "4 minute read", "clock": "", "photo": "Photo", "home": "Home", "when": "When", "where": "Where",
        "facts": "What it is about", "vote": "Vote", "app": "Download our app.", "older": "Previous article",
        "newer": "Next "
        "article", "top": "Back to top", "go": "Read more", "all_comments": "All comments", "write": "Write a comment",
    },
}  # fmt: skip


def say(prose: Prose, key: str, *values: object) -> str:
    return TEXT[prose.language][key].format(*values)


def link(text: str, at: str = "/x") -> str:
    return f'<a href="{at}">{text}</a>'


def kept(*texts: str) -> list[str]:
    return list(texts)
