"""German as Lucene stems it: its normalisation, and the classic Snowball algorithm.

PyStemmer's `german` is a newer edition of the algorithm (it also strips -et, -erin ...), so the same query would
find other documents here than in Elasticsearch. Written from the published description of the algorithm,
https://snowballstem.org/algorithms/german/stemmer.html, in its form before version 3.
"""

from __future__ import annotations

import re

_VOWELS = frozenset("aeiouyäöü")
_S_ENDING = frozenset("bdfghklmnrt")
_ST_ENDING = frozenset("bdfghklmnt")
_DIGRAPHS = {"ae": "ä", "oe": "ö", "ue": "ü", "qu": "qu", "ß": "ss"}
_DIGRAPH = re.compile("|".join(_DIGRAPHS))
_NORMAL = {"ä": "a", "ö": "o", "ü": "u", "ß": "ss"}
_PLAIN = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "U": "u", "Y": "y"})


def normalise_german(word: str) -> str:
    """Lucene's GermanNormalizationFilter: ß is ss; ä, ae -> a; ö, oe -> o; ü, ue -> u (ue not after a vowel or q)."""
    out: list[str] = []
    # What came last: "v" a vowel after which `ue` stays, "u" a vowel that swallows an e, "n" anything else.
    last = "n"
    for character in word:
        if character in "ao":
            last = "u"
        elif character == "u":
            last = "u" if last == "n" else "v"
        elif character == "e":
            if last == "u":
                last = "v"
                continue
            last = "v"
        elif character in "iqy":
            last = "v"
        else:
            last = "v" if character in "äöü" else "n"
        out.append(_NORMAL.get(character, character))
    return "".join(out)


def stem_german(word: str) -> str:
    """The stem of a lower-case word."""
    letters = list(word)
    for index in range(1, len(letters) - 1):
        # u and y between vowels are consonants: marked by upper case until the end
        if letters[index] in "uy" and letters[index - 1] in _VOWELS and letters[index + 1] in _VOWELS:
            letters[index] = letters[index].upper()
    stem = _DIGRAPH.sub(lambda match: _DIGRAPHS[match.group()], "".join(letters))
    if len(stem) < 3:
        return stem.translate(_PLAIN)
    first = _region(stem, 0)
    second = _region(stem, first)
    first = max(first, 3)
    return _third_step(_second_step(_first_step(stem, first), first), second).translate(_PLAIN)


def _region(word: str, start: int) -> int:
    """Where the part after the first non-vowel that follows a vowel begins."""
    for index in range(start + 1, len(word)):
        if word[index] not in _VOWELS and word[index - 1] in _VOWELS:
            return index + 1
    return len(word)


def _first_step(word: str, region: int) -> str:
    for ending in ("ern", "em", "er", "en", "es", "e"):
        if word.endswith(ending):
            if len(word) - len(ending) < region or word.endswith("system"):
                return word
            word = word[: -len(ending)]
            if ending in ("en", "es", "e") and word.endswith("niss"):
                word = word[:-1]
            return word
    if word.endswith("s") and len(word) - 1 >= region and len(word) > 1 and word[-2] in _S_ENDING:
        return word[:-1]
    return word


def _second_step(word: str, region: int) -> str:
    for ending in ("est", "er", "en"):
        if word.endswith(ending):
            return word[: -len(ending)] if len(word) - len(ending) >= region else word
    if word.endswith("st") and len(word) - 2 >= region and len(word) >= 6 and word[-3] in _ST_ENDING:
        return word[:-2]
    return word


def _third_step(word: str, region: int) -> str:
    ending = next((e for e in ("isch", "lich", "heit", "keit", "end", "ung", "ig", "ik") if word.endswith(e)), "")
    start = len(word) - len(ending)
    if not ending or start < region:
        return word
    rest = word[:start]
    if ending in ("end", "ung"):
        if rest.endswith("ig") and not rest.endswith("eig") and len(rest) - 2 >= region:
            return rest[:-2]
        return rest
    if ending in ("ig", "ik", "isch"):
        return word if rest.endswith("e") else rest
    if ending in ("lich", "heit"):
        for inner in ("er", "en"):
            if rest.endswith(inner) and len(rest) - 2 >= max(_region(word, 0), 3):
                return rest[:-2]
        return rest
    for inner in ("lich", "ig"):
        if rest.endswith(inner) and len(rest) - len(inner) >= region:
            return rest[: -len(inner)]
    return rest
