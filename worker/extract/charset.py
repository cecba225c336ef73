"""Bytes -> text. Which charset a page is in, decided by us: the parser and trafilatura only ever see `str`. Pure.

Order: byte order mark, header, `<meta>` or XML declaration in the first 4 KiB, UTF-8 if the bytes are valid, detection
by charset-normalizer among the charsets that pages come in, and at last the one that browsers assume for the page's
language (windows-1252 for most of Europe). A declaration is overruled only by what cannot be an accident: many
characters of valid UTF-8, the zeros of UTF-16, letters of another script than the declared charset has at all, the
page's own word against a server's Latin-1, and text that only another charset of the same script makes readable.
"""

from __future__ import annotations

import codecs
import re

from worker.extract import mojibake

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

# What charset-normalizer may choose among, and our names for it.
_BY_NORMALIZER = {
    "cp1250": "cp1250", "cp1251": "cp1251", "cp1252": "cp1252", "cp1253": "cp1253", "cp1254": "cp1254",
    "cp1255": "cp1255", "cp1256": "cp1256", "cp1257": "cp1257", "cp1258": "cp1258", "iso8859_2": "iso8859-2",
    "iso8859_5": "iso8859-5", "koi8_r": "koi8-r", "koi8_u": "koi8-u", "cp866": "cp866", "cp874": "cp874",
    "cp932": "cp932", "euc_jp": "euc-jp", "cp949": "cp949", "gb18030": "gb18030", "big5hkscs": "big5hkscs",
    "big5": "big5hkscs",
}  # fmt: skip
_CANDIDATES = list(_BY_NORMALIZER)

_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.I)
_META = re.compile(rb"""<meta\b[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.I)
_XML = re.compile(rb"""^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([\w.:+-]{1,40})["']""", re.I)
_LANG = re.compile(rb"""<html\b[^>]{0,500}?\blang\s*=\s*["']?\s*([A-Za-z]{2,3})\b""", re.I)

# Bytes that are controls in an ISO charset and letters in its Windows sibling: no text holds such controls.
_C1 = re.compile(rb"[\x80-\x9f]")
_SIBLINGS = {"iso8859-2": "cp1250", "iso8859-5": "cp1251", "iso8859-7": "cp1253", "iso8859-8": "cp1255"}
_BETWEEN_TAGS = re.compile(rb"[^<>]+")
_HIGH = re.compile(rb"[\x80-\xff]")
_BEFORE = 200  # bytes before the first one above ASCII that belong to the sample
_ISO_2022_JP = b"\x1b$B"

# A UTF-8 page with some broken bytes (a cut, a pasted paragraph) is still UTF-8: valid sequences are no accident. Above
# this share it is something else.
_BROKEN_SHARE = 0.25
_SURE_UTF8 = (
    8  # characters of several bytes from which valid UTF-8 is no accident, whatever multi-byte charset is declared
)
_SAMPLE = 6_000
_LOOK = 100_000
_CYRILLIC = frozenset({"cp1251", "koi8-r", "koi8-u"})
_OTHER_SCRIPTS = frozenset({
    "cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "cp1253", "iso8859-7", "cp1255", "iso8859-8", "cp1256",
    "iso8859-6", "cp874",
})  # fmt: skip
_MIXED = re.compile("[A-Za-z][\u0370-\u0fff\u3040-\u9fff][A-Za-z]")
_TELLING = 40  # bytes above ASCII from which detection is asked
_WESTERN = "cp1252"


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """Text without NUL and surrogates, put right (`mojibake`), and the name of the codec used; never raises."""
    text, codec = read(body, content_type)
    return mojibake.mended(text), codec


def read(body: bytes, content_type: str = "") -> tuple[str, str]:
    """As `decode`, before it is put right: that is cheaper of what is left of a page without its scripts."""
    for mark, codec in _BOMS:
        if body.startswith(mark):
            rest = body[len(mark) :]
            if codec.startswith("utf-8") and _as_utf8(rest) is None:
                body = rest  # an editor's mark before bytes that are no UTF-8
                break
            return _clean(rest.decode(codec, "replace")), codec
    if codec := _utf16(body):
        return _clean(body.decode(codec, "replace")), codec
    declared = _declared(body, content_type)
    if declared in _UTF16.values():  # and no zeros in it: only bytes that hold no UTF-16 can have said so
        declared = ""
    if _ISO_2022_JP in body[: _PROLOG * 16] and declared in ("", "utf-8", "iso2022-jp", *_MULTIBYTE):
        return _clean(body.decode("iso2022-jp", "replace")), "iso2022-jp"
    utf8 = _as_utf8(body)
    if utf8 is not None and (declared in ("", "utf-8") or (not body.isascii() and _is_sure(utf8, declared))):
        return utf8.replace("\x00", "") if b"\x00" in body else utf8, "utf-8"
    if declared in ("", "utf-8") or (declared == _WESTERN and _language(body) in _LEGACY_BY_LANGUAGE):
        declared = _detected(body) or _LEGACY_BY_LANGUAGE.get(_language(body), _WESTERN)
    if declared in _SIBLINGS and _C1.search(body):
        declared = _SIBLINGS[declared]
    declared = _other_of_its_kind(body, declared)
    return _clean(body.decode(declared, "replace")), declared


def _other_of_its_kind(body: bytes, declared: str) -> str:
    """Where the declared charset gives what no text looks like, and another of the same script plain text: that one."""
    if declared in _MULTIBYTE:
        if _oddities(body[:_LOOK].decode(declared, "replace")) and (found := _detected(body)) in _MULTIBYTE:
            return found if not _oddities(body[:_LOOK].decode(found, "replace")) else declared
    elif declared in _CYRILLIC and _is_inverted(body[:_LOOK].decode(declared, "replace")):
        # The letters of KOI8 and windows-1251 lie so that each reads as the other with small and capital exchanged.
        other = "koi8-r" if declared == "cp1251" else "cp1251"
        return declared if _is_inverted(body[:_LOOK].decode(other, "replace")) else other
    return declared


def _oddities(text: str) -> bool:
    """More than one in fifty characters above ASCII is none, or of private use."""
    high = [char for char in text if char > "\x7f"]
    odd = sum(1 for char in high if char == "\ufffd" or "\ue000" <= char <= "\uf8ff")
    return odd * 50 > len(high)


def _is_inverted(text: str) -> bool:
    """More capitals than small letters, in Cyrillic."""
    letters = [char for char in text if "\u0400" <= char <= "\u045f"]
    capitals = sum(map(str.isupper, letters))
    return len(letters) >= _TELLING and capitals > 0.6 * len(letters)


def _declared(body: bytes, content_type: str) -> str:
    """The codec of the first label that is on the list; '' when none is."""
    head = body[:_PROLOG]
    labels = [match.group(1) for match in [_HEADER.search(content_type)] if match]
    labels += [match.group(1).decode("ascii", "replace") for match in (_META.search(head), _XML.match(head)) if match]
    found = [codec for label in labels if (codec := _CODECS.get(name := label.strip().lower()) or _UTF16.get(name))]
    # Latin-1 is what servers say of all they serve; what the page's author wrote into it is about this page.
    if len(found) > 1 and found[0] == _WESTERN and found[1] != _WESTERN and _is_of(body, found[1]):
        return found[1]
    return found[0] if found else ""


def _is_of(body: bytes, codec: str) -> bool:
    """Whether the bytes are sound text of a script other than Latin in that charset."""
    if codec not in _MULTIBYTE and codec not in _OTHER_SCRIPTS:
        return False
    text = body[:_LOOK].decode(codec, "replace")
    letters = sum(1 for char in text if char > "\u036f" and char.isalpha())
    # An accented Latin letter would stand between plain ones.
    mixed = len(_MIXED.findall(text))
    return letters >= _TELLING and not _oddities(text) and mixed * 20 < letters


def _utf16(body: bytes) -> str:
    """The byte order, when every second byte of the start is mostly zero; '' for anything but UTF-16."""
    sample = body[:256]  # markup: later much of the text may have no zeros at all
    if b"\x00" not in sample or len(sample) < 8:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd * 5 >= len(sample) and even * 8 < odd:
        return "utf-16-le"
    return "utf-16-be" if even * 5 >= len(sample) and odd * 8 < even else ""


def _as_utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    body = mojibake.paired(body)
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for char in text if char > "\x7f") - broken
    return mojibake.utf8_with_strays(body) if broken <= whole * _BROKEN_SHARE else None


