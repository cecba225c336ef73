"""Feed bytes -> text that an XML parser can be given: inflated, decoded, without document type. Pure and bounded."""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass
from email.message import Message
from html.entities import html5

from worker.errors import Refuse
from worker.models import Reason

MAX_DECODED_BYTES = 10 << 20

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_PROLOG = re.compile(r"<\?xml\s[^>]{0,400}\?>\s*")
_MISPLACED_PROLOG = re.compile(r"<\?xml\s")
_ROOT = re.compile(r"<[A-Za-z_]")
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_DOCTYPE_TOKEN = re.compile(r""""[^"]*"|'[^']*'|<!--.*?-->|[\[\]>]""", re.DOTALL)
# What XML 1.0 cannot hold; one of them would send the whole document to the slow, lenient parser.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PLAIN_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*(?:<\?xml\s[^>]{0,400}\?>\s*)?")
_PLAIN_ROOT = re.compile(
    # Comments and instructions end at their first end: otherwise many of them could be split in many ways.
    rb"(?:<!--(?:(?!-->).){0,2000}-->\s*|<\?(?:(?!\?>).){0,2000}\?>\s*){0,5}"
    rb"<(?:[A-Za-z_][\w.-]{0,30}:)?(\w{1,30})[\s>]",
    re.DOTALL,
)
_MISPLACED_PROLOG_BYTES = re.compile(rb"<\?xml\s")
_ROOTS = frozenset({b"rss", b"feed", b"RDF"})
_SCRIPT_AT_END = re.compile(r"(</(?:rss|feed|rdf:RDF)\s*>)\s*<script\b[^<>]*></script>\s*\Z")
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:([A-Za-z][A-Za-z0-9._-]{0,63})|#(?:[xX]([0-9A-Fa-f]{1,8})|([0-9]{1,8})));",
    re.DOTALL,
)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    """Without byte order mark, XML declaration and DOCTYPE; starts with its first `<`, `{` or whatever it has."""
    repaired: bool
    """Something had to be mended that no correct document has."""
    had_doctype: bool = False

    def mended(self) -> Decoded:
        """Without characters that XML forbids; references that it does not know by itself as characters, or gone.

        Slow, and not needed for a document that an XML parser accepts as it is.
        """
        # Proxies that guard addresses put their script behind the end of whatever passes through them.
        end = self.text.rfind("</", 0, self.text.rfind("<script"))
        tail = _SCRIPT_AT_END.match(self.text, end) if end >= 0 else None
        text = _FORBIDDEN.sub("", self.text[: tail.end(1)] if tail else self.text)
        repaired = self.repaired or len(text) != len(self.text)
        return Decoded(_without_references(text, self.had_doctype).lstrip(), repaired, self.had_doctype)


def decode(body: bytes, content_type: str) -> Decoded:
    """Refuse(too_large | decode_error | not_a_feed) when there is no text in it, or more than 10 MB."""
    body = _inflated(body)
    if len(body) > MAX_DECODED_BYTES:
        raise Refuse(Reason.TOO_LARGE, f"more than {MAX_DECODED_BYTES} bytes")
    text, repaired = _to_text(body, content_type)
    text = text.lstrip("\ufeff \t\r\n\x00")
    if not text:
        raise Refuse(Reason.NOT_A_FEED, "empty")
    if text[0] in "{[":
        return Decoded(text, repaired)
    prolog = _MISPLACED_PROLOG.search(text, 0, 4096)
    start = prolog.start() if prolog else max(text.find("<", 0, 4096), 0)
    if start:  # a warning of somebody's PHP before the feed
        text, repaired = text[start:], True
    prolog = _PROLOG.match(text)
    text = text[prolog.end() :] if prolog else text
    text, had_doctype = _without_doctype(text)
    return Decoded(text.lstrip(), repaired, had_doctype)


def plain_feed(body: bytes) -> bytes | None:
    """A body that an XML parser can be given as it is: UTF-8 by its first look, a feed's root, no DOCTYPE before it.

    From there on, without byte order mark and declaration; a parser that accepts it has also seen that it is UTF-8.
    None: `decode` is needed.
    """
    start = _PLAIN_START.match(body)
    assert start is not None, "every part of the pattern is optional"
    root = _PLAIN_ROOT.match(body, start.end())
    if root is None or root[1] not in _ROOTS or _MISPLACED_PROLOG_BYTES.search(body, start.end(), start.end() + 16384):
        return None
    return body[start.end() :]


