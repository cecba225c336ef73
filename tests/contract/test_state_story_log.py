from __future__ import annotations

import pytest

from tests.state import Mill
from tests.valkey import Valkey
from worker.state import story_log
from worker.state.story_log import RedisStoryLog

ONE, TWO, THREE = (f"{number:032x}" for number in (1, 2, 3))


@pytest.fixture
def log(valkey: Valkey) -> RedisStoryLog:
    return RedisStoryLog(Mill(valkey.client).scripts)


def test_the_longest_waiting_first_until_dropped(log: RedisStoryLog) -> None:
    log.add([ONE])
    log.add([TWO, THREE])
    log.add([ONE])
    log.add([])
    assert list(log.oldest(10)) == [TWO, THREE, ONE]
    assert list(log.oldest(2)) == [TWO, THREE]
    log.drop(log.oldest(2))
    assert list(log.oldest(10)) == [ONE]
    log.drop({})


def test_what_changes_while_it_is_summed_up_stays(log: RedisStoryLog) -> None:
    log.add([ONE, TWO])
    told = log.oldest(10)
    log.add([TWO])
    log.drop(told)
    log.drop(told)
    assert list(log.oldest(10)) == [TWO]


def test_it_is_bounded(log: RedisStoryLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story_log, "MOST", 2)
    for each in (ONE, TWO, THREE):
        log.add([each])
    assert list(log.oldest(10)) == [TWO, THREE]


def test_thousands_at_once(log: RedisStoryLog) -> None:
    many = [f"{number:032x}" for number in range(2500)]
    log.add(many)
    told = log.oldest(5000)
    assert list(told) == many
    log.drop(told)
    assert log.oldest(10) == {}
