from __future__ import annotations

from pathlib import Path

import pytest

from worker import settings
from worker.app import QUEUES, broker_url, make_app


@pytest.mark.parametrize(
    ("url", "password", "expected"),
    [
        ("redis://host:6379/0", "", "redis://host:6379/0"),
        ("redis://host:6379/0", "a/b@c", "redis://:a%2Fb%40c@host:6379/0"),
        ("redis://user@host:6379/0", "secret", "redis://user:secret@host:6379/0"),
        ("redis://user:own@host:6379/0", "secret", "redis://user:own@host:6379/0"),
        ("rediss://host:6380/1", "secret", "rediss://:secret@host:6380/1"),
        ("unix:///run/valkey.sock", "", "redis+socket:///run/valkey.sock?virtual_host=0"),
    ],
)
def test_kombu_gets_the_same_server_with_the_password_in_its_place(url: str, password: str, expected: str) -> None:
    given = settings.load(redis={"url": url, "password": password})
    assert broker_url(given) == expected


def test_without_a_url_the_broker_is_the_valkey_of_the_data_folder(tmp_path: Path) -> None:
    given = settings.load(data_dir=tmp_path)
    assert broker_url(given) == f"redis+socket://{tmp_path.resolve()}/valkey/valkey.sock?virtual_host=0"


def test_reliability_settings_that_the_leases_build_on() -> None:
    conf = make_app(settings.load()).conf
    assert [queue.name for queue in conf.task_queues] == list(QUEUES)
    assert conf.task_acks_late
    assert conf.task_ignore_result
    assert conf.result_backend is None
    assert conf.accept_content == ["json"]
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["visibility_timeout"] > 2 * conf.task_time_limit
    assert "retry_on_timeout" not in conf.broker_transport_options
