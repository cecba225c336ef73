from __future__ import annotations

from pathlib import Path

import pytest

from worker import settings
from worker.errors import SettingsError


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("FEEDMILL_"):
            monkeypatch.delenv(name)


def test_environment_goes_before_the_file_and_arguments_before_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "feedmill.toml"
    file.write_text('data_dir = "from-file"\n[net]\nhost_delay_s = 7\ncontact = "file"\n')
    monkeypatch.setenv("FEEDMILL_CONFIG", str(file))
    monkeypatch.setenv("FEEDMILL_NET__HOST_DELAY_S", "3")
    found = settings.load()
    assert (str(found.data_dir), found.net.host_delay_s, found.net.contact) == ("from-file", 3.0, "file")
    assert str(settings.load(data_dir=Path("given")).data_dir) == "given"


def test_networks_are_a_comma_separated_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_NET__ALLOW", "127.0.0.0/8, fd00::/8")
    assert [str(network) for network in settings.load().net.allow] == ["127.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FEEDMILL_NET__HOST_DELAY_S", "soon", "FEEDMILL_NET__HOST_DELAY_S"),
        ("FEEDMILL_NET__HOST_DELAY_S", "-1", "FEEDMILL_NET__HOST_DELAY_S"),
        ("FEEDMILL_NET__ALLOW", "localhost", "FEEDMILL_NET__ALLOW"),
        ("FEEDMILL_NET__HOST_DELAY", "1", "no such setting: FEEDMILL_NET__HOST_DELAY"),
        ("FEEDMILL_CONFIG", "/nowhere.toml", "/nowhere.toml"),
        ("FEEDMILL_NET__USER_AGENT", "mill/{no}", "FEEDMILL_NET__USER_AGENT: only"),
        ("FEEDMILL_NET__CONTACT", "zoë", "ASCII"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        settings.load()
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_toml_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text("not = = toml")
    monkeypatch.setenv("FEEDMILL_CONFIG", str(file))
    with pytest.raises(SettingsError):
        settings.load()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_REDIS__PASSWORD", "hunter2")
    assert "hunter2" not in repr(settings.load())


def test_every_setting_has_a_reason() -> None:
    assert all(len(reason) > 10 for reason in settings.names().values())
