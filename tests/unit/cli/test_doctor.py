from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from worker.cli import doctor
from worker.cli.doctor import check_allow, check_clock, check_contact, check_data_dir, judge_redis
from worker.settings import Net

GOOD: dict[str, Any] = {
    "redis_version": "7.2.4",
    "valkey_version": "9.1.2",
    "maxmemory_policy": "noeviction",
    "aof_enabled": 1,
    "used_memory": 10 << 20,
    "maxmemory": 100 << 20,
}


@pytest.mark.parametrize(
    ("change", "level", "says"),
    [
        ({}, "ok", "Valkey 9.1.2, append-only file on, noeviction, 10 MB used of 100"),
        ({"maxmemory_policy": "allkeys-lru"}, "fail", "allkeys-lru"),
        ({"aof_enabled": 0}, "warn", "without append-only file"),
        ({"used_memory": 95 << 20}, "warn", "95 MB used of 100"),
        ({"maxmemory": 0}, "ok", "no limit"),
        ({"used_memory": 100 << 20}, "fail", "Valkey 9.1.2"),
        ({"aof_last_write_status": "err"}, "fail", "Valkey 9.1.2"),
        ({"valkey_version": None, "redis_version": "6.0.16"}, "fail", "Redis 6.0.16"),
        ({"valkey_version": None, "redis_version": "7.4.0"}, "ok", "Redis 7.4.0"),
    ],
)
def test_redis(change: dict[str, Any], level: str, says: str) -> None:
    check = judge_redis({**GOOD, **change})
    assert check.level == level
    assert says in check.finding
    assert bool(check.advice) == (level != "ok")


def test_the_contact_should_be_set() -> None:
    assert check_contact(Net()).level == "warn"
    assert check_contact(Net(contact="me@example.org")).level == "ok"


def test_private_networks_are_worth_a_warning() -> None:
    assert check_allow(Net()).level == "ok"
    check = check_allow(Net(allow=(ip_network("10.0.0.0/8"),)))
    assert (check.level, "10.0.0.0/8" in check.finding) == ("warn", True)


def test_a_clock_before_our_time() -> None:
    assert check_clock(datetime(1970, 1, 1, tzinfo=UTC)).level == "fail"
    assert check_clock(datetime(2027, 1, 1, tzinfo=UTC)).level == "ok"


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert check_data_dir(tmp_path / "file" / "data").level == "fail"
    assert "will be made" in check_data_dir(tmp_path / "new" / "data").finding


@pytest.mark.parametrize(("free", "level"), [(100 << 20, "fail"), (1 << 30, "warn"), (50 << 30, "ok")])
def test_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: str) -> None:
    usage = doctor.shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert check_data_dir(tmp_path).level == level
