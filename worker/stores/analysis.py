"""Text to index terms, word for word as Elasticsearch does it with `config/elasticsearch/`'s analyzers.

Three steps: Lucene's StandardTokenizer (Unicode word breaks, UAX #29), lower case, then one of two chains:
`folded` (ASCIIFoldingFilter; every text) or `stems` (elision or normalisation, Snowball stem, ASCIIFoldingFilter;
only the seven languages of STEMMED). The token at position n of one chain is that of position n of the other.
All of it was compared with Lucene 10.5: 300,000 real and made-up words, every character. A change here that
changes any term must change ANALYZER_VERSION.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

import regex
import Stemmer

from worker.stores.english import stem_english
from worker.stores.folding import FOLDS
from worker.stores.german import normalise_german, stem_german

MAX_TOKEN_LENGTH = 255
"""Lucene's: a longer word is cut into pieces of this many UTF-16 units."""

_EXTEND = r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}]*"


def _break(*names: str, more: str = "") -> str:
    return "[" + "".join(rf"\p{{WB={name}}}" for name in names) + more + "]" + _EXTEND


def _word_pattern() -> str:
    """UAX #29 as Lucene reads it: what is between two breaks counts when it holds a letter, digit or picture."""
    letter, hebrew = _break("ALetter"), _break("Hebrew_Letter")
    number, katakana = _break("Numeric", more="\uff10-\uff19"), _break("Katakana")
    joiner = _break("ExtendNumLet")
    # Unicode dropped the colon from MidLetter after the version that Lucene has: `EU:s` is one word there.
    mid_letter = _break("MidLetter", "MidNumLet", "Single_Quote", more=":\ufe55\uff1a")
    mid_number = _break("MidNum", "MidNumLet", "Single_Quote")
    single, double = _break("Single_Quote"), _break("Double_Quote")
    one = rf"(?:{letter}|{hebrew}(?:{single}|{double}(?={hebrew}))?)"
    block = rf"(?:(?:{one}(?:(?:{mid_letter})?{one})*|{number}(?:(?:{mid_number})?{number})*)+|(?:{katakana})+)"
    run = rf"(?:{joiner})*{block}(?:(?:{joiner})+{block})*(?:{joiner})*"
    picture = r"\p{Extended_Pictographic}"
    emoji = rf"\u200d?(?:{picture}|[\U0001F3FB-\U0001F3FF]){_EXTEND}(?:(?<=\u200d){picture}{_EXTEND})*"
    flag = rf"(?:{_break('Regional_Indicator')}){{2}}"
    south_east_asian = rf"(?:\p{{LB=SA}}{_EXTEND})+"
    return rf"{run}|{south_east_asian}|\p{{Script=Han}}{_EXTEND}|\p{{Script=Hiragana}}{_EXTEND}|{emoji}|{flag}"


# The first alternative is a short cut for plain Latin words that end at a blank or at final punctuation: it gives
# what the whole rule gives, three times faster.
_WORD = regex.compile(r"[A-Za-zÀ-ÖØ-öø-ſ]++(?=[\s,;!?»«)\]]|\.\s)|" + _word_pattern(), regex.V1)


def lower(text: str) -> str:
    """Lower case as Lucene's LowerCaseFilter: character by character (no final sigma, İ becomes i)."""
    if not text.isascii():
        text = text.replace("İ", "i").replace("Σ", "σ")
    return text.lower()


def fold(text: str) -> str:
    """ASCIIFoldingFilter on lower-case text."""
    return text if text.isascii() else text.translate(FOLDS)


class Token(NamedTuple):
    """One word of a text; `start`, `end` are offsets into that text."""

    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The words in order, as written; the n-th has position n."""
    for match in _WORD.finditer(text):
        start, end = match.span()
        if end - start <= MAX_TOKEN_LENGTH // 2:
            yield Token(match.group(), start, end)
        else:
            for piece in _pieces(match.group()):
                yield Token(piece, start, start + len(piece))
                start += len(piece)


def words(text: str) -> list[str]:
    """`tokens` without the offsets."""
    found: list[str] = _WORD.findall(text)
    if any(len(word) > MAX_TOKEN_LENGTH // 2 for word in found):
        return [piece for word in found for piece in _pieces(word)]
    return found


def _pieces(word: str) -> list[str]:
    pieces, size, start = [], 0, 0
    for index, character in enumerate(word):
        width = 2 if character > "\uffff" else 1
        if size + width > MAX_TOKEN_LENGTH:
            pieces.append(word[start:index])
            start, size = index, 0
        size += width
    return [*pieces, word[start:]]


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


_CHAINS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "de": (normalise_german, stem_german),
    "en": (_possessive, stem_english),
    "fr": (_elision(_FRENCH_ARTICLES), _french()),
    "it": (_elision(_ITALIAN_ARTICLES), _snowball("italian")),
    "es": (_no_change, _spanish()),
    "pt": (_no_change, _snowball("portuguese")),
    "nl": (_no_change, _snowball("dutch_porter")),
}

STEMMED = tuple(_CHAINS)
"""The languages whose texts are stemmed; a document in another one is found by its folded words only."""

ANALYZER_VERSION = f"1 snowball-{Stemmer.version()} unicode-{unicodedata.unidata_version} regex-{regex.__version__}"
"""Two equal versions give equal terms. A stored index of another version must be rebuilt."""

_CACHE_SIZE = 200_000
_folded: dict[str, str] = {}
_stemmed: dict[str, dict[str, str]] = {language: {} for language in STEMMED}


def stem_language(language: str) -> str:
    """The language whose stems a document gets (`de-CH` -> `de`), or an empty string when it gets none."""
    short = language.lower().replace("_", "-").split("-", 1)[0]
    return short if short in _CHAINS else ""


def fold_word(word: str) -> str:
    """A token in the `folded` chain."""
    found = _folded.get(word)
    if found is None:
        if len(_folded) >= _CACHE_SIZE:
            _folded.clear()
        found = _folded[word] = fold(lower(word))
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


def stems(text: str, language: str) -> list[str]:
    """The stems of a text in one of STEMMED."""
    return [stem_word(word, language) for word in words(text)]
