"""How long an article took from its publication to the index, measured once, when it is first written. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from worker.models import Article, Lag, NoLag

OLDEST = timedelta(days=7)
"""A text dated longer before it was first seen was changed, republished or imported: the date says nothing about us.
A week, so that an outage of days still counts as what it is."""


def measured(article: Article, indexed_at: datetime) -> Lag:
    """The lag of an article that is written for the first time at `indexed_at`; what it was marked with stays.

    Exclusive, in this order: backlog and imported (marked before), revised, undated, ahead, old. Those leave out what
    is reckoned from the date of publication; of an import and a later version nothing is reckoned at all.
    """
    left_out = article.lag.left_out if article.lag else None
    if left_out is NoLag.IMPORTED:
        return Lag(left_out=left_out)
    if article.revision > 1:
        return Lag(left_out=NoLag.REVISED)
    left_out = left_out or _without_date(article)
    return Lag(
        found_s=None if left_out else _seconds(article.published_at, article.first_seen_at),
        fetched_s=_seconds(article.first_seen_at, article.fetched_at),
        indexed_s=_seconds(article.fetched_at, indexed_at),
        total_s=None if left_out else _seconds(article.published_at, indexed_at),
        left_out=left_out,
    )


def _without_date(article: Article) -> NoLag | None:
    if article.published_at_source == "first_seen":
        return NoLag.UNDATED
    if article.published_at > article.first_seen_at:
        return NoLag.AHEAD
    return NoLag.OLD if article.first_seen_at - article.published_at > OLDEST else None


def _seconds(start: datetime, end: datetime) -> float:
    """To the millisecond; clocks of two machines may disagree a little, which is no lag."""
    return max(round((end - start).total_seconds(), 3), 0.0)


def lag_to_json(lag: Lag | None) -> dict[str, Any] | None:
    if lag is None:
        return None
    return {
        "found_s": lag.found_s,
        "fetched_s": lag.fetched_s,
        "indexed_s": lag.indexed_s,
        "total_s": lag.total_s,
        "left_out": lag.left_out.value if lag.left_out else None,
    }


def lag_from_json(data: Mapping[str, Any] | None) -> Lag | None:
    """The inverse; a document of an older version has none. Raises KeyError, TypeError or ValueError."""
    if data is None:
        return None
    return Lag(
        found_s=_number(data["found_s"]),
        fetched_s=_number(data["fetched_s"]),
        indexed_s=_number(data["indexed_s"]),
        total_s=_number(data["total_s"]),
        left_out=NoLag(data["left_out"]) if data["left_out"] else None,
    )


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not 0 <= float(value) < math.inf:
        raise ValueError("a lag is not in seconds from 0 on")
    return float(value)
