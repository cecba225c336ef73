"""A rhythm as one short text, and back: 228 bytes, 285 characters. Pure.

Counts and exposure are 16-bit shares of their largest bin; that is finer than anything they are used for. They are
only ever faded by whole days, so the rounding never stops the fading.
"""

from __future__ import annotations

import base64
import math
import struct

from worker.schedule.hours import BINS
from worker.schedule.rhythm import MOST_TIGHT, Rhythm

VERSION = 1
_LAYOUT = struct.Struct(f"<BBHddffff{2 * BINS}H")
_TOP = 65535
_NEVER = -1.0
_TIGHT_STEPS = 16


def pack(rhythm: Rhythm) -> str:
    """The record: printable ASCII without quotes and backslashes."""
    count_unit, counts = _shares(rhythm.counts)
    exposure_unit, exposure = _shares(rhythm.exposure_h)
    raw = _LAYOUT.pack(
        VERSION,
        round(min(rhythm.tight, MOST_TIGHT) * _TIGHT_STEPS),
        min(rhythm.window, _TOP),
        _NEVER if rhythm.until_s is None else rhythm.until_s,
        _NEVER if rhythm.newest_s is None else rhythm.newest_s,
        rhythm.recent,
        rhythm.recent_expected,
        count_unit,
        exposure_unit,
        *counts,
        *exposure,
    )
    return base64.b85encode(raw).decode("ascii")


def unpack(record: str) -> Rhythm:
    """What was packed, to within 1/65535 of the largest bin; an empty, damaged or foreign record is "nothing known"."""
    try:
        raw = base64.b85decode(record)
    except ValueError:
        return Rhythm()
    if len(raw) != _LAYOUT.size or raw[0] != VERSION:
        return Rhythm()
    _, tight, window, until_s, newest_s, recent, expected, count_unit, exposure_unit, *bins = _LAYOUT.unpack(raw)
    if not all(math.isfinite(number) for number in (until_s, newest_s, recent, expected, count_unit, exposure_unit)):
        return Rhythm()
    if min(recent, expected, count_unit, exposure_unit) < 0:
        return Rhythm()
    return Rhythm(
        counts=tuple(share * count_unit for share in bins[:BINS]),
        exposure_h=tuple(share * exposure_unit for share in bins[BINS:]),
        until_s=None if until_s == _NEVER else until_s,
        recent=recent,
        recent_expected=expected,
        window=window,
        tight=min(tight / _TIGHT_STEPS, MOST_TIGHT),
        newest_s=None if newest_s == _NEVER else newest_s,
    )


def _shares(values: tuple[float, ...]) -> tuple[float, list[int]]:
    # The unit is rounded to what the record holds before the shares are taken: reading gives back what was written.
    [unit] = struct.unpack("<f", struct.pack("<f", max(values) / _TOP))
    return unit, [min(round(value / unit), _TOP) if unit else 0 for value in values]
