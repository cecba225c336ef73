from __future__ import annotations

import re
from importlib import resources

import pytest

from worker.state.scripts import TAKES_WORK, digest, source

FILES = sorted(path.name.removesuffix(".lua") for path in (resources.files("worker.state") / "lua").iterdir())
SCRIPTS = [name for name in FILES if not name.startswith("_")]


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_says_what_it_promises_and_takes(name: str) -> None:
    own = (resources.files("worker.state") / "lua" / f"{name}.lua").read_text("utf-8")
    assert own.startswith("#!lua")
    head = own.split("\nlocal ")[0] if "\nlocal " in own else own
    comment = [line for line in head.splitlines() if line.startswith("-- ") and not line.startswith("-- include")]
    assert comment, "no contract"
    if "ARGV[2]" in own:
        assert any("ARGV" in line for line in comment), "its arguments are not named"


@pytest.mark.parametrize("name", SCRIPTS)
def test_includes_are_complete(name: str) -> None:
    whole = source(name)
    assert "-- include:" not in whole
    assert whole.startswith("#!lua"), "the flags must stay in the first line"
    defined = re.findall(r"^local function (\w+)", whole, re.MULTILINE)
    assert len(defined) == len(set(defined))


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_key_is_under_the_prefix(name: str) -> None:
    """No key is named but by P .. 'name': one prefix, one hash tag, one shard."""
    for call in re.findall(r"redis\.p?call\(\s*'(\w+)',\s*('[^']*')", source(name)):
        assert call[0] in ("XGROUP", "XINFO", "XREADGROUP"), call


def test_what_takes_work_is_never_sent_twice() -> None:
    assert set(SCRIPTS) >= TAKES_WORK
    assert len({digest(name) for name in SCRIPTS}) == len(SCRIPTS)
