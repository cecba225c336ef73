"""What is done to a query before luqum reads it: the same text, one character for one, in luqum's dialect. Pure.

Colons and slashes that belong to a URL or a time zone would be syntax to luqum. They are replaced by private
characters and put back by `restore`; so every position in a message is one in the text that the user wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HIDDEN = ':/~^+-!()[]{}<>\\"|&'
_BASE = 0xE000
_HIDE = {ord(character): _BASE + index for index, character in enumerate(_HIDDEN)}
_RESTORE = {hidden: shown for shown, hidden in _HIDE.items()}
# Lone surrogates stand in no text and cannot be sent to any index.
_PRIVATE = re.compile("[\ue000-\uf8ff\ud800-\udfff]")

# A quoted part is left alone; a URL or a full time outside of quotes is hidden.
_PARTS = re.compile(
    r'(?P<quoted>"(?:[^\\"]|\\.)*")'
    r"|(?P<escape>\\.)"
    r"|(?P<url>https?://[^\s\"\\]+)"
    r"|(?P<time>\d{4}-\d\d-\d\d[Tt]\d\d(?::\d\d){0,2}(?:\.\d+)?(?:[+-]\d\d:?\d\d)?)"
    r"|(?P<either>(?<!\S)\|\|(?!\S))"
    r"|(?P<both>(?<!\S)&&(?!\S))"
    r"|(?P<lone>(?<!\S)[-+!]+(?!\S))"
    r"|(?P<bang>(?<![^\s(])!(?=[^\s)!]))",
    re.DOTALL,
)
_CURLY = "\u201c\u201d\u201e\u201f«»"
_LUQUM_POSITION = re.compile(r"at position (\d+)")


@dataclass(frozen=True, slots=True)
class Prepared:
    text: str
    """For luqum."""
    depth: int
    """Of the deepest parenthesis."""
    shifts: tuple[int, ...] = ()
    """Positions in `text` before which one character was added."""

    def at(self, position: int | None, message: str) -> str:
        """The message with the position that a person counts (from 1)."""
        if position is None:
            return message
        shown = position - sum(1 for shift in self.shifts if shift < position) + 1
        return f"at character {shown}: {message}"

    def explain(self, error: Exception) -> str:
        """luqum's complaint in one line that says what to do."""
        if self.text.count('"') - self.text.count('\\"') & 1 and _unpaired_quote(self.text) is not None:
            return self.at(_unpaired_quote(self.text), 'a quote (") without its partner; close it, or write \\"')
        found = _LUQUM_POSITION.search(str(error))
        if found is None:
            message = "the query ends too early: a word, a closing parenthesis or bracket is missing"
            return message if "end of expression" in str(error) else "the query cannot be read; put odd parts in quotes"
        position = int(found[1])
        character = self.text[position : position + 1]
        operator = re.match(r"AND|OR|NOT|TO", self.text[position:])
        if operator:
            return self.at(position, f"{operator.group()} has nothing before it; in lower case or quotes it is a word")
        hint = {
            ")": "a closing parenthesis without an opening one, or with nothing before it",
            "]": "a closing bracket without its range; ranges are [a TO b]",
            "}": "a closing brace without its range; ranges are {a TO b}",
            ":": "a colon without a field name before it; put the text in quotes",
            "/": "a slash cannot begin a word; put the text in quotes",
            "~": "'~' belongs directly after a quoted phrase",
            "^": "boosts (^) are not supported; leave it out",
        }.get(character, f"{restore(character)!r} is not expected here; put the text in quotes to search for it")
        return self.at(position, hint)


def prepare(text: str) -> Prepared:
    text = _PRIVATE.sub(" ", text)
    if not _unpaired_curly(text):
        text = _straight(text)
    out: list[str] = []
    shifts: list[int] = []
    length = position = 0
    for match in _PARTS.finditer(text):
        piece = text[position : match.start()] + _part(match)
        if match.lastgroup == "both":
            shifts.append(length + match.start() - position)
        out.append(piece)
        length += len(piece)
        position = match.end()
    out.append(text[position:])
    prepared = "".join(out)
    return Prepared(prepared, _depth(prepared), tuple(shifts))


def restore(text: str) -> str:
    """Puts the hidden characters back."""
    return text.translate(_RESTORE)


def _part(match: re.Match[str]) -> str:
    text = match.group()
    match match.lastgroup:
        case "url":
            return _hide_url(text)
        case "time":
            return text.translate(_HIDE)
        case "either":
            return "OR"
        case "both":
            return "AND"
        case "lone":
            return " " * len(text)
        case "bang":
            return "-"
        case _:
            return text


def _hide_url(url: str) -> str:
    """Closing parentheses that the URL did not open belong to the query."""
    kept = len(url)
    while kept and url[kept - 1] == ")" and url[:kept].count(")") > url[:kept].count("("):
        kept -= 1
    return url[:kept].translate(_HIDE) + url[kept:]


def _unpaired_curly(text: str) -> bool:
    return sum(text.count(character) for character in _CURLY) % 2 == 1


def _straight(text: str) -> str:
    out, inside = [], False
    for character in text:
        if character == '"':
            inside = not inside
        out.append('"' if character in _CURLY and not inside else character)
    return "".join(out)


def _unpaired_quote(text: str) -> int | None:
    opened: int | None = None
    index = 0
    while index < len(text):
        if text[index] == "\\":
            index += 1
        elif text[index] == '"':
            opened = index if opened is None else None
        index += 1
    return opened


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    return deepest
