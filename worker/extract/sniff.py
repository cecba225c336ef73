"""What the bytes are, and whether they are worth a parser's time. Pure.

Both run before any parser. The gates keep pages away from code that is quadratic in links, attributes or elements
(research: 10,000 links in one paragraph cost 6 s, 100,000 paragraphs 23 s); what slips through, the sandbox kills.
"""

from __future__ import annotations

import re

MAX_HTML_BYTES = 5 << 20
MAX_TAGS = 50_000
MAX_ATTRIBUTES = 256
MAX_LINKS_PER_BLOCK = 3_000
MAX_LINKS = 15_000

HTML = "html"
EMPTY = "empty"

_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"ID3", "audio"),
    (b"OggS", "audio"),
    (b"fLaC", "audio"),
    (b"\x1a\x45\xdf\xa3", "video"),
    (b"FLV\x01", "video"),
    (b"\x7fELF", "binary"),
    (b"MZ", "binary"),
    (b"\xd0\xcf\x11\xe0", "office document"),
    (b"{\\rtf", "rtf"),
)

_FEED_ROOT = re.compile(rb"<(?:rss|feed|rdf:rdf)\b", re.I)
_HTML_SIGN = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|div|p|article|section|h1|table|a|span)\b", re.I
)
_ANY_TAG = re.compile(rb"<[a-zA-Z!/?]")
_LONG_TAG = 512  # characters up to which a tag is not looked at
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_RAW = re.compile(r"<(script|style)\b[^<>]*>", re.I)
_RAW_END = {name: re.compile(rf"</{name}\b", re.I) for name in ("script", "style")}
_LINK_OR_BLOCK = re.compile(
    r"<(?:(a)|p|div|td|li|ul|ol|section|article|table|tr|h[1-6]|blockquote|main|body|nav|header|footer)\b", re.I
)


def sniff(body: bytes, content_type: str = "") -> str:
    """One word for what the bytes are: `html`, `empty`, or else `pdf`, `image`, `json`, `feed`, ... (for people).

    The bytes decide; the header is asked only where they leave it open.
    """
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\x0b\x0c\x00")
    if not start:
        return EMPTY if not body.strip(b"\xef\xbb\xbf \t\r\n\x0b\x0c\x00") else "binary"
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 or UTF-32 by its mark: look at the letters
        start = start.replace(b"\x00", b"")[2:]
    elif start[:128].count(0) * 3 > len(start[:128]):  # the same without its mark
        start = start.replace(b"\x00", b"")
    for magic, name in _MAGIC:
        if start.startswith(magic):
            return name
    if start.startswith(b"RIFF"):
        return {b"WEBP": "image", b"WAVE": "audio"}.get(start[8:12], "video")
    if body[4:8] == b"ftyp":
        return "image" if body[8:12] in (b"avif", b"heic", b"mif1") else "video"
    if start[257:262] == b"ustar":
        return "tar"
    return _by_text(start, content_type.partition(";")[0].strip().lower())


def _by_text(start: bytes, mime: str) -> str:
    if start.startswith(b"<?xml") or mime.endswith(("/xml", "+xml")):
        if _FEED_ROOT.search(start):
            return "feed"
        if start[:1] == b"<" and re.search(rb"<svg\b", start, re.I) and not re.search(rb"<html\b", start, re.I):
            return "image"
        return HTML if _HTML_SIGN.search(start) else "xml"
    if start[:1] == b"<" and _FEED_ROOT.match(start):
        return "feed"
    if start[:1] in b"{[" and (mime.endswith("json") or re.match(rb"[{\[]\s*[\"{\[\]}\d]", start)):
        return "json"
    if _HTML_SIGN.search(start):
        return HTML
    control = sum(1 for byte in start if byte < 9 or 13 < byte < 32)
    if control > len(start) // 20:
        return "binary"
    if _ANY_TAG.search(start) or "html" in mime:
        return HTML
    return "text"


def over_limits(text: str) -> str:
    """What is too much about this page, in words with both numbers; '' when it may be parsed. Linear in the text."""
    size = len(text)
    if size > MAX_HTML_BYTES:
        return f"{size} characters of HTML, at most {MAX_HTML_BYTES}"
    # What stands in scripts is no markup: `if(a<b[c].length` is no tag of 300 attributes. Looked at only if it matters.
    problem = _too_much(text)
    markup = _without_raw(text) if problem else text
    return problem if markup is text else _too_much(markup)


def _without_raw(text: str) -> str:
    """Without what is in scripts and styles; behind one that never ends all stays. Linear."""
    kept: list[str] = []
    start = at = 0
    while match := _RAW.search(text, at):
        closing = _RAW_END[match.group(1).lower()].search(text, match.end())
        if closing is None:
            break
        kept.append(text[start : match.end()])
        start = at = closing.start()
    kept.append(text[start:])
    return "".join(kept) if start else text


def _too_much(text: str) -> str:
    pieces = text.split("<")
    tags = len(pieces) - 1
    if tags > MAX_TAGS:
        tags -= sum(1 for piece in pieces if piece.startswith("/"))
    if tags > MAX_TAGS:
        return f"{tags} tags, at most {MAX_TAGS}"
    for piece in [piece for piece in pieces if len(piece) > _LONG_TAG and piece[0].isalpha()]:
        attributes = len(_QUOTED.sub("''", piece.partition(">")[0]).split()) - 1
        if attributes > MAX_ATTRIBUTES:
            return f"{attributes} attributes in one tag, at most {MAX_ATTRIBUTES}"
    return _too_many_links(text) if tags > MAX_LINKS_PER_BLOCK else ""


def _too_many_links(text: str) -> str:
    links = run = 0
    if text.count("<a") + text.count("<A") <= MAX_LINKS_PER_BLOCK:
        return ""
    for match in _LINK_OR_BLOCK.finditer(text):
        if match.group(1) is None:
            run = 0
            continue
        links, run = links + 1, run + 1
        if links > MAX_LINKS:
            return f"more than {MAX_LINKS} links"
        if run > MAX_LINKS_PER_BLOCK:
            return f"more than {MAX_LINKS_PER_BLOCK} links in one block"
    return ""
