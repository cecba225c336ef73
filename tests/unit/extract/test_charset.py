from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract.charset import decode
from worker.extract.mojibake import mended

UMLAUT = "Zürich – «Größe»"


def page(label: str, text: str = UMLAUT) -> str:
    return f'<html><head><meta charset="{label}"></head><body>{text}</body></html>'


@pytest.mark.parametrize(
    ("body", "content_type", "codec"),
    [
        (b"\xef\xbb\xbf" + page("latin1").encode(), "text/html; charset=iso-8859-1", "utf-8"),
        (page("x").encode("utf-16"), "text/html", "utf-16-le"),
        (b"\xfe\xff" + page("x").encode("utf-16-be"), "", "utf-16-be"),
        (b"\xff\xfe\x00\x00" + page("x").encode("utf-32-le"), "", "utf-32-le"),
        (page("x").encode("utf-16-le"), "text/html; charset=utf-16le", "utf-16-le"),
        (page("utf-16").encode(), "text/html", "utf-8"),
        (page("utf-8").encode("cp1252"), "text/html; charset=windows-1252", "cp1252"),
        (page("utf-8").encode("cp1252"), "text/html; charset=utf-8", "cp1252"),
        (page("iso-8859-1").encode("cp1252"), "text/html", "cp1252"),
        (page("iso-8859-1").encode(), "text/html; charset=ISO-8859-1", "utf-8"),
        (f'<?xml version="1.0" encoding="windows-1252"?>{UMLAUT}'.encode("cp1252"), "", "cp1252"),
        (UMLAUT.encode(), "", "utf-8"),
        (UMLAUT.encode("cp1252"), "", "cp1252"),
        (UMLAUT.encode(), 'text/html; charset="utf8"', "utf-8"),
        (page("base64").encode(), "text/html; charset=rot13", "utf-8"),
        (page("idna").encode("cp1252"), "text/html; charset=utf-7", "cp1252"),
        (page("iso-utf-8").encode(), "text/html; charset=iso-utf-8", "utf-8"),
    ],
)
def test_table(body: bytes, content_type: str, codec: str) -> None:
    text, used = decode(body, content_type)
    assert used == codec
    assert UMLAUT in text


@pytest.mark.parametrize(
    ("language", "text", "codec"),
    [
        ("ru", "Новости дня: сегодня в Москве", "cp1251"),
        ("cs", "Příliš žluťoučký kůň", "cp1250"),
        ("ja", "今日のニュース", "cp932"),
        ("el", "Ειδήσεις σήμερα", "cp1253"),
    ],
)
def test_undeclared_legacy_encodings_follow_the_language(language: str, text: str, codec: str) -> None:
    body = f'<html lang="{language}">{text}</html>'.encode(codec)
    assert decode(body)[0] == f'<html lang="{language}">{text}</html>'


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("shift_jis", "cp932", "今日は"),
        ("gbk", "gb18030", "新闻"),
        ("euc-kr", "cp949", "뉴스"),
        ("big5", "big5", "新聞"),
    ],
)
def test_declared_multibyte(label: str, codec: str, text: str) -> None:
    assert text in decode(page(label, text).encode(codec))[0]


def test_a_few_broken_bytes_do_not_make_it_another_charset() -> None:
    text, used = decode(("Größe " * 50).encode() + b"\xff", "text/html; charset=utf-8")
    assert used == "utf-8"
    assert text.startswith("Größe Größe")


@pytest.mark.parametrize(
    "label", ["utf-7", "base64", "rot13", "idna", "unicode_escape", "hex", "zlib", "punycode", "mbcs"]
)
def test_no_other_codec_runs(label: str) -> None:
    assert decode(b"+ADw-script+AD4- \\u0041 6869", f"text/html; charset={label}") == (
        "+ADw-script+AD4- \\u0041 6869",
        "utf-8",
    )


@given(body=st.binary(max_size=300), content_type=st.text(max_size=60))
def test_anything_becomes_encodable_text(body: bytes, content_type: str) -> None:
    text, _ = decode(body, content_type)
    assert "\x00" not in text
    text.encode("utf-8")


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff\ufffe")))
def test_utf8_survives(text: str) -> None:
    assert decode(text.encode(), "text/html; charset=utf-8")[0] == mended(text)
