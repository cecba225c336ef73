from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.models import FeedState, FeedStatus, Reason
from worker.reachability import FeedFigures, feed_figures, offline_line

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NEVER = FeedState()


def fine(minutes: float = 0) -> FeedState:
    return FeedState(polls=1, polled_at=NOON - timedelta(minutes=minutes), reason=Reason.NEW_ENTRIES)


def lost(reason: Reason = Reason.DNS_FAILED, minutes: float = 0) -> FeedState:
    return FeedState(polls=1, failures=1, polled_at=NOON - timedelta(minutes=minutes), reason=reason)


def test_the_figures() -> None:
    found = feed_figures([NEVER, fine(), lost(), lost(Reason.GONE), lost(minutes=60)])
    assert found == FeedFigures(total=5, polled=4, failing=3, recent=3, unreachable=1, last_poll=NOON, expected=5)
    assert feed_figures([]) == FeedFigures(0, 0, 0)


@pytest.mark.parametrize(
    ("states", "offline"),
    [
        ([], False),
        ([NEVER] * 9, False),
        ([lost()], False),  # one feed of one: as likely its site
        ([lost(), lost(Reason.CONNECT_FAILED)], True),
        ([lost()] * 31, True),
        ([*[lost()] * 30, fine()], False),
        ([*[lost()] * 30, lost(Reason.SERVER_ERROR)], False),  # somebody answered
        ([*[lost()] * 4, *[NEVER] * 20], False),  # too early to say
        ([*[lost()] * 5, *[NEVER] * 20], True),
        ([*[lost()] * 5, *[fine(60)] * 20], True),  # it went away in the middle of a run
        ([*[lost(minutes=60)] * 20, fine()], False),  # and came back
        ([lost(), lost(), FeedState(status=FeedStatus.GONE)], True),  # nobody waits for a feed that is gone
    ],
)
def test_is_it_the_network(states: list[FeedState], offline: bool) -> None:
    assert feed_figures(states).offline is offline


def test_it_is_said_in_one_sentence() -> None:
    assert offline_line(feed_figures([lost()] * 31)) == "no network: none of the 31 feeds polled could be reached"
