from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import cascade
from worker.extract.page import extract
from worker.models import Extracted

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FIXTURES = Path(__file__).parents[2] / "fixtures" / "pages"
P = [
    "Die Gemeinde will ihr altes Hallenbad bis zum Sommer vollständig sanieren und hat dafür einen Kredit bewilligt.",
    "Das Bad stammt aus dem Jahr 1974 und verbraucht fast dreimal so viel Energie wie ein vergleichbarer Neubau.",
    "Geplant sind neue Fenster, eine Wärmepumpe und ein Kinderbecken, das im Winter auch den Schulen offensteht.",
    "Gegen das Vorhaben hat sich ein Komitee gebildet, das den Kredit für viel zu knapp berechnet hält.",
]
TEXT = "".join(f"<p>{text}</p>" for text in P)


def page(body: str, claim: str | None = None) -> Extracted:
    data = {"@type": "NewsArticle", "headline": "Das Hallenbad", "articleBody": claim}
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>' if claim is not None else ""
    html = f"<html><head><title>Das Hallenbad</title>{script}</head><body><h1>Das Hallenbad</h1>{body}</body></html>"
    return extract(html.encode(), content_type="text/html; charset=utf-8", now=NOW)


def test_two_readings_that_agree() -> None:
    found = page(f"<div>{TEXT}</div>")
    assert (found.method, found.body) == (cascade.OWN, "\n\n".join(P))
    assert found.quality >= cascade.GATE


@pytest.mark.parametrize("claim", [" ".join(P), "\n".join(P), TEXT])
def test_linked_data_confirms(claim: str) -> None:
    found = page(f"<div>{TEXT}</div>", claim)
    assert (found.method, found.body) == (cascade.OWN_CONFIRMED, "\n\n".join(P))
    assert found.quality > 0.9


def test_microdata_confirms() -> None:
    assert page(f"<div itemprop=articleBody>{TEXT}</div>").method == cascade.OWN_CONFIRMED


def test_a_teaser_in_the_linked_data_is_not_the_article() -> None:
    found = page(f"<div>{TEXT}</div>", P[0])
    assert (found.method, found.body) == (cascade.OWN, "\n\n".join(P))


def test_linked_data_rescues_a_page_without_text() -> None:
    claim = "\n".join(P * 2 + [f"{n} {text}" for n, text in enumerate(P)])
    found = page("<div id=root></div>", claim)
    assert found.method == cascade.LINKED_DATA
    assert found.body.startswith(P[0])
    assert found.quality < 0.5


def test_a_long_claim_beside_a_long_text_is_not_believed() -> None:
    other = " ".join(f"Ganz andere Wörter stehen hier zum {n}. Mal." for n in range(40))
    assert page(f"<div>{TEXT}</div>", other).body == "\n\n".join(P)


def test_a_third_reading_where_two_disagree() -> None:
    """Prose that stands in list items of a page without any other prose: ours finds less than the others."""
    tips = "".join(
        f"<li>Tipp {n}: Wer früh kommt, hat das Becken für sich allein und zahlt weniger.</li>" for n in range(9)
    )
    found = page(f"<main><ul>{tips}</ul></main>")
    assert found.method == cascade.TRAFILATURA
    assert "Tipp 8" in found.body
    assert 0 < found.quality <= 1


def test_the_setting_is_honoured() -> None:
    body = (FIXTURES / "semantic_de.html").read_bytes()
    found = extract(body, method=cascade.TRAFILATURA, now=NOW)
    assert found.method == cascade.TRAFILATURA
    assert found.body.startswith("Die Gemeinde Oberriedthal")


WORDS = st.frozensets(st.sampled_from("abcdefghij"), max_size=10)


@given(WORDS, WORDS)
def test_agreement(first: frozenset[str], second: frozenset[str]) -> None:
    assert 0 <= cascade.agreement(first, second) == cascade.agreement(second, first) <= 1
    assert (cascade.agreement(first, second) == 1) == (first == second and bool(first))


def test_what_another_reading_adds_of_menus_and_comments_is_no_reason_to_take_it() -> None:
    """A text shorter than its comments: others keep those, and are asked because it is short."""
    said = "".join(f"<div class=comment><div class=comment-text><p>{text} {text}</p></div></div>" for text in P)
    found = page(f"<div><p>{P[0]} {P[1]}</p></div><div>{said}</div>")
    assert (found.method, found.body) == (cascade.OWN, f"{P[0]} {P[1]}")
