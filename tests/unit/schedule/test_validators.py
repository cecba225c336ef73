"""When "not modified" is doubted, and when it was a lie."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from worker.models import FeedState, Pace, Reason, Sighting
from worker.schedule.policy import Limits, next_poll
from worker.schedule.validators import DISTRUST, LATE, conditional, judged

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
PACE = Pace(0.5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Poll:
    state: FeedState
    reason: Reason
    sightings: Sequence[Sighting] | None
    retry_after_s: float | None = None
    moved_to: str = ""
    in_full: bool = False


class Feed:
    """One that publishes evenly, polled every hour."""

    def __init__(self, gap: timedelta, entries: int = 40) -> None:
        self.now, self.rng = NOW, random.Random(1)
        self.state = FeedState()
        self.unconditional: list[datetime] = []
        self.poll(False, [NOW - gap * n for n in range(1, entries + 1)], etag='"a"')

    def poll(self, asked: bool, new: Sequence[datetime | None] | None, etag: str = '"a"', fail: bool = False) -> None:
        """`new`: dates of new entries in a document; None: 304."""
        if not asked:
            self.unconditional.append(self.now)
        before = self.state
        reason = Reason.TIMEOUT if fail else Reason.NOT_MODIFIED if new is None else Reason.NEW_ENTRIES
        known = [Sighting(NOW - DAY, False)]
        after = replace(
            before,
            etag=etag,
            failures=before.failures + 1 if fail else 0,
            reason=reason,
            polled_at=self.now,
            succeeded_at=before.succeeded_at if fail else self.now,
        )
        sightings = None if fail or new is None else (*(Sighting(at, True) for at in new), *known)
        after = judged(before, after, sightings, self.now, asked=asked)
        self.state = next_poll(Poll(after, reason, sightings), self.now, self.rng, Limits(), PACE).state
        self.now += HOUR

    def asks(self) -> bool:
        return conditional(self.state, self.now, PACE)

    def until_doubt(self, most: timedelta = 90 * DAY) -> timedelta | None:
        """How long 304s are believed."""
        began = self.now
        while self.now - began < most:
            if not self.asks():
                return self.now - began
            self.poll(True, None)
        return None


@pytest.mark.parametrize(
    ("gap", "least", "most"),
    # Never sooner than a day after the first document, which came without validators, too.
    [(HOUR, DAY - HOUR, DAY), (6 * HOUR, DAY, 3 * DAY), (DAY, 6 * DAY, 10 * DAY), (7 * DAY, 42 * DAY, 90 * DAY)],
)
def test_not_modified_is_believed_as_long_as_the_rhythm_allows(
    gap: timedelta, least: timedelta, most: timedelta
) -> None:
    found = Feed(gap).until_doubt()
    assert found is not None
    assert least <= found <= most


def test_of_a_feed_without_a_rhythm_nobody_is_doubted() -> None:
    assert Feed(HOUR, entries=2).until_doubt() is None


def test_one_unconditional_request_a_day_even_when_it_fails() -> None:
    feed = Feed(HOUR)
    feed.until_doubt()
    feed.poll(False, None, fail=True)
    for _ in range(60):
        feed.poll(feed.asks(), None, fail=True)
    gaps = [later - earlier for earlier, later in zip(feed.unconditional, feed.unconditional[1:], strict=False)]
    assert gaps
    assert min(gaps) >= DAY


def test_a_server_without_validators_is_asked_as_ever() -> None:
    feed = Feed(HOUR)
    assert feed.asks()
    feed.state = replace(feed.state, etag="", last_modified="")
    assert not feed.asks()
    feed.poll(False, [feed.now])
    assert feed.state.lies == 0


@pytest.mark.parametrize(
    ("age", "etag", "lied"),
    [
        (3 * HOUR, '"b"', True),  # news that is older than the last "not modified"
        (None, '"b"', True),  # undated
        (timedelta(), '"a"', True),  # the body is another one under the ETag that was confirmed
        (timedelta(), '"b"', False),  # it came just now, and the ETag says so
        (HOUR + LATE / 2, '"b"', False),  # entries may stand in the feed a little after their date
    ],
)
def test_what_is_a_lie(age: timedelta | None, etag: str, lied: bool) -> None:
    feed = Feed(HOUR)
    feed.until_doubt()
    feed.poll(False, [None if age is None else feed.now - age], etag=etag)
    assert feed.state.lies == lied
    assert (feed.state.distrusted_until is not None) == lied
    assert feed.asks() != lied


def test_no_news_is_no_lie_and_the_next_doubt_comes_later() -> None:
    feed = Feed(HOUR)
    first = feed.until_doubt()
    feed.poll(False, [])
    assert feed.state.lies == 0
    second = feed.until_doubt()
    assert first is not None
    assert second is not None
    assert second >= first


def test_a_liar_is_believed_again_and_for_shorter_and_distrusted_for_longer() -> None:
    feed = Feed(4 * HOUR)
    believed = []
    for lies, weeks in ((1, 1), (2, 2), (3, 4), (4, 4)):
        found = feed.until_doubt()
        assert found is not None
        believed.append(found)
        feed.poll(False, [feed.now - 2 * HOUR])
        assert feed.state.lies == lies
        until = feed.now - HOUR + weeks * DISTRUST
        assert feed.state.distrusted_until == until
        while feed.now < until:
            assert not feed.asks()
            feed.poll(False, [feed.now - 2 * HOUR] if feed.now.hour % 4 == 0 else [])
        assert feed.asks()
    assert max(believed[1:]) <= believed[0]
    # It mends its ways: asked whether there is news, it says so.
    feed.poll(True, [feed.now])
    assert (feed.state.lies, feed.state.distrusted_until) == (0, None)


def test_a_clock_that_was_set_back_raises_no_doubt() -> None:
    feed = Feed(HOUR)
    feed.poll(True, None)
    feed.now -= 30 * DAY
    assert feed.asks()
