"""Who wrote it: people. Agencies go where agencies are kept; desks, teams and the site itself are nobody. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from lxml.etree import _Element

from worker.extract import agencies, plain, sitename
from worker.extract.header import Header
from worker.extract.jsonld import LinkedData, strings
from worker.extract.markup import Items, text_of
from worker.extract.paragraphs import Paragraph

MAX_NAME = 120
_MAX_LIST = 30
_MAX_BYLINES = 12
_MAX_LINES = 20
_DATELINE = re.compile(r"[)\]]\s*[-–—:]")
_ARTICLES = frozenset(
    {"der", "die", "das", "ein", "eine", "the", "le", "les", "un", "une", "il", "lo", "los", "las", "el"}
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SENTENCE = re.compile(r"\w{3,}[.!?…]$")
_META = ("author", "article:author", "parsely-author", "dc.creator", "sailthru.author", "byl")
_NOT_A_NAME = re.compile(r"https?:|www\.|[*<>{}=]|\d{3}")
_ADDRESS = re.compile(r"\S*@\S+")
_BYS = (
    r"von|by|par|di|por|text(?:e|o)?(?: von| de)?:?|testo di|autor(?:in|en|a|es)?:?|authors?:?|auteure?s?:?|autor[ei]:?"
    r"|(?:written|reporting|reported|story|words) by|(?:ein|eine) (?:beitrag|artikel|kommentar|interview|reportage"
    r"|analyse|gastbeitrag) von|un article de|a cura di|propos recueillis par|interview(?: von)?:?"
    r"|aufgezeichnet von|foto(?:s)? und text:?"
)
_BY = re.compile(rf"^(?:{_BYS}|da|de)\s+", re.I)
_BEGINS_AS_BYLINE = re.compile(rf"^(?:{_BYS})\s", re.I)
_WORDS = re.compile(r"\w+")
_BARS = re.compile(r"\s+[|·•]\s+")
_DIGIT = re.compile(r"\d")
_WIRE_WORDS = frozenset(_WORDS.findall(name)[-1] for name in agencies.NAMES)
_BY_LINE = re.compile(rf"^(?:{_BYS})\s+(?=(?-i:[^\W\d_a-zà-ÿ]))", re.I)
# Who else worked on it: not who wrote it.
_OTHERS = re.compile(
    r"[\s;,/|(–-]*\b(?:(?:additional|further) reporting|editing|edited|editor|translated|translation|redigiert"
    r"|übersetzt|übersetzung|bearbeitet|bearbeitung|adaptation|traduction|traduit|traduzione|traducción|traducido|illustrations?"
    r"|photos?|photographs?|pictures|video|fotos?|bild(?:er)?|grafik|montage|camera)\b\s*(?:by|von|par|di|de|:|\().*$",
    re.I,
)
_ROLES = (
    r"(?:unser(?:e[mnr]?)?\s|notre\s|nostr[oa]\s|nuestr[oa]\s|our\s|dal\s|dalla\s)*"
    r"(?:(?:auslands|politik|wirtschafts|sport|kultur|china|us)?-?(?:korrespondent|redakteur|reporter|redaktor)(?:in|en)?"
    r"|chefredakt(?:eur|or)(?:in)?|correspondante?|envoyée? spéciale?|inviat[oa]|corrispondente|corresponsal|enviad[oa]"
    r" especial|journaliste|giornalista|periodista|correspondent|journalist)"
)
_ROLE = re.compile(rf"^{_ROLES}(?:\s(?:in|à|a|en|aus)\s(?-i:[^\W\d_a-zà-ÿ])[\w-]+)?,?\s+(?=(?-i:[^\W\d_a-zà-ÿ]))", re.I)
_JOIN = re.compile(r"\s*(?:[;,/|·•()\[\]–&]|\bund\b|\band\b|\bet\b|\bmit\b|\bwith\b|\bavec\b|\bcon\b|\s-\s)\s*")
# In Spanish, Italian and Portuguese names these stand inside too: between two whole names they part them.
_JOIN_WHOLE = re.compile(r"(?<=\S)\s+(?:e|ed|y|i)\s+(?=\S)")
_LAST_FIRST = re.compile(r"([^\W\d_][\w'’-]+),\s([^\W\d_][\w'’.-]+)")
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
    leser leserbrief profile homepage website impressum kommentar the special wire desk politikredaktion
    redakteur redakteurin redakteure chefredakteur chefredakteurin chefredaktor ressortleiter ressortleiterin leiter
    leiterin volontär volontärin praktikant praktikantin kolumnist kolumnistin journalistin journalisten journaliste
    journalistes correspondant correspondante correspondants envoyé envoyée rédacteur rédactrice rédacteurs chroniqueur
    chroniqueuse éditorialiste giornalista giornalisti inviato inviata corrispondente redattore redattrice direttore
    corresponsal enviado enviada periodista periodistas redactor redactora columnista director lectores agencias
    equipo équipe squadra web digital politica économie economia cultura opinión opinion deportes
    """.split()  # noqa: SIM905 - a table of words reads better than a list of strings
)
_NOBODY_ENDS = ("redaktion", "redakteur", "redakteurin", "korrespondent", "korrespondentin", "desk", "reporterin")
# Where correspondents write from, of more than one word: one word behind a whole name is no name anyway.
_PLACES = frozenset({
    "new york", "los angeles", "san francisco", "washington d c", "washington dc", "hong kong", "tel aviv", "new delhi",
    "neu delhi", "nueva york", "buenos aires", "rio de janeiro", "são paulo", "sao paulo", "mexico city",
    "mexiko stadt", "cape town", "kuala lumpur", "abu dhabi", "addis abeba", "addis ababa", "sankt petersburg",
    "st petersburg", "den haag", "the hague", "la haye", "la paz", "san josé", "san juan", "santiago de chile",
    "st gallen", "la chaux de fonds", "le caire", "el cairo", "il cairo", "nova deli", "las vegas", "frankfurt am main",
    "ho chi minh city", "kapstadt", "saudi arabien", "united nations", "vereinte nationen",
})  # fmt: skip
_PARTICLES = frozenset({
    "von", "van", "vom", "zu", "zur", "zum", "de", "der", "den", "del", "della", "dei", "di", "da", "do", "dos", "du",
    "la", "le", "les", "el", "al", "bin", "ibn", "y", "e", "und", "ten", "ter", "af",
})  # fmt: skip


