"""Markup and stray characters out, plain text on one line. Pure; every pattern is linear in the length of its input."""

from __future__ import annotations

import html
import re

_WORDS = (
    "address article aside blockquote br caption dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr"
    " img li main nav ol option p pre section table tbody td tfoot th thead tr ul"
)
_BLOCKS = frozenset(_WORDS.split())
"""Words on both sides of one of these are not one word."""
_INLINES = (
    "a abbr b big center cite code em font i iframe ins del mark q s script small span strike strong style sub sup tt u"
)
_DROPPED = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<!\[CDATA\[|\]\]>", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<(?:/?([A-Za-z]\w*+)|[!?])[^<>]*+>")
_KNOWN_TAG = re.compile(rf"</?(?:{f'{_WORDS} {_INLINES}'.replace(' ', '|')})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_PERHAPS_DROPPED = re.compile(r"<(?:!|[sS](?:[cC][rR]|[tT][yY]))")
# C0 and C1 controls, bidi controls, invisible characters that only break words for a search, lone surrogates.
# The joiners U+200C and U+200D stay: Persian and many emoji are wrong without them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_MAX_INPUT = 100_000


def clean(text: str, limit: int) -> str:
    """Text as it is, without control characters, with single spaces, at most `limit` characters."""
    # Most are clean: in what can be printed the only space is the blank.
    if len(text) <= limit and text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]:
        return text
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
    if "<" not in markup and "&" not in markup and "]" not in markup:
        return clean(markup[:_MAX_INPUT], limit)
    # Most long texts are far longer than what is kept of them: the beginning is read first, up to the end of a tag.
    for size in (2 * limit, 4 * limit, 8 * limit):
        if size >= len(markup):
            break
        folded = _folded(_without_tags(markup[: markup.rfind(">", 0, size) + 1]))
        if len(folded) > limit:
            return _shortened(folded, limit)
    return clean(_without_tags(markup[:_MAX_INPUT]), limit)


def _without_tags(markup: str) -> str:
    if "]]>" in markup or _PERHAPS_DROPPED.search(markup):
        markup = _DROPPED.sub(" ", markup)
    if "<" in markup:
        parts = _TAG.split(markup)  # text, name, text ..: half the time of a substitution by a function
        parts[1::2] = [_GAPS[name] if name in _GAPS else _gap(name) for name in parts[1::2]]
        markup = "".join(parts)
    return html.unescape(markup)


def _gap(name: str) -> str:
    """What stands in the place of a tag."""
    return " " if name.lower() in _BLOCKS else ""


_GAPS: dict[str | None, str] = {name: _gap(name) for name in f"{_WORDS} {_INLINES}".split()} | {None: ""}


def _folded(text: str) -> str:
    folded = " ".join(text.split())
    if folded.isprintable():  # most are: then nothing in it is unwanted
        return folded
    return " ".join(_UNWANTED.sub("", folded).split())


def has_markup(text: str) -> bool:
    """Does it hold a tag that HTML knows? `List<String>` and `a < b` are not markup."""
    return "<" in text and _KNOWN_TAG.search(text[:_MAX_INPUT]) is not None
