"""Markup and stray characters out, plain text on one line. Pure; every pattern is linear in the length of its input."""

from __future__ import annotations

import html
import re

# By first letters: the pattern is tried at every tag, and most are none of these.
_BLOCK = (
    "a(?:ddress|rticle|side)|b(?:lockquote|r)|caption|d(?:d|iv|l|t)|f(?:igcaption|igure|ooter|orm)|h(?:[1-6]|eader|r)"
    "|img|li|main|nav|ol|option|p(?:re)?|section|t(?:able|body|d|foot|h|head|r)|ul"
)
_INLINE = (
    "a|abbr|b|big|center|cite|code|em|font|i|iframe|ins|del|mark|q|s|script|small|span|strike|strong|style|sub|sup|tt|u"
)
_DROPPED = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<!\[CDATA\[|\]\]>", re.IGNORECASE | re.DOTALL
)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK})\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<[!?][^<>]*>")
_KNOWN_TAG = re.compile(rf"</?(?:{_BLOCK}|{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE)
# C0 and C1 controls, bidi controls, invisible characters that only break words for a search, lone surrogates.
# The joiners U+200C and U+200D stay: Persian and many emoji are wrong without them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_MAX_INPUT = 100_000


def clean(text: str, limit: int) -> str:
    """Text as it is, without control characters, with single spaces, at most `limit` characters."""
    head = 2 * limit + 100
    folded = _folded(text[:head])
    if len(folded) <= limit and len(text) > head:
        folded = _folded(text[:_MAX_INPUT])
    return _shortened(folded, limit)


def _shortened(folded: str, limit: int) -> str:
    if len(folded) <= limit:
        return folded
    head = folded[:limit]
    kept, space, _ = head.rpartition(" ")
    return (kept if space and len(kept) > limit // 2 else head).rstrip()


def from_html(markup: str, limit: int) -> str:
    """Tags, comments, scripts and styles out; entities decoded once; then as `clean`."""
    # Most long texts are far longer than what is kept of them: the beginning is read first, up to the end of a tag.
    for size in (3 * limit + 500, 8 * limit):
        if size >= len(markup):
            break
        folded = _folded(_without_tags(markup[: markup.rfind(">", 0, size) + 1]))
        if len(folded) > limit:
            return _shortened(folded, limit)
    return clean(_without_tags(markup[:_MAX_INPUT]), limit)


def _without_tags(markup: str) -> str:
    if "<" in markup or "]]>" in markup:
        markup = _DROPPED.sub(" ", markup)
        markup = _ANY_TAG.sub("", _BLOCK_TAG.sub(" ", markup))
    return html.unescape(markup)


def _folded(text: str) -> str:
    folded = " ".join(text.split())
    if folded.isprintable():  # most are: then nothing in it is unwanted
        return folded
    return " ".join(_UNWANTED.sub("", folded).split())


def has_markup(text: str) -> bool:
    """Does it hold a tag that HTML knows? `List<String>` and `a < b` are not markup."""
    return _KNOWN_TAG.search(text[:_MAX_INPUT]) is not None
