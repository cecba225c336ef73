from __future__ import annotations

import pytest

from worker.wordcount import words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", 0), ("The council didn't vote – twice.", 5), ("Der Rat sagte: «Nein»", 4), ("3.5 Millionen", 2),
        ("東京都は来年度の予算案を発表した。", 8), ("市政府周二宣布", 3), ("시의회는 월요일 의결했다.", 3),
        ("- * |", 0), ("مجلس المدينة قرر", 3),
    ],
)  # fmt: skip
def test_words(text: str, wanted: int) -> None:
    assert words(text) == wanted
