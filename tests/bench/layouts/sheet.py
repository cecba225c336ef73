"""A page that is being made up: what is written by `keep...` must come out, by `drop...` must not."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.layouts.prose import Prose


@dataclass
class Sheet:
    prose: Prose
    paragraphs: int
    """How long the article is."""
    keep: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.title = self.prose.headline()
        self.author = self.prose.name()

    def say(self, german: str, english: str) -> str:
        return german if self.prose.language == "de" else english

    def kept(self, text: str) -> str:
        self.keep.append(text)
        return text

    def out(self, text: str) -> str:
        self.drop.append(text)
        return text

    def p(self, sentences: int = 3) -> str:
        """A paragraph of the article."""
        return self.kept(self.prose.paragraph(sentences))

    def h(self) -> str:
        """A heading between its paragraphs."""
        return self.kept(self.prose.headline())

    def ps(self, tag: str = "<p>{}</p>", number: int = 0) -> str:
        """All its paragraphs, each in that markup."""
        return "\n".join(tag.format(self.p(2 + at % 3)) for at in range(number or self.paragraphs))

    def other(self) -> str:
        """Another article's title."""
        return self.out(self.prose.headline())

    def noise(self, sentences: int = 1) -> str:
        """A sentence or more of something else."""
        return self.out(self.prose.paragraph(sentences))

    def foot(self) -> str:
        """What pages end with."""
        right = self.out(self.say("Alle Rechte vorbehalten", "All rights reserved"))
        more = self.say("Impressum|Datenschutz|Kontakt", "Imprint|Privacy|Contact").split("|")
        return f"© 2019 Talbote Verlag. {right}. " + " | ".join(
            f'<a href="/{at}">{name}</a>' for at, name in enumerate(more)
        )

    def links(self, number: int, markup: str = '<li><a href="/{1}">{0}</a></li>') -> str:
        """Titles of other articles as links."""
        return "".join(markup.format(self.other(), at) for at in range(number))

    def menu(self, markup: str = '<li><a href="/{1}/">{0}</a></li>') -> str:
        names = ("Startseite", "Aktuelles", "Über uns", "Themen", "Termine", "Archiv", "Impressum", "Kontakt")
        english = ("Home", "News", "About us", "Topics", "Events", "Archive", "Imprint", "Contact")
        return "".join(markup.format(name, at) for at, name in enumerate(self.say("|".join(names), "|".join(english))
                                                                       .split("|")))  # fmt: skip

    @property
    def date(self) -> str:
        return self.say("12. Juli 2019", "July 12, 2019")

    def html(self, body: str, head: str = "", attributes: str = "") -> str:
        site = self.say("Talbote", "Valley Messenger")
        return (
            f'<!DOCTYPE html>\n<html lang="{self.prose.language}"><head><meta charset="utf-8">'
            f"<title>{self.title} | {site}</title>{head}</head><body{attributes}>{body}</body></html>"
        )
