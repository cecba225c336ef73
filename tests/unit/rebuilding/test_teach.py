from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.articles import make_article
from worker.rebuilding.teach import EPOCH, WINDOW, opens, slices, taught

NOW = datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC)


@given(st.integers(0, 40 * 86400), st.integers(0, 40 * 86400))
def test_slices_cover_the_time_without_gap_or_overlap_newest_first(back: int, start: int) -> None:
    until = NOW - timedelta(seconds=start)
    oldest = until - timedelta(seconds=back)
    found = list(slices(until, oldest))
    high = until
    for low, up in found:
        assert (up, low < up) == (high, True)
        high = low
    assert high == oldest


def test_hours_while_stories_may_be_open_then_days() -> None:
    lengths = [high - low for low, high in slices(NOW, NOW - timedelta(days=30))]
    assert set(lengths[: int(WINDOW / timedelta(hours=1))]) == {timedelta(hours=1)}
    assert set(lengths[int(WINDOW / timedelta(hours=1)) :]) == {timedelta(days=1)}


@pytest.mark.parametrize("days", [0, 1, 3.99])
def test_a_story_is_open_from_the_epoch_before(days: float) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + 5000 * EPOCH + timedelta(days=days)
    assert opens(moment) == datetime(1970, 1, 1, tzinfo=UTC) + 4999 * EPOCH


def test_only_what_is_compared_is_fingerprinted() -> None:
    article = make_article(body="The council voted on Tuesday to rebuild the northern breakwater. " * 5)
    assert taught(article).fingerprint.exact is not None
    assert taught(article, compare=False).fingerprint.exact is None
    assert taught(article).content == taught(article, compare=False).content
