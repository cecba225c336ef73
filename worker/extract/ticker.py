"""A live ticker that does not say so: entries under a clock each, the newest first. By structure alone. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from worker.extract.rooms import Layout
from worker.extract.survey import Survey

_CLOCK = re.compile(
    r"(?:\d{1,2}\.\s?\d{1,2}\.(?:\d{2,4})?,?\s)?([01]?\d|2[0-3])[:.hH]([0-5]\d)(?:\s?(?:Uhr|h|hrs|GMT))?", re.A
)
_CLOCK_CHARS = 24
_ENTRIES, _ENTRY_BLOCKS = 5, 3
"""Entries of a ticker, and how far below its clock an entry's text may begin."""


def is_one(layout: Layout, seen: Survey) -> bool:
    """Entries under a clock each, the newest first."""
    times: list[tuple[int, int]] = []
    blocks = layout.blocks
    for index, block in enumerate(blocks):
        if len(block.text) <= _CLOCK_CHARS and not seen.out[index] and (match := _CLOCK.fullmatch(block.text)):
            below = range(index + 1, min(index + 1 + _ENTRY_BLOCKS, len(blocks)))
            if any(seen.masses[at] and not seen.out[at] for at in below):
                times.append((int(match[1]), int(match[2])))
    return len(times) >= _ENTRIES and all(before >= after for before, after in pairwise(times))
