from __future__ import annotations

import json

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from worker import observe
from worker.settings import Log


@given(st.text())
def test_a_value_is_one_harmless_line(text: str) -> None:
    shown = observe.printable(text)
    assert len(shown) <= observe.LONGEST_VALUE
    assert not observe.UNSAFE.search(shown)
    assert len(shown.splitlines()) <= 1


def test_a_hostile_title_stays_inside_its_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure(Log(level="info", format="json"))
    try:
        structlog.get_logger("test").info("polled", title='a\n{"forged": 1}\x1b[2J\u202e', nothing=None)
    finally:
        structlog.reset_defaults()
    line = capsys.readouterr().err
    assert len(line.splitlines()) == 1
    found = json.loads(line)
    assert found["title"] == 'a {"forged": 1} [2J '
    assert "nothing" not in found
