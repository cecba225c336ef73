"""What every way to fail looks like: one line on stderr, the right exit code, nothing on stdout."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import click
import pytest

from worker.cli.main import SECTIONS, cli, main
from worker.errors import FeedmillError, IndexUnavailable, QueryError


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
    """A command `fail` that raises what the test puts under `error`."""
    box: dict[str, BaseException] = {}

    @click.command()
    def fail() -> None:
        raise box["error"]

    monkeypatch.setitem(cli.commands, "fail", fail)
    return box


CASES = [
    (QueryError("unknown field: foo"), 2, "feedmill: unknown field: foo\n"),
    (
        IndexUnavailable("connection refused"),
        2,
        "feedmill: the index does not answer: connection refused; `feedmill doctor`",
    ),
    (FeedmillError("odd"), 1, "feedmill: odd\n"),
    (OSError(errno.ENOSPC, "No space left on device", "/data/x"), 2, "feedmill: No space left on device: /data/x; "),
    (OSError(errno.ECONNRESET, "Connection reset"), 1, "feedmill: Connection reset; "),
    (
        ValueError("first line\nsecond line"),
        1,
        "feedmill: unexpected ValueError: first line; FEEDMILL_LOG__LEVEL=debug",
    ),
    (KeyboardInterrupt(), 130, "interrupted\n"),
    (click.UsageError("no such thing"), 2, "feedmill: no such thing; `feedmill"),
]


@pytest.mark.parametrize(
    ("error", "code", "line"), CASES, ids=[type(error).__name__ + str(code) for error, code, _ in CASES]
)
def test_one_line_and_an_exit_code(
    failing: dict[str, BaseException], capsys: pytest.CaptureFixture[str], error: BaseException, code: int, line: str
) -> None:
    failing["error"] = error
    assert main(["fail"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert line in err
    assert len(err.strip().splitlines()) == 1


def test_the_traceback_is_there_for_who_asks(
    failing: dict[str, BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDMILL_LOG__LEVEL", "debug")
    failing["error"] = ValueError("here")
    assert main(["fail"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.strip().splitlines()[-1] == "feedmill: unexpected ValueError: here"


def test_a_hostile_message_cannot_steer_the_terminal(
    failing: dict[str, BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing["error"] = QueryError("bad \x1b[2J word")
    assert main(["fail"]) == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["search"], "Missing argument 'QUERY...'"),
        (["search", "x", "--limit", "0"], "0 is not in the range"),
        (["search", "x", "--sort", "oldest"], "'oldest' is not one of 'newest', 'best'"),
        (["run", "--forever"], "No such option '--forever'"),
    ],
)
def test_a_wrong_call(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert "--help` explains" in err


def test_help_lists_every_command_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = [name for _, names in SECTIONS for name in names]
    assert sorted(listed) == sorted(cli.commands)
    assert all(f"  {name} " in capsys.readouterr().out for name in listed[:1])


def test_a_reader_that_has_enough_is_no_failure() -> None:
    """`feedmill ... | head`: quiet, and no failure of ours."""
    command = f"'{sys.executable}' -m worker.cli.main --help | exec true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_unknown_setting_is_said_before_anything_is_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FEEDMILL_DATADIR", str(tmp_path))
    assert main(["status"]) == 2
    assert "no such setting: FEEDMILL_DATADIR" in capsys.readouterr().err
