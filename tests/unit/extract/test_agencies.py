from __future__ import annotations

import pytest

from worker.extract import agencies

LONG = "Der Gemeinderat hat am Dienstag entschieden, das Hallenbad zu sanieren."


@pytest.mark.parametrize(
    ("ending", "wanted"),
    [
        ("(sda/afp)", ("sda", "afp")),
        ("(dpa)", ("dpa",)),
        ("(Reuters)", ("reuters",)),
        ("(AP)", ("ap",)),
        ("[ANSA]", ("ansa",)),
        ("(EFE)", ("efe",)),
        ("(mit Material von dpa)", ()),
        ("(awp/mk)", ("awp",)),
        ("(kad/sda/dpa)", ("sda", "dpa")),
        ("(SDA, Reuters und AFP)", ("sda", "reuters", "afp")),
        ("(ats avec afp)", ()),
        ("(2024)", ()),
        ("(siehe Kasten)", ()),
        ("(mk)", ()),
        ("", ()),
    ],
)
def test_endings(ending: str, wanted: tuple[str, ...]) -> None:
    assert agencies.of_body([LONG, f"{LONG} {ending}"]) == wanted


@pytest.mark.parametrize(
    ("paragraph", "wanted"),
    [
        ("dpa", ("dpa",)),
        ("Quelle: sda", ("sda",)),
        ("© AFP", ("afp",)),
        ("si", ()),
        ("Mit", ()),
        ("Reuters", ("reuters",)),
    ],
)
def test_a_last_line_of_its_own(paragraph: str, wanted: tuple[str, ...]) -> None:
    assert agencies.of_body([LONG, paragraph]) == wanted


@pytest.mark.parametrize(
    ("start", "wanted"),
    [
        ("BERLIN (dpa) - Die Regierung", ("dpa",)),
        ("(Reuters) - The company", ("reuters",)),
        ("WASHINGTON (AP) — The president", ("ap",)),
        ("Die Partei (CDU) - wie immer", ()),
        ("The agency (AP) reported", ()),
    ],
)
def test_datelines(start: str, wanted: tuple[str, ...]) -> None:
    assert agencies.of_body([f"{start} {LONG}", LONG]) == wanted


def test_authors() -> None:
    assert agencies.of_names(["sda/afp", "Petra Keller", "AP", "Reuters"]) == ("sda", "afp", "ap", "reuters")
    assert agencies.of_names(["Ap", "Si"]) == ()


def test_sign_off_needs_one_credit_after_a_sentence() -> None:
    assert agencies.sign_off([LONG, f"{LONG} (sda)", "Rest"]) == 1
    assert agencies.sign_off([f"{LONG} (sda)", f"{LONG} (afp)"]) is None
    assert agencies.sign_off([LONG, "It was founded as the Associated Press (AP)."]) is None


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("12.05.2021 (pk/sda)", ("sda",)),
        ("Quelle: sda / Bild: Keystone", ("sda",)),
        ("Source: AFP, photo: Reuters", ("afp",)),
        ("Mit Agenturmaterial von dpa", ("dpa",)),
        ("Bild: Keystone", ()),
        ("Von Petra Keller", ()),
        ("Reuters" * 30, ()),
    ],
)
def test_lines_around_the_text(line: str, wanted: tuple[str, ...]) -> None:
    assert agencies.of_lines(["Region", line]) == wanted
