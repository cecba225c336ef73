"""Text that went through the wrong charset on its way into the page, put right where there is no doubt. Pure, linear.

Three things are certain: no text holds the controls U+0080 to U+009F, and what wrote them meant windows-1252 (so do
references such as `&#132;`: HTML standard, numeric character reference end state); a run of characters that reads as
UTF-8 once it is bytes again was UTF-8 (`fÃ¼r` -> `für`), when nearly all runs of the page do; and one stray byte
between ASCII in a page of UTF-8 is a character of windows-1252.
"""

from __future__ import annotations

import codecs
import re

_C1 = re.compile("[\x80-\x9f]")
_C1_REFERENCE = re.compile(r"&#(?:(1[2-5]\d)(?!\d)|[xX]0{0,4}([89][0-9a-fA-F])(?![0-9a-fA-F]));?", re.A)
_DOUBLED_SIGN = re.compile("[\u00c2-\u00c5\u00d0\u00d1\u00e2\u00e3][\x80-\xbf\u0152-\u2122]")
_RUN = re.compile("[\x80-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]+")
_SUSPECT_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
_SUSPECT_DOUBLED = re.compile(rb"\xc3[\x82-\x85\x90\x91\xa2\xa3][\xc2\xc5\xc6\xcb\xe2]")
_SUSPECT_REFERENCE = re.compile(rb"&#(?:1[2-5][0-9](?![0-9])|[xX]0{0,4}[89])")
_ENOUGH = 6
"""Repaired characters from which they are no example in a text about charsets."""
_SURE = 10
"""How many must be repairable for one that is not."""
_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_BYTES = {
    **{chr(code): code for code in range(0x80, 0x100)},
    **{
        bytes([code]).decode("cp1252"): code for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    },
}
_MEANT = {code: char for char, code in _BYTES.items() if not 0x80 <= ord(char) <= 0x9F}
"""Byte -> character of windows-1252."""
_HANDLER = "feedmill-stray-byte"


def mended(text: str) -> str:
    """The text with what is certain put right; the same object where there is nothing."""
    if "&#1" in text or "&#x" in text or "&#X" in text:
        text = _C1_REFERENCE.sub(_referred, text)
    if text.isascii():
        return text
    if _DOUBLED_SIGN.search(text):
        text = _undoubled(text)
    return _C1.sub(lambda match: _MEANT.get(ord(match.group()), ""), text) if _C1.search(text) else text


def is_suspect(body: bytes) -> bool:
    """Whether a text may hold something to mend: its bytes as UTF-8 are asked, as that is ten times as fast."""
    return (
        _SUSPECT_CONTROL.search(body) is not None
        or _SUSPECT_DOUBLED.search(body) is not None
        or _SUSPECT_REFERENCE.search(body) is not None
    )


def utf8_with_strays(body: bytes) -> str:
    """UTF-8 with some broken bytes: those between ASCII are windows-1252."""
    return body.decode("utf-8", _HANDLER)


def paired(body: bytes) -> bytes:
    """Characters beyond the basic plane that were written as two halves (CESU-8) in one piece."""
    return _PAIR.sub(_joined, body) if b"\xed" in body else body


def _undoubled(text: str) -> str:
    repaired = kept = 0

    def repair(match: re.Match[str]) -> str:
        nonlocal repaired, kept
        run = match.group()
        try:
            found = bytes(_BYTES[char] for char in run).decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            kept += len(run)
            return run
        repaired += len(found)
        return found

    found = _RUN.sub(repair, text)
    return found if repaired >= _ENOUGH and repaired >= _SURE * kept else text


def _referred(match: re.Match[str]) -> str:
    code = int(match[1]) if match[1] else int(match[2], 16)
    return _MEANT.get(code, match.group())


def _joined(match: re.Match[bytes]) -> bytes:
    pair = match.group().decode("utf-8", "surrogatepass")
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _stray(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    body, start, end = error.object, error.start, error.end
    alone = end - start == 1 and end < len(body) and body[end] < 0x80 and (start == 0 or body[start - 1] < 0x80)
    return (_MEANT.get(body[start], "\ufffd") if alone else "\ufffd"), end


codecs.register_error(_HANDLER, _stray)
