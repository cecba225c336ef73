"""The search language: Lucene's syntax as people use it, read into `query.ast`. Pure.

    lawrow kim                     both words (AND is the default), anywhere in title, summary or body
    "strategische Partnerschaft"   the words in this order; "..."~3: at most three moves away from it
    Bundes*                        words that begin so, as written (no stem)
    a OR b, a AND b, NOT a, -a, (a OR b) c, also ||, && and !
    title:zoll  body:"..."         one text field; also summary:, text: (all three)
    lang:de site:watson.ch tag:"Kalter Krieg" url:https://www.example.org/*
    published:2026-07  published:[2026-07-01 TO 2026-07-12]  date:>=2026  words:>300
    since:7d  until:2026-07-01  since:yesterday  published:[now-2d TO now]

AND binds tighter than OR; words side by side bind loosest (`a b OR c` is a AND (b OR c)). `+` is allowed and changes
nothing, since all is required; beside OR it is an error. `a OR -b` is read as logic: a, or everything without b.
A query of negations only means everything but. Field names and values do not care about case. A date is its whole
period, in the zone of `now` when it names none; a bound takes the far end of its period (`<=2026-07` is up to the end
of July). Typographic double quotes count as quotes where they are paired. A bare http(s) URL asks for that document.
`?` is punctuation; `*` within a word, `/regex/`, `word~` and `word^2` are errors that say what to write instead.
Punctuation alone is ignored. Word texts are Unicode NFC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from luqum import parser as luqum_parser
from luqum import tree

from worker.errors import QueryError
from worker.query import fields
from worker.query.ast import DATE_FIELDS, NUMBER_FIELDS, And, Everything, Node, Not, Or
from worker.query.leaves import LeafReader, shown
from worker.query.prepare import Prepared, prepare, restore

MAX_LENGTH = 4096
"""Characters of a query; longer ones are refused."""

MAX_TERMS = 256
"""Words, phrases and field terms of a query: a bound on what one search can cost."""

MAX_DEPTH = 20
"""Levels of AND, OR and NOT within each other; Elasticsearch takes no more."""

_MAX_PARENTHESES = 100
_MAX_LEVELS = 250
"""Of luqum's tree: `NOT NOT NOT ... a` must not exhaust Python's stack (two frames per level)."""

_NO_WORD = "the query holds no word to search for, only punctuation"
_ORDERED = (*DATE_FIELDS, *NUMBER_FIELDS, fields.SINCE, fields.UNTIL)


def parse(text: str, now: datetime) -> Node:
    """The tree of a query. An empty one matches everything. Raises QueryError, in one line, and nothing else.

    `now` is an aware datetime; relative dates count from it (whole seconds).
    """
    if now.tzinfo is None:
        now = now.replace(tzinfo=UTC)
    if len(text) > MAX_LENGTH:
        raise QueryError(f"query too long: {len(text)} characters, at most {MAX_LENGTH} are read")
    prepared = prepare(text)
    if not text.strip():
        return Everything()
    if not prepared.text.strip():
        raise QueryError(_NO_WORD)
    if prepared.depth > _MAX_PARENTHESES:
        raise QueryError(f"query too deep: at most {_MAX_PARENTHESES} nested parentheses")
    found = _Reader(prepared, now).read(_luqum(prepared))
    if found is None:
        raise QueryError(_NO_WORD)
    if _depth(found) > MAX_DEPTH:
        raise QueryError(f"query too deep: at most {MAX_DEPTH} levels of AND, OR and NOT")
    return found


def _depth(node: Node) -> int:
    if isinstance(node, And | Or):
        return 1 + max(_depth(item) for item in node.items)
    return 1 + _depth(node.item) if isinstance(node, Not) else 0


def _luqum(prepared: Prepared) -> tree.Item:
    try:
        # A fresh lexer each time: it keeps state after an error, and belongs to one thread.
        return luqum_parser.parser.parse(prepared.text, lexer=luqum_parser.lexer.clone())
    except Exception as error:
        raise QueryError(prepared.explain(error)) from None


class _Reader:
    """One walk over luqum's tree. `None` is a part without any word: it drops out of its surroundings."""

    def __init__(self, prepared: Prepared, now: datetime) -> None:
        self._prepared = prepared
        self._leaves = LeafReader(prepared, now)
        self._terms = 0
        self._level = 0
        self._written = ""

    def read(self, item: tree.Item, field: str | None = None) -> Node | None:
        """`field` is a document field, a text field, `since`/`until`, or None outside of any `field:`."""
        if self._level > _MAX_LEVELS:
            raise QueryError(f"query too deep: more than {_MAX_LEVELS} operators and parentheses within each other")
        self._level += 1
        try:
            return self._read(item, field)
        finally:
            self._level -= 1

    def _read(self, item: tree.Item, field: str | None) -> Node | None:
        if isinstance(item, (tree.Group, tree.FieldGroup)):
            return self.read(item.expr, field)
        if isinstance(item, tree.OrOperation):
            if any(isinstance(operand, tree.Plus) for operand in item.operands):
                raise self._error(item, "'+' beside OR has no clear meaning; use AND and parentheses")
            return self._join(Or, item.operands, field)
        if isinstance(item, tree.BaseOperation):
            return self._join(And, item.operands, field)
        if isinstance(item, tree.Plus):
            return self.read(item.a, field)
        if isinstance(item, tree.Prohibit) and field in _ORDERED:
            raise self._error(item, f"a minus before a value has no meaning; to exclude, write -{self._written}:...")
        if isinstance(item, (tree.Not, tree.Prohibit)):
            inner = self.read(item.a, field)
            return None if inner is None else inner.item if isinstance(inner, Not) else Not(inner)
        if isinstance(item, tree.SearchField):
            return self._field(item, field)
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise QueryError(f"query too large: more than {MAX_TERMS} terms")
        return self._leaves.read(item, field, self._written if field else "")

    def _join(
        self, kind: Callable[[tuple[Node, ...]], And | Or], operands: Sequence[tree.Item], field: str | None
    ) -> Node | None:
        parts = [part for operand in operands if (part := self.read(operand, field)) is not None]
        if len(parts) < 2:
            return parts[0] if parts else None
        flat: list[Node] = []
        for part in parts:
            flat.extend(part.items if isinstance(part, And | Or) and type(part) is kind else (part,))
        return kind(tuple(flat))

    def _field(self, item: tree.SearchField, outer: str | None) -> Node | None:
        if outer is not None:
            raise self._error(item, f"a field inside the field {self._written!r}; write them side by side")
        written = restore(item.name).replace("\\", "")
        if written == "*" and isinstance(item.expr, tree.Word) and item.expr.value == "*":
            return Everything()
        name = self._written = written.lower()
        if name in fields.TEXT or name in (fields.SINCE, fields.UNTIL):
            return self.read(item.expr, name)
        known = fields.NAMES.get(name)
        if known is None:
            raise self._error(
                item, f"no field {shown(written)}; known: {fields.SHOWN}. To search for a colon, use quotes"
            )
        return self.read(item.expr, known)

    def _error(self, item: tree.Item, message: str) -> QueryError:
        return QueryError(self._prepared.at(item.pos, message))
