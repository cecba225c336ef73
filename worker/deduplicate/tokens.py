"""A text as words, the same for equal texts whatever their case, punctuation, spacing and Unicode form. Pure."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"\w+")

# Here folding a text and cutting it into words may change places: no letter folds into a mark, or the other way round.
# Without U+0130, U+0149 and U+01F0, which do.
_SIMPLE = re.compile("[\0-\u012f\u0131-\u0148\u014a-\u01ef\u01f1-\u024f\u2000-\u206f\u20a0-\u20bf]*")


def normal(text: str) -> str:
    """NFKC and case folding, each twice where needed: folding can leave what NFKC would still change (U+0345)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words(text: str) -> tuple[list[str], str]:
    """-> the words as written (NFKC), and all of them folded, with one blank between two.

    The second is what makes two texts equal; the first keeps capitals, and has as many words in Latin writing.
    """
    if _SIMPLE.fullmatch(text):
        raw = _TOKEN.findall(text if text.isascii() else unicodedata.normalize("NFKC", text))
        return raw, normal(" ".join(raw))
    folded = " ".join(_TOKEN.findall(normal(text)))
    return _TOKEN.findall(unicodedata.normalize("NFKC", text)), folded
