"""Site furniture, the pure part: which blocks are equal, what is cut, what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract.furniture import (
    MOST_FIRST,
    MOST_LAST,
    MOST_SHARE,
    cut,
    fingerprint,
    read,
    title_sketch,
)

SAME = [
    ("Support us with 5 CHF a month!", "SUPPORT US – with 5 CHF a month"),
    ("12 Kommentare", "1.204 Kommentare"),
    ("Kommentare (3)", "Kommentare (17)"),
    ("Stand: 12.07.2025, 13:13 Uhr", "Stand: 3.1.2026, 09:05 Uhr"),
    ("Veröffentlicht am 2025-07-12 um 13:13", "Veröffentlicht am 2026-01-03 um 21:40"),
    ("Von Ann Example, 12.07.2025", "Von Ann Example, 13.07.2025"),
    ("© 2025 Bergbote Verlag. Alle Rechte vorbehalten.", "© 2026 Bergbote Verlag. Alle Rechte vorbehalten."),
    ("Schon 1'234 Leser unterstützen uns", "Schon 12'345 Leser unterstützen uns"),
    ("\ufb01ne newsletter here", "Fine Newsletter here"),
    ("Straße und Gasse heute", "STRASSE UND GASSE HEUTE"),
    ("もっと読む 12", "もっと読む 345"),
]
OTHER = [
    ("The council voted on Tuesday.", "The council voted on Wednesday."),
    ("Lottozahlen: 3, 17, 22, 34, 41, 48", "Lottozahlen: 5, 11, 23, 30, 40, 49"),
    (
        "Die Zahl der gemeldeten Fälle stieg im Kanton innert Wochenfrist um 120 auf 5678.",
        "Die Zahl der gemeldeten Fälle stieg im Kanton innert Wochenfrist um 99 auf 6001.",
    ),
    ("Net 188,000 vs 130,000", "Net 260,000 vs 172,000"),
    ("Ein Brot kostet 3.50", "Ein Brot kostet 3.50 und mehr"),
]
NOTHING = [
    "",
    "  ",
    "***",
    "— • —",
    "12",
    "13:13",
    "12.07.2025",
    "Ja.",
    "Nein!",
    "Warum nicht?",
    "«Ja, klar.»",
    "Bergbote:",
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_equal_to_a_reader(one: str, other: str) -> None:
    first, second = fingerprint(one), fingerprint(other)
    assert first is not None
    assert second is not None
    assert first.mark == second.mark


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_not_equal(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize("text", NOTHING)
def test_known_by_nothing(text: str) -> None:
    assert fingerprint(text) is None


def test_rows_of_a_table_keep_their_numbers() -> None:
    assert fingerprint("DAX 18.234") == fingerprint("DAX 17.001")
    assert fingerprint("DAX 18.234", is_row=True) != fingerprint("DAX 17.001", is_row=True)
    lines = read("Kurse\n\nDAX 18.234\nSMI 12.001\n\nText.")
    table = lines.paragraphs[1]
    assert [line.block for line in table] == [fingerprint(line.text, is_row=True) for line in table]


def marks(*texts: str) -> set[bytes]:
    return {block.mark for text in texts if (block := fingerprint(text)) is not None}


BOX = "Support our desk today"
BODY = f"The council voted on the harbour.\n\n{BOX}\n\nIt will be built in spring.\n\n{BOX}"


def test_every_repetition_of_a_block_is_cut_and_counts_once() -> None:
    lines = read(BODY)
    assert [block.words for block in lines.blocks()] == [6, 4, 6]
    found = cut(lines, marks("support our desk today!"))
    assert found.body == "The council voted on the harbour.\n\nIt will be built in spring."
    assert found.marks == tuple(marks("Support our desk today"))


def test_items_of_a_list_are_cut_one_by_one() -> None:
    body = "What was decided on Tuesday evening:\n\nThe harbour will be built\nShare this list\nThe tram has to wait"
    assert cut(read(body), marks("Share this list")).body == body.replace("\nShare this list", "")
    whole = "A text that is long enough to stand alone here.\n\nShare this\nPrint this"
    assert cut(read(whole), marks("Share this", "Print this")).body == whole.partition("\n\n")[0]


def test_a_row_with_a_number_is_not_left_alone() -> None:
    """It would be taken for a counter when the stored body is read again."""
    body = "The results of Tuesday's votes in town, in short.\n\nShare this\nDAX 18.234"
    assert cut(read(body), marks("Share this")).body == body


def test_more_than_four_fifths_are_never_cut() -> None:
    body = "x" * 20 + "\n\n" + "y" * 80
    assert cut(read(body), marks("y" * 80)).body == "x" * 20
    body = "x" * 20 + "\n\n" + "y" * 81
    assert cut(read(body), marks("y" * 81)).body == body
    assert cut(read(body), marks("x" * 20, "y" * 81)).marks == ()


def test_a_huge_body_is_looked_at_from_both_ends_only() -> None:
    texts = [f"Paragraph {'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}{n // 100 * 'u'} here" for n in range(1000)]
    lines = read("\n\n".join(texts))
    blocks = lines.blocks()
    assert len(blocks) == MOST_FIRST + MOST_LAST
    assert blocks[0] == fingerprint(texts[0])
    assert blocks[-1] == fingerprint(texts[-1])


LINE = st.sampled_from(
    ["A vote was held.", "Share this", "12 comments", "—", "Ja.", "The tram has to wait for a year.", "ß"]
)
BODIES = st.lists(st.lists(LINE, min_size=1, max_size=3).map("\n".join), max_size=8).map("\n\n".join)


@given(st.one_of(BODIES, st.text()), st.sets(LINE))
def test_what_is_left_is_the_body_without_whole_lines(body: str, furniture: set[str]) -> None:
    lines = read(body)
    known = marks(*furniture)
    found = cut(lines, known)
    if not found.marks:
        assert found.body == body
        return
    before = [line for line in body.replace("\n\n", "\n").split("\n") if line.strip()]
    after = [line for line in found.body.replace("\n\n", "\n").split("\n") if line.strip()]
    rest = iter(before)
    assert all(line in rest for line in after), "in order, and nothing new"
    assert sum(map(len, after)) >= (1 - MOST_SHARE) * sum(map(len, before)) - 1e-6
    assert after
    assert set(found.marks) <= known
    assert cut(read(found.body), known).marks == (), "cutting again cuts nothing"


@given(st.text())
def test_reading_never_fails_and_is_stable(text: str) -> None:
    assert read(text) == read(text)
    assert len(title_sketch(text)) <= 8
    assert title_sketch(text) == title_sketch(text.upper().lower()) or not text.isascii()


def test_lone_surrogates_and_digits_of_all_scripts() -> None:
    assert fingerprint("broken \ud800 text here") is not None
    assert fingerprint("٣ تعليقات") == fingerprint("٧ تعليقات")
    assert fingerprint("٣٤") is None
