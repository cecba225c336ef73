"""The part of an article that answers a query best, cut from the original text. Pure; both indexes use it."""

from __future__ import annotations

from worker.models import Article
from worker.query.ast import Node, TextField
from worker.stores.analysis import analysis_of
from worker.stores.matching import Terms, leaves
from worker.stores.words import Token, tokens

OPEN, CLOSE = "\x01", "\x02"
WORDS = 40
_MAX_CHARS = 480
_CLEAN = str.maketrans({OPEN: " ", CLOSE: " "})


def snippet(article: Article, query: Node) -> str:
    """About 40 words of the body, or of the summary where only that matches or there is no body; never the title.

    Matches stand between U+0001 and U+0002; `…` marks where the text goes on. Without a match: the beginning.
    """
    fields: tuple[tuple[TextField, str], ...] = (("body", article.body), ("summary", article.summary))
    fallback = ""
    for field, raw in fields:
        text = raw.translate(_CLEAN)
        found = list(tokens(text))
        if not found:
            continue
        marks = _marks(found, article.language, query, field)
        if marks:
            start, end = _window(marks, len(found))
            return _cut(text, found, set().union(*marks), start, end)
        fallback = fallback or _cut(text, found, set(), 0, WORDS)
    return fallback


def _marks(found: list[Token], language: str, query: Node, field: TextField) -> list[set[int]]:
    """Per part of the query that matches this field: the positions of its words."""
    asked = leaves(query, field)
    if not asked:
        return []
    terms = Terms(found, analysis_of(language))
    return [set(positions) for leaf in asked if (positions := terms.positions(leaf))]


def _window(marks: list[set[int]], size: int) -> tuple[int, int]:
    """The 40 words with the most different parts of the query, then the most matches, then the first."""
    kinds: dict[int, list[int]] = {}
    for kind, positions in enumerate(marks):
        for position in positions:
            kinds.setdefault(position, []).append(kind)
    order = sorted(kinds)
    inside: dict[int, int] = {}
    best, chosen, left = (0, 0), (order[0], order[0]), 0
    for right, position in enumerate(order):
        for kind in kinds[position]:
            inside[kind] = inside.get(kind, 0) + 1
        while position - order[left] >= WORDS:
            for kind in kinds[order[left]]:
                inside[kind] -= 1
                if not inside[kind]:
                    del inside[kind]
            left += 1
        value = (len(inside), right - left + 1)
        if value > best:
            best, chosen = value, (order[left], position)
    first, last = chosen
    start = max(0, first - (WORDS - (last - first + 1)) // 2)
    start = max(0, min(start, size - WORDS))
    return start, min(size, start + WORDS)


def _cut(text: str, found: list[Token], marked: set[int], start: int, end: int) -> str:
    end = min(end, len(found))
    first_mark = min((position for position in marked if start <= position < end), default=start)
    while found[end - 1].end - found[start].start > _MAX_CHARS and end - start > 1:
        if start < first_mark:  # very long words: give up what stands before the match first
            start += 1
        else:
            end -= 1
    begin = found[start].start if start else 0
    finish = found[end - 1].end if end < len(found) else len(text)
    begin, finish = max(begin, found[start].start - 40), min(finish, found[end - 1].end + 40)
    out = ["… " if start else ""]
    position = begin
    for index in range(start, end):
        if index in marked:
            token = found[index]
            out += [text[position : token.start], OPEN, text[token.start : token.end], CLOSE]
            position = token.end
    out.append(text[position:finish])
    if end < len(found):
        out.append(" …")
    return " ".join("".join(out).split())
