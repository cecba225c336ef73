"""The embedded Valkey, and what the state does when a server goes away, forgets or is full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from kombu import Connection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError

from tests.state import Mill, indexed, refused, urls
from worker.errors import DataDirError, ServerError
from worker.models import Reason, State
from worker.state import server as server_module
from worker.state.server import EmbeddedValkey, check, connect, find_server, socket_path, socket_url


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path, 1 << 28)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server: EmbeddedValkey) -> Iterator[redis.Redis]:
    client = connect(server.url)
    yield client
    client.close()


def test_it_answers_refuses_to_forget_and_listens_on_no_port(server: EmbeddedValkey, client: Any) -> None:
    assert server.is_alive()
    assert check(client).partition(" ")[0] in ("valkey", "redis")
    wanted = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "port": "0", "save": ""}
    found = client.config_get(*wanted, "maxmemory")
    assert found == {**wanted, "maxmemory": str(1 << 28)}


def test_both_forms_of_the_address_work_in_a_folder_with_odd_letters(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "a b%20ü", 0)
    server.start()
    try:
        client: Any = connect(server.url)
        client.set("x", "1")
        with Connection(server.broker_url) as broker:
            channel: Any = broker.default_channel
            assert channel.client.get("x") == b"1"
        client.close()
    finally:
        server.stop()


def test_a_path_too_long_for_a_socket_gets_a_private_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    path = socket_path(folder)
    assert len(os.fsencode(path)) < 104
    assert socket_url(folder) == f"unix://{path}"
    server = EmbeddedValkey(folder, 0)
    server.start()
    try:
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert server.is_alive()
    finally:
        server.stop()
    assert not path.parent.exists()


def test_a_private_folder_that_others_may_enter_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / ("wide" * 30)
    path = socket_path(folder)
    path.parent.mkdir()
    path.parent.chmod(0o755)
    try:
        with pytest.raises(DataDirError, match="not ours alone"):
            EmbeddedValkey(folder, 0).start()
    finally:
        path.parent.rmdir()


def test_what_was_written_is_there_after_a_stop_and_after_a_kill(tmp_path: Path) -> None:
    for how in ("stop", "kill"):
        server = EmbeddedValkey(tmp_path, 0)
        server.start()
        client: Any = connect(server.url)
        client.set(how, "1")
        if how == "stop":
            server.stop()
        else:
            time.sleep(1.2)  # everysec
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            while server.is_alive():
                time.sleep(0.01)
        assert not server.is_alive()
        client.close()
    server.start()  # as the supervisor does
    client = connect(server.url)
    assert client.mget("stop", "kill") == [b"1", b"1"]
    client.close()
    server.stop()
    server.stop()


def test_a_second_server_in_the_same_folder_is_refused(
    server: EmbeddedValkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "STOP_S", 0.2)
    with pytest.raises(DataDirError, match="already runs"):
        EmbeddedValkey(tmp_path, 0).start()
    assert server.is_alive()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DataDirError, match="cannot be used"):
        EmbeddedValkey(tmp_path / "data", 0).start()


def test_a_server_that_ends_at_once_says_why(tmp_path: Path) -> None:
    (tmp_path / "valkey").mkdir()
    (tmp_path / "valkey" / "appendonlydir").write_text("not a folder")
    with pytest.raises(ServerError, match=r"ended at once: .*append"):
        EmbeddedValkey(tmp_path, 0).start()


def test_an_installed_server_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = find_server()
    assert Path(packaged).is_file()
    (tmp_path / "redis-server").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server() == str(tmp_path / "redis-server")
    (tmp_path / "valkey-server").symlink_to("/bin/true")
    assert find_server() == str(tmp_path / "valkey-server")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_the_server_ends_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from worker.state.server import EmbeddedValkey\n"
        "s = EmbeddedValkey(Path(sys.argv[1]), 0); s.start(); print(s.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _runs(pid):
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    """A zombie whose new parent has not looked yet runs no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_no_server_is_one_clear_line(tmp_path: Path) -> None:
    client = connect(f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(ServerError, match=r"does not answer at .*nothing\.sock"):
        check(client)
    with pytest.raises(ServerError, match="no Redis URL"):
        connect("http://localhost")


def test_the_password_is_sent_and_stays_out_of_messages(tmp_path: Path, client: Any, server: EmbeddedValkey) -> None:
    client.config_set("requirepass", "s3cret")
    with_password: Any = connect(server.url, "s3cret")
    assert with_password.ping()
    with pytest.raises(ServerError) as caught:
        check(connect(server.url, "wr0ng"))
    assert "wr0ng" not in str(caught.value)
    with_password.config_set("requirepass", "")
    with_password.close()


def test_a_restarted_server_has_no_scripts_and_nobody_notices(server: EmbeddedValkey, client: Any) -> None:
    mill = Mill(client)
    mill.offer(urls(1))
    server.stop()
    server.start()
    assert mill.claim_one().host == "h0.example"
    client.script_flush()
    assert mill.ledger.counts().pending == 1


def test_a_call_waits_out_a_short_absence_but_takes_no_work_twice(server: EmbeddedValkey, client: Any) -> None:
    mill = Mill(client)
    mill.offer(urls(2))
    server.stop()
    with pytest.raises(RedisConnectionError):
        mill.frontier.claim(1)  # nobody knows whether it ran: it is not sent again
    depths: list[float] = []
    thread = threading.Thread(target=lambda: depths.append(mill.frontier.depth()["queued"]))
    thread.start()
    time.sleep(0.2)
    server.start()  # here: it would end with the thread that started it
    thread.join(10)
    assert depths == [2]


def test_a_full_server_takes_nothing_new_but_lets_everything_out(client: Any) -> None:
    """noeviction: offers are refused whole, what is inside is worked off, and nothing is half done."""
    mill = Mill(client)
    mill.offer(urls(20, hosts=20))
    mill.subscribe(["https://f.example/feed"])
    client.config_set("maxmemory", "1")
    with pytest.raises(OutOfMemoryError):
        mill.offer(["https://new.example/1"])
    mill.audit()
    claims = mill.claim()
    assert len(claims) == 20  # no feed is polled now
    assert mill.frontier.is_full()
    assert mill.frontier.release_due_feeds(10) == 0
    begun = mill.frontier.begin(claims)
    for number, claim in enumerate(claims):
        item = begun[claim.id]
        if item is None:
            mill.frontier.release(claim)
        elif number % 2:
            assert mill.frontier.finish(claim, refused(item.url))
        else:
            assert mill.frontier.finish_document(claim, *indexed(item.url))
    mill.outbox.ack([(item, State.INDEXED, Reason.STORED) for item in mill.outbox.take("w", 100)])
    mill.audit()
    assert mill.ledger.counts().pending == 0
    client.config_set("maxmemory", "0")
    assert mill.offer(["https://new.example/1"]) == 1
