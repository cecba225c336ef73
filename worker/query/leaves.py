"""The leaves of a query: one word, phrase, value or range of luqum's tree -> one node of ours. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from luqum import tree

from worker.errors import QueryError
from worker.models import Kind
from worker.query import dates, fields
from worker.query.ast import (
    BOOLEAN_FIELDS,
    DATE_FIELDS,
    KEYWORD_FIELDS,
    NUMBER_FIELDS,
    Between,
    Equals,
    Everything,
    Node,
    Phrase,
    Prefix,
    TextField,
    Word,
)
from worker.query.prepare import Prepared, restore

MAX_SLOP = 100

LONGEST_PREFIX = 1000
"""Characters before a `*`; Elasticsearch takes no more."""

_YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_INNER_QUESTION_MARK = re.compile(r"(?<!\\)\?\w")
_WIDEST_INT = 2**31 - 1


class LeafReader:
    """Raises QueryError with the position in the text that the user wrote."""

    def __init__(self, prepared: Prepared, now: datetime) -> None:
        self._prepared = prepared
        self._now = now
        self._written = ""

    def read(self, item: tree.Item, field: str | None, written: str = "") -> Node | None:
        """`field` is a document field, a text field, `since`/`until`, or None. None: nothing but punctuation.

        `written` is the field's name as the query has it: messages speak of that.
        """
        self._written = written or field or ""
        if isinstance(item, tree.Boost):
            raise self._error(item, "boosts (^) are not supported; leave it out")
        if isinstance(item, tree.Fuzzy):
            raise self._error(item, "fuzzy words (~) are not supported; use a prefix: word*")
        if isinstance(item, tree.Regex):
            raise self._error(item, "regular expressions (/.../) are not supported; put the text in quotes")
        if field is None or field in fields.TEXT:
            return self._text(item, fields.TEXT[field] if field else None)
        return self._value(item, field)

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
            raise self._error(item, f"'~' needs a text field; {self._written} compares whole values")
        if field in (fields.SINCE, fields.UNTIL):
            return self._since(item, field)
        if field in DATE_FIELDS:
            return self._dates(item, field)
        if field in NUMBER_FIELDS:
            return self._numbers(item, field)
        if isinstance(item, (tree.Range, tree.OpenRange)):
            raise self._error(item, f"{self._written} has no order; ranges are for dates and numbers")
        if isinstance(item, tree.Word):
            text, star = self._word(item)
        else:
            text, star = self._quoted(item), False
        if not text:
            raise self._error(item, f"{self._written}: needs a value" + (" before '*'" if star else ""))
        if field in BOOLEAN_FIELDS:
            if star or text.lower() not in _YES:
                raise self._error(item, f"{self._written} is true or false")
            return Equals(field, _YES[text.lower()])
        assert field in KEYWORD_FIELDS, field
        kinds = [kind.value for kind in Kind]
        if field == "kind" and not star and text.lower() not in kinds:
            raise self._error(item, f"no kind {shown(text)}; known: {', '.join(kinds)}")
        return Equals(field, text, star)

    def _since(self, item: tree.Item, field: str) -> Node:
        if not isinstance(item, tree.Term):
            raise self._error(item, f"{field}: takes one date or age, as in {field}:7d or {field}:2026-07-01")
        text = self._plain(item)
        try:
            period = dates.read_since(text, self._now)
        except ValueError:
            raise self._error(
                item, f"{self._written}: no date or age {shown(text)}; write 12h, 7d, 3w, 6M, 1y, {dates.FORMS}"
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
            name = self._written
            raise self._error(item, f"{name}: 'now' is an instant; use a range such as {name}:>=now-2d")
        return Between(field, period.start, period.end, True, False)

    def _bound(self, item: tree.Item, field: str) -> dates.Period | None:
        return None if isinstance(item, tree.Word) and item.value == "*" else self._period(item, field)

    def _period(self, item: tree.Item, field: str) -> dates.Period:
        text = self._plain(item)
        try:
            return dates.read_period(text, self._now)
        except ValueError:
            raise self._error(item, f"{self._written}: no date {shown(text)}; write {dates.FORMS}") from None

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
            raise self._error(item, f"{self._written}: the range ends before it begins")
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
                raise self._error(item, f"{self._written}: the range ends before it begins")
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
        raise self._error(item, f"{self._written}: no number {shown(text)}; write {wanted} of at most {_WIDEST_INT}")

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


def shown(text: str) -> str:
    """A piece of the query in a message: short and on one line."""
    return repr(text if len(text) <= 40 else text[:40] + "…")
