"""The query tree -> SQL over `doc` and an FTS5 expression. Pure.

The user's text is only ever a quoted term or a parameter, never syntax.

A word or phrase matches a document by its folded terms, or by its stems in the document's language. Stems in the
index carry their language (`de:haus`), so all languages can be asked at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

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
    TextField,
    Word,
)
from worker.stores.analysis import ANALYSES, folded, stems
from worker.stores.sqlite.rows import LABELS, milliseconds, stem_prefix
from worker.stores.sqlite.schema import PER_SECOND_BITS
from worker.stores.words import lower

Parameter = str | int | float
Verified = Callable[[Phrase, "Compiled"], list[int]]
"""The rows whose text truly holds a phrase with slop, among those that `Compiled` (a superset) gives."""

_TEXT_FIELDS: tuple[TextField, ...] = ("title", "summary", "body")
_COLUMNS = {
    "story.id": "story_id",
    "story.is_lead": "is_lead",
    "story.containment": "containment",
    "extraction.method": "method",
    "extraction.quality": "quality",
    "extraction.fulltext": "fulltext",
}
_LAST = "\U0010ffff"
_NOTHING = ("0", ())


@dataclass(frozen=True, slots=True)
class Compiled:
    """`match` (FTS5, or None) and `where` must both hold. `ranking`: the FTS5 expression that scores a document."""

    match: str | None
    where: str
    parameters: tuple[Parameter, ...]
    ranking: str | None

    def source(self) -> tuple[str, tuple[Parameter, ...]]:
        """FROM and WHERE, with the full-text index as the outer loop where there is one; rows are `d`."""
        if self.match is None:
            return f"FROM doc d WHERE {self.where}", self.parameters
        return (
            f"FROM fts CROSS JOIN doc d ON d.rid = fts.rowid WHERE fts MATCH ? AND {self.where}",
            (self.match, *self.parameters),
        )


def compile_query(node: Node, verified: Verified) -> Compiled:
    """Raises QueryError on a field that cannot be asked so."""
    parts = list(_flat(node))
    sloppy = [part for part in parts if _is_sloppy(part)]
    found = _conjunction(parts, verified)
    for phrase in sloppy:
        assert isinstance(phrase, Phrase)
        rows = json.dumps(verified(phrase, found))
        found = Compiled(
            found.match,
            f"{found.where} AND d.rid IN (SELECT value FROM json_each(?))",
            (*found.parameters, rows),
            found.ranking,
        )
    return found


def _conjunction(parts: list[Node], verified: Verified) -> Compiled:
    """What of the parts FTS5 can do goes into one expression, the rest into SQL."""
    wanted: list[str] = []
    unwanted: list[str] = []
    where: list[str] = []
    parameters: list[Parameter] = []
    for part in parts:
        if (expression := _near(part) if _is_sloppy(part) else _fts(part)) is not None:
            wanted.append(expression)
        elif isinstance(part, Not) and (expression := _fts(part.item)) is not None:
            unwanted.append(expression)
        else:
            sql, values = _where(part, verified)
            where.append(f"({sql})")
            parameters.extend(values)
            if isinstance(part, Between) and part.field == "published_at":
                where.extend(_row_bounds(part))
    match = " AND ".join(wanted) if wanted else None
    if match and unwanted:
        match = f"({match}) NOT ({' OR '.join(unwanted)})"
    elif unwanted:
        where.append("d.rid NOT IN (SELECT rowid FROM fts WHERE fts MATCH ?)")
        parameters.append(" OR ".join(unwanted))
    positive = [expression for part in parts for expression in _positive(part)]
    return Compiled(match, " AND ".join(where) or "1", tuple(parameters), " OR ".join(positive) or None)


def _flat(node: Node) -> Iterable[Node]:
    if isinstance(node, And):
        for item in node.items:
            yield from _flat(item)
    else:
        yield node


def _row_bounds(node: Between) -> list[str]:
    """Rows are in order of publication: a date range is a range of rows."""
    bounds = []
    if isinstance(node.low, datetime):
        bounds.append(f"d.rid >= {(milliseconds(node.low) // 1000) << PER_SECOND_BITS}")
    if isinstance(node.high, datetime):
        bounds.append(f"d.rid < {(milliseconds(node.high) // 1000 + 2) << PER_SECOND_BITS}")
    return bounds


# --- full text


def _is_sloppy(node: Node) -> bool:
    """More than one word, or one that is several terms in some chain (タワー: two pairs of characters)."""
    if not isinstance(node, Phrase) or not node.slop:
        return False
    return len(folded(node.text)) > 1 or any(len(stems(node.text, analysis)) > 1 for analysis in ANALYSES)


def _fts(node: Node) -> str | None:
    """One FTS5 expression in parentheses, or None when the node is no pure, positive text query."""
    if isinstance(node, Word | Phrase | Prefix):
        return None if _is_sloppy(node) else _leaf(node)
    if isinstance(node, And | Or):
        inner = [_fts(item) for item in node.items]
        if inner and all(inner):
            return f"({(' AND ' if isinstance(node, And) else ' OR ').join(filter(None, inner))})"
    return None


def _leaf(node: Word | Phrase | Prefix) -> str | None:
    asked = folded(node.text)
    if not asked:
        return None
    if isinstance(node, Prefix):
        return f"({_columns('folded', node.field)} : {_quote(asked)} *)"
    return _either(node.field, _quote(asked), (_quote(_terms(node.text, analysis)) for analysis in ANALYSES))


def _near(node: Node) -> str | None:
    """All that a phrase with slop can match, and some more: FTS5 does not care about the order."""
    assert isinstance(node, Phrase)
    chains = [_distance(_terms(node.text, analysis), node.slop) for analysis in ANALYSES]
    return _either(node.field, _distance(folded(node.text), node.slop), chains)


def _distance(terms: list[str], slop: int) -> str:
    if len(terms) == 1:
        return _quote(terms)
    return f"NEAR({' '.join(_quote([term]) for term in terms)}, {slop + len(terms)})"


def in_order(phrase: Phrase) -> str:
    """The phrase without its slop: what matches this matches the phrase, whatever its slop."""
    expression = _leaf(phrase)
    assert expression is not None, "a phrase with slop has at least two terms"
    return expression


def _either(field: TextField | None, written: str, analysed: Iterable[str]) -> str:
    return f"({_columns('folded', field)} : {written} OR {_columns('stems', field)} : ({' OR '.join(analysed)}))"


def _terms(text: str, analysis: str) -> list[str]:
    return [stem_prefix(analysis) + term for term in stems(text, analysis)]


def _columns(kind: str, field: TextField | None) -> str:
    return "{" + " ".join(f"{kind}_{name}" for name in ((field,) if field else _TEXT_FIELDS)) + "}"


def _quote(terms: Iterable[str]) -> str:
    return '"' + " ".join(terms).replace('"', '""') + '"'


def _positive(node: Node) -> list[str]:
    """The text parts that can score a document: all but those under a negation."""
    if isinstance(node, And | Or):
        return [expression for item in node.items for expression in _positive(item)]
    expression = _near(node) if _is_sloppy(node) else _fts(node)
    return [expression] if expression else []


# --- everything else


def _where(node: Node, verified: Verified) -> tuple[str, tuple[Parameter, ...]]:
    """A condition on `d` that is never NULL, so that NOT turns it around."""
    if (expression := _fts(node)) is not None:
        return "d.rid IN (SELECT rowid FROM fts WHERE fts MATCH ?)", (expression,)
    match node:
        case Everything():
            return "1", ()
        case Phrase() if _is_sloppy(node):
            rows = verified(node, _conjunction([node], verified))
            return "d.rid IN (SELECT value FROM json_each(?))", (json.dumps(rows),)
        case Word() | Phrase() | Prefix():
            return _NOTHING
        case Equals():
            return _equals(node)
        case Between():
            return _between(node)
        case Not(item=item):
            sql, values = _where(item, verified)
            return f"NOT ({sql})", values
        case And(items=items):
            return _joined(" AND ", items, verified, empty="1")
        case Or(items=items):
            return _joined(" OR ", items, verified, empty="0")


def _joined(
    operator: str, items: Iterable[Node], verified: Verified, *, empty: str
) -> tuple[str, tuple[Parameter, ...]]:
    parts = [_where(item, verified) for item in items]
    sql = operator.join(f"({part})" for part, _ in parts) or empty
    return sql, tuple(value for _, values in parts for value in values)


def _equals(node: Equals) -> tuple[str, tuple[Parameter, ...]]:
    if node.field in KEYWORD_FIELDS:
        value = lower(str(node.value))
        condition, values = ("value = ?", (value,)) if not node.prefix else _begins("value", value)
        return _keyword(node.field, condition, values)
    if node.prefix or node.field not in (*BOOLEAN_FIELDS, *NUMBER_FIELDS) or isinstance(node.value, str):
        raise QueryError(f"{node.field} cannot be searched that way")
    if node.field in RARELY_TRUE:
        labelled = f"d.rid IN (SELECT rid FROM label WHERE field = '{node.field}')"
        return labelled if node.value else f"NOT {labelled}", ()
    return f"d.{_COLUMNS.get(node.field, node.field)} = ?", (node.value,)


def _begins(column: str, value: str) -> tuple[str, tuple[Parameter, ...]]:
    return f"{column} >= ? AND {column} < ?", (value, value + _LAST)


def _keyword(field: str, condition: str, values: tuple[Parameter, ...]) -> tuple[str, tuple[Parameter, ...]]:
    """`condition` speaks of `value`; an empty text counts as no value."""
    if field in LABELS:
        return f"d.rid IN (SELECT rid FROM label WHERE field = '{field}' AND {condition})", values
    column = f"d.{_COLUMNS.get(field, field)}"
    return f"({condition.replace('value', column)})", values


def _between(node: Between) -> tuple[str, tuple[Parameter, ...]]:
    if node.field not in (*KEYWORD_FIELDS, *DATE_FIELDS, *NUMBER_FIELDS):
        raise QueryError(f"{node.field} has no order")
    column = "value" if node.field in KEYWORD_FIELDS else f"d.{_COLUMNS.get(node.field, node.field)}"
    conditions: list[str] = [f"{column} IS NOT NULL"]
    values: list[Parameter] = []
    for end, operator in (
        (node.low, ">=" if node.include_low else ">"),
        (node.high, "<=" if node.include_high else "<"),
    ):
        if end is not None:
            conditions.append(f"{column} {operator} ?")
            values.append(
                milliseconds(end) if isinstance(end, datetime) else lower(end) if isinstance(end, str) else end
            )
    sql = " AND ".join(conditions)
    return _keyword(node.field, sql, tuple(values)) if column == "value" else (f"({sql})", tuple(values))
