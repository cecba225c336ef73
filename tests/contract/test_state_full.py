"""A server whose disk or memory is full says so in its own way; we say it in one line, with what to do."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import redis

from tests.full_server import fill_disk
from worker.cli.main import main
from worker.state.full import DISK, MEMORY, refusal, shortage


def fill_memory(client: redis.Redis) -> None:
    client.config_set("maxmemory", "1mb")


def answer(client: redis.Redis) -> redis.RedisError:
    with pytest.raises(redis.ResponseError) as caught:
        client.set("a", "1")
    pipe = client.pipeline()
    pipe.set("a", "1")
    with pytest.raises(redis.ResponseError) as in_pipe:
        pipe.execute()
    assert refusal(in_pipe.value) == refusal(caught.value)
    return caught.value


def test_a_full_disk(full: redis.Redis, capsys: pytest.CaptureFixture[str]) -> None:
    assert shortage(full.info()) == ""
    fill_disk(full)
    assert refusal(answer(full)) == shortage(full.info()) == DISK
    assert main(["feeds", "add", "--unchecked", "https://example.org/feed"]) == 2
    assert capsys.readouterr().err == f"feedmill: {DISK}\n"


def test_full_memory(full: redis.Redis, capsys: pytest.CaptureFixture[str]) -> None:
    fill_memory(full)
    assert refusal(answer(full)) == shortage(full.info()) == MEMORY
    assert main(["feeds", "add", "--unchecked", "https://example.org/feed"]) == 2
    assert capsys.readouterr().err == f"feedmill: {MEMORY}\n"


def test_status_says_it_and_still_shows_everything(full: redis.Redis, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "setup"]) == 0
    fill_disk(full)
    capsys.readouterr()
    assert main(["status"]) == 0
    out, err = capsys.readouterr()
    assert "frontier" in out
    assert err == f"feedmill: {DISK}\n"


def test_other_errors_are_not_mistaken_for_it(full: redis.Redis) -> None:
    full.set("text", "1")
    with pytest.raises(redis.ResponseError) as caught:
        full.lpush("text", "1")
    assert refusal(caught.value) == ""
    assert refusal(redis.ConnectionError("refused")) == ""
    sent = RuntimeError("could not be sent")
    sent.__cause__ = answer_after(full)
    assert refusal(sent) == MEMORY


def answer_after(client: redis.Redis) -> redis.RedisError:
    fill_memory(client)
    return answer(client)


def test_a_task_says_it_in_one_line(full: redis.Redis) -> None:
    """As Celery calls it, in a process of its own: one warning for the message, no traceback."""
    fill_disk(full)
    code = (
        "from worker import settings, observe, tasks; from worker.app import make_app; found = settings.load();"
        "observe.configure(found.log); make_app(found).set_default();"
        "tasks.poll([['feed', '0' * 32, 'a.example', 't']])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    [line] = done.stderr.splitlines()
    assert (done.returncode, json.loads(line)["event"], json.loads(line)["level"]) == (0, DISK, "warning")
