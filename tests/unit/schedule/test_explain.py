"""The next poll in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.models import FeedState, Why
from worker.schedule.explain import next_poll_in_words, span

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (FeedState(), "in 14 min: its first poll"),
        (
            FeedState(polls=3, next_why=Why.DELAY, next_expected=2.13, hint_s=600),
            "in 14 min: about 2.1 new entries expected; server asks for at least 10 min",
        ),
        (
            FeedState(polls=3, next_why=Why.TTL, next_expected=41.4, ttl_s=3600),
            "in 14 min: about 41 new entries expected; as long as the feed asks to wait; feed asks for at least 1 h",
        ),
        (
            FeedState(polls=1, next_why=Why.SKIPPED_TIME, skip_hours=0b101, skip_days=0b1000001),
            "in 14 min: about 0 new entries expected; moved out of the time that the feed asks to be spared; "
            "feed asks to be spared in the hours 0, 2 GMT; feed asks to be spared on Monday, Sunday",
        ),
        (
            FeedState(polls=9, failures=2, next_why=Why.BACKOFF, hint_s=60),
            "in 14 min: the last poll failed; each failure in a row doubles the wait",
        ),
        (FeedState(polls=9), "in 14 min: about 0 new entries expected"),
    ],
)
def test_words(state: FeedState, words: str) -> None:
    assert next_poll_in_words(state, NOW + timedelta(minutes=14), NOW) == words


def test_a_poll_that_is_due() -> None:
    assert next_poll_in_words(FeedState(polls=1), NOW, NOW).startswith("now: ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (840, "14 min"),
        (5400, "1.5 h"),
        (86400, "24 h"),
        (172800, "2 d"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize("why", Why)
def test_every_reason_can_be_told(why: Why) -> None:
    words = next_poll_in_words(FeedState(polls=1, next_why=why), NOW, NOW)
    assert words.count(";") == (why is not Why.DELAY)
