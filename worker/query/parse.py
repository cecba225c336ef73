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

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from luqum import parser as luqum_parser
from luqum import tree

from worker.errors import QueryError
from worker.models import Kind
from worker.query import dates, fields
from worker.query.ast import (
    BOOLEAN_FIELDS,
    DATE_FIELDS,
    KEYWORD_FIELDS,
    NUMBER_FIELDS,
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
from worker.query.prepare import Prepared, prepare, restore

MAX_LENGTH = 4096
"""Characters of a query; longer ones are refused."""

MAX_TERMS = 256
"""Words, phrases and field terms of a query: a bound on what one search can cost."""

MAX_DEPTH = 20
"""Levels of AND, OR and NOT within each other; Elasticsearch takes no more."""

_MAX_PARENTHESES = 100

MAX_SLOP = 100

LONGEST_PREFIX = 1000
"""Characters before a `*`; Elasticsearch takes no more."""

_NO_WORD = "the query holds no word to search for, only punctuation"
_YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ORDERED = (*DATE_FIELDS, *NUMBER_FIELDS, fields.SINCE, fields.UNTIL)
_INNER_QUESTION_MARK = re.compile(r"(?<!\\)\?\w")
_WIDEST_INT = 2**31 - 1


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
        self._now = now
        self._terms = 0

    def read(self, item: tree.Item, field: str | None = None) -> Node | None:
        """`field` is a document field, a text field, `since`/`until`, or None outside of any `field:`."""
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
            raise self._error(item, f"a minus before a value has no meaning; to exclude, write -{field}:...")
        if isinstance(item, (tree.Not, tree.Prohibit)):
            inner = self.read(item.a, field)
            return None if inner is None else inner.item if isinstance(inner, Not) else Not(inner)
        if isinstance(item, tree.SearchField):
            return self._field(item, field)
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise QueryError(f"query too large: more than {MAX_TERMS} terms")
        if isinstance(item, tree.Boost):
            raise self._error(item, "boosts (^) are not supported; leave it out")
        if isinstance(item, tree.Fuzzy):
            raise self._error(item, "fuzzy words (~) are not supported; use a prefix: word*")
        if isinstance(item, tree.Regex):
            raise self._error(item, "regular expressions (/.../) are not supported; put the text in quotes")
        if field is None or field in fields.TEXT:
            return self._text(item, fields.TEXT[field] if field else None)
        return self._value(item, field)

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
            raise self._error(item, f"a field inside the field {outer!r}; write them side by side")
        written = restore(item.name).replace("\\", "")
        if written == "*" and isinstance(item.expr, tree.Word) and item.expr.value == "*":
            return Everything()
        name = written.lower()
        if name in fields.TEXT or name in (fields.SINCE, fields.UNTIL):
            return self.read(item.expr, name)
        known = fields.NAMES.get(name)
        if known is None:
            raise self._error(
                item, f"no field {_shown(written)}; known: {fields.SHOWN}. To search for a colon, use quotes"
            )
        return self.read(item.expr, known)

    def _text(self, item: tree.Item, field: TextField | None) -> Node | None:
        if isinstance(item, tree.Proximity):
            if item.degree > MAX_SLOP:
                raise self._error(item, f"the distance after ~ is at most {MAX_SLOP}")
            text = self._quoted(item.term)
            return Phrase(text, field, item.degree) if _has_words(text) else None
        if isinstance(item, tree.Phrase):
            text = self._quoted(item)
            return Phrase(text, field) if _has_words(text) else None
        if isinstance(item, tree.Word):
            text, star = self._word(item)
            if not _has_words(text):
                if star and field is None and not text:
                    return Everything()
                if star:
                    raise self._error(item, "'*' needs the beginning of a word before it")
                return None
            if field is None and not star and text.startswith(("http://", "https://")):
                return Equals("url", text)
            if _INNER_QUESTION_MARK.search(item.value):
                raise self._error(item, "'?' is no wildcard; use a prefix (word*), or quotes")
            return Prefix(text, field) if star else Word(text, field)
        raise self._error(item, "ranges need a date or number field, as in published:[2026-07-01 TO 2026-07-12]")

    def _value(self, item: tree.Item, field: str) -> Node:
        if isinstance(item, tree.Proximity):
            raise self._error(item, f"'~' needs a text field; {field} compares whole values")
        if field in (fields.SINCE, fields.UNTIL):
            return self._since(item, field)
        if field in DATE_FIELDS:
            return self._dates(item, field)
        if field in NUMBER_FIELDS:
            return self._numbers(item, field)
        if isinstance(item, (tree.Range, tree.OpenRange)):
            raise self._error(item, f"{field} has no order; ranges are for dates and numbers")
        if isinstance(item, tree.Word):
            text, star = self._word(item)
        else:
            text, star = self._quoted(item), False
        if not text:
            raise self._error(item, f"{field}: needs a value" + (" before '*'" if star else ""))
        if field in BOOLEAN_FIELDS:
            if star or text.lower() not in _YES:
                raise self._error(item, f"{field} is true or false")
            return Equals(field, _YES[text.lower()])
        assert field in KEYWORD_FIELDS, field
        kinds = [kind.value for kind in Kind]
        if field == "kind" and not star and text.lower() not in kinds:
            raise self._error(item, f"no kind {_shown(text)}; known: {', '.join(kinds)}")
        return Equals(field, text, star)

    def _since(self, item: tree.Item, field: str) -> Node:
        if not isinstance(item, tree.Term):
            raise self._error(item, f"{field}: takes one date or age, as in {field}:7d or {field}:2026-07-01")
        text = self._plain(item)
        try:
            period = dates.read_since(text, self._now)
        except ValueError:
            raise self._error(
                item, f"{field}: no date or age {_shown(text)}; write 12h, 7d, 3w, 6M, 1y, {dates.FORMS}"
            ) from None
        if field == fields.SINCE:
            return Between("published_at", low=period.start)
        return Between("published_at", high=period.end, include_high=period.instant)

    def _dates(self, item: tree.Item, field: str) -> Node:
        if isinstance(item, tree.Range):
            low, high = self._bound(item.low, field), self._bound(item.high, field)
            return self._between(item, field, low, item.include_low, high, item.include_high)
        if isinstance(item, tree.From):
            return self._between(item, field, self._bound(item.a, field), item.include, None, True)
        if isinstance(item, tree.To):
            return self._between(item, field, None, True, self._bound(item.a, field), item.include)
        period = self._period(item, field)
        if period.instant:
            raise self._error(item, f"{field}: 'now' is an instant; use a range such as {field}:>=now-2d")
        return Between(field, period.start, period.end, True, False)

    def _bound(self, item: tree.Item, field: str) -> dates.Period | None:
        return None if isinstance(item, tree.Word) and item.value == "*" else self._period(item, field)

    def _period(self, item: tree.Item, field: str) -> dates.Period:
        text = self._plain(item)
        try:
            return dates.read_period(text, self._now)
        except ValueError:
            raise self._error(item, f"{field}: no date {_shown(text)}; write {dates.FORMS}") from None

    def _between(
        self,
        item: tree.Item,
        field: str,
        low: dates.Period | None,
        include_low: bool,
        high: dates.Period | None,
        include_high: bool,
    ) -> Node:
        """An included bound takes in its whole period, an excluded one leaves it out."""
        if low and high and (high.end < low.start or (high.end == low.start and not high.instant)):
            raise self._error(item, f"{field}: the range ends before it begins")
        return Between(
            field,
            low=None if low is None else low.start if include_low else low.end,
            high=None if high is None else high.end if include_high else high.start,
            include_low=include_low or low is None or not low.instant,
            include_high=high is None or (include_high and high.instant),
        )

    def _numbers(self, item: tree.Item, field: str) -> Node:
        if isinstance(item, tree.Range):
            low, high = self._limit(item.low, field), self._limit(item.high, field)
            if low is not None and high is not None and high < low:
                raise self._error(item, f"{field}: the range ends before it begins")
            return Between(field, low, high, item.include_low, item.include_high)
        if isinstance(item, tree.From):
            return Between(field, low=self._limit(item.a, field), include_low=item.include)
        if isinstance(item, tree.To):
            return Between(field, high=self._limit(item.a, field), include_high=item.include)
        return Equals(field, self._number(item, field))

    def _limit(self, item: tree.Item, field: str) -> float | None:
        return None if isinstance(item, tree.Word) and item.value == "*" else self._number(item, field)

    def _number(self, item: tree.Item, field: str) -> float:
        whole = field in fields.WHOLE_NUMBERS
        text = self._plain(item)
        if text.isascii() and text.replace(".", "", 0 if whole else 1).isdigit() and len(text) < 20:
            number = int(text) if whole else float(text)
            if number <= _WIDEST_INT:
                return number
        wanted = "a whole number" if whole else "a number"
        raise self._error(item, f"{field}: no number {_shown(text)}; write {wanted} of at most {_WIDEST_INT}")

    def _plain(self, item: tree.Item) -> str:
        """A date or number, quoted or not."""
        if isinstance(item, tree.Word):
            return restore(item.unescaped_value)
        if isinstance(item, tree.Phrase):
            return self._quoted(item)
        raise self._error(item, "a single date or number belongs here")

    def _quoted(self, item: tree.Item) -> str:
        if not isinstance(item, tree.Phrase):
            raise self._error(item, "a value belongs here")
        return unicodedata.normalize("NFC", restore(tree.Term.WORD_ESCAPED_CHARS.sub(r"\1", item.value[1:-1])))

    def _word(self, item: tree.Word) -> tuple[str, bool]:
        """The word without its escapes, and whether it ends in a star."""
        out: list[str] = []
        star = escaped = False
        for character in item.value:
            if star:
                raise self._error(item, "'*' stands only at the end of a word; for other places use quotes or \\*")
            if escaped or character not in "\\*":
                out.append(character)
                escaped = False
            else:
                escaped = character == "\\"
                star = character == "*"
        text = unicodedata.normalize("NFC", restore("".join(out)))
        if star and len(text) > LONGEST_PREFIX:
            raise self._error(item, f"the beginning before '*' is longer than {LONGEST_PREFIX} characters")
        return text, star

    def _error(self, item: tree.Item, message: str) -> QueryError:
        return QueryError(self._prepared.at(item.pos, message))


def _has_words(text: str) -> bool:
    """Holds anything that could be a word: a letter, a digit, a picture; not only punctuation."""
    return any(unicodedata.category(character) not in _PUNCTUATION for character in text)


# Unicode categories: punctuation, separators, controls, currency and mathematical signs, marks without a letter.
_PUNCTUATION = frozenset(
    {"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"}
    | {"Sc", "Sk", "Sm", "Mn", "Mc", "Me"}
)


def _shown(text: str) -> str:
    """A piece of the query in a message: short and on one line."""
    return repr(text if len(text) <= 40 else text[:40] + "…")
