"""Elastic's own stripped distribution from Maven Central plus our analysis plugin, unpacked in a cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.elasticsearch_node.jdk import OLDEST, find_jdk

VERSION = "9.5.4"
_ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
_PLUGIN = Path(__file__).parent / "plugin" / "AnalysisPlugin.java"
_DESCRIPTOR = f"""\
name=feedmill-testnode
description=The token filters that the templates name
version=1
elasticsearch.version={VERSION}
java.version={OLDEST}
classname=feedmill.testnode.AnalysisPlugin
"""
_FETCH_S = 900


class NodeUnavailable(Exception):
    """No node can be started here; the message says what is missing."""


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Outside the repository, and readable to the unprivileged user that runs the node when we are root."""
    named = environment.get("XDG_CACHE_HOME")
    for base in ([Path(named)] if named else []) + [Path.home() / ".cache", Path("/var/cache")]:
        folder = base / "feedmill-tests"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and (os.geteuid() != 0 or _open_to_all(folder)):
            return folder
    return Path(tempfile.gettempdir()) / "feedmill-tests"


def _open_to_all(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o005 == 0o005 for part in (folder, *folder.parents))


def prepare() -> tuple[Path, Path]:
    """(Elasticsearch home with the plugin, JDK); fetched and compiled at the first call on a machine.

    Raises NodeUnavailable.
    """
    jdk, refused = find_jdk()
    if jdk is None:
        looked = "; ".join(refused) or "no ES_JAVA_HOME, no JAVA_HOME, nothing in the system's JVM folders"
        raise NodeUnavailable(f"no JDK {OLDEST} or newer with javac was found ({looked})")
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    # The name says all that the content depends on, so a changed plugin gets a folder of its own.
    parts = (_PLUGIN.read_bytes(), _DESCRIPTOR.encode())
    home = cache / f"elasticsearch-{VERSION}-{hashlib.sha256(b''.join(parts)).hexdigest()[:12]}"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            _build(home, jdk, cache)
    return home, jdk


def _build(home: Path, jdk: Path, cache: Path) -> None:
    work = Path(tempfile.mkdtemp(prefix="building-", dir=cache))
    try:
        archive = cache / f"elasticsearch-{VERSION}.zip"
        if not archive.is_file():
            _fetch(archive, work)
        _unpack(archive, work)
        unpacked = work / f"elasticsearch-{VERSION}"
        _install_plugin(unpacked, jdk, work)
        unpacked.rename(home)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _fetch(archive: Path, work: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise NodeUnavailable("Maven (mvn) is not installed; it fetches the test node")
    _run(
        [
            maven,
            "-B",
            "-q",
            "-Dstyle.color=never",
            "dependency:copy",
            f"-Dartifact={_ARTIFACT}",
            f"-DoutputDirectory={work}",
        ],
        f"Maven could not fetch {_ARTIFACT}",
    )
    (work / archive.name).rename(archive)


def _unpack(archive: Path, work: Path) -> None:
    """As `unzip` does, with the modes that zipfile's own extraction forgets."""
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            target = Path(opened.extract(member, work))
            target.chmod(0o755 if member.is_dir() or (member.external_attr >> 16) & 0o100 else 0o644)


def _install_plugin(elasticsearch: Path, jdk: Path, work: Path) -> None:
    classes, folder = work / "classes", elasticsearch / "plugins" / "feedmill-testnode"
    folder.mkdir(parents=True)
    libraries = f"{elasticsearch / 'lib'}/*"
    compiler = [
        str(jdk / "bin" / "javac"),
        "-proc:none",
        "--release",
        str(OLDEST),
        "-cp",
        libraries,
        "-d",
        str(classes),
    ]
    _run([*compiler, str(_PLUGIN)], "the test node's plugin does not compile")
    _run([str(jdk / "bin" / "jar"), "cf", str(folder / "plugin.jar"), "-C", str(classes), "."], "jar failed")
    (folder / "plugin-descriptor.properties").write_text(_DESCRIPTOR, encoding="utf-8")
    for path in (elasticsearch, elasticsearch / "plugins", folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _run(command: list[str], failure: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_FETCH_S)
    except subprocess.TimeoutExpired:
        raise NodeUnavailable(f"{failure}: no end after {_FETCH_S} s") from None
    if done.returncode:
        output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        lines = [line for line in output.splitlines() if line.strip()]
        raise NodeUnavailable(f"{failure}: {lines[0][:300] if lines else f'exit code {done.returncode}'}")
