"""Numbers of a worker's processes, added up over processes that come and go."""

from __future__ import annotations

import os

import pytest

from worker.metrics.stages import BOUNDS_S, StageCollector, StageTable
from worker.models import Reason, Stage


def test_each_observation_is_counted_once_with_its_stage_outcome_and_reason() -> None:
    table = StageTable(2)
    table.observe(0, Stage.FETCH, "ok", None, 0.2)
    table.observe(1, Stage.FETCH, "ok", None, 0.3)
    table.observe(1, Stage.FETCH, "retry", Reason.TIMEOUT, 12.0)
    table.observe(0, Stage.INDEX, "indexed", None, 0.001)
    assert set(table.counts()) == {
        (Stage.FETCH, "ok", None, 2.0),
        (Stage.FETCH, "retry", Reason.TIMEOUT, 1.0),
        (Stage.INDEX, "indexed", None, 1.0),
    }
    times = {stage: (sum(buckets), seconds) for stage, buckets, seconds in table.times()}
    assert times == {Stage.FETCH: (3.0, pytest.approx(12.5)), Stage.INDEX: (1.0, pytest.approx(0.001))}


@pytest.mark.parametrize(
    ("seconds", "bound"), [(0.0, 0.005), (0.005, 0.005), (0.0051, 0.01), (60.0, 60.0), (61.0, None)]
)
def test_a_time_falls_into_the_bucket_of_its_upper_bound(seconds: float, bound: float | None) -> None:
    table = StageTable(1)
    table.observe(0, Stage.POLL, "ok", None, seconds)
    [(_, buckets, _)] = table.times()
    assert buckets.index(1.0) == (len(BOUNDS_S) if bound is None else BOUNDS_S.index(bound))


@pytest.mark.parametrize(("row", "outcome"), [(2, "ok"), (-1, "ok"), (0, "no such outcome")])
def test_what_the_table_does_not_have_is_not_counted(row: int, outcome: str) -> None:
    table = StageTable(2)
    table.observe(row, Stage.POLL, outcome, None, 0.1)
    assert list(table.counts()) == []


def test_a_forked_child_counts_for_its_parent_and_after_its_end() -> None:
    table = StageTable(2)
    for row in (0, 1):
        pid = os.fork()
        if pid == 0:
            table.observe(row, Stage.EXTRACT, "ok", None, 0.01)
            os._exit(0)
        os.waitpid(pid, 0)
    assert list(table.counts()) == [(Stage.EXTRACT, "ok", None, 2.0)]


def test_the_histogram_adds_up_from_bucket_to_bucket() -> None:
    table = StageTable(1)
    for seconds in (0.001, 0.02, 0.02, 100.0):
        table.observe(0, Stage.FETCH, "ok", None, seconds)
    took = next(metric for metric in StageCollector(table).collect() if metric.name == "feedmill_stage_seconds")
    buckets = [sample.value for sample in took.samples if sample.name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    assert buckets[0] == 1.0
    assert buckets[-1] == 4.0
    assert {sample.name: sample.value for sample in took.samples}["feedmill_stage_seconds_count"] == 4.0
