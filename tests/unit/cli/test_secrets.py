"""A wrong address or secret is said in one line that does not hold it, by every command."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker import settings
from worker.cli.main import main
from worker.errors import SettingsError

SECRET = "s3cretpw"
WRONG = (f"redis//:{SECRET}@h:6379", f"redis://:{SECRET}@h:99999", f"redis://user:{SECRET}/x@h:6379")
COMMANDS = {
    "status": 2,
    "scheduler": 2,
    "worker": 2,
    "run": 2,
    "search x": 2,
    "feeds list": 2,
    "config show": 2,
    "doctor": 1,  # its own report: the check of the settings failed
}


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in settings.names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()


@pytest.mark.parametrize("url", WRONG)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_a_malformed_address(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str, url: str
) -> None:
    monkeypatch.setenv("FEEDMILL_REDIS__URL", url)
    assert main(command.split()) == COMMANDS[command]
    out, err = capsys.readouterr()
    assert "FEEDMILL_REDIS__URL" in out + err
    assert SECRET not in out + err


@pytest.mark.parametrize("name", ["FEEDMILL_INDEX__URL", "FEEDMILL_NET__PROXY"])
def test_other_addresses_are_not_printed_either(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, f"http://user:{SECRET}@h:port")
    assert main(["status"]) == 2
    out, err = capsys.readouterr()
    assert name in err
    assert SECRET not in out + err


@pytest.mark.parametrize(
    ("toml", "name"),
    [
        (f'redis = "redis://:{SECRET}@h"', "FEEDMILL_REDIS"),
        (f'[redis]\npasword = "{SECRET}"', "FEEDMILL_REDIS__PASWORD"),
        (f'[redis]\npassword = ["{SECRET}"]', "FEEDMILL_REDIS__PASSWORD"),
        (f'[index]\napi_key = {{key = "{SECRET}"}}', "FEEDMILL_INDEX__API_KEY"),
        (f'[index]\nurl = ["http://u:{SECRET}@h"]', "FEEDMILL_INDEX__URL"),
        (f'pasword = "{SECRET}"', "FEEDMILL_PASWORD"),
    ],
)
def test_nothing_of_a_file_is_quoted_where_a_secret_may_stand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toml: str, name: str
) -> None:
    (tmp_path / "own.toml").write_text(toml)
    monkeypatch.setenv("FEEDMILL_CONFIG", str(tmp_path / "own.toml"))
    with pytest.raises(SettingsError, match=name) as caught:
        settings.load()
    assert SECRET not in str(caught.value)


def test_what_is_no_secret_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_NET__HOST_DELAY_S", "soon")
    with pytest.raises(SettingsError, match="given: 'soon'"):
        settings.load()
