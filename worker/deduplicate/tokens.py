"""A text as words, the same for equal texts whatever their case, punctuation, spacing and Unicode form. Pure."""

from __future__ import annotations

import re
import unicodedata

from worker import marks

_TOKEN = re.compile(r"\w+")

# The quick way, for nearly all text in Latin writing: bytes and a table take a quarter of a regular expression's time.
# It takes ISO 8859-1 without the characters that NFKC turns into others, and the marks that typesetters add.
_TYPESET = "“”„‘’‚–—…‹›•"
_CHARACTERS = [bytes([code]).decode("latin-1") for code in range(256)]
_AS_IT_IS = bytes(
    code
    for code, char in enumerate(_CHARACTERS)
    if char.isspace() or all(unicodedata.normalize(form, char) == char for form in ("NFKC", "NFC"))
)
_BLANKED = bytes(code if _TOKEN.match(char) else 0x20 for code, char in enumerate(_CHARACTERS))


def normal(text: str) -> str:
    """NFKC and case folding, each twice where needed: folding can leave what NFKC would still change (U+0345)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", marks.capped(text)).casefold())


def words(text: str) -> tuple[list[str], str]:
    """-> the words as written (NFKC), and all of them folded, with one blank between two.

    The second is what makes two texts equal; the first keeps capitals, and has as many words in Latin writing.
    """
    quick = _quick(text)
    if quick is not None:
        return quick, normal(" ".join(quick))
    return _TOKEN.findall(unicodedata.normalize("NFKC", marks.capped(text))), " ".join(_TOKEN.findall(normal(text)))


def _quick(text: str) -> list[str] | None:
    if not text.isascii():
        for mark in _TYPESET:
            text = text.replace(mark, " ")
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        return None
    if data.translate(None, _AS_IT_IS):
        return None
    return data.translate(_BLANKED).decode("latin-1").split()
