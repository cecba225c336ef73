"""What is compiled is tried on both indexes by the contract suites; here is what they cannot show."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import QueryError
from worker.query.ast import And, Between, Equals, Everything, Node, Not, Or, Phrase, Prefix, Word
from worker.stores.analysis import ANALYSES
from worker.stores.elasticsearch.compile import BOOSTS, compile_query


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in keys(item)}
    return {key for item in value for key in keys(item)} if isinstance(value, list) else set()


@given(st.text(min_size=1))
def test_user_text_is_only_ever_a_value(text: str) -> None:
    known = keys(compile_query(And((Word("a"), Phrase("a"), Equals("site", "a"), Prefix("a"), Prefix("a b")))))
    query = compile_query(And((Word(text), Phrase(text), Equals("site", text), Prefix(text))))
    assert keys(query) <= known | {"match_none"}
    assert "query_string" not in json.dumps(sorted(keys(query)))
    assert text in strings(query)


def test_a_word_without_field_asks_all_texts_in_all_analyses_and_the_title_counts_most() -> None:
    query = compile_query(Word("zoll"))
    asked = [
        name
        for part in query["bool"]["should"]
        for match in part["dis_max"]["queries"]
        for name in match["match_phrase"]
    ]
    assert sorted(asked) == sorted([*BOOSTS, *(f"{field}_{language}" for field in BOOSTS for language in ANALYSES)])
    boosts = [part["dis_max"]["boost"] for part in query["bool"]["should"]]
    assert boosts == sorted(boosts, reverse=True)


def test_a_prefix_is_folded_and_asks_the_base_field_only() -> None:
    query = compile_query(Prefix("ZÜRch", "title"))
    assert query == {"constant_score": {"filter": {"prefix": {"title": {"value": "zurch"}}}, "boost": 8.0}}
    assert compile_query(Prefix("...", "title")) == {"match_none": {}}


def test_dates_go_out_with_their_zone_and_milliseconds() -> None:
    low = datetime(2026, 7, 1, tzinfo=timezone(timedelta(hours=2)))
    query = compile_query(Between("published_at", low, datetime(2026, 8, 1, tzinfo=UTC), include_high=False))
    [bounds] = query["constant_score"]["filter"]["range"].values()
    assert bounds == {"gte": "2026-07-01T00:00:00.000+02:00", "lt": "2026-08-01T00:00:00.000+00:00"}


@pytest.mark.parametrize(
    "node",
    [
        Equals("body", "x"),
        Equals("nothing", "x"),
        Equals("word_count", "many"),
        Equals("word_count", 3, prefix=True),
        Equals("story.is_lead", "yes"),
        Equals("published_at", "2026"),
        Between("body", 1, 2),
        Between("story.is_lead", 0, 1),
        Between("_id", "a", "b"),
    ],
)
def test_fields_that_cannot_be_asked_so(node: Node) -> None:
    with pytest.raises(QueryError):
        compile_query(node)


def test_nesting_is_bounded_and_the_same_operator_is_no_nesting() -> None:
    alternating: Node = Word("a")
    chained: Node = Word("a")
    for n in range(100):
        alternating = (And if n % 2 else Or)((alternating, Word("b")))
        chained = And((chained, Word("b")))
    with pytest.raises(QueryError, match="nested"):
        compile_query(alternating)
    assert len(compile_query(chained)["bool"]["must"]) == 101


def test_nothing_in_all_and_nothing_in_any() -> None:
    assert compile_query(And(())) == {"match_all": {}}
    assert compile_query(Or(())) == {"match_none": {}}
    assert compile_query(Not(Everything())) == {"bool": {"must_not": [{"match_all": {}}]}}