def _is_sure(utf8: str, declared: str) -> bool:
    """Valid UTF-8 is no accident; next to a declared multi-byte charset it takes some characters to say so."""
    if declared not in _MULTIBYTE:
        return True
    return "\ufffd" not in utf8 and sum(1 for char in utf8 if char > "\x7f") >= _SURE_UTF8


def _detected(body: bytes) -> str:
    """By charset-normalizer, from the text that is not ASCII; '' when there is too little or it does not know."""
    parts, size = [], 0
    for match in _BETWEEN_TAGS.finditer(body):
        high = _HIGH.search(body, match.start(), match.end())
        if high is None:
            continue
        part = body[max(match.start(), high.start() - _BEFORE) : min(match.end(), high.start() + _SAMPLE)]
        parts.append(part)
        size += len(part)
        if size > _SAMPLE:
            break
    sample = b" ".join(parts)[: 2 * _SAMPLE]
    if sum(1 for byte in sample if byte > 0x7F) < _TELLING:
        return ""
    # Imported when it is needed: few pages say nothing, and of those most are UTF-8.
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    codec = _BY_NORMALIZER.get(best.encoding, "") if best is not None else ""
    if codec in ("cp1250", "iso8859-2", "cp1254", "cp1257") and _same(sample, codec, _WESTERN):
        return _WESTERN  # the letters that western Europe has in common with its neighbours
    return codec


def _same(sample: bytes, first: str, second: str) -> bool:
    return sample.decode(first, "replace") == sample.decode(second, "replace")


def _language(body: bytes) -> str:
    match = _LANG.search(body[:_PROLOG])
    return match.group(1).decode("ascii").lower() if match else ""


def _clean(text: str) -> str:
    # No codec of the table makes surrogates; NUL ends strings in C libraries and may not travel on.
    return text.replace("\x00", "")
