"""What a site calls itself, and what of a line is only that. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from worker.extract import plain

_TAILS = frozenset({
    "", "online", "news", "com", "de", "ch", "at", "fr", "it", "es", "uk", "couk", "eu", "digital", "net", "org", "tv",
    "nachrichten", "newspaper", "magazine", "magazin", "redaktion",
})  # fmt: skip
_LONG = 60
_ARTICLES = ("die", "der", "das", "the", "le", "la", "il", "el")


def keys(names: Iterable[str]) -> frozenset[str]:
    """For `is_site`: each name without spaces and case, its initials where it has three words and more."""
    return _keys(tuple(names))


@lru_cache(maxsize=256)
def _keys(names: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        words = plain.key(name).split()
        # Of `talbote.ch` and `Talbote.ch – Nachrichten aus der Region` the first word is the name.
        found |= {"".join(words), plain.key(name.partition(".")[0]).replace(" ", "")}
        if len(words) >= 3:
            found.add("".join(word[0] for word in words))
    return frozenset(key for key in found if len(key) > 1)


def is_site(line: str, known: Iterable[str]) -> bool:
    """Whether the line says no more than the site's name: `Talbote`, `talbote.ch`, `Der Talbote Online`."""
    if len(line) > _LONG:
        return False
    joined = plain.key(line).replace(" ", "")
    bare = [joined, *(joined.removeprefix(article) for article in _ARTICLES)]
    return bool(joined) and any(
        name.startswith(site) and name.removeprefix(site) in _TAILS for name in bare for site in known
    )
