"""The words of a text: Lucene's StandardTokenizer (Unicode word breaks, UAX #29), and its lower case and folding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

from worker.stores.folding import FOLDS

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
