from __future__ import annotations

import json
from pathlib import Path

import pytest

from worker import settings
from worker.cli.main import main

SECRET = "s3cr3t-Wert"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings.names():
        monkeypatch.delenv(name, raising=False)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["config", "show", *arguments]) == 0
    return capsys.readouterr().out


def test_every_setting_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    values = json.loads(shown(capsys, "--json"))
    assert set(values) == {
        name
        for name in settings.names()
        if not name.endswith("_FILE") or name == "FEEDMILL_FEEDS_FILE" or name.endswith("CA_FILE")
    }
    assert values["FEEDMILL_NET__HOST_DELAY_S"] == 2.0
    assert values["FEEDMILL_REDIS__PASSWORD"] == ""


def test_no_secret_is_ever_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(SECRET)
    monkeypatch.setenv("FEEDMILL_REDIS__PASSWORD", SECRET)
    monkeypatch.setenv("FEEDMILL_INDEX__API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("FEEDMILL_INDEX__PASSWORD", SECRET)
    monkeypatch.setenv("FEEDMILL_REDIS__URL", f"redis://user:{SECRET}@host:6379/0")
    monkeypatch.setenv("FEEDMILL_NET__PROXY", f"http://user:{SECRET}@proxy:3128")
    for output in (shown(capsys), shown(capsys, "--json")):
        assert SECRET not in output
    assert "redis://user:********@host:6379/0" in shown(capsys)
    values = json.loads(shown(capsys, "--json"))
    assert values["FEEDMILL_REDIS__PASSWORD"] == values["FEEDMILL_INDEX__API_KEY"] == "********"


def test_it_says_where_a_value_comes_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text("[net]\nhost_delay_s = 7.5\ncontact = 'file@example.org'\n")
    monkeypatch.setenv("FEEDMILL_CONFIG", str(tmp_path / "own.toml"))
    monkeypatch.setenv("FEEDMILL_NET__CONTACT", "me@example.org")
    lines = shown(capsys, "--data", str(tmp_path)).splitlines()
    assert "FEEDMILL_NET__HOST_DELAY_S = 7.5   (file)" in lines
    assert "FEEDMILL_NET__CONTACT = me@example.org   (environment)" in lines
    assert f"FEEDMILL_DATA_DIR = {tmp_path}   (command line)" in lines
    assert "FEEDMILL_FETCH__ROBOTS = true" in lines


@pytest.mark.parametrize(
    ("name", "value"),
    [("FEEDMILL_NET__HOST_DELAY_S", "soon"), ("FEEDMILL_NET__ALLOW", "everything"), ("FEEDMILL_CONFIG", "/none.toml")],
)
def test_a_wrong_setting_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["config", "show"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("feedmill: ")
    assert name in err
    assert len(err.splitlines()) == 1
