"""Feed bytes -> text that an XML parser can be given: inflated, decoded, without document type. Pure and bounded."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.message import Message

from worker.errors import Refuse
from worker.models import Reason
from worker.poll import mend
from worker.poll.mend import after_comments

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
_META = re.compile(rb"""<meta\s[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_PROLOG = re.compile(r"<\?xml[\s?][^>]{0,400}\?>\s*")
_MISPLACED_PROLOG = re.compile(r"<\?xml[\s?]")
_ROOT = re.compile(r"<[A-Za-z_]")
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_DOCTYPE_TOKEN = re.compile(r""""[^"]*"|'[^']*'|<!--.*?-->|[\[\]>]""", re.DOTALL)
_PLAIN_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*(?:<\?xml\s[^>]{0,400}\?>\s*)?")
_PLAIN_ROOT = re.compile(
    # Comments and instructions end at their first end: otherwise many of them could be split in many ways.
    rb"(?:<!--(?:(?!-->).){0,2000}-->\s*|<\?(?:(?!\?>).){0,2000}\?>\s*){0,5}"
    rb"<(?:[A-Za-z_][\w.-]{0,30}:)?(\w{1,30})[\s>]",
    re.DOTALL,
)
_MISPLACED_PROLOG_BYTES = re.compile(rb"<\?xml[\s?]")
_ROOTS = frozenset({b"rss", b"feed", b"RDF"})
_ENTITY = re.compile(
    r"""<!ENTITY\s+([A-Za-z][A-Za-z0-9._-]{0,63})\s+(?:"([^"&%<]{0,200})"|'([^'&%<]{0,200})')\s*>""", re.IGNORECASE
)
_MAX_DOCTYPE_CHARS = 20_000
_MOST_ENTITIES = 50


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    """Without byte order mark, XML declaration and DOCTYPE; starts with its first `<`, `{` or whatever it has."""
    repaired: bool
    """Something had to be mended that no correct document has."""
    had_doctype: bool = False
    own: Mapping[str, str] = field(default_factory=dict)
    """Entities that the document defines as a short text: name -> text."""

    def in_utf8(self) -> bytes:
        return self.text.encode("utf-8", "surrogatepass")

    def mended(self) -> Decoded:
        """See `mend.mended`."""
        text, repaired = mend.mended(self.text, self.own, had_doctype=self.had_doctype)
        return replace(self, text=text, repaired=self.repaired or repaired)

    def patched(self) -> Decoded:
        """See `mend.patched`; itself where nothing had to be done."""
        text = mend.patched(self.text)
        return self if len(text) == len(self.text) else replace(self, text=text, repaired=True)


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
    text, doctype = _without_doctype(text)
    return Decoded(text.lstrip(), repaired, bool(doctype), _own_entities(doctype))


def page_text(body: bytes, content_type: str) -> str:
    """A page's text, in the charset of its header or of its own `meta`. Refuse(decode_error) when it is broken gzip."""
    if not _header_charset(content_type) and (declared := _META.search(body, 0, 4096)):
        content_type = f"text/html; charset={declared[1].decode('ascii')}"
    return _to_text(_inflated(body), content_type)[0]


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
    message["content-type"] = "".join(filter(str.isprintable, content_type[:200]))
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


def _without_doctype(text: str) -> tuple[str, str]:
    """The text, and the DOCTYPE that was taken out of it: no parser ever sees one, no external subset is looked at."""
    place = after_comments(text)
    root = _ROOT.search(text, place)
    doctype = _DOCTYPE.search(text, place, root.start() if root else len(text))
    if doctype is None:
        return text, ""
    if text[doctype.end() : doctype.end() + 10].strip().lower().startswith("html"):
        raise Refuse(Reason.NOT_A_FEED, "an HTML page")
    depth = 0
    for token in _DOCTYPE_TOKEN.finditer(text, doctype.end()):
        if token[0] == "[":
            depth += 1
        elif token[0] == "]":
            depth -= 1
        elif token[0] == ">" and depth <= 0:
            return text[: doctype.start()] + text[token.end() :], text[doctype.start() : token.end()]
    raise Refuse(Reason.NOT_A_FEED, "a document type without end")


def _own_entities(doctype: str) -> dict[str, str]:
    """Those that are plain short texts; one that holds others, markup or a file does not exist."""
    return {name: one or two for name, one, two in _ENTITY.findall(doctype[:_MAX_DOCTYPE_CHARS])[:_MOST_ENTITIES]}
