"""Bytes -> text. Which charset a page is in, decided by us: the parser and trafilatura only ever see `str`. Pure.

Order: byte order mark, header, `<meta>` or XML declaration in the first 4 KiB, UTF-8 if the bytes are valid, and
at last the legacy encoding that browsers assume for the page's language (windows-1252 for most of Europe).
"""

from __future__ import annotations

import codecs
import re

_PROLOG = 4096

# Text codecs only. `codecs.lookup` also knows base64, rot13, idna, utf-7 and others that must never run on input.
# As in the WHATWG encoding standard, a label that names a subset means the superset that is really used.
_CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-8-sig": "utf-8",
    "us-ascii": "cp1252", "ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso88591": "cp1252",
    "latin1": "cp1252", "latin-1": "cp1252", "l1": "cp1252", "windows-1252": "cp1252", "cp1252": "cp1252",
    "x-cp1252": "cp1252", "ansi": "cp1252",
    "iso-8859-2": "iso8859-2", "latin2": "iso8859-2", "iso-8859-3": "iso8859-3", "iso-8859-4": "iso8859-4",
    "iso-8859-5": "iso8859-5", "iso-8859-6": "iso8859-6", "iso-8859-7": "iso8859-7", "iso-8859-8": "iso8859-8",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "iso-8859-10": "iso8859-10", "iso-8859-13": "iso8859-13",
    "iso-8859-14": "iso8859-14", "iso-8859-15": "iso8859-15", "iso8859-15": "iso8859-15", "latin-9": "iso8859-15",
    "latin9": "iso8859-15", "iso-8859-16": "iso8859-16",
    "windows-1250": "cp1250", "cp1250": "cp1250", "windows-1251": "cp1251", "cp1251": "cp1251",
    "windows-1253": "cp1253", "windows-1254": "cp1254", "windows-1255": "cp1255", "windows-1256": "cp1256",
    "windows-1257": "cp1257", "windows-1258": "cp1258", "windows-874": "cp874", "tis-620": "cp874",
    "iso-8859-11": "cp874", "koi8-r": "koi8-r", "koi8-u": "koi8-u", "macintosh": "mac-roman", "ibm866": "cp866",
    "cp866": "cp866",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "windows-31j": "cp932", "euc-jp": "euc-jp", "iso-2022-jp": "iso2022-jp", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
}  # fmt: skip

_UTF16 = {"utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}

_MULTIBYTE = frozenset({"gb18030", "big5hkscs", "cp932", "euc-jp", "iso2022-jp", "cp949"})

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_LEGACY_BY_LANGUAGE = {
    "ru": "cp1251", "uk": "cp1251", "bg": "cp1251", "be": "cp1251", "sr": "cp1251", "mk": "cp1251",
    "pl": "iso8859-2", "cs": "cp1250", "sk": "cp1250", "hu": "iso8859-2", "sl": "iso8859-2", "hr": "cp1250",
    "el": "cp1253", "tr": "cp1254", "he": "cp1255", "ar": "cp1256", "fa": "cp1256", "lt": "cp1257", "lv": "cp1257",
    "et": "cp1257", "vi": "cp1258", "th": "cp874", "ja": "cp932", "ko": "cp949", "zh": "gb18030",
}  # fmt: skip

_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.I)
_META = re.compile(rb"""<meta\b[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.I)
_XML = re.compile(rb"""^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([\w.:+-]{1,40})["']""", re.I)
_LANG = re.compile(rb"""<html\b[^>]{0,500}?\blang\s*=\s*["']?\s*([A-Za-z]{2,3})\b""", re.I)

# A UTF-8 page with a few broken bytes (a cut, a pasted quote) is still UTF-8; above this share it is something else.
_BROKEN_SHARE = 0.1


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """Text without NUL and surrogates, and the name of the codec that was used; never raises.

    Bytes that are valid UTF-8 with at least one multi-byte character are read as UTF-8 whatever single-byte charset
    was declared: by accident that does not happen, by a wrong server setting it does all the time.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(codec, "replace")), codec
    declared = _declared(body, content_type)
    if declared in _UTF16.values() and _looks_utf16(body):
        return _clean(body.decode(declared, "replace")), declared
    if declared in _MULTIBYTE:
        return _clean(body.decode(declared, "replace")), declared
    utf8 = _as_utf8(body)
    if utf8 is not None and (declared in ("", "utf-8") or declared in _UTF16.values() or not body.isascii()):
        return _clean(utf8), "utf-8"
    codec = declared if declared and declared != "utf-8" and declared not in _UTF16.values() else _legacy(body)
    return _clean(body.decode(codec, "replace")), codec


def _declared(body: bytes, content_type: str) -> str:
    """The codec of the first label that is on the list; '' when none is."""
    head = body[:_PROLOG]
    labels = [match.group(1) for match in [_HEADER.search(content_type)] if match]
    labels += [match.group(1).decode("ascii", "replace") for match in (_META.search(head), _XML.match(head)) if match]
    for label in labels:
        name = label.strip().lower()
        if found := _CODECS.get(name) or _UTF16.get(name):
            return found
    return ""


def _looks_utf16(body: bytes) -> bool:
    # A <meta> that was read as ASCII cannot stand in a UTF-16 page; only the header can be right about it.
    sample = body[:_PROLOG]
    return len(sample) >= 2 and sample.count(0) * 5 >= len(sample)


def _as_utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for char in text if char > "\x7f") - broken
    return text if broken <= whole * _BROKEN_SHARE else None


def _legacy(body: bytes) -> str:
    match = _LANG.search(body[:_PROLOG])
    return _LEGACY_BY_LANGUAGE.get(match.group(1).decode("ascii").lower(), "cp1252") if match else "cp1252"


def _clean(text: str) -> str:
    # No codec of the table makes surrogates but those of UTF-16 and UTF-32 given broken input, and they are told to
    # replace; the check is one scan in C for what is there in one page of a thousand.
    return text.replace("\x00", "") if "\x00" in text else text
