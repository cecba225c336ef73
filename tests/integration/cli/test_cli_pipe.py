"""`feedmill ... | head -1`: a reader that has enough is no failure, and nothing is said about it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.cli.test_cli_pages import PAGE, RSS

COMMANDS = [
    ("search", ""),
    ("export",),
    ("status",),
    ("poll", "feed.xml"),
    ("extract", "page.html"),
    ("config", "show"),
]


@pytest.mark.usefixtures("archive", "server")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_reader_that_is_gone_is_no_failure(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "feed.xml").write_text(RSS)
    (tmp_path / "page.html").write_text(PAGE)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "worker.cli.main", *arguments], stdout=writing, stderr=subprocess.PIPE, timeout=60
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
