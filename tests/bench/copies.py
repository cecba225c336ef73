"""A stream of edited wire copies with known groups, and what looks like copies but is none.

Base texts are real (the Reuters stories and page texts of ../shared/corpus); the editing is ours: lead rewritten, cut
to 40 %, paragraphs dropped and inserted, words edited, furniture of the printing site added. Simulated edits are random
where an editor's are not: the figures compare methods and guard against regressions.
"""

from __future__ import annotations

import gzip
import html
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

SENTENCE = re.compile(r"(?<=[.!?])[\"“”»]*\s+(?=[\"„«“A-ZÄÖÜ0-9])")
WORD = re.compile(r"\w+")
LEAST_WORDS = 170
SITES = 40


@dataclass(frozen=True, slots=True)
class Story:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One document of the stream. `story` is the truth; `kind` how it was made."""

    sentences: tuple[str, ...]
    story: int
    kind: str
    site: str
    has_furniture: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


def wire(folder: Path) -> list[Story]:
    """The Reuters stories in file order."""
    found = []
    for path in sorted((folder / "wire").glob("*.json.gz")):
        for item in json.loads(gzip.decompress(path.read_bytes())):
            body = " ".join(html.unescape(item.get("body") or "").split())
            body = re.sub(r"\s*\bREUTERS?\W*$", "", body, flags=re.I)
            found.append(Story(html.unescape(item.get("title") or ""), body))
    return found


def pages(folder: Path) -> list[Story]:
    truth = json.loads((folder / "pages" / "truth.json").read_text("utf-8"))
    return [Story("", " ".join(page["articleBody"].split())) for page in truth.values()]


def unlike(stories: Sequence[Story], most: float = 0.3) -> list[Story]:
    """One of each group of texts that already share 4-word sequences: they would be noise in the labels."""
    where: dict[str, list[int]] = {}
    sizes: list[int] = []
    kept = []
    for story in stories:
        words = WORD.findall(story.text.lower())
        grams = {" ".join(words[i : i + 4]) for i in range(len(words) - 3)}
        shared: dict[int, int] = {}
        for gram in grams:
            for other in where.get(gram, ()):
                shared[other] = shared.get(other, 0) + 1
        if any(count > most * min(len(grams), sizes[other]) for other, count in shared.items()):
            continue
        for gram in grams:
            where.setdefault(gram, []).append(len(kept))
        sizes.append(len(grams))
        kept.append(story)
    return kept


def sentences(text: str) -> list[str]:
    return [part for part in SENTENCE.split(text) if part]


@dataclass
class Press:
    """Prints documents. Everything random comes from `rng`."""

    rng: random.Random
    filler: list[str]
    """Sentences of texts that are in no story: background, inserted paragraphs, quotes."""
    headlines: list[str]
    furniture: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vocabulary = [word for sentence in self.filler[:3000] for word in sentence.split()]
        for number in range(SITES):
            lines = self.rng.sample(self.filler, self.rng.randint(3, 9))
            self.furniture[f"site{number}.example"] = lines

    def edit(self, sentence: str, share: float) -> str:
        """`share` of the words: half replaced, a quarter dropped, a quarter followed by a new one."""
        out: list[str] = []
        for word in sentence.split():
            draw = self.rng.random() / share
            if draw < 0.5:
                out.append(self.rng.choice(self.vocabulary))
            elif draw < 0.75:
                continue
            elif draw < 1:
                out += [word, self.rng.choice(self.vocabulary)]
            else:
                out.append(word)
        return " ".join(out)

    def light(self, text: list[str]) -> list[str]:
        return [s.replace('"', "“").replace(" - ", " – ") if self.rng.random() < 0.3 else s for s in text]

    def lead(self, text: list[str]) -> list[str]:
        first = 2 if len(text) > 8 else 1
        return [self.edit(sentence, 0.75) for sentence in text[:first]] + text[first:]

    def truncated(self, text: list[str]) -> list[str]:
        return text[: max(4, int(len(text) * 0.4))]

    def paragraphs(self, text: list[str]) -> list[str]:
        out: list[str] = []
        for first in range(0, len(text), 2):
            if self.rng.random() < 0.2:
                continue
            out += text[first : first + 2]
            if self.rng.random() < 0.12:
                out += self.rng.sample(self.filler, 2)
        return out or text

    def words(self, text: list[str]) -> list[str]:
        return [self.edit(s, 0.12) if self.rng.random() < 0.5 else s for s in text]

    def heavy(self, text: list[str]) -> list[str]:
        return [self.edit(s, 0.16) for s in text]

    def update(self, text: list[str]) -> list[str]:
        return self.lead(text) + self.rng.sample(self.filler, int(len(text) * 0.35) + 1)

    def brief(self, text: list[str]) -> list[str]:
        return text[:4]

    def combined(self, text: list[str]) -> list[str]:
        return self.truncated(self.lead(self.words(text)))

    def print(self, text: Sequence[str], story: int, kind: str, furniture: float = 0.35, site: str = "") -> Copy:
        site = site or self.rng.choice(list(self.furniture))
        parts = list(text)
        dressed = self.rng.random() < furniture
        if dressed:
            more = [self.rng.choice(self.headlines) for _ in range(self.rng.randint(0, 5))]
            parts += self.furniture[site] + more
        return Copy(tuple(parts), story, kind, site, dressed)


EDITS: dict[str, Callable[[Press, list[str]], list[str]]] = {
    "light": Press.light, "lead": Press.lead, "truncated": Press.truncated, "paragraphs": Press.paragraphs,
    "words": Press.words, "heavy": Press.heavy, "update": Press.update, "brief": Press.brief,
    "combined": Press.combined,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stream:
    copies: list[Copy]
    """In the order in which they arrive."""
    before: list[Copy]
    """What the same sites printed earlier, of other texts: three dressed documents each."""


def stream(bases: Sequence[Story], spare: Sequence[Story], seed: int) -> Stream:
    """About two documents per base text, in random order. `spare` texts only lend sentences and headlines."""
    rng = random.Random(seed)
    filler = [s for story in spare for s in sentences(story.text) if 5 < len(s.split()) < 40]
    rng.shuffle(filler)
    headlines = [" ".join(s.split()[:9]) for s in filler if len(s.split()) > 9]
    press = Press(rng, filler, headlines)
    texts = [sentences(story.text) for story in bases]
    rng.shuffle(texts)
    wired, single = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    out: list[Copy] = []
    number = 0
    for number, text in enumerate(wired):
        out.append(press.print(text, number, "original"))
        for kind in rng.sample(list(EDITS), rng.randint(1, 4)):
            out.append(press.print(EDITS[kind](press, list(text)), number, kind))
    for text in single:
        number += 1
        out.append(press.print(text, number, "single"))
    for _ in range(len(texts) // 10):  # two stories with a passage in common
        quote = rng.sample(filler, 2)
        for text in rng.sample(single, 2):
            number += 1
            body = [press.edit(s, 0.9) for s in text[len(text) // 2 :]][:12]
            at = rng.randint(1, 4)
            out.append(press.print(body[:at] + quote + body[at:], number, "quote"))
    for _ in range(len(texts) // 30):  # the beginnings of six stories
        number += 1
        body = [s for text in rng.sample(texts, 6) for s in text[:2]]
        out.append(press.print(body, number, "roundup"))
    for make in TEMPLATES:
        printers = rng.sample(list(press.furniture), 2)
        for _ in range(40):
            number += 1
            kind = f"template:{make.__name__}"
            out.append(press.print(sentences(make(rng)), number, kind, 0.0, rng.choice(printers)))
    rng.shuffle(out)
    before = [press.print((), -1, "before", 1.0, site) for site in press.furniture for _ in range(3)]
    return Stream(_equal_are_one(out), before)


def _equal_are_one(copies: list[Copy]) -> list[Copy]:
    """Two fillings of a template that came out word for word the same are one story for anybody."""
    first: dict[str, int] = {}
    return [
        replace(copy, story=first.setdefault(copy.text, copy.story)) if copy.kind.startswith("template") else copy
        for copy in copies
    ]


def result(rng: random.Random) -> str:
    clubs = "Basel Zürich Luzern Bern Genf Lugano Sion Thun Winterthur Servette Aarau Kriens Wil Vaduz".split()
    home, away = rng.sample(clubs, 2)
    return (
        f"Der FC {home} hat am {rng.choice(['Samstag', 'Sonntag', 'Mittwoch'])} sein Spiel der {rng.randint(1, 36)}. "
        f"Runde gegen den FC {away} mit {rng.randint(0, 5)}:{rng.randint(0, 5)} beendet. Vor "
        f"{rng.randint(2000, 30000)} Zuschauern fiel das erste Tor in der {rng.randint(1, 90)}. Minute. In der Tabelle "
        f"steht der FC {home} jetzt auf Platz {rng.randint(1, 12)}, der FC {away} auf Platz {rng.randint(1, 12)}. "
        f"Gelbe Karten gab es in der {rng.randint(1, 45)}. und in der {rng.randint(46, 90)}. Minute. Das nächste Spiel "
        f"bestreitet der FC {home} am kommenden Wochenende auswärts. Angeführt wird die Tabelle weiterhin vom FC "
        f"{rng.choice(clubs)}."
    )


def weather(rng: random.Random) -> str:
    town = rng.choice("Hamburg Berlin München Köln Wien Graz Zürich Basel Leipzig Dresden Bremen Kiel Linz".split())
    sky = rng.choice("sonnig bewölkt regnerisch neblig wechselhaft".split())
    return (
        f"Das Wetter in {town} und Umgebung: Am {rng.choice(['Montag', 'Dienstag', 'Freitag'])} bleibt es {sky}, die "
        f"Höchstwerte liegen bei {rng.randint(-5, 35)} Grad. In der Nacht gehen die Temperaturen auf "
        f"{rng.randint(-12, 18)} Grad zurück. Der Wind weht mit Böen bis {rng.randint(10, 90)} Kilometern in der "
        f"Stunde. Die Wahrscheinlichkeit von Niederschlag beträgt {rng.randint(0, 100)} Prozent. Die Sonne geht um "
        f"{rng.randint(5, 8)}.{rng.randint(10, 59)} Uhr auf und um {rng.randint(16, 21)}.{rng.randint(10, 59)} Uhr "
        "unter. Für die nächsten Tage rechnen die Meteorologen mit wenig Änderung."
    )


def market(rng: random.Random) -> str:
    return (
        f"The {rng.choice(['DAX', 'SMI', 'FTSE 100', 'CAC 40'])} ended {rng.choice(['higher', 'lower'])} on "
        f"{rng.choice(['Monday', 'Tuesday', 'Thursday', 'Friday'])} at {rng.randint(5000, 40000)} points, a change of "
        f"{rng.randint(0, 3)}.{rng.randint(10, 99)} percent. Shares of {rng.choice(['Nestle', 'Roche', 'SAP', 'BASF'])} "
        f"added {rng.randint(0, 6)}.{rng.randint(1, 9)} percent while {rng.choice(['Bayer', 'BMW', 'ABB', 'BP'])} gave up "
        f"{rng.randint(0, 6)}.{rng.randint(1, 9)} percent. Volume was {rng.randint(10, 90)} million shares. The euro "
        f"stood at 1.{rng.randint(1000, 1900)} dollars. Dealers said investors were waiting for the central bank. "
        f"The yield of ten-year bonds was {rng.randint(0, 4)}.{rng.randint(10, 99)} percent, and a barrel of Brent "
        f"cost {rng.randint(50, 110)}.{rng.randint(10, 99)} dollars."
    )


def earnings(rng: random.Random) -> str:
    def money() -> str:
        return f"{rng.randint(1, 99)},{rng.randint(100, 999)},{rng.randint(100, 999)}"

    name = rng.choice("Alder Birch Cedar Dogwood Elm Fir Gum Hazel Ivy Juniper Larch Maple Oak Pine".split())
    return (
        f"{name} Corp said its {rng.choice(['first', 'second', 'third', 'fourth'])} quarter net was {money()} dlrs or "
        f"{rng.randint(1, 99)} cts a share against {money()} dlrs or {rng.randint(1, 99)} cts a share a year earlier. "
        f"Revenues were {money()} dlrs against {money()} dlrs. For the year net was {money()} dlrs against {money()} "
        f"dlrs and revenues were {money()} dlrs. The company said the results include a one-time gain of {money()} dlrs "
        f"from the sale of assets. Average shares outstanding were {money()}."
    )


def horoscope(rng: random.Random) -> str:
    sign = rng.choice("Widder Stier Zwillinge Krebs Löwe Jungfrau Waage Skorpion Schütze Steinbock Fische".split())
    return (
        f"Das Horoskop des Tages für {sign}: In der Liebe sollten Sie heute {rng.choice(['offen', 'mutig', 'ruhig'])} "
        f"sein, denn die Sterne stehen {rng.choice(['günstig', 'ungünstig'])}. Im Beruf erwartet Sie "
        f"{rng.choice(['eine Überraschung', 'ein Streit', 'Anerkennung', 'viel Arbeit'])}. Gesundheitlich fühlen Sie "
        f"sich {rng.choice(['fit', 'müde', 'gut'])} und sollten auf {rng.choice(['Schlaf', 'Ernährung', 'Bewegung'])} "
        f"achten. Ihre Glückszahl ist die {rng.randint(1, 49)}. Am Abend tut es gut, Zeit mit "
        f"{rng.choice(['Freunden', 'der Familie', 'sich selbst'])} zu verbringen. Die Redaktion wünscht einen guten Tag."
    )


TEMPLATES = (result, weather, market, earnings, horoscope)
