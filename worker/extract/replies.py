"""What readers wrote under an article, where no name of a class says so: a counting label, or boxes to be replied to.

Words are needed for this, as few and as common as possible: what comments are called, and what one does to them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from worker.extract.rooms import Block, Layout

_LABEL = re.compile(
    r"(?:alle |all )?(?:\d{1,5} )?(?:(?:leser)?kommentare?|leserbriefe?|(?:reader )?comments?|commentaires?|comment[io]"
    r"|comentarios?|thoughts?|gedanken?|réflexions?|pensier[io]|pensamientos?|reaktionen|reactions?|réactions?|replies|responses?|antworten|diskussion|discussion)"
    r"(?: ?[(\[]?\d{1,5}[)\]]?)?(?: (?:zu|zum|auf|to|on|about|sur|à|su|a|en|sobre) .{1,150})?[:.]?",
    re.I,
)
_REPLY = re.compile(
    r"(?:auf .{1,40} |to .{1,40} )?(?:antworten|reply|répondre|rispondi|responder|melden|report|signaler|segnala"
    r"|denunciar|zitieren|gefällt mir|like)(?: to .{1,40})?(?: ?[↓|·(]? ?\d{0,4}\)?)?",
    re.I,
)
_WHEN = re.compile(
    r"\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}[:.]\d\d uhr|\b\d{1,2}:\d\d\b"
    r"|\bvor \d+ |\b\d+ \w+ ago\b|\bil y a \d+|\b\d+ \w+ fa\b|\bhace \d+",
    re.I,
)
_LABEL_WEIGHT = 200
_SIGN_WEIGHT = 90
_ENOUGH = 80.0
_CLIMBS = 8
_MOST = 4000
"""Blocks that are looked at for signs of comments."""
_NEAR = 4
_LABELS = 20
_FIRST = 2
_PROSES = 12
"""Paragraphs that are looked at for signs of being comments."""


def read(layout: Layout, masses: Sequence[float], headline: int) -> set[int]:
    """Blocks of comments. Nothing above the article's first prose, and nothing that holds the headline."""
    sums = [0.0, *accumulate(masses)]
    found: set[int] = set()
    labels = 0
    start = sums[headline + 1]
    replies: list[int] = []
    for index, block in enumerate(layout.blocks):
        if block.weight > _LABEL_WEIGHT or masses[index] or sums[index] - start < _ENOUGH or index in found:
            continue
        if labels < _LABELS and block.links <= 0.5 * block.weight and _LABEL.fullmatch(block.text):
            labels += 1
            last = _end(layout, sums, index)
            if _are_comments(layout, masses, index, last, sums[last] - sums[index]):
                found.update(range(index, last))
        elif _is_reply(block):
            replies.append(index)
    return found | _boxes(layout, sums, replies, start, headline)


def _is_reply(block: Block) -> bool:
    return block.weight < _SIGN_WEIGHT and _REPLY.fullmatch(block.text) is not None


def _end(layout: Layout, sums: Sequence[float], index: int) -> int:
    """Of the smallest room around the label in which prose follows it."""
    at = layout.blocks[index].room
    for _ in range(_CLIMBS):
        if sums[layout.rooms[at].last] > sums[index] or layout.rooms[at].parent < 0:
            break
        at = layout.rooms[at].parent
    return layout.rooms[at].last


def _are_comments(layout: Layout, masses: Sequence[float], label: int, last: int, mass: float) -> bool:
    """They are signed: a date or a link to reply stands around the first, and between the proses that follow.

    Otherwise the label counts the comments on what follows: the article.
    """
    proses = signs = 0
    signed = begun = False
    for index in range(label + 1, min(last, label + _MOST)):
        block = layout.blocks[index]
        if masses[index]:
            proses += 1
            signed = False
            if proses > _PROSES:
                break
        elif not signed and block.weight < _SIGN_WEIGHT:
            signed = block.timed or _is_reply(block) or _WHEN.search(block.text) is not None
            begun = begun or (signed and proses < _FIRST)
            signs += signed and proses > 0
    return begun and mass > 0 and signs > 0 and 4 * signs >= min(proses, _PROSES)


def _boxes(layout: Layout, sums: Sequence[float], replies: Sequence[int], start: float, headline: int) -> set[int]:
    """Without a label: two or more sibling rooms that hold prose and a link to reply."""
    rooms = layout.rooms
    by_parent: dict[int, list[int]] = {}
    for index in replies:
        at = layout.blocks[index].room
        for _ in range(_NEAR):
            if sums[rooms[at].last] > sums[rooms[at].first] or rooms[at].parent < 0:
                break
            at = rooms[at].parent
        room = rooms[at]
        if room.parent < 0 or sums[room.first] - start < _ENOUGH or room.first <= headline < room.last:
            continue
        siblings = by_parent.setdefault(room.parent, [])
        if not siblings or siblings[-1] != at:
            siblings.append(at)
    found: set[int] = set()
    for siblings in by_parent.values():
        if len(siblings) > 1:
            for at in siblings:
                found.update(range(rooms[at].first, rooms[at].last))
    return found