def _inflated(body: bytes) -> bytes:
    """A body that is gzip although no header said so."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    inflater = zlib.decompressobj(wbits=31)
    try:
        inflated = inflater.decompress(body, MAX_DECODED_BYTES + 1)
    except zlib.error as error:
        raise Refuse(Reason.DECODE_ERROR, f"gzip: {error}") from None
    return inflated


def _to_text(body: bytes, content_type: str) -> tuple[str, bool]:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _lenient(body[len(mark) :], encoding)
    head = body[:64].lstrip(b" \t\r\n")
    for start, encoding in _BARE_UTF16:
        if head.startswith(start):
            return _lenient(body, encoding)
    # Text with umlauts that happens to be valid UTF-8 is UTF-8, whatever its labels say.
    try:
        text = body.decode()
    except UnicodeDecodeError:
        pass
    else:
        if not body.isascii() or b"\x1b" not in body:
            return text, False
    declared = _DECLARED.match(body)
    for label in (_header_charset(content_type), declared[1].decode("ascii") if declared else ""):
        encoding = _codec(label)
        if encoding and encoding != "utf-8":
            try:
                return body.decode(encoding), False
            except UnicodeError:
                continue
    # UTF-8 by label or by guess, with foreign bytes in it: those are Windows-1252 nearly always.
    return body.decode("utf-8", "feedmill_cp1252"), True


def _lenient(body: bytes, encoding: str) -> tuple[str, bool]:
    try:
        return body.decode(encoding), False
    except UnicodeError:
        return body.decode(encoding, "replace"), True


def _header_charset(content_type: str) -> str:
    message = Message()
    message["content-type"] = _FORBIDDEN.sub("", content_type[:200]).replace("\r", "").replace("\n", "")
    charset = message.get_param("charset", "")
    return charset if isinstance(charset, str) else ""


def _codec(label: str) -> str:
    """Python's name of a charset that may be used; "" for unknown ones and for codecs that are no charsets."""
    try:
        name = codecs.lookup(label).name
        "a".encode(name)  # a LookupError for base64, rot13 and other codecs that are not for text
    except (LookupError, ValueError, UnicodeError):
        return ""
    if name in ("utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"):
        return ""
    # As browsers do: who says Latin 1 or ASCII writes Windows-1252.
    return "cp1252" if name in ("iso8859-1", "ascii") else name


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("feedmill_cp1252", _as_cp1252)


def after_comments(text: str) -> int:
    """Where the first thing stands that is no space, comment or processing instruction."""
    place = 0
    while True:
        while text[place : place + 1].isspace():
            place += 1
        ends = next((end for start, end in (("<!--", "-->"), ("<?", "?>")) if text.startswith(start, place)), "")
        found = text.find(ends, place) if ends else -1
        if found < 0:
            return place
        place = found + len(ends)


def _without_doctype(text: str) -> tuple[str, bool]:
    """Declined whole: no entity of a feed's own is ever defined, no external subset ever looked at."""
    root = _ROOT.search(text, after_comments(text))
    doctype = _DOCTYPE.search(text, 0, root.start() if root else len(text))
    if doctype is None:
        return text, False
    if text[doctype.end() : doctype.end() + 10].strip().lower().startswith("html"):
        raise Refuse(Reason.NOT_A_FEED, "an HTML page")
    depth = 0
    for token in _DOCTYPE_TOKEN.finditer(text, doctype.end()):
        if token[0] == "[":
            depth += 1
        elif token[0] == "]":
            depth -= 1
        elif token[0] == ">" and depth <= 0:
            return text[: doctype.start()] + text[token.end() :], True
    raise Refuse(Reason.NOT_A_FEED, "a document type without end")


def _without_references(text: str, had_doctype: bool) -> str:
    """References that XML does not know by itself become characters, or nothing; CDATA sections stay as they are."""
    if "&" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        name, hexadecimal, decimal = match.groups()
        if name is not None:
            known = html5.get(name + ";", "")
            if name in _XML_NAMES or (known and known in "<>&\"'"):
                return match[0]
            return known or ("" if had_doctype else match[0])
        if hexadecimal is None and decimal is None:
            return match[0]
        number = int(hexadecimal, 16) if hexadecimal else int(decimal)
        return match[0] if _allowed(number) else ""

    return _REFERENCE.sub(character, text)


def _allowed(number: int) -> bool:
    return number in (9, 10, 13) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
