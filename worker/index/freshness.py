"""Quantiles of lags, and their order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from worker.models import Freshness, Quantiles


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """Interpolated between neighbours (type 7 of Hyndman and Fan), to the millisecond; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return Quantiles(_quantile(ordered, 0.5), _quantile(ordered, 0.95))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return round(ordered[below] + (ordered[above] - ordered[below]) * (place - below), 3)


def worst_first(each: Iterable[Freshness]) -> list[Freshness]:
    """By the 95th percentile of the whole way; where nothing was measured, last; then by URL."""
    return sorted(each, key=lambda one: (-one.total.p95_s if one.total else 1.0, one.feed))
