"""What an operator sees of a running mill over HTTP: every process answers, with the numbers of the newsroom."""

from __future__ import annotations

import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.mill import Mill, children
from tests.promql import selectors
from worker.demo.server import Newsroom

pytestmark = pytest.mark.timeout(120)
ALERTS = Path(__file__).parents[2] / "deploy/prometheus/alerts.yml"

Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


def three_free_ports() -> int:
    """The first of three in a row that nobody listens on."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first: int = probe.getsockname()[1]
        try:
            for port in (first, first + 1, first + 2):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            continue
        return first


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def numbers(port: int) -> Numbers:
    samples = (
        sample for family in text_string_to_metric_families(get(port, "/metrics")[1]) for sample in family.samples
    )
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


def of(found: Numbers, name: str, **labels: str) -> float:
    return sum(value for (own, has), value in found.items() if own == name and labels.items() <= set(has))


def test_scheduler_and_workers_tell_what_they_do(newsroom: Newsroom, make_mill: Callable[..., Mill]) -> None:
    first = three_free_ports()
    mill = make_mill(newsroom.feeds, FEEDMILL_METRICS__PORT=str(first))
    process = mill.start()
    mill.wait("everything is indexed", lambda wiring: wiring.ledger.counts().offered > 0 and _done(first), 90)
    ports = (first, first + 1, first + 2)
    assert [get(port, path) for port in ports for path in ("/healthz", "/readyz")] == [(200, "ok\n")] * 6

    state, worker, index = map(numbers, ports)
    indexed = of(state, "feedmill_entries_final_total", state="indexed")
    assert indexed > 0
    assert of(state, "feedmill_entries_offered_total") == of(state, "feedmill_entries_final_total")
    assert of(state, "feedmill_state_up") == of(state, "feedmill_index_up") == 1
    # Every document that was stored was once through each stage, in whatever process of the pool.
    assert of(worker, "feedmill_stage_outcomes_total", stage="deduplicate", outcome="ok") >= indexed
    assert of(worker, "feedmill_stage_seconds_count", stage="fetch") >= indexed
    assert of(worker, "feedmill_stage_outcomes_total", stage="poll") >= len(newsroom.feeds)
    assert of(index, "feedmill_stage_outcomes_total", stage="index", outcome="indexed") == indexed
    assert of(worker, "feedmill_worker_processes") >= 2

    known = {name for found in (state, worker, index) for name, _ in found} | {
        # nothing of this went wrong here, so there is no sample of it
        "feedmill_entries_final_total"
    }
    for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]:
        for rule in group["rules"]:
            assert {selector.name for selector in selectors(rule["expr"])} <= known, rule["alert"]

    valkey = next(pid for pid, line in children(process.pid).items() if "valkey" in line)
    os.kill(valkey, signal.SIGSTOP)
    try:
        status, text = get(first, "/healthz")
        assert (status, text) == (200, "ok\n")  # a server that is away is no reason to end the scheduler
    finally:
        os.kill(valkey, signal.SIGCONT)
    assert mill.stop() == 0


def _done(first: int) -> bool:
    state = numbers(first)
    return (
        of(state, "feedmill_entries_offered_total") > 0
        and of(state, "feedmill_entries_pending") == 0
        and of(state, "feedmill_depth", place="outbox") == 0
        and of(state, "feedmill_depth", place="feeds_due") + of(state, "feedmill_depth", place="feeds_leased") == 0
    )
