"""The 48 hours in which feeds differ: 24 of a weekday, 24 of a day at the weekend, in UTC. Pure.

UTC on purpose: a feed says nothing reliable about its time zone, and a profile learned in UTC holds in any.
"""

from __future__ import annotations

HOUR_S = 3600.0
DAY_S = 86400.0
BINS = 48
_FIRST_DAY = 3
"""1970-01-01 was a Thursday: day 3 of a week that starts on Monday."""


def bin_of_hour(hour: int) -> int:
    """Bin of the `hour`-th hour since 1970: 0..23 from Monday to Friday, 24..47 on Saturday and Sunday."""
    day = hour // 24
    return hour % 24 + (24 if (day + _FIRST_DAY) % 7 >= 5 else 0)


def bin_of(moment_s: float) -> int:
    """The same for seconds since 1970."""
    return bin_of_hour(int(moment_s // HOUR_S))


SHARE = tuple([5 / 168] * 24 + [2 / 168] * 24)
"""Share of each bin in a week; sums to 1."""


def normalised(values: tuple[float, ...]) -> tuple[float, ...]:
    """Scaled so that the mean over a week is 1; a flat profile where there is nothing to scale."""
    mean = sum(value * share for value, share in zip(values, SHARE, strict=True))
    return tuple(value / mean for value in values) if mean > 0 else FLAT


FLAT = (1.0,) * BINS
