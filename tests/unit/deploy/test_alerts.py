"""The alert rules: valid PromQL, one or more per promise, and only about metrics and label values that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.promql import selectors
from worker.models import Reason, Stage, State

ROOT = Path(__file__).parents[3]
RULES: dict[str, Any] = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8"))
ALERTS: list[dict[str, Any]] = [rule for group in RULES["groups"] for rule in group["rules"]]
SOURCES = "\n".join(path.read_text("utf-8") for path in (ROOT / "worker/metrics").glob("*.py"))
DECLARED = set(re.findall(r'"(feedmill_[a-z_]+)"', SOURCES))
VALUES = {
    "stage": {stage.value for stage in Stage},
    "reason": {reason.value for reason in Reason},
    "state": {state.value for state in State},
    "kind": {"articles", "feeds", "hosts"},
    "place": {"in_flight", "outbox", "feeds_due"},
}


@pytest.mark.parametrize("alert", ALERTS, ids=[alert["alert"] for alert in ALERTS])
def test_an_alert_asks_for_what_is_there(alert: dict[str, Any]) -> None:
    asked = selectors(alert["expr"])
    assert asked
    for selector in asked:
        assert re.sub(r"_total$", "", selector.name) in DECLARED, selector.name
        for matcher in selector.matchers.matchers:
            assert set(matcher.value.split("|")) <= VALUES[matcher.name], matcher.value


@pytest.mark.parametrize("alert", ALERTS, ids=[alert["alert"] for alert in ALERTS])
def test_an_alert_says_what_it_means_and_what_to_do(alert: dict[str, Any]) -> None:
    assert set(alert["annotations"]) == {"summary", "action"}
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["alert"] in (ROOT / "deploy/runbook.md").read_text("utf-8")


def test_every_promise_is_watched() -> None:
    assert {alert["labels"]["promise"] for alert in ALERTS} == {f"R{number}" for number in range(1, 11)}


def test_names_are_unique() -> None:
    assert len({alert["alert"] for alert in ALERTS}) == len(ALERTS)
