"""Text to index terms, word for word as Elasticsearch does it with `config/elasticsearch/`'s analyzers.

The words of a text (words.py) go through one of two chains: `folded` (lower case, French and Italian elision,
ASCIIFoldingFilter; every text), or the one of its language: `stems` (elision or normalisation, Snowball stem,
ASCIIFoldingFilter; STEMMED), or pairs of characters for Chinese, Japanese and Korean (cjk.py). The token at position
n of `folded` is that of position n of `stems`. All of it was compared with Lucene 10.5: 300,000 real and made-up words,
every character; 100,000 made-up words for each of the northern languages, 60,000 made-up texts for the pairs.
A change here that changes any term must change ANALYZER_VERSION.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

import regex
import Stemmer

from worker.stores import cjk, nordic
from worker.stores.english import stem_english
from worker.stores.german import normalise_german, stem_german
from worker.stores.words import Token, fold, lower, tokens, words


def _no_change(word: str) -> str:
    return word


_FRENCH_ARTICLES = frozenset(["l", "m", "t", "qu", "n", "s", "j", "d", "c", "jusqu", "quoiqu", "lorsqu", "puisqu"])
_ITALIAN_ARTICLES = frozenset(
    {"c", "l", "all", "dall", "dell", "nell", "sull", "coll", "pell", "gl", "agl", "dagl", "degl", "negl", "sugl"}
    | {"un", "m", "t", "s", "v", "d"}
)


def _elision(articles: frozenset[str]) -> Callable[[str], str]:
    def strip(word: str) -> str:
        for index, character in enumerate(word):
            if character in "'\u2019":
                return word[index + 1 :] if word[:index] in articles else word
        return word

    return strip


def _possessive(word: str) -> str:
    if len(word) >= 2 and word[-1] == "s" and word[-2] in "'\u2019\uff07":
        return word[:-2]
    return word


def _snowball(algorithm: str) -> Callable[[str], str]:
    stemmer = Stemmer.Stemmer(algorithm, 0)
    stem: Callable[[str], str] = stemmer.stemWord
    return stem


def _french() -> Callable[[str], str]:
    snowball = _snowball("french")

    def stem(word: str) -> str:
        # What PyStemmer 3 does otherwise than Lucene, measured over 180,000 words.
        for ending in ("aises", "aise"):
            if word.endswith(ending) and len(word) > len(ending):
                return word[: len(word) - len(ending) + 3]
        return "ni" if word in ("nie", "nies") else snowball(word)

    return stem


def _spanish() -> Callable[[str], str]:
    snowball = _snowball("spanish")

    def stem(word: str) -> str:
        # As above: Lucene knows -ación, not -acion.
        return word if word.endswith("acion") else snowball(word)

    return stem


_ELIDE = _elision(_FRENCH_ARTICLES | _ITALIAN_ARTICLES)
"""In `folded` too: who types `elysee` means l'Élysée."""

_FEMININE = re.compile(r"^(.{3,})er(?:in|innen)$")


def _german(word: str) -> str:
    """Normalised, and the -in of women taken off nouns in -er: a search for ministers finds them too."""
    return _FEMININE.sub(r"\1er", normalise_german(word))


_CHAINS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "de": (_german, stem_german),
    "en": (_possessive, stem_english),
    "fr": (_elision(_FRENCH_ARTICLES), _french()),
    "it": (_elision(_ITALIAN_ARTICLES), _snowball("italian")),
    "es": (_no_change, _spanish()),
    "pt": (_no_change, _snowball("portuguese")),
    "nl": (_no_change, _snowball("dutch_porter")),
    "sv": (_no_change, nordic.swedish()),
    "da": (_no_change, nordic.danish()),
    "no": (_no_change, nordic.norwegian()),
    "ru": (_no_change, _snowball("russian")),
}

STEMMED = tuple(_CHAINS)
"""The languages whose texts are stemmed."""

ANALYSES = (*STEMMED, cjk.CODE)
"""All chains beside `folded`. A document in a language without one is found by its folded words only."""

_SAME = {"nb": "no", "nn": "no", **dict.fromkeys(cjk.LANGUAGES, cjk.CODE)}

ANALYZER_VERSION = f"2 snowball-{Stemmer.version()} unicode-{unicodedata.unidata_version} regex-{regex.__version__}"
"""Two equal versions give equal terms. A stored index of another version must be rebuilt."""

_CACHE_SIZE = 200_000
_folded: dict[str, str] = {}
_stemmed: dict[str, dict[str, str]] = {language: {} for language in STEMMED}


def analysis_of(language: str) -> str:
    """Which of ANALYSES a document in `language` gets (`de-CH` -> `de`, `ja` -> `cjk`); empty when it gets none."""
    short = language.lower().replace("_", "-").split("-", 1)[0]
    short = _SAME.get(short, short)
    return short if short in ANALYSES else ""


def fold_word(word: str) -> str:
    """A token in the `folded` chain."""
    found = _folded.get(word)
    if found is None:
        if len(_folded) >= _CACHE_SIZE:
            _folded.clear()
        found = _folded[word] = fold(_ELIDE(lower(word)))
    return found


def stem_word(word: str, language: str) -> str:
    """A token in the `stems` chain of one of STEMMED."""
    cache = _stemmed[language]
    found = cache.get(word)
    if found is None:
        if len(cache) >= _CACHE_SIZE:
            cache.clear()
        prepare, stem = _CHAINS[language]
        found = cache[word] = fold(stem(prepare(lower(word))))
    return found


def folded(text: str) -> list[str]:
    """The terms of a text as written, folded."""
    return [fold_word(word) for word in words(text)]


def stems(text: str, analysis: str) -> list[str]:
    """The terms of a text in one of ANALYSES."""
    if analysis == cjk.CODE:
        return [term for term, _, _ in spans(list(tokens(text)), analysis)]
    return [stem_word(word, analysis) for word in words(text)]


def spans(found: Sequence[Token], analysis: str) -> list[cjk.Pair]:
    """The terms of one of ANALYSES, each with the first and last of the tokens that it is made of."""
    if analysis == cjk.CODE:
        return [cjk.Pair(fold(lower(text)), first, last) for text, first, last in cjk.pairs(found)]
    return [cjk.Pair(stem_word(token.text, analysis), index, index) for index, token in enumerate(found)]
