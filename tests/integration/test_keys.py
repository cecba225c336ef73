"""A mill on an Elasticsearch with security and TLS, each process with nothing but the key of its own role."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from tests.elasticsearch_node.fixtures import wipe_with
from tests.elasticsearch_node.node import CERTIFICATES, Node
from tests.mill import COMMAND, QUICK
from tests.valkey import Valkey
from worker.demo.server import Newsroom
from worker.models import State

pytestmark = [pytest.mark.elasticsearch, pytest.mark.timeout(300)]

NAME = "it-keys"
CA = str(CERTIFICATES / "ca.crt")


class Office:
    """Processes as Kubernetes would start them."""

    def __init__(self, folder: Path, node: Node, valkey: Valkey) -> None:
        self._folder = folder
        self._node = node
        self._processes: list[subprocess.Popen[bytes]] = []
        self._log = (folder / "log").open("ab")
        self._environment = {
            "PATH": "/usr/bin:/bin",
            **QUICK,
            "FEEDMILL_DATA_DIR": str(folder / "data"),
            "FEEDMILL_REDIS__URL": valkey.url,
            "FEEDMILL_INDEX__NAME": NAME,
            "FEEDMILL_INDEX__REPORT_S": "1",
            "FEEDMILL_INDEX__EVENT_RETENTION_DAYS": "1",
            "FEEDMILL_LOG__FORMAT": "json",
        }

    def _with(self, key: str) -> dict[str, str]:
        """`key`: of a role; `admin`; or none, and then not even an address that answers."""
        if not key:
            return {**self._environment, "FEEDMILL_INDEX__URL": "https://127.0.0.1:9"}
        reached = {
            **self._environment,
            "FEEDMILL_INDEX__URL": self._node.url,
            "FEEDMILL_INDEX__CA_FILE": CA,
        }
        if key == "admin":
            return {
                **reached,
                "FEEDMILL_INDEX__USERNAME": "elastic",
                "FEEDMILL_INDEX__PASSWORD": self._node.password,
            }
        return {**reached, "FEEDMILL_INDEX__API_KEY_FILE": str(self._folder / f"keys/{key}.key")}

    def call(self, key: str, *arguments: str) -> str:
        done = subprocess.run([*COMMAND, *arguments], env=self._with(key), capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def start(self, key: str, *arguments: str) -> None:
        self._processes.append(
            subprocess.Popen([*COMMAND, *arguments], env=self._with(key), stdout=self._log, stderr=self._log)
        )

    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            assert process.wait(30) == 0, self.log()[-2000:]
        self._log.close()


@pytest.fixture
def office(tmp_path: Path, secured_node: Node, valkey: Valkey) -> Iterator[Office]:
    found = Office(tmp_path, secured_node, valkey)
    yield found
    found.stop()
    with Elasticsearch(secured_node.url, basic_auth=("elastic", secured_node.password), ca_certs=CA) as client:
        wipe_with(client, NAME, templates=True)


def test_every_process_does_its_work_with_its_own_key(
    office: Office, newsroom: Newsroom, valkey: Valkey, tmp_path: Path, secured_node: Node
) -> None:
    office.call("admin", "index", "keys", str(tmp_path / "keys"))
    office.call("setup", "index", "setup")
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text("feeds:\n" + "".join(f"  - {url}\n" for url in newsroom.feeds))
    office.call("", "feeds", "import", str(feeds))
    with Elasticsearch(secured_node.url, basic_auth=("elastic", secured_node.password), ca_certs=CA) as client:
        old = f"{NAME}-events-v1-2026.01.01"
        client.indices.create(index=old)
        office.start("scheduler", "scheduler")
        office.start("", "worker", "--queues", "feeds,articles", "--processes", "2")
        office.start("writer", "worker", "--queues", "index", "--processes", "1")
        expected = {article.final_url for article in newsroom.manifest if article.state is State.INDEXED}
        until(lambda: len(exported(office)) >= len(expected), office)
        until(lambda: not client.indices.exists(index=old), office)
        until(lambda: client.count(index=f"{NAME}-feeds", ignore_unavailable=True)["count"] > 0, office)
    assert exported(office) == expected
    refused = [line for line in office.log().splitlines() if "security_exception" in line or "unauthorized" in line]
    assert not refused, refused[:3]
    assert "Traceback" not in office.log()


def exported(office: Office) -> set[str]:
    return {json.loads(line)["url"] for line in office.call("reader", "export").splitlines()}


def until(ready: object, office: Office) -> None:
    deadline = time.monotonic() + 150
    while not ready():  # type: ignore[operator]
        assert time.monotonic() < deadline, office.log()[-3000:]
        time.sleep(0.5)
