from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import mojibake

DE = "Für die größere Brücke über die Straße müssen die Bürger zahlen, «ja», sagte „Müller“ – 5 €."


def doubled(text: str, codec: str = "cp1252") -> str:
    return text.encode().decode(codec)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (doubled(DE), DE),
        (doubled("Решение принято депутатами на заседании", "latin-1"), "Решение принято депутатами на заседании"),
        # An example among sound text, too few to tell, capitals that look like it, other scripts:
        (f"{DE} Aus «für» wird «fÃ¼r».", f"{DE} Aus «für» wird «fÃ¼r»."),
        ("Aus fÃ¼r wird für", "Aus fÃ¼r wird für"),
        ("SÃO PAULO, AÇÃO, ESPAÑA, IRMÃ “SÃ” NAÇÃO: “NÃO”", "SÃO PAULO, AÇÃO, ESPAÑA, IRMÃ “SÃ” NAÇÃO: “NÃO”"),
        ("東京都は予算案を発表した。", "東京都は予算案を発表した。"),
        ("\x84Rat\x93 \x96 ja\x85", "„Rat“ – ja…"),
        ("&#132;Rat&#x93; &#128;5 &#1320; &#13;", "„Rat“ €5 &#1320; &#13;"),
        ("plain", "plain"),
        ("", ""),
    ],
)  # fmt: skip
def test_mended(text: str, wanted: str) -> None:
    assert mojibake.mended(text) == wanted


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("für ".encode() + b"Gr\xf6sse", "für Grösse"),
        ("für ".encode() + b"\x84Rat\x93 ", "für „Rat“ "),
        ("für ".encode() + b"\xe3\x81", "für \ufffd"),
        (b"a\xff\xfeb", "a\ufffd\ufffdb"),
        (b"a\xed\xa0\xbdb", "a\ufffd\ufffd\ufffdb"),
    ],
)
def test_strays(body: bytes, wanted: str) -> None:
    assert mojibake.utf8_with_strays(body) == wanted


def test_halves() -> None:
    assert mojibake.paired(b"a\xed\xa0\xbd\xed\xb8\x80b") == "a😀b".encode()


@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    text = mojibake.utf8_with_strays(body)
    assert not any("\ud800" <= char <= "\udfff" for char in text)


@given(st.text(max_size=300))
def test_what_was_mended_stays(text: str) -> None:
    once = mojibake.mended(text)
    assert not any("\x80" <= char <= "\x9f" for char in once)
