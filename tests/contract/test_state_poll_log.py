from __future__ import annotations

from datetime import timedelta

import pytest

from tests.state import FEED_ID, FEED_URL, NOW, Mill
from tests.valkey import Valkey
from worker.models import Poll, Reason
from worker.state import poll_log
from worker.state.poll_log import RedisPollLog


def poll(number: int) -> Poll:
    at = NOW + timedelta(milliseconds=1500 * number)
    return Poll(FEED_ID, FEED_URL + f"?ä={number}", at, number % 2 == 1, Reason.TIMEOUT, 12 + number, 30, number)


@pytest.fixture
def log(valkey: Valkey) -> RedisPollLog:
    return RedisPollLog(Mill(valkey.client).scripts)


def test_polls_come_out_as_they_went_in_and_stay_until_dropped(log: RedisPollLog) -> None:
    polls = [poll(number) for number in range(5)]
    for each in polls:
        log.add(each)
    assert log.oldest(3) == polls[:3]
    assert log.oldest(3) == polls[:3]
    log.add(poll(5))
    log.drop(polls[:3])
    log.drop(polls[:3])
    assert log.oldest(100) == [*polls[3:], poll(5)]
    log.drop([])


def test_when_nobody_takes_them_the_oldest_go(log: RedisPollLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll_log, "MOST", 3)
    taken = []
    for number in range(5):
        log.add(poll(number))
        taken = taken or log.oldest(2)
    log.drop(taken)  # fallen out meanwhile: nothing else goes with them
    assert log.oldest(10) == [poll(2), poll(3), poll(4)]
