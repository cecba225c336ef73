"""Terms as Lucene 10 makes them. The expected values were measured with Lucene's own classes, not with ours."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.stores import words as words_module
from worker.stores.analysis import STEMMED, analysis_of, folded, stems
from worker.stores.words import fold, lower, tokens, words

WORDS: list[tuple[str, list[str]]] = [
    ("", []),
    (" .,;!? ", []),
    ("l'homme d’État", ["l'homme", "d’État"]),
    ("U.S. and U.S.A.", ["U.S", "and", "U.S.A"]),
    ("3.5 1,000.50 12,5 %", ["3.5", "1,000.50", "12,5"]),
    ("don't O'Neill’s 'quoted' word's.", ["don't", "O'Neill’s", "quoted", "word's"]),
    ("foo_bar ___ _a_", ["foo_bar", "_a_"]),
    ("EU:s a:b 10:30", ["EU:s", "a:b", "10", "30"]),
    ("Jean-Luc wi-fi 24/7 c++", ["Jean", "Luc", "wi", "fi", "24", "7", "c"]),
    ("AT&T a@b.ch", ["AT", "T", "a", "b.ch"]),
    ("a1.b2 1.a a.1", ["a1", "b2", "1", "a", "a", "1"]),
    ("5'000 5’000.–", ["5'000", "5’000"]),
    ("aus\u00adsenden", ["aus\u00adsenden"]),
    ("東京タワー", ["東", "京", "タワー"]),
    ("ひらがなカナ", ["ひ", "ら", "が", "な", "カナ"]),
    ("한국어 글", ["한국어", "글"]),
    ("ภาษาไทย", ["ภาษาไทย"]),
    ('צה"ל', ['צה"ל']),
    ("😀 ok 🇨🇭🇩🇪 👨‍👩‍👧", ["😀", "ok", "🇨🇭", "🇩🇪", "👨‍👩‍👧"]),
    ("x² ½ №5 Ⅷ €20", ["x", "5", "Ⅷ", "20"]),
    ("x" * 300, ["x" * 255, "x" * 45]),
]


@pytest.mark.parametrize(("text", "expected"), WORDS, ids=[text[:20] or "empty" for text, _ in WORDS])
def test_words_are_those_of_the_standard_tokenizer(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_tokens_are_the_words_with_their_places(text: str) -> None:
    found = list(tokens(text))
    assert [token.text for token in found] == words(text)
    end = 0
    for token in found:
        assert text[token.start : token.end] == token.text
        assert token.start >= end
        end = token.end


@given(st.text(alphabet="aäßéÅ.,;!?:'’\u00a0 \n»)-_1東😀", max_size=40))
@settings(max_examples=300, deadline=None)
def test_the_short_cut_for_plain_words_changes_nothing(text: str) -> None:
    whole = words_module.regex.compile(words_module._word_pattern(), words_module.regex.V1)
    assert whole.findall(text) == words(text)


def test_lower_case_goes_character_by_character() -> None:
    assert lower("ΣΊΣΥΦΟΣ İI STRASSE ẞ") == "σίσυφοσ ii strasse ß"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zürich straße", "zurich strasse"),
        ("łódź ærø đặng þór", "lodz aero dang thor"),
        ("ﬁn œuvre ĳ", "fin oeuvre ij"),
        ("can’t", "can't"),
        ("ªº", "ªº"),
        ("東京 привет", "東京 привет"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_folding(text: str, expected: str) -> None:
    assert fold(text) == expected


STEMS: list[tuple[str, str, list[str]]] = [
    ("de", "Aussenminister Außenminister Aussenministers", ["aussenminist"] * 3),
    ("de", "Zürich Zuerich Straße Strassen", ["zurich", "zurich", "strass", "strass"]),
    ("de", "Krankenkassenprämien Krankenkassenpraemie", ["krankenkassenprami"] * 2),
    ("de", "neue Bauer true queue System Systemen", ["neu", "bau", "tru", "queu", "system", "system"]),
    ("en", "councils council's council’s", ["council"] * 3),
    (
        "en",
        "university universe running skies dying generously",
        ["univers", "univers", "run", "sky", "die", "generous"],
    ),
    ("en", "added evening internal organization news", ["add", "even", "intern", "organ", "news"]),
    ("fr", "l'Élysée aujourd’hui qu’on nationaux nationales", ["elys", "aujourd'hui", "on", "national", "national"]),
    ("fr", "française françaises", ["francais", "francais"]),
    ("it", "dell'estate città all’inizio", ["estat", "citt", "iniz"]),
    ("es", "elecciones elección generacion", ["eleccion", "eleccion", "generacion"]),
    ("pt", "eleições eleição jornais", ["eleico", "eleica", "jorn"]),
    ("de", "Aussenministerin Ministerinnen Berlin Erin", ["aussenminist", "minist", "berlin", "erin"]),
    ("sv", "husets huset landet stormakternas möjligheter", ["huset", "huset", "landet", "stormak", "moj"]),
    ("da", "husene regeringerne mulighederne havvind", ["hus", "regering", "mulighed", "havvind"]),
    ("no", "husene regjeringens mulighetene lovers bers", ["hus", "regjering", "mul", "lov", "ber"]),
    ("ru", "правительства правительство выборов новости", ["правительств", "правительств", "выбор", "новост"]),
    ("cjk", "東京都 タワー 한국어 OK 中", ["東京", "京都", "タワ", "ワー", "한국", "국어", "ok", "中"]),
    ("cjk", "日々の暮らし。空", ["日", "々", "の暮", "暮ら", "らし", "空"]),
    ("nl", "verkiezingen verkiezing auto's huizen", ["verkiez", "verkiez", "auto'", "huiz"]),
]


@pytest.mark.parametrize(("language", "text", "expected"), STEMS)
def test_stems_are_those_of_lucene(language: str, text: str, expected: list[str]) -> None:
    assert stems(text, language) == expected


@given(st.text(max_size=80), st.sampled_from(STEMMED))
@settings(max_examples=200, deadline=None)
def test_both_chains_keep_positions_and_make_no_empty_term(text: str, language: str) -> None:
    one, other = folded(text), stems(text, language)
    assert len(one) == len(other) == len(words(text))
    assert all(one)
    assert not any(character.isspace() for term in one + other for character in term if ord(character) < 128)


@pytest.mark.parametrize(
    ("language", "expected"),
    [("de", "de"), ("de-CH", "de"), ("EN_us", "en"), ("nb-NO", "no"), ("fi", ""), ("", ""), ("deu", ""), ("ja", "cjk")],
)
def test_analysis_of(language: str, expected: str) -> None:
    assert analysis_of(language) == expected


def test_composed_and_decomposed_text_differ_as_in_lucene() -> None:
    """So text must be normalised before it comes here; queries are (query.parse)."""
    assert folded("été") == ["ete"]
    assert folded(unicodedata.normalize("NFD", "été")) != ["ete"]
