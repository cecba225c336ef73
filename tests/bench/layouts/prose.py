"""Made-up news prose in German and English: grammatical enough for language models, no sentence twice in a run."""

from __future__ import annotations

import random

_WHO = {
    "de": (
        "Der Gemeinderat", "Die Kantonspolizei", "Das Bundesamt", "Die Präsidentin", "Ein Sprecher des Vereins",
        "Die Verwaltung", "Der Wirt", "Die Forscherin", "Das Komitee", "Der Landrat", "Die Lehrerin", "Der Betreiber",
    ),
    "en": (
        "The town council", "The county police", "A spokesman", "The chairwoman", "The committee", "The landlord",
        "A researcher", "The operator", "The headteacher", "The trade union", "The minister", "A local farmer",
    ),
}  # fmt: skip
_DID = {
    "de": (
        "hat am {day} in {town} einen Plan für {thing} "
        "vorgestellt", "will {thing} in {town} ab {month} erneuern lassen",
        "rechnet in {town} bis {month} mit {number} Anträgen für {thing}", "hält {thing} in {town} für viel zu teuer",
        "hat {thing} in {town} im {month} ohne Vorwarnung "
        "geschlossen", "verteidigt {thing} von {town} gegen die Kritik",
        "prüfte am {day} während {number} Minuten {thing} von {town}", "lehnt {thing} bei {town} in dieser Form ab",
    ),
    "en": (
        "presented a plan for {thing} in {town} on {day}", "wants to renew {thing} in {town} from {month} on",
        "expects {number} applications for {thing} in {town} by {month}", "considers {thing} in {town} far too costly",
        "closed {thing} in {town} in {month} without warning", "defended {thing} of {town} against its critics",
        "inspected {thing} of {town} for {number} minutes on {day}", "rejects {thing} near {town} in its present form",
    ),
}  # fmt: skip
_WHY = {
    "de": (
        "weil das Geld dafür fehlt", "obwohl die Anwohner dagegen sind", "wie aus einem Bericht hervorgeht",
        "nachdem {number} Menschen unterschrieben hatten", "was im Dorf für Unruhe sorgt", "sagte {name} den Medien",
        "bevor der Winter die Arbeiten unmöglich macht", "und niemand widersprach", "erklärte {name} auf Anfrage",
        "was die Gegner um {name} bestreiten",
    ),
    "en": (
        "because the money is lacking", "although the neighbours are against it", "according to a report",
        "after {number} people had signed a petition", "which causes unrest in the village", "{name} told reporters",
        "before the winter makes the work impossible", "and nobody objected", "{name} said when asked",
        "which the opponents around {name} deny",
    ),
}  # fmt: skip
_THING = {
    "de": (
        "die alte Brücke", "das Hallenbad", "den Bahnhof", "die Schule", "das Pflegeheim", "den Marktplatz",
        "die Kläranlage", "den Tunnel", "die Bibliothek", "das Kraftwerk", "den Radweg", "die Sporthalle",
    ),
    "en": (
        "the old bridge", "the swimming pool", "the railway station", "the school", "the nursing home", "the library",
        "the market square", "the sewage plant", "the tunnel", "the power station", "the cycle path", "the sports hall",
    ),
}  # fmt: skip
_DAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
}
_MONTHS = {
    "de": ("Januar", "März", "April", "Juni", "August", "Oktober"),
    "en": ("January", "March", "April", "June", "August", "October"),
}
_STARTS = ("Alt", "Rot", "Hoch", "Wil", "Stein", "Lin", "Ober", "Gold", "Birk", "Neu", "Sand", "Wald")
_ENDS = {
    "de": ("kirch", "bach", "feld", "au", "dorf", "berg"),
    "en": ("bridge", "ford", "field", "ton", "wood", "hill"),
}
_FIRST = ("Anna", "Peter", "Lena", "Thomas", "Maria", "Jonas", "Ruth", "Simon", "Eva", "Martin")
_LAST = ("Keller", "Huber", "Roth", "Brand", "Vogel", "Miller", "Stone", "Walker", "Frei", "Lang")


class Prose:
    """Sentences, paragraphs, headlines and names of one language from one seed."""

    def __init__(self, language: str, seed: str) -> None:
        self.language = language
        self._rng = random.Random(f"{language} {seed}")
        self._said: set[str] = set()

    def name(self) -> str:
        return f"{self._rng.choice(_FIRST)} {self._rng.choice(_LAST)}"

    def sentence(self, *, clause: bool = True) -> str:
        while True:
            text = f"{self._one(_WHO)} {self._fill(self._one(_DID))}"
            if clause:
                text += f", {self._fill(self._one(_WHY))}"
            if text not in self._said:
                self._said.add(text)
                return f"{text}."

    def paragraph(self, sentences: int = 3) -> str:
        return " ".join(self.sentence() for _ in range(sentences))

    def headline(self) -> str:
        return self.sentence(clause=False).rstrip(".")

    def _one(self, table: dict[str, tuple[str, ...]]) -> str:
        return self._rng.choice(table[self.language])

    def _fill(self, text: str) -> str:
        town = self._rng.choice(_STARTS) + self._one(_ENDS)
        return text.format(
            day=self._one(_DAYS), month=self._one(_MONTHS), thing=self._one(_THING), town=town, name=self.name(),
            number=self._rng.randint(12, 980),
        )  # fmt: skip
