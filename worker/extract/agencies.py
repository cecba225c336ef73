"""News agencies in the credit of an article: `(sda/afp)` at its end, `BERLIN (dpa) -` at its start. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# Lower-case name as credited -> the name that is stored.
_NAMES = {
    "sda": "sda", "sda-ats": "sda", "ats": "ats", "keystone-sda": "keystone-sda", "keystone-ats": "keystone-ats",
    "keystone": "keystone", "afp": "afp", "dpa": "dpa", "dpa-afx": "dpa-afx", "awp": "awp", "apa": "apa",
    "reuters": "reuters", "rtr": "reuters", "ap": "ap", "associated press": "ap", "the associated press": "ap",
    "agence france-presse": "afp", "ansa": "ansa", "adnkronos": "adnkronos", "agi": "agi", "askanews": "askanews",
    "efe": "efe", "europa press": "europa press", "ep": "europa press", "lusa": "lusa", "belga": "belga",
    "anp": "anp", "ritzau": "ritzau", "tt": "tt", "ntb": "ntb", "stt": "stt", "pap": "pap", "čtk": "čtk", "ctk": "čtk",
    "mti": "mti", "hina": "hina", "tanjug": "tanjug", "tass": "tass", "interfax": "interfax", "ria novosti": "ria",
    "xinhua": "xinhua", "kyodo": "kyodo", "yonhap": "yonhap", "pa": "pa", "pa media": "pa", "upi": "upi",
    "bloomberg": "bloomberg", "epd": "epd", "kna": "kna", "sid": "sid", "si": "si",
    "cp": "cp", "the canadian press": "cp", "aap": "aap", "pti": "pti", "ians": "ians", "anadolu": "anadolu",
    "aa": "anadolu", "ddp": "ddp", "dapd": "dapd",
}  # fmt: skip
NAMES = frozenset(_NAMES)
"""As they are credited, in lower case."""
# Credited in brackets only: as bare words they mean something else.
_ONLY_IN_BRACKETS = frozenset({"ep", "pa", "si", "tt", "cp", "aa", "sid", "agi", "ap", "ats", "apa"})

_LINE = 80
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{2,80})[)\]]\s*\.?$")
_AFTER_SENTENCE = re.compile(r"[.!?…»«”“\"'’]\s*[(\[]([^()\[\]]{2,80})[)\]]\s*\.?$")
_BARE = re.compile(
    r"^(?:(?:quellen?|sources?|font[ei]|fuentes?|mit (?:agentur)?material(?: von| der)?|with|avec|con|©|\(c\))"
    r"\s*:?\s*)?(.{2,60})$",
    re.I,
)
_PICTURES = re.compile(
    r"\s*[/|,;·–-]?\s*\b(?:bild(?:er)?|fotos?|photos?|images?|imagen(?:es)?|immagin[ei])\s*:.*", re.I | re.S
)
_DATELINE = re.compile(r"^(?:[^\n(.!?]{0,60})\(([^()]{2,40})\)\s*(?:[-–—:.]|$)")
_SEPARATORS = re.compile(r"\s*(?:[/,;+&|]|\s-\s|\bund\b|\band\b|\bet\b|\be\b|\by\b|\bmit\b|\bwith\b)\s*", re.I)
_INITIALS = re.compile(r"[a-zäöü]{1,4}\.?|[A-ZÄÖÜ]{2,3}|[a-z]{2,4}\d?", re.A)


def of_names(names: Iterable[str]) -> tuple[str, ...]:
    """The agencies among names that stand alone, e.g. authors: `sda/afp` -> sda, afp."""
    found: list[str] = []
    for name in names:
        found += _credit(name, strict=True)
    return tuple(dict.fromkeys(found))


def of_body(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Those credited at the end of the body, else in the dateline of its first paragraph."""
    if not paragraphs:
        return ()
    for paragraph in reversed(paragraphs[-3:]):
        if found := of_ending(paragraph):
            return found
    match = _DATELINE.match(paragraphs[0])
    return tuple(_credit(match.group(1))) if match else ()


def of_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """Those that short lines around the text name: `Source: AFP`, `12.05.2021 (pk/sda)`; not a picture's."""
    found = (of_ending(_PICTURES.sub("", line) if ":" in line else line) for line in lines if len(line) <= _LINE)
    return tuple(dict.fromkeys(name for names in found for name in names))


def of_ending(paragraph: str) -> tuple[str, ...]:
    """The credit a paragraph ends with, or consists of."""
    last = paragraph.rstrip()[-200:].rpartition("\n")[2]
    if match := _BRACKETS.search(last):
        return tuple(_credit(match.group(1)))
    if len(paragraph) <= 60 and (match := _BARE.match(paragraph.strip())):
        return tuple(_credit(match.group(1), strict=True))
    return ()


def sign_off(paragraphs: Sequence[str]) -> int | None:
    """Index of the only paragraph that ends with a bracketed agency credit; None when there is none or several.

    By the convention of the wires a text ends with its credit: what follows is no part of it.
    """
    found = [
        index
        for index, paragraph in enumerate(paragraphs)
        if (match := _AFTER_SENTENCE.search(paragraph.rstrip()[-100:])) and _credit(match.group(1))
    ]
    return found[0] if len(found) == 1 else None


def _credit(raw: str, *, strict: bool = False) -> list[str]:
    """Agency names when the whole credit consists of them (and of initials of editors, unless `strict`); else none."""
    parts = [part.strip(" .:©") for part in _SEPARATORS.split(raw.strip()) if part.strip(" .:©")]
    if not parts or len(parts) > 8:
        return []
    found: list[str] = []
    for part in parts:
        name = part.casefold()
        if name in _NAMES and not (strict and len(parts) == 1 and name in _ONLY_IN_BRACKETS and not part.isupper()):
            found.append(_NAMES[name])
        elif strict or not _INITIALS.fullmatch(part):
            return []
    return list(dict.fromkeys(found))
