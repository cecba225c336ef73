"""OPML as a stream: whatever the file's size, nothing is kept of it but the place. Never an entity, never a request.

An own use of expat instead of a tree: 100,000 outlines are read in the memory of one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from worker.errors import FeedListError

MAX_FILE_BYTES = 256 << 20
MAX_OUTLINES = 250_000
MAX_DEPTH = 32
MAX_GAP_BYTES = 1 << 20
"""Between two tags: nothing that is read here is longer."""
CHUNK_BYTES = 64 << 10

_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_TEXT_CODECS = re.compile(
    r"utf-?8|utf-?16(?:-?[bl]e)?|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?\d|(?:windows-|cp)(?:125\d|874|949|932)|koi8-[ru]"
    r"|gb2312|gbk|gb18030|big5(?:-hkscs)?|shift_jis|euc-(?:jp|kr)|iso-2022-jp|macintosh",
    re.IGNORECASE,
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline with an address. `attributes`: as written, in order; those with a namespace are `{uri}name`."""

    number: int
    line: int
    url: str
    attributes: tuple[tuple[str, str], ...]
    folder: tuple[str, ...]
    """The texts of the outlines around it."""


def outlines(file: BinaryIO, name: str) -> Iterator[Outline]:
    """Every outline with an `xmlUrl` (in any case of its letters), as the file is read.

    Raises FeedListError, one line with `name` and the place: not OPML, not well-formed, not in the charset that it
    says, with an entity or an external reference, too large, nested too deeply.
    """
    reader = _Reader(name)
    head = file.read(CHUNK_BYTES)
    decoder = _decoder(head, name)
    read, chunk = 0, head
    while chunk:
        read += len(chunk)
        if read > MAX_FILE_BYTES:
            raise FeedListError(f"{name}: larger than {MAX_FILE_BYTES >> 20} MB")
        reader.feed(_decoded(decoder, chunk, False, reader), len(chunk))
        yield from reader.taken()
        chunk = file.read(CHUNK_BYTES)
    reader.feed(_decoded(decoder, b"", True, reader), 0)
    reader.end()
    yield from reader.taken()


def _decoder(head: bytes, name: str) -> codecs.IncrementalDecoder:
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return codecs.getincrementaldecoder(codec)("strict")
    declared = _DECLARED.match(head)
    label = declared[1].decode("ascii") if declared else "utf-8"
    if label.lower().startswith("utf-16"):  # its declaration is one byte a letter: it was saved as something else
        label = "utf-8"
    if not _TEXT_CODECS.fullmatch(label):
        raise FeedListError(f"{name}: text in an unknown encoding, {label}")
    try:
        return codecs.getincrementaldecoder(label)("strict")
    except LookupError:
        raise FeedListError(f"{name}: text in an unknown encoding, {label}") from None


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool, reader: _Reader) -> bytes:
    try:
        return decoder.decode(chunk, final).encode()
    except UnicodeError as error:
        codec = error.encoding if isinstance(error, UnicodeDecodeError) else "the encoding that it names"
        raise FeedListError(
            f"{reader.name}, after line {reader.line}: not text in {codec}; save the list as UTF-8"
        ) from None


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self._folders: list[tuple[str, ...]] = [()]
        self._depth = 0
        self._number = 0
        self._idle_bytes = 0
        self._root = False
        self._found: list[Outline] = []
        # What it is given is UTF-8, whatever the declaration says.
        parser = self._parser = expat.ParserCreate("utf-8", "\n")
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.UnparsedEntityDeclHandler = self._refuse
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def feed(self, data: bytes, size: int) -> None:
        self._idle_bytes += size
        if self._idle_bytes > MAX_GAP_BYTES:
            raise FeedListError(f"{self.name}, line {self.line}: more than {MAX_GAP_BYTES >> 20} MB without a tag")
        self._parse(data, False)

    def end(self) -> None:
        if not self._root:
            raise FeedListError(f"{self.name}: not OPML")
        self._parse(b"", True)

    def taken(self) -> list[Outline]:
        found, self._found = self._found, []
        return found

    def _parse(self, data: bytes, final: bool) -> None:
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            raise FeedListError(
                f"{self.name}, line {error.lineno}: not well-formed XML ({expat.ErrorString(error.code)})"
            ) from None

    def _refuse(self, *_: object) -> int:
        raise FeedListError(f"{self.name}: entities and external references are not accepted")

    def _start(self, tag: str, flat: list[str]) -> None:
        self._idle_bytes = 0
        self._depth += 1
        local = tag.rpartition("\n")[2]
        if not self._root:
            self._root = True
            if local.lower() != "opml":
                raise FeedListError(f"{self.name}: not OPML, its root is <{local[:40]}>")
        if self._depth > MAX_DEPTH + 8:
            raise FeedListError(f"{self.name}, line {self.line}: nested deeper than {MAX_DEPTH}")
        if local != "outline":
            return
        self._number += 1
        if self._number > MAX_OUTLINES or len(self._folders) > MAX_DEPTH:
            raise FeedListError(
                f"{self.name}, line {self.line}: more than {MAX_OUTLINES} outlines, or nested deeper than {MAX_DEPTH}"
            )
        attributes = tuple((_qualified(flat[at]), flat[at + 1]) for at in range(0, len(flat), 2))
        lower = {key.lower(): value for key, value in attributes}
        url = lower.get("xmlurl", "").strip()
        around = self._folders[-1]
        if url:
            self._found.append(Outline(self._number, self.line, url, attributes, around))
            self._folders.append(around)
        else:
            text = lower.get("text", "").strip() or lower.get("title", "").strip()
            self._folders.append((*around, text[:1000]) if text else around)

    def _end(self, tag: str) -> None:
        self._idle_bytes = 0
        self._depth -= 1
        if tag.rpartition("\n")[2] == "outline":
            self._folders.pop()


def _qualified(name: str) -> str:
    uri, separator, local = name.rpartition("\n")
    return f"{{{uri}}}{local}" if separator else local
