"""Lags per feed: the same figures from both indexes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.articles import NOON, make_article
from worker.index.lag import measured
from worker.models import Article, NoLag
from worker.ports import ArticleIndex

FAST, SLOW, DATELESS = (f"https://{name}.example/Feed.xml" for name in ("fast", "slow", "dateless"))


def written(number: int, feed: str, found_s: float, **changes: object) -> Article:
    seen = NOON + timedelta(minutes=number)
    article = make_article(
        f"https://example.org/{number}/{feed[8:12]}", feed=feed, first_seen_at=seen,
        published_at=seen - timedelta(seconds=found_s), fetched_at=seen + timedelta(seconds=30), **changes,
    )  # fmt: skip
    indexed_at = seen + timedelta(seconds=32.5)
    return replace(article, indexed_at=indexed_at, lag=measured(article, indexed_at))


def test_quantiles_per_feed_and_in_all_worst_first(index: ArticleIndex) -> None:
    articles = [written(number, FAST, 60 * number) for number in range(21)]
    articles += [written(number, SLOW, 3600) for number in range(10)]
    articles += [written(number, SLOW, -60) for number in range(30, 32)]
    articles += [written(number, DATELESS, 0, published_at_source="first_seen") for number in range(5)]
    articles += [written(number, DATELESS, 0, published_at_source="first_seen") for number in range(-9, -5)]
    index.write(articles, [])
    index.refresh()

    everything, *each = index.freshness(NOON)
    assert (everything.feed, everything.articles, everything.measured) == ("", 38, 31)
    assert everything.left_out == {NoLag.AHEAD: 2, NoLag.UNDATED: 5}
    assert [one.feed for one in each] == [SLOW, FAST, DATELESS]
    slow, fast, dateless = each
    assert (slow.articles, slow.measured, slow.left_out) == (12, 10, {NoLag.AHEAD: 2})
    assert slow.found is not None and slow.total is not None
    assert (slow.found.p50_s, slow.total.p95_s) == (3600, 3632.5)
    assert fast.found is not None and fast.fetched is not None and fast.indexed is not None
    assert fast.found.p50_s == pytest.approx(600, abs=1)
    assert fast.found.p95_s == pytest.approx(1140, rel=0.02)
    assert (fast.fetched.p50_s, fast.indexed.p95_s) == (30, 2.5)
    assert (dateless.measured, dateless.total, dateless.found) == (0, None, None)
    assert dateless.fetched is not None


def test_one_feed_and_none(index: ArticleIndex) -> None:
    [nothing] = index.freshness(NOON)
    assert (nothing.articles, nothing.total, nothing.left_out) == (0, None, {})
    index.write([written(1, FAST, 5), written(2, SLOW, 5)], [])
    index.refresh()
    assert [(one.feed, one.articles) for one in index.freshness(NOON, [FAST])] == [("", 1), (FAST, 1)]
    assert [one.feed for one in index.freshness(NOON, [FAST.lower()])] == [""]
    assert [one.articles for one in index.freshness(NOON + timedelta(days=1))] == [0]


def test_a_document_written_again_is_counted_once(index: ArticleIndex) -> None:
    article = written(1, FAST, 5)
    index.write([article], [])
    index.write([article], [])
    index.refresh()
    assert index.freshness(NOON)[0].articles == 1
    stored = index.get(article.id)
    assert stored is not None and stored.lag == article.lag
