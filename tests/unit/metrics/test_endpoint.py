"""Metrics and health over real HTTP, and the heartbeat behind the health."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from worker.errors import UsageError
from worker.metrics.endpoint import SILENT_S, Endpoint, Heartbeat, serve
from worker.metrics.stages import StageCollector, StageTable
from worker.models import Stage
from worker.settings import Metrics


class Faults:
    alive = ready = ""


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def endpoint(faults: Faults) -> Iterator[Endpoint]:
    table = StageTable(1)
    table.observe(0, Stage.FETCH, "ok", None, 0.2)
    collectors = [StageCollector(table)]
    endpoint = Endpoint("127.0.0.1", 0, collectors, alive=lambda: faults.alive, ready=lambda: faults.ready)
    yield endpoint
    endpoint.close()


def get(endpoint: Endpoint, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{endpoint.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_metrics_are_in_the_text_format(endpoint: Endpoint) -> None:
    status, text = get(endpoint, "/metrics")
    assert status == 200
    assert 'feedmill_stage_outcomes_total{outcome="ok",reason="",stage="fetch"} 1.0' in text.splitlines()
    assert "process_cpu_seconds_total" in text


def test_health_is_ok_until_something_is_wrong_and_says_what(endpoint: Endpoint, faults: Faults) -> None:
    assert get(endpoint, "/healthz") == get(endpoint, "/readyz") == (200, "ok\n")
    faults.ready = "Redis does not answer"
    assert get(endpoint, "/healthz") == (200, "ok\n")
    assert get(endpoint, "/readyz?verbose=1") == (503, "Redis does not answer\n")
    faults.alive = "the main loop hangs"
    assert get(endpoint, "/healthz") == (503, "the main loop hangs\n")


def test_any_other_path_is_told_what_there_is(endpoint: Endpoint) -> None:
    assert get(endpoint, "/") == (404, "there are /metrics, /healthz and /readyz\n")


def test_a_port_that_is_taken_is_one_clear_line(endpoint: Endpoint) -> None:
    with pytest.raises(UsageError, match=r"metrics cannot listen on 127\.0\.0\.1:\d+: .*; set metrics\.port"):
        Endpoint("127.0.0.1", endpoint.port, [], alive=str, ready=str)


def test_nothing_listens_without_a_port() -> None:
    assert serve(Metrics(), [], alive=str, ready=str) is None


def test_a_heart_that_stops_is_noticed_and_one_that_goes_on_is_not() -> None:
    now = [0.0]
    heart = Heartbeat(lambda: now[0])
    now[0] = SILENT_S
    assert heart.fault() == ""
    now[0] = SILENT_S + 1
    assert heart.fault() == f"the main loop has not moved for {SILENT_S + 1:.0f} s"
    heart.beat()
    assert heart.fault() == ""
