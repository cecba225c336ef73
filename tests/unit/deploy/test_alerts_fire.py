"""Every alert rule fires when it must and is silent when it may: reckoned by Prometheus' own promtool."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.metrics import stages, state

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy/prometheus/alerts.yml"
ALERTS = [rule["alert"] for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]
TWO = ('{instance="a"}', '{instance="b"}')
"""Two schedulers tell the same."""


@dataclass(frozen=True)
class Scene:
    """`series`: one value a minute, in promtool's words (`0x9 1x99`: nine minutes of 0, then 1)."""

    alert: str
    fires: bool
    series: dict[str, str]
    at: str = "2h"


def final(state_: str, reason: str, values: str) -> dict[str, str]:
    """As two schedulers tell it: what they tell together must not count twice."""
    return {
        f'feedmill_entries_final_total{{instance="{each}",state="{state_}",reason="{reason}"}}': values
        for each in ("a", "b")
    }


def stage(name: str, outcome: str, reason: str, values: str) -> dict[str, str]:
    labels = f'instance="w",stage="{name}",outcome="{outcome}",reason="{reason}"'
    return {f"feedmill_stage_outcomes_total{{{labels}}}": values}


def place(name: str, values: str) -> dict[str, str]:
    return {f'feedmill_oldest_seconds{{instance="a",place="{name}"}}': values}


INDEX_UP = 'feedmill_index_up{instance="a"}'
WELL = {**final("indexed", "stored", "0+10x300"), **stage("fetch", "ok", "", "0+10x300")}

SCENES = [
    Scene("FeedmillEntriesStuck", True, place("in_flight", "60x60 0+60x100")),
    Scene("FeedmillEntriesStuck", False, place("in_flight", "150x300")),
    Scene("FeedmillManyFail", True, {**WELL, **final("failed", "timeout", "0+4x300")}),
    Scene("FeedmillManyFail", False, {**WELL, **final("failed", "timeout", "0+1x300")}),
    Scene("FeedmillManyFail", False, {**final("indexed", "stored", "90x300"), **final("failed", "timeout", "30x300")}),
    Scene("FeedmillDocumentsRedelivered", True, {**WELL, **final("indexed", "older_version", "0+1x300")}),
    Scene("FeedmillDocumentsRedelivered", False, {**WELL, **final("indexed", "older_version", "0x100 3x200")}),
    Scene("FeedmillPagesQuarantined", True, final("quarantined", "extract_memory", "0x90 0+1x200")),
    Scene("FeedmillPagesQuarantined", False, final("quarantined", "extract_memory", "0x90 15x200")),
    Scene("FeedmillWorkersDie", True, final("quarantined", "worker_lost", "0x100 1x200")),
    Scene("FeedmillWorkersDie", False, final("quarantined", "worker_lost", "7x300")),
    Scene("FeedmillIndexAway", True, {**place("outbox", "0x105 0+60x200"), INDEX_UP: "1x300"}),
    # The breaker closes for a moment before each try.
    Scene("FeedmillIndexAway", True, {**place("outbox", "30x300"), INDEX_UP: "1x90 " + "0 0 1 " * 90}),
    Scene("FeedmillIndexAway", False, {**place("outbox", "20x300"), INDEX_UP: "1x115 0x3 1x200"}),
    Scene("FeedmillOutboxFull", True, {
        'feedmill_outbox_bytes{instance="a"}': "0+2e6x300", 'feedmill_outbox_limit_bytes{instance="a"}': "2.6e8x300",
    }),
    Scene("FeedmillOutboxFull", False, {
        'feedmill_outbox_bytes{instance="a"}': "1.9e8x300", 'feedmill_outbox_limit_bytes{instance="a"}': "2.6e8x300",
    }),
    Scene("FeedmillStateMemory", True, {
        'feedmill_state_bytes{instance="a"}': "9e8x300", 'feedmill_state_limit_bytes{instance="a"}': "1e9x300",
    }),
    Scene("FeedmillStateMemory", False, {  # no limit
        'feedmill_state_bytes{instance="a"}': "9e12x300", 'feedmill_state_limit_bytes{instance="a"}': "0x300",
    }),
    Scene("FeedmillUnwelcome", True, {**WELL, **stage("fetch", "retry", "rate_limited", "0+1x300")}, "3h"),
    Scene("FeedmillUnwelcome", False, {**WELL, **stage("fetch", "refused", "forbidden", "0x100 20x200")}, "3h"),
    Scene("FeedmillPrivateAddresses", True, stage("fetch", "refused", "address_blocked", "0x100 1x200")),
    Scene("FeedmillPrivateAddresses", True, stage("poll", "failed", "port_blocked", "0x100 1x200")),
    Scene("FeedmillPrivateAddresses", False, stage("fetch", "refused", "address_blocked", "5x300")),
    Scene("FeedmillProcessTooLarge", True, {'feedmill_worker_largest_bytes{instance="w"}': "1.3e9x300"}),
    Scene("FeedmillProcessTooLarge", False, {'feedmill_worker_largest_bytes{instance="w"}': "8e8x300"}),
    Scene("FeedmillExtractorLimits", True, {**WELL, **final("quarantined", "extract_timeout", "0+1x300")}, "3h"),
    Scene("FeedmillExtractorLimits", False, {**WELL, **final("quarantined", "extract_timeout", "0x100 9x200")}, "3h"),
    Scene("FeedmillLeasesExpire", True, {'feedmill_leases_expired_total{instance="a",kind="articles"}': "0x90 80x200"}),
    Scene("FeedmillLeasesExpire", False, {'feedmill_leases_expired_total{instance="a",kind="hosts"}': "0x90 80x200"}),
    Scene("FeedmillNoScheduler", True, {"other": "1x300"}),
    Scene("FeedmillNoScheduler", True, {f"feedmill_state_up{each}": "1x90 0x200" for each in TWO}),
    Scene("FeedmillNoScheduler", False, {"feedmill_state_up" + TWO[0]: "0x300", "feedmill_state_up" + TWO[1]: "1x300"}),
    Scene("FeedmillPollsLate", True, place("feeds_due", "0+20x300")),
    Scene("FeedmillPollsLate", False, place("feeds_due", "400x300")),
    Scene("FeedmillDocumentsRejected", True, final("failed", "index_rejected", "0x100 1x200")),
    Scene("FeedmillDocumentsRejected", False, final("failed", "index_too_large", "2x300")),
]  # fmt: skip


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        text = "promtool is not installed (Debian, Ubuntu: apt-get install prometheus)"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(text, pytrace=False)
        pytest.skip(text)
    return found


