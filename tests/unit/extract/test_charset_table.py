"""Fifty ways in which pages come, each with the text that must come out of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.extract.charset import decode
from worker.extract.page import extract

DE = (
    "Der Gemeinderat hat für die Sanierung des Hallenbades vier Millionen bewilligt. Über das Geschäft müssen die "
    "Bürger im November abstimmen, größere Änderungen schließt die Behörde aus. «Wir heizen zum Fenster», sagte sie."
)
FR = (
    "Le conseil municipal a adopté mardi soir le budget de la bibliothèque. Les élus ont débattu trois heures ; "
    "l'opposition reproche à la maire d'avoir caché le coût réel, déjà dépassé l'été dernier."
)
RU = (
    "Государственная дума приняла в третьем чтении закон о бюджете на следующий год. Депутаты голосовали за документ "
    "после долгого обсуждения, сообщил председатель комитета. Жители города ждут новых школ и дорог."
)
JA = (
    "東京都は十二日、来年度の予算案を発表した。新しい図書館の建設費として三十億円を計上し、子育て支援にも力を入れる。"
    "知事は記者会見で「将来への投資だ」と述べた。議会での審議は来週から始まる予定である。"
)
ZH = (
    "市政府周二宣布，将在明年春天之前关闭东部码头的汽车通行，结束了一场持续近十年的争论。商人们警告说，"
    "这一决定会让他们失去顾客。居民则收集了两千多个签名，希望海滨更加安静。"
)
TW = (
    "市政府週二宣布，將在明年春天之前關閉東部碼頭的汽車通行，結束了一場持續近十年的爭論。商人們警告說，"
    "這一決定會讓他們失去顧客。居民則收集了兩千多個簽名，希望海濱更加安靜。"
)
KO = (
    "시의회는 월요일 동쪽 부두의 차량 통행을 내년 봄부터 금지하기로 의결했다. 상인들은 손님이 줄어든다고 했지만 "
    "주민들은 더 조용한 해안을 원한다며 찬성했다."
)
PL = (
    "Rada miejska zatwierdziła budżet na przyszły rok. Mieszkańcy będą głosować w listopadzie, a większość środków "
    "przeznaczono na żłobki i drogi, powiedział burmistrz."
)
EL = "Το δημοτικό συμβούλιο ενέκρινε τη Δευτέρα τον προϋπολογισμό του επόμενου έτους. Οι κάτοικοι θα ψηφίσουν."
EURO = "Das Bad kostet 4 € mehr, sagte Œnologe Šimić aus Grüningen: für größere Becken müsse man zahlen."


def page(text: str, head: str = "", language: str = "") -> str:
    lang = f' lang="{language}"' if language else ""
    start = f"<!DOCTYPE html><html{lang}><head>{head}<title>x</title></head>"
    return f"{start}<body><article><p>{text}</p></article></body></html>"


def meta(label: str) -> str:
    return f'<meta charset="{label}">'


LATIN = "text/html; charset=ISO-8859-1"
UTF8 = "text/html; charset=utf-8"
CASES = [
    ("utf-8 declared", page(DE, meta("utf-8")).encode(), "text/html; charset=utf-8", DE),
    ("utf-8 undeclared", page(RU).encode(), "text/html", RU),
    ("utf-8 with a mark, declared latin-1", b"\xef\xbb\xbf" + page(DE).encode(), "text/html; charset=iso-8859-1", DE),
    ("utf-8 declared as windows-1252", page(DE, meta("windows-1252")).encode(), "", DE),
    ("utf-8 declared as shift_jis", page(JA, meta("shift_jis")).encode(), "", JA),
    ("utf-16 little-endian with a mark", b"\xff\xfe" + page(DE).encode("utf-16-le"), "", DE),
    ("utf-16 big-endian with a mark", b"\xfe\xff" + page(JA).encode("utf-16-be"), "", JA),
    ("utf-16 little-endian without one, declared", page(RU).encode("utf-16-le"), "text/html; charset=utf-16", RU),
    ("utf-16 little-endian without one, undeclared", page(RU).encode("utf-16-le"), "text/html", RU),
    ("utf-16 big-endian without one, undeclared", page(DE).encode("utf-16-be"), "text/html", DE),
    ("windows-1252 declared", page(DE, meta("windows-1252")).encode("cp1252"), "", DE),
    ("windows-1252 declared as utf-8", page(DE, meta("utf-8")).encode("cp1252"), "text/html; charset=utf-8", DE),
    ("windows-1252 undeclared", page(FR).encode("cp1252"), "text/html", FR),
    (
        "windows-1252 with a charset that is none",
        page(DE, meta("x-none")).encode("cp1252"),
        "text/html; charset=foo",
        DE,
    ),
    ("iso-8859-15", page(EURO, meta("iso-8859-15")).encode("iso8859-15", "replace"), "", "Das Bad kostet 4 € mehr"),
    ("shift_jis declared", page(JA, meta("Shift_JIS")).encode("cp932"), "", JA),
    ("shift_jis undeclared", page(JA).encode("cp932"), "text/html", JA),
    ("euc-jp undeclared", page(JA, language="ja").encode("euc-jp"), "text/html", JA),
    ("iso-2022-jp", page(JA, meta("iso-2022-jp")).encode("iso2022-jp"), "", JA),
    ("gb18030 declared as gb2312", page(ZH, meta("gb2312")).encode("gb18030"), "", ZH),
    ("gb18030 undeclared", page(ZH).encode("gb18030"), "text/html", ZH),
    ("big5 in the header", page(TW).encode("big5"), "text/html; charset=big5", TW),
    ("euc-kr undeclared", page(KO).encode("cp949"), "text/html", KO),
    ("koi8-r declared", page(RU, meta("koi8-r")).encode("koi8-r"), "", RU),
    ("koi8-r declared as utf-8", page(RU, meta("utf-8")).encode("koi8-r"), "text/html; charset=utf-8", RU),
    ("windows-1251 undeclared", page(RU).encode("cp1251"), "text/html", RU),
    ("windows-1251 declared as latin-1", page(RU, language="ru").encode("cp1251"), "text/html; charset=iso-8859-1", RU),
    ("windows-1250 undeclared", page(PL, language="pl").encode("cp1250"), "text/html", PL),
    ("iso-8859-7 declared by a number", page(EL, meta("iso-8859-7")).encode("iso8859-7"), "", EL),
    # Charsets that are said wrongly, and text that went through a wrong one before.
    ("utf-8 doubled by windows-1252", page(DE.encode().decode("cp1252"), meta("utf-8")).encode(), "", DE),
    ("utf-8 doubled by latin-1", page(FR.encode().decode("latin-1"), meta("utf-8")).encode(), "", FR),
    ("utf-8 with a stray paragraph", page(f"{DE} {DE}").encode() + "<p>Größe</p>".encode("cp1252"), "", DE),
    ("utf-8 with surrogates in pairs", page(f"{DE} \ud83d\ude00").encode("utf-8", "surrogatepass"), "", f"{DE} 😀"),
    ("utf-8 with controls for quotes", page("Der \x84Rat\x93 \x96 ja").encode(), "", "Der „Rat“ – ja"),
    ("references to controls", page("Der &#132;Rat&#x93; &#150; ja").encode(), "", "Der „Rat“ – ja"),
    ("windows-1251 declared as koi8-r", page(RU, meta("koi8-r")).encode("cp1251"), "", RU),
    ("koi8-r declared as windows-1251", page(RU, meta("windows-1251")).encode("koi8-r"), "", RU),
    ("windows-1251 declared as utf-8", page(RU, meta("utf-8")).encode("cp1251"), "text/html; charset=utf-8", RU),
    ("euc-jp declared as shift_jis", page(JA, meta("shift_jis")).encode("euc-jp"), "", JA),
    ("shift_jis declared as euc-jp", page(JA, meta("euc-jp")).encode("cp932"), "", JA),
    ("big5 declared as gb2312", page(TW, meta("gb2312")).encode("big5"), "", TW),
    ("gbk declared as utf-8", page(ZH, meta("utf-8")).encode("gbk"), "", ZH),
    ("shift_jis by its meta, latin-1 by the server", page(JA, meta("shift_jis")).encode("cp932"), LATIN, JA),
    ("windows-1251 by its meta, latin-1 by the server", page(RU, meta("cp1251")).encode("cp1251"), LATIN, RU),
    ("windows-1252 by both, one in other words", page(DE, meta("latin1")).encode("cp1252"), LATIN, DE),
    ("windows-1252 by its meta, utf-8 by the server", page(DE, meta("cp1252")).encode("cp1252"), UTF8, DE),
    ("cp866 undeclared", page(RU).encode("cp866"), "", RU),
    ("utf-32 with a mark", b"\xff\xfe\x00\x00" + page(DE).encode("utf-32-le"), "", DE),
    ("a label that must never run", page(DE).encode(), "text/html; charset=base64", DE),
    ("declared behind 4 KiB", page(DE, f"<!--{'x' * 5000}-->{meta('cp1252')}").encode("cp1252"), "", DE),
]


@pytest.mark.parametrize(
    ("body", "content_type", "text"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_table(body: bytes, content_type: str, text: str) -> None:
    decoded, _ = decode(body, content_type)
    assert text in decoded


@pytest.mark.parametrize(
    ("body", "content_type", "text"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_whole_way(body: bytes, content_type: str, text: str) -> None:
    found = extract(body, content_type=content_type, min_words=0, now=datetime(2026, 5, 1, tzinfo=UTC))
    assert text in found.body


def test_a_right_declaration_is_never_overruled() -> None:
    for codec, label, text in (("cp1252", "windows-1252", FR), ("koi8-r", "koi8-r", RU), ("cp932", "shift_jis", JA)):
        decoded, used = decode(page(text, meta(label)).encode(codec))
        assert (text in decoded, used) == (True, codec)
