"""deploy/kubernetes without a cluster: the schemas of its objects, and that they fit each other and the program."""

from __future__ import annotations

import ipaddress
import warnings
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from worker import settings
from worker.app import QUEUES, make_app
from worker.cli.main import cli
from worker.settings import Settings

with warnings.catch_warnings():  # the library imports what setuptools is about to drop
    warnings.simplefilter("ignore")
    import kubernetes_validate

FOLDER = Path(__file__).parents[3] / "deploy/kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))
OBJECTS: list[dict[str, Any]] = [
    document
    for name in KUSTOMIZATION["resources"]
    for document in yaml.safe_load_all((FOLDER / name).read_text("utf-8"))
]
SETTINGS = dict(line.split("=", 1) for line in (FOLDER / "settings.env").read_text("utf-8").split("\n") if line)
KUBERNETES = [thing for thing in OBJECTS if "keda.sh" not in thing["apiVersion"]]
OLDEST, NEWEST = "1.30", "1.33"


def named(thing: dict[str, Any]) -> str:
    return f"{thing['kind']}/{thing['metadata']['name']}"


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {thing["metadata"]["name"]: thing for thing in OBJECTS if thing["kind"] == kind}


DEPLOYMENTS, PODS = of_kind("Deployment"), {**of_kind("Deployment"), **of_kind("Job")}


def pod_of(name: str) -> dict[str, Any]:
    template: dict[str, Any] = PODS[name]["spec"]["template"]
    return template


def container_of(name: str) -> dict[str, Any]:
    [container] = pod_of(name)["spec"]["containers"]
    found: dict[str, Any] = container
    return found


@pytest.mark.parametrize("thing", KUBERNETES, ids=named)
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_each_object_fits_the_schema_of_kubernetes(thing: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(thing, version, strict=True)


def test_every_file_is_listed_and_every_name_is_given_once() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert files == set(KUSTOMIZATION["resources"])
    assert len({named(thing) for thing in OBJECTS}) == len(OBJECTS)


def test_settings_exist_and_can_be_loaded() -> None:
    known = settings.names()
    given = [*SETTINGS, *(entry["name"] for name in PODS for entry in container_of(name)["env"])]
    assert [name for name in given if name not in known and not name.endswith("_FILE")] == []
    assert [name for name in given if name.endswith("_FILE") and name.removesuffix("_FILE") not in known] == []
    assert int(SETTINGS["FEEDMILL_METRICS__PORT"]) == 9100


@pytest.mark.parametrize("name", PODS)
def test_a_pod_runs_a_command_that_exists(name: str) -> None:
    program, *arguments = container_of(name)["command"]
    assert program == "feedmill"
    command: click.Command = cli
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), arguments.pop(0))
        assert found is not None
        command = found
    command.make_parser(click.Context(command)).parse_args(arguments)


@pytest.mark.parametrize("name", PODS)
def test_a_pod_has_no_rights_it_does_not_need(name: str) -> None:
    pod, container = pod_of(name)["spec"], container_of(name)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_is_probed_and_may_lose_one_pod_at_a_time(name: str) -> None:
    container = container_of(name)
    assert container["ports"] == [{"name": "metrics", "containerPort": int(SETTINGS["FEEDMILL_METRICS__PORT"])}]
    paths = {probe: container[probe]["httpGet"] for probe in ("livenessProbe", "readinessProbe", "startupProbe")}
    assert paths["livenessProbe"] == paths["startupProbe"] == {"path": "/healthz", "port": "metrics"}
    assert paths["readinessProbe"] == {"path": "/readyz", "port": "metrics"}
    labels = pod_of(name)["metadata"]["labels"]
    assert DEPLOYMENTS[name]["spec"]["selector"]["matchLabels"].items() <= labels.items()
    budget = of_kind("PodDisruptionBudget")[name]["spec"]
    assert budget["selector"]["matchLabels"].items() <= labels.items()
    assert budget["maxUnavailable"] == 1
    assert pod_of(name)["spec"]["terminationGracePeriodSeconds"] > float(SETTINGS["FEEDMILL_WORKER__GRACE_S"])


def test_there_are_two_schedulers_and_a_scaled_worker_for_each_queue() -> None:
    assert DEPLOYMENTS["feedmill-scheduler"]["spec"]["replicas"] == 2
    prefix = make_app(Settings()).conf.broker_transport_options["global_keyprefix"]
    scaled = of_kind("ScaledObject")
    assert {name.removeprefix("feedmill-worker-") for name in scaled} == set(QUEUES)
    for queue in QUEUES:
        spec = scaled[f"feedmill-worker-{queue}"]["spec"]
        assert spec["scaleTargetRef"]["name"] in DEPLOYMENTS
        command = container_of(spec["scaleTargetRef"]["name"])["command"]
        assert command[command.index("--queues") + 1] == queue
        [trigger] = spec["triggers"]
        assert trigger["type"] == "redis"
        assert trigger["metadata"]["listName"] == prefix + queue
        assert trigger["authenticationRef"]["name"] in of_kind("TriggerAuthentication")
        assert 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"]
        assert "replicas" not in DEPLOYMENTS[spec["scaleTargetRef"]["name"]]["spec"]  # KEDA's, not ours


def test_who_meets_the_web_has_no_way_to_the_index() -> None:
    for name in PODS:
        labels, pod = pod_of(name)["metadata"]["labels"], pod_of(name)["spec"]
        assert labels["feedmill/state"] == "true"
        assert ("feedmill/index" in labels) != ("feedmill/fetches" in labels)
        has_key = "FEEDMILL_INDEX__API_KEY_FILE" in {entry["name"] for entry in container_of(name)["env"]}
        assert has_key == ("feedmill/index" in labels)
        mounted = {
            source["secret"]["name"]
            for volume in pod["volumes"]
            for source in (volume.get("projected", {}).get("sources") or [])
        } | {volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
        keys = {"feedmill-scheduler": "feedmill-scheduler", "feedmill-worker-index": "feedmill-writer"}
        own = {"feedmill-setup": "feedmill-setup", **keys}.get(name)
        assert mounted == {"feedmill-secrets", *([own] if own else [])}


def test_only_pods_that_fetch_reach_the_internet_and_no_private_network() -> None:
    fetching = {"feedmill-worker-feeds", "feedmill-worker-articles"}
    assert {name for name in PODS if "feedmill/fetches" in pod_of(name)["metadata"]["labels"]} == fetching
    policies = of_kind("NetworkPolicy")
    assert policies["closed"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, policy in policies.items():
        peers = [peer for rule in policy["spec"].get("egress", []) for peer in rule["to"]]
        if name == "internet":
            assert policy["spec"]["podSelector"] == {"matchLabels": {"feedmill/fetches": "true"}}
        else:
            assert not [peer for peer in peers if "ipBlock" in peer]
            ports = {port["port"] for rule in policy["spec"].get("egress", []) for port in rule["ports"]}
            assert ports == {"state": {53, 6379}, "index": {9200}}.get(name, set())
    blocks = [peer["ipBlock"] for peer in policies["internet"]["spec"]["egress"][0]["to"]]
    closed = ("10.1.2.3", "172.20.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "fd00::1", "::1")
    for text in (*closed, "fe80::1", "8.8.8.8", "2606:4700::1111"):
        address = ipaddress.ip_address(text)
        reached = any(
            address in ipaddress.ip_network(block["cidr"])
            and not any(address in ipaddress.ip_network(hole) for hole in block["except"])
            for block in blocks
        )
        assert reached is (text in ("8.8.8.8", "2606:4700::1111")), text
