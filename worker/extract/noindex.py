"""What a page says to robots about being kept: X-Robots-Tag and `<meta name="robots">`. Pure.

Only "noindex" and "none" matter here. What is said to our own name goes before what is said to all; what is said to
other robots is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml.etree import _Element

_FORBIDDING = frozenset({"noindex", "none"})
_ALL = frozenset({"", "robots", "*"})
# Directives that have a colon of their own: no names of robots.
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_AGENT = re.compile(r"\s*([A-Za-z0-9_*.-]{1,60})\s*:\s*(.*)", re.DOTALL)
_MOST = 50


def of_header(value: str, agent: str) -> str:
    """What forbids to keep the page, or "". `value`: the X-Robots-Tag fields, one a line; `agent`: our name."""
    return _judged(_named(value), agent, "X-Robots-Tag")


def of_page(tree: _Element, agent: str) -> str:
    """The same of the page's `<meta>` elements."""
    metas = list(tree.iter("meta"))[:500]
    said = [(str(meta.get("name", "")).strip().lower(), str(meta.get("content", ""))) for meta in metas]
    return _judged(((name, content) for name, content in said if name), agent, "meta")


def _named(value: str) -> Iterator[tuple[str, str]]:
    """(robot, directive): a name in front holds for the rest of its line, or until the next one."""
    for line in value.splitlines()[:_MOST]:
        name = ""
        for part in line.split(",")[:_MOST]:
            found = _AGENT.fullmatch(part)
            if found is None or found[1].lower() in _VALUED:
                yield name, part
            else:
                name = found[1].lower()
                yield name, found[2]


def _judged(said: Iterable[tuple[str, str]], agent: str, where: str) -> str:
    ours: set[str] = set()
    everybodys: set[str] = set()
    named = False
    for name, content in said:
        words = set(re.split(r"[\s,;]+", content[:1000].strip().lower()))
        if name == agent.lower():
            named, ours = True, ours | words
        elif name in _ALL:
            everybodys |= words
    heard = (ours if named else everybodys) & _FORBIDDING
    return f"{where}: {min(heard)}" if heard else ""