def find(
    tree: _Element,
    items: Items,
    header: Header,
    meta: Mapping[str, str],
    linked: LinkedData,
    sites: Iterable[str],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(people, agencies), most explicit claim first: linked data, meta tags, marked-up names, named bylines, lines at
    the headline that begin as bylines do or name an agency.

    Every claim is asked for agencies until one names people, and the lines at the headline always. `items`: the
    elements with microdata.
    """
    known = sitename.keys(sites)
    people: tuple[str, ...] = ()
    wires: list[str] = []
    for claims, is_guess in _claims(tree, items, header, meta, linked):
        for claim in claims[:_MAX_LIST]:
            names, named = _names(claim)
            wires += named
            people += tuple(name for name in names if _is_person(name, is_guess) and not sitename.is_site(name, known))
        if people:
            break
    lines = [
        _of_line(line, known)
        for block in islice(header.blocks(), _MAX_LINES)
        if len(block.text) <= MAX_NAME and block.tag not in _HEADINGS
        for line in block.text.split("\n")
        if _may_be_byline(line)
    ]
    people = people or next((found for found, _ in lines if found), ())
    wires += [wire for _, named in lines for wire in named]
    return tuple(dict.fromkeys(people))[:_MAX_LIST], tuple(dict.fromkeys(wires))


def without_byline(paragraphs: Sequence[Paragraph], sites: Iterable[str]) -> list[Paragraph]:
    """The text without the line before it, or under its first paragraph, that says who wrote it and nothing else."""
    known = sitename.keys(sites)
    kept = list(paragraphs)
    for index, paragraph in enumerate(kept[:2]):
        line = paragraph.text
        if len(kept) > 1 and len(line) <= MAX_NAME and _may_be_byline(line) and any(_of_line(line, known)):
            del kept[index]
            break
    return kept


def _may_be_byline(line: str) -> bool:
    """Cheap: whether it begins as one, or holds a word that agencies' names end with."""
    if _BEGINS_AS_BYLINE.match(line):
        return True
    return not _WIRE_WORDS.isdisjoint(_WORDS.findall(line.lower()))


def _claims(
    tree: _Element, items: Items, header: Header, meta: Mapping[str, str], linked: LinkedData
) -> Iterator[tuple[list[str], bool]]:
    """(raw names, whether this is a guess by position), until one gives people."""
    yield _linked(linked.article.get("author") or linked.article.get("creator")), False
    yield [name for key in _META for name in meta.get(key, "").split("\n") if name], False
    marked = [item for item in items() if item.get("itemprop") == "author"]
    named = set(marked)
    marked += [item for item in tree.iter("a", "link") if item.get("rel") == "author" and item not in named]
    yield [_marked(element) for element in marked[:_MAX_LIST] if not header.is_beside(element)], False
    for element in header.layout.bylines[:_MAX_BYLINES]:
        # A box about the author says more than a name; a form's field for one is empty.
        in_form = any(parent.tag == "form" for parent in islice(element.iterancestors(), 6))
        if not in_form and element.find(".//input") is None and (raw := text_of(element, MAX_NAME)):
            yield [raw], True


def _linked(value: object) -> list[str]:
    """Names of people; an organisation's only where it is an agency."""
    found: list[str] = []
    for item in value[:_MAX_LIST] if isinstance(value, list) else [value]:
        kinds = " ".join(strings(item.get("@type"))).lower() if isinstance(item, dict) else ""
        found += [
            name for name in strings(item) if not kinds.endswith("organization") or agencies.of_names([name.strip()])
        ]
    return found


def _of_line(line: str, known: frozenset[str]) -> tuple[tuple[str, ...], list[str]]:
    """(people, agencies) of a line at the headline: after `Von`, `By`, ...; or beside an agency's name."""
    if _SENTENCE.search(line):
        return (), []
    is_byline = _BY_LINE.match(line) is not None
    names, wires = _names(" | ".join(part for part in _BARS.split(line) if not _DIGIT.search(part)) or line)
    people = tuple(name for name in names if _is_person(name, True) and not sitename.is_site(name, known))
    if is_byline:
        return people, wires
    if _DATELINE.search(line):
        return (), []
    # Without the word, all of the line must be names: `dpa/Anna Keller`, and not `BERLIN (dpa) - Text`.
    return (people, wires) if wires and len(people) == len(names) else ((), [])


def _marked(element: _Element) -> str:
    inner = element.find(".//*[@itemprop='name']")
    return element.get("content") or text_of(element if inner is None else inner, MAX_NAME)


def _names(claim: str) -> tuple[list[str], list[str]]:
    """(names as they stand, agencies) of a claim: prefixes, roles, places, addresses and dates cut off."""
    cleaned = _ADDRESS.sub(" ", plain.line(claim, MAX_NAME * 3))
    cleaned = _OTHERS.sub("", _BY.sub("", cleaned.strip(" .,;:|–-"))).strip(" .,;:|–-")
    if wires := agencies.of_names([cleaned.strip("()[] ")]):
        return [], list(wires)
    cleaned = _without_date(cleaned)
    if _NOT_A_NAME.search(cleaned):
        return [], []
    if (match := _LAST_FIRST.fullmatch(cleaned)) and not agencies.of_names(match.groups()):
        cleaned = f"{match[2]} {match[1]}"
    found: list[str] = []
    wires = ()
    for part in _parts(cleaned):
        name = _IN_PLACE.sub("", _ROLE.sub("", _BY.sub("", part.strip(" .,;:()[]|–-"))))
        if named := agencies.of_names([name]):
            wires += named
        elif 1 < len(name) <= 60 and len(name.split()) <= 6 and plain.key(name) not in _PLACES:
            found.append(name)
    if any(" " in name for name in found):  # what stands alone beside a whole name is a place, a role, a sign
        found = [name for name in found if " " in name or not _is_spaced(name)]
    return found, list(wires)


def _parts(cleaned: str) -> Iterator[str]:
    for part in _JOIN.split(cleaned)[:_MAX_LIST]:
        pieces = _JOIN_WHOLE.split(part)
        if len(pieces) > 1 and all(" " in piece.strip() for piece in pieces):
            yield from pieces
        else:
            yield part


def _is_spaced(name: str) -> bool:
    """Of a script that parts first and last name by a space."""
    return not any("\u2e80" <= char <= "\uffef" for char in name)


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
    if any(word.endswith(_NOBODY_ENDS) for word in lower):
        return False
    if is_guess and (not 2 <= len(words) <= 5 or words[0].casefold() in _ARTICLES):
        return False
    if any(char.isdigit() for char in name) or (len(words) == 1 and len(name) <= 4 and name.isupper()):
        return False
    return all(not word[0].islower() or word.casefold() in _PARTICLES or "'" in word[:3] for word in words)
