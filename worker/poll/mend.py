"""A document that is not well-formed, or says what XML does not know, mended where it is certain how. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from html.entities import html5

from worker.poll.names import PREFIXES

# What XML 1.0 cannot hold; one of them would send the whole document to the slow, lenient parser.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_END = re.compile(r"</(?:rss|feed|rdf:RDF)\s*>")
_REFERENCE = re.compile(r"&(?:([A-Za-z][A-Za-z0-9._-]{0,63})|#(?:[xX]([0-9A-Fa-f]{1,8})|([0-9]{1,8})));")
_KEPT = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_STRAY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[xX][0-9A-Fa-f]{1,8}|#[0-9]{1,8});)")
_ROOT_START = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*")
_PREFIX = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<([A-Za-z_][\w.-]{0,30}):[A-Za-z_]", re.DOTALL)
_DECLARED_PREFIX = re.compile(r"\sxmlns:([A-Za-z_][\w.-]{0,30})\s*=")
_MOST_PREFIXES = 20
_KNOWN_SPACES = {name: uri for uri, name in PREFIXES.items() if name}
_MAX_EXPANDED_CHARS = 1 << 20
"""Of a document's own entities together."""
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def mended(text: str, own: Mapping[str, str], *, had_doctype: bool) -> tuple[str, bool]:
    """Without characters that XML forbids, and without what stands behind the feed's end; references that XML does not
    know by itself as characters, or gone. And whether there was anything but references to be mended.

    `own`: entities that the document defines. Slow, and not needed for what an XML parser accepts as it is.
    """
    allowed = _without_forbidden(text[: _end(text)])
    return _without_references(allowed, had_doctype, own).lstrip(), len(allowed) != len(text)


def patched(text: str) -> str:
    """Ampersands that begin no reference as characters, prefixes that nobody declared declared.

    As it is, where there are none, as in every well-formed document.
    """
    return _declared(
        _outside((found.span() for found in _KEPT.finditer(text)), text, lambda part: _STRAY.sub("&amp;", part))
    )


def after_comments(text: str, place: int = 0) -> int:
    """Where, from `place` on, the first thing stands that is no space, comment or processing instruction."""
    while True:
        while text[place : place + 1].isspace():
            place += 1
        ends = next((end for start, end in (("<!--", "-->"), ("<?", "?>")) if text.startswith(start, place)), "")
        found = text.find(ends, place) if ends else -1
        if found < 0:
            return place
        place = found + len(ends)


def _end(text: str) -> int:
    """Where the feed ends: proxies put their scripts behind whatever passes through them, programs their warnings."""
    last = _END.match(text, max(text.rfind(end) for end in ("</rss", "</feed", "</rdf:RDF")), len(text))
    if last is None or after_comments(text, last.end()) == len(text):
        return len(text)
    return last.end()


def _without_forbidden(text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    allowed = data.translate(None, _CONTROLS)  # none of them is part of a longer character
    text = text if len(allowed) == len(data) else allowed.decode("utf-8", "surrogatepass")
    # The others are rare, and the search for them slow; their encodings begin with one of two bytes.
    return _FORBIDDEN.sub("", text) if b"\xed" in data or b"\xef\xbf" in data else text


def _without_references(text: str, had_doctype: bool, own: Mapping[str, str]) -> str:
    """References that XML does not know by itself become characters, the document's own text, or nothing.

    CDATA sections stay as they are.
    """
    room = _MAX_EXPANDED_CHARS

    def character(match: re.Match[str]) -> str:
        nonlocal room
        name, hexadecimal, decimal = match.groups()
        if name is None:
            number = int(hexadecimal, 16) if hexadecimal else int(decimal)
            return match[0] if _allowed(number) else ""
        known = html5.get(name + ";", "")
        if name in _XML_NAMES or (known and known in "<>&\"'"):
            return match[0]
        if name in own:
            room -= len(own[name])
            return own[name] if room >= 0 else ""
        return known or ("" if had_doctype else match[0])

    return _outside(_cdata(text), text, lambda part: _REFERENCE.sub(character, part))


def _outside(kept: Iterable[tuple[int, int]], text: str, change: Callable[[str], str]) -> str:
    """`text`, its parts outside of `kept` changed where they hold an ampersand."""
    parts: list[str] = []
    place = 0
    for start, end in (*kept, (len(text), len(text))):
        part = text[place:start]
        parts += (change(part) if "&" in part else part, text[start:end])
        place = end
    return "".join(parts)


def _cdata(text: str) -> Iterator[tuple[int, int]]:
    """Where CDATA sections begin and end; ten times as fast as a pattern."""
    start = text.find("<![CDATA[")
    while start >= 0:
        found = text.find("]]>", start)
        end = found + 3 if found >= 0 else len(text)
        yield start, end
        start = text.find("<![CDATA[", end)


def _declared(text: str) -> str:
    """Prefixes that are used and nowhere declared, declared in the root: well-known ones as what they are known for."""
    root = _ROOT_START.search(text, after_comments(text))
    if root is None:
        return text
    used = set(_PREFIX.findall(text)) - {"", "xml", "xmlns"}
    missing = sorted(used - set(_DECLARED_PREFIX.findall(text)))[:_MOST_PREFIXES]
    spaces = "".join(f' xmlns:{prefix}="{_KNOWN_SPACES.get(prefix, f"undeclared:{prefix}")}"' for prefix in missing)
    return f"{text[: root.end()]}{spaces}{text[root.end() :]}"


def _allowed(number: int) -> bool:
    return number in (9, 10, 13) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
