"""The query tree -> Elasticsearch's query DSL. Pure; the user's text is only ever a value, never syntax.

A word or phrase matches a text field when it matches the folded base field, which holds every document, or the
stemmed field of one language, which holds only the documents of that language.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from worker.errors import QueryError
from worker.query.ast import (
    BOOLEAN_FIELDS,
    DATE_FIELDS,
    KEYWORD_FIELDS,
    NUMBER_FIELDS,
    RARELY_TRUE,
    And,
    Between,
    Equals,
    Everything,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
)
from worker.stores.analysis import ANALYSES, folded
from worker.stores.elasticsearch.source import TEXT_FIELDS

Query = dict[str, Any]

BOOSTS = {"title": 8.0, "summary": 3.0, "body": 1.0}
_HEX_FIELDS = ("id", "story.id", "duplicate_of")
"""Written in lower case only, so they need no folded copy."""
_DEEPEST = 25
"""Elasticsearch refuses bool queries nested deeper than 30; a word takes up to two of these levels."""

_MOST_ENDINGS = 800
"""Words that the last word of `u-boo*` may stand for (the server counts clauses); a single prefix has no limit."""


def compile_query(node: Node) -> Query:
    """Raises QueryError where Elasticsearch would refuse: nested too deeply, or a field that is not there."""
    return _compile(node, 0)


def _compile(node: Node, depth: int) -> Query:
    if depth > _DEEPEST:
        raise QueryError(f"the query is nested more than {_DEEPEST} levels deep")
    match node:
        case Everything():
            return {"match_all": {}}
        case Word(text=text, field=field):
            return _text(field, lambda name: _phrase(name, text, 0))
        case Phrase(text=text, field=field, slop=slop):
            return _text(field, lambda name: _phrase(name, text, slop))
        case Prefix(text=text, field=field):
            words = folded(text)
            return _any([_boosted(_beginning(name, words), name) for name in _fields(field) if words])
        case Equals(field=field, value=value, prefix=prefix):
            return _unscored(_equals(field, value, prefix))
        case Between():
            return _unscored(_between(node))
        case And(items=items):
            return _all([_compile(item, depth + 1) for item in _flat(And, items)])
        case Or(items=items):
            return _any([_compile(item, depth + 1) for item in _flat(Or, items)])
        case Not(item=item):
            return {"bool": {"must_not": [_compile(item, depth + 1)]}}


def _text(field: str | None, clause: Any) -> Query:
    return _any([_one_field(name, clause) for name in _fields(field)])


def _one_field(name: str, clause: Any) -> Query:
    """The best of the field's analyses counts; adding them up would favour the languages that have their own."""
    analyses = [clause(name), *(clause(f"{name}_{language}") for language in ANALYSES)]
    return {"dis_max": {"queries": analyses, "boost": BOOSTS[name]}}


def _phrase(name: str, text: str, slop: int) -> Query:
    # A phrase of one token is a plain term query, so one form serves words and phrases.
    return {"match_phrase": {name: {"query": text, "slop": slop}}}


def _beginning(name: str, words: list[str]) -> Query:
    """Of the folded base field only: its terms are the words as they are written."""
    if len(words) == 1:
        return {"prefix": {name: {"value": words[0]}}}
    return {"match_phrase_prefix": {name: {"query": " ".join(words), "max_expansions": _MOST_ENDINGS}}}


def _boosted(query: Query, name: str) -> Query:
    return {"constant_score": {"filter": query, "boost": BOOSTS[name]}}


def _fields(field: str | None) -> Iterable[str]:
    return TEXT_FIELDS if field is None else (field,)


def _equals(field: str, value: str | float | bool, prefix: bool) -> Query:
    if field in KEYWORD_FIELDS:
        return {"prefix" if prefix else "term": {_folded(field): {"value": _text_value(field, value)}}}
    if field in RARELY_TRUE and value is False:
        return {"bool": {"must_not": [{"term": {field: {"value": True}}}]}}
    if field in (*BOOLEAN_FIELDS, *NUMBER_FIELDS) and not prefix and not isinstance(value, str):
        return {"term": {field: {"value": value}}}
    raise QueryError(f"{field} cannot be searched that way")


def _text_value(field: str, value: object) -> str:
    return str(value).lower() if field in _HEX_FIELDS else str(value)


def _folded(field: str) -> str:
    return field if field in _HEX_FIELDS else f"{field}.fold"


def _between(node: Between) -> Query:
    if node.field in KEYWORD_FIELDS:
        name = _folded(node.field)
    elif node.field in (*DATE_FIELDS, *NUMBER_FIELDS):
        name = node.field
    else:
        raise QueryError(f"{node.field} has no order")
    bounds = {
        "gte" if node.include_low else "gt": node.low,
        "lte" if node.include_high else "lt": node.high,
    }
    given = {key: _exact(end) if isinstance(end, datetime) else end for key, end in bounds.items() if end is not None}
    return {"range": {name: given}} if given else {"exists": {"field": node.field}}


def _exact(moment: datetime) -> str:
    """With milliseconds always: the server reads `12:00:00` as a whole second when it is an upper end."""
    return moment.isoformat(timespec="milliseconds")


def _unscored(query: Query) -> Query:
    return {"constant_score": {"filter": query, "boost": 0.0}}


def _flat(kind: type[And] | type[Or], items: Iterable[Node]) -> list[Node]:
    found: list[Node] = []
    for item in items:
        found.extend(_flat(kind, item.items) if isinstance(item, kind) else [item])
    return found


def _all(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"must": queries}} if queries else {"match_all": {}}


def _any(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": queries, "minimum_should_match": 1}} if queries else {"match_none": {}}
