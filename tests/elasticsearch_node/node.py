"""One Elasticsearch node on loopback: start, stop, start again with the same address and data."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.elasticsearch_node.distribution import NodeUnavailable, prepare

HEAP_MB = 512
LARGEST_REQUEST_MB = 16
"""Small, so that a test can send what the server refuses as too large."""
CERTIFICATES = Path(__file__).with_name("certificates")
"""`ca.crt` signed `node.crt`, the certificate of a secured node for localhost and 127.0.0.1. Until 2120."""
_START_S = 90.0
_ANSWER_S = 5.0


class Node:
    """Owned by this process: whatever ends it ends the node too (`watch.py`, and the launcher's own pipe).

    `secured`: users, roles and keys are checked, and it speaks TLS only; `elastic` has `password`.
    """

    def __init__(self, *, secured: bool = False) -> None:
        self.password = secrets.token_urlsafe(16) if secured else ""
        self._home, self._jdk = prepare()
        self._user = _unprivileged_user()
        self._folder = Path(tempfile.mkdtemp(prefix="feedmill-elasticsearch-"))
        self._folder.chmod(0o755)
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._lay_out()

    @property
    def url(self) -> str:
        return f"{'https' if self.password else 'http'}://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Returns when the node answers. Raises NodeUnavailable with the last lines of its output."""
        if self._process is not None:
            return
        for attempt in (1, 2, 3):
            if not self._port or attempt > 1:
                self._port = _free_port()  # somebody else may take it before the node does: then the next attempt
            self._configure()
            self._launch()
            if self._answers():
                return
            self.stop()
        raise NodeUnavailable(f"the node did not start; its last words: {self._last_words()}")

    def stop(self) -> None:
        """Ends the node; its data stays for the next `start`."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _lay_out(self) -> None:
        shutil.copytree(self._home / "config", self._folder / "config")
        for name in ("data", "logs", "tmp"):
            (self._folder / name).mkdir()
        options = ["-Xms{0}m", "-Xmx{0}m", "-XX:TieredStopAtLevel=1"]  # quick to start counts more than peak speed
        folder = self._folder / "config" / "jvm.options.d"
        folder.mkdir(exist_ok=True)
        (folder / "test.options").write_text("\n".join(options).format(HEAP_MB) + "\n", encoding="ascii")
        if self.password:
            shutil.copytree(CERTIFICATES, self._folder / "config" / "certificates")
            self._keep_password()

    def _keep_password(self) -> None:
        keystore = str(self._home / "bin" / "elasticsearch-keystore")
        for arguments, given in ((["create"], ""), (["add", "-x", "bootstrap.password"], self.password)):
            subprocess.run(
                [keystore, *arguments],
                input=given.encode(),
                check=True,
                capture_output=True,
                env=self._environment(),
            )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            "ES_JAVA_HOME": str(self._jdk),
            "ES_PATH_CONF": str(self._folder / "config"),
            "ES_TMPDIR": str(self._folder / "tmp"),
        }

    def _configure(self) -> None:
        settings = {
            "cluster.name": "feedmill-tests",
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": self._port,
            "http.max_content_length": f"{LARGEST_REQUEST_MB}mb",
            "path.data": str(self._folder / "data"),
            "path.logs": str(self._folder / "logs"),
            "xpack.security.enabled": bool(self.password),
            "cluster.routing.allocation.disk.threshold_enabled": False,
        }
        if self.password:
            settings |= {
                "xpack.security.http.ssl.enabled": True,
                "xpack.security.http.ssl.certificate": "certificates/node.crt",
                "xpack.security.http.ssl.key": "certificates/node.key",
            }
        lines = (f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
        (self._folder / "config" / "elasticsearch.yml").write_text("".join(lines), encoding="utf-8")
        if self._user is not None:
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def _launch(self) -> None:
        command = [str(self._home / "bin" / "elasticsearch")]
        if shutil.which("setpriv"):  # Linux: then the watcher's own SIGKILL ends the node as well
            drop = (
                [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"] if self._user else []
            )
            command = ["setpriv", *drop, "--pdeathsig=KILL", *command]
        watcher = [sys.executable, str(Path(__file__).with_name("watch.py")), str(os.getpid()), str(self._folder)]
        with (self._folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [*watcher, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self._environment(),
                start_new_session=True,
            )

    def _answers(self) -> bool:
        deadline = time.monotonic() + _START_S
        trust = ssl.create_default_context(cafile=str(CERTIFICATES / "ca.crt"))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        if self.password:
            pair = base64.b64encode(f"elastic:{self.password}".encode()).decode("ascii")
            opener.addheaders = [("Authorization", f"Basic {pair}")]
        while self._process is not None and self._process.poll() is None and time.monotonic() < deadline:
            with (
                contextlib.suppress(urllib.error.URLError, OSError, ValueError),
                opener.open(f"{self.url}/_cluster/health", timeout=_ANSWER_S) as answer,
            ):
                # Another server on a port we lost would answer otherwise.
                return bool(json.load(answer)["cluster_name"] == "feedmill-tests")
            time.sleep(0.1)
        return False

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            text = (self._folder / "output").read_text(encoding="utf-8", errors="replace")
            return " | ".join(line.strip() for line in text.splitlines()[-5:] if line.strip())[-1500:]
        return "none"


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Elasticsearch refuses to run as root: then it runs as `nobody`."""
    if os.geteuid() != 0:
        return None
    if shutil.which("setpriv") is None:
        raise NodeUnavailable("we are root, and setpriv (util-linux), which would start the node as nobody, is missing")
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise NodeUnavailable("we are root, and there is no user `nobody` to start the node as") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
