from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.articles import NOON, make_article
from worker.index.freshness import quantiles, worst_first
from worker.index.lag import OLDEST, lag_from_json, lag_to_json, measured
from worker.models import Freshness, Lag, NoLag, Quantiles

SECOND = timedelta(seconds=1)
SEEN = NOON + 600 * SECOND
FETCHED = SEEN + 20 * SECOND
INDEXED = FETCHED + 3 * SECOND


def lag(**changes: Any) -> Lag:
    return measured(make_article(**{"first_seen_at": SEEN, "fetched_at": FETCHED, **changes}), INDEXED)


def test_the_parts_of_the_way_add_up() -> None:
    assert lag() == Lag(found_s=600, fetched_s=20, indexed_s=3, total_s=623)


ONLY_OURS = {"found_s": None, "fetched_s": 20, "indexed_s": 3, "total_s": None}


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({"lag": Lag(left_out=NoLag.BACKLOG)}, NoLag.BACKLOG),
        ({"published_at_source": "first_seen"}, NoLag.UNDATED),
        ({"published_at": SEEN + SECOND}, NoLag.AHEAD),
        ({"published_at": SEEN - OLDEST - SECOND}, NoLag.OLD),
    ],
)
def test_a_date_that_says_nothing_is_left_out_and_said(changes: dict[str, Any], left_out: NoLag) -> None:
    assert lag(**changes) == Lag(**ONLY_OURS, left_out=left_out)


def test_the_edges_still_count() -> None:
    assert lag(published_at=SEEN).found_s == 0
    assert lag(published_at=SEEN - OLDEST).left_out is None


def test_nothing_is_reckoned_of_later_versions_and_imports() -> None:
    assert lag(revision=2) == Lag(left_out=NoLag.REVISED)
    assert lag(lag=Lag(left_out=NoLag.IMPORTED)) == Lag(left_out=NoLag.IMPORTED)


@given(*[st.integers(-(10**7), 10**7)] * 3, st.booleans())
def test_no_lag_is_negative_and_none_is_missing_without_a_reason(a: int, b: int, c: int, dated: bool) -> None:
    found = measured(
        make_article(
            published_at=NOON, first_seen_at=NOON + a * SECOND, fetched_at=NOON + b * SECOND,
            published_at_source="feed" if dated else "first_seen",
        ),
        NOON + c * SECOND,
    )  # fmt: skip
    numbers = [found.found_s, found.fetched_s, found.indexed_s, found.total_s]
    assert all(number is None or number >= 0 for number in numbers)
    assert (found.total_s is None) == (found.found_s is None) == (found.left_out is not None)
    assert lag_from_json(json.loads(json.dumps(lag_to_json(found)))) == found


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "x", True, []])
def test_a_damaged_lag_is_refused(value: object) -> None:
    data: dict[str, Any] = {"found_s": value, "fetched_s": 1, "indexed_s": 1, "total_s": 1, "left_out": None}
    with pytest.raises((TypeError, ValueError)):
        lag_from_json(data)


def test_quantiles_lie_between_neighbours() -> None:
    assert quantiles([]) is None
    assert quantiles([4.0]) == Quantiles(4.0, 4.0)
    assert quantiles([3.0, 1.0]) == Quantiles(2.0, 2.9)
    assert quantiles(range(101)) == Quantiles(50.0, 95.0)


def test_the_worst_feed_comes_first_and_the_unmeasured_last() -> None:
    def one(feed: str, p95: float | None) -> Freshness:
        total = None if p95 is None else Quantiles(1.0, p95)
        return Freshness(feed, 1, 1, None, None, None, total, {})

    order = worst_first([one("none", None), one("fast", 0.0), one("slow", 90.0), one("also", 90.0)])
    assert [each.feed for each in order] == ["also", "slow", "fast", "none"]
