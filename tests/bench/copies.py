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

from tests.bench.templates import TEMPLATES

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
        kinds = rng.sample(list(EDITS), rng.randint(1, 4))
        first, *sites = rng.sample(list(press.furniture), len(kinds) + 1)  # a site prints a wire text once
        out.append(press.print(text, number, "original", site=first))
        for kind, site in zip(kinds, sites, strict=True):
            out.append(press.print(EDITS[kind](press, list(text)), number, kind, site=site))
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