def reckoned(promtool: str, folder: Path, scene: Scene) -> subprocess.CompletedProcess[str]:
    rule = next(
        rule
        for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"]
        for rule in group["rules"]
        if rule["alert"] == scene.alert
    )
    wanted = {"exp_labels": rule["labels"], "exp_annotations": rule["annotations"]}
    test: dict[str, Any] = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in scene.series.items()],
        "alert_rule_test": [
            {"eval_time": scene.at, "alertname": scene.alert, "exp_alerts": [wanted] if scene.fires else []}
        ],
    }
    file = folder / "scene.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}))
    return subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("scene", SCENES, ids=[f"{scene.alert}-{scene.fires}-{n}" for n, scene in enumerate(SCENES)])
def test_it_fires_when_it_must_and_not_else(promtool: str, tmp_path: Path, scene: Scene) -> None:
    done = reckoned(promtool, tmp_path, scene)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_both_scenes() -> None:
    assert {(scene.alert, scene.fires) for scene in SCENES} == {(a, fires) for a in ALERTS for fires in (True, False)}


def test_what_an_alert_sees_increase_is_told_from_zero_on() -> None:
    """A counter that begins with 1 has not increased: the first one would be missed."""
    told = {reason.value for _, reason in state.FROM_ZERO} | {reason.value for *_, reason in stages.FROM_ZERO}
    first_counts = {
        reason
        for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"]
        for rule in group["rules"]
        if "increase(" in rule["expr"] and "/" not in rule["expr"]
        for part in rule["expr"].split('"')[1::2]
        for reason in part.split("|")
    } - {"quarantined", "articles", "feeds"}
    assert first_counts <= told


def test_promtool_takes_the_files(promtool: str) -> None:
    for kind, file in (("rules", RULES), ("config", RULES.with_name("prometheus.yml"))):
        done = subprocess.run([promtool, "check", kind, str(file)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
