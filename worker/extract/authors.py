"""Who wrote it: people. Agencies go where agencies are kept; desks, teams and the site itself are nobody. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from lxml.etree import _Element

from worker.extract import agencies, plain
from worker.extract.jsonld import LinkedData, strings
from worker.extract.markup import finder, text_of

MAX_NAME = 120
_MAX_LIST = 30
_MAX_BYLINES = 12
_META = ("author", "article:author", "parsely-author", "dc.creator", "sailthru.author", "byl")
_MARKED = finder("//*[@itemprop='author' or @rel='author']")
_NOT_A_NAME = re.compile(r"https?:|www\.|[@*<>{}=]|\d{3}")
_BY = re.compile(
    r"^(?:von|by|par|di|por|da|de|text(?:e|o)?:?|autor(?:in|en)?:?|author:?|auteur:?|written by|ein (?:beitrag|artikel|"
    r"kommentar|interview) von|un article de|interview:?|aufgezeichnet von|foto(?:s)? und text:?)\s+",
    re.I,
)
_JOIN = re.compile(r"\s*(?:;|,|/|\||·|•|–|\bund\b|\band\b|\bet\b|\by\b|&)\s*")
_DATED = re.compile(
    r"\d|\b(?:published|updated|posted|created|last|stand|aktualisiert|veröffentlicht|publié|mis à jour|pubblicato"
    r"|aggiornato|publicado|actualizado|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june"
    r"|july|august|september|october|november|december)\b",
    re.I,
)
_IN_PLACE = re.compile(r",?\s+(?:in|aus|à|em|en|a)\s+[A-ZÀ-Ý][\w' -]+$")
# Words that no person is called by: the names of desks and roles.
_NOBODY = frozenset(
    """
    redaktion redaktionen redaktor redaktorin online onlineredaktion newsdesk news desk team staff newsroom editor
    editors editorial redazione rédaction redaction redacción redacao redação redactie agentur agenturen agence agency
    agenzia agencia agencies presse press pressemitteilung admin administrator webmaster webmistress user guest
    gastautor gastbeitrag gastkommentar unbekannt unknown anonymous correspondent correspondents korrespondent
    korrespondentin korrespondenten reporter reporters journalist wires wire services service services report reports
    autor autoren author authors verlag zeitung kurier magazin magazine sender rundfunk radio tv gmbh ag inc ltd llc
    stiftung media medien group gruppe network sport sports politik wirtschaft kultur lokales mitarbeiter freier
    advertorial anzeige sponsored contributor contributors
    writer writers columnist analyst bureau chief
    leser leserbrief profile homepage website impressum kommentar
    """.split()  # noqa: SIM905 - a table of words reads better than a list of strings
)
_PARTICLES = frozenset({
    "von", "van", "vom", "zu", "zur", "zum", "de", "der", "den", "del", "della", "dei", "di", "da", "do", "dos", "du",
    "la", "le", "les", "el", "al", "bin", "ibn", "y", "e", "und", "ten", "ter", "af",
})  # fmt: skip


def find(
    tree: _Element, bylines: Sequence[_Element], meta: Mapping[str, str], linked: LinkedData, sites: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(people, agencies), most explicit claim first: linked data, meta tags, marked-up names, named bylines."""
    known = {plain.key(site).replace(" ", "") for site in sites}
    wires: tuple[str, ...] = ()
    for claims, is_guess in _claims(tree, bylines, meta, linked):
        names = [name for claim in claims[:_MAX_LIST] for name in _names(claim)]
        wires = wires or agencies.of_names(names)
        people = [
            name for name in names if _is_person(name, is_guess) and plain.key(name).replace(" ", "") not in known
        ]
        if people:
            return tuple(dict.fromkeys(people))[:_MAX_LIST], wires
    return (), wires


def _claims(
    tree: _Element, bylines: Sequence[_Element], meta: Mapping[str, str], linked: LinkedData
) -> Iterator[tuple[list[str], bool]]:
    """(raw names, whether this is a guess by position), until one gives people."""
    yield strings(linked.article.get("author")), False
    yield [name for key in _META for name in meta.get(key, "").split("\n") if name], False
    yield [_marked(element) for element in _MARKED(tree)[:_MAX_LIST]], False
    for element in bylines[:_MAX_BYLINES]:
        # A box about the author says more than a name; a form's field for one is empty.
        in_form = any(parent.tag == "form" for parent in islice(element.iterancestors(), 6))
        if not in_form and element.find(".//input") is None and (raw := text_of(element, MAX_NAME)):
            yield [raw], True


def _marked(element: _Element) -> str:
    inner = element.find(".//*[@itemprop='name']")
    return element.get("content") or text_of(element if inner is None else inner, MAX_NAME)


def _names(claim: str) -> Iterator[str]:
    cleaned = _BY.sub("", plain.line(claim, MAX_NAME * 3).strip(" .,;:|–-"))
    if agencies.of_names([cleaned]):
        yield cleaned
        return
    if _NOT_A_NAME.search(_without_date(cleaned)):
        return
    for part in _JOIN.split(_without_date(cleaned))[:_MAX_LIST]:
        name = _IN_PLACE.sub("", _BY.sub("", part.strip(" .,;:()[]|–-")))
        if 1 < len(name) <= 60 and len(name.split()) <= 6:
            yield name


def _without_date(line: str) -> str:
    """`Petra Keller, 12.07.2025, 13:13` -> `Petra Keller`: a byline's date ends its names."""
    match = _DATED.search(line)
    return line[: match.start()].rstrip(" ,|·•–-(") if match and match.start() > 4 else line


def _is_person(name: str, is_guess: bool) -> bool:
    """Words with capitals (in scripts that have them) and particles between; a guess must have two or more."""
    if agencies.of_names([name]):
        return False
    words = name.replace(".", ". ").split()
    lower = {word.strip(".,'’").casefold() for word in words}
    if not words or lower & _NOBODY or any(part in _NOBODY for word in lower for part in word.split("-")):
        return False
    if is_guess and (len(words) < 2 or len(words) > 5):
        return False
    if any(char.isdigit() for char in name) or (len(words) == 1 and len(name) <= 4 and name.isupper()):
        return False
    return all(not word[0].islower() or word.casefold() in _PARTICLES or "'" in word[:3] for word in words)
