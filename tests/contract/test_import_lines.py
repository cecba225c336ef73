"""`import_lines` over a real Valkey and a real SQLite index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.articles import NOON
from tests.state import Mill
from tests.valkey import Valkey
from worker.importing.take import Outcome, import_lines
from worker.stores.sqlite.index import SqliteIndex


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def test_what_a_killed_import_left_in_the_outbox_is_not_taken_twice(mill: Mill, tmp_path: Path) -> None:
    index = SqliteIndex(tmp_path)
    lines = [
        json.dumps({"url": f"https://old.example/{n}", "title": f"Title {n}", "body": f"Body of number {n}."}).encode()
        for n in range(5)
    ]

    def taken() -> list[Outcome]:
        results = import_lines(lines, index=index, stories=mill.stories, outbox=mill.outbox, clock=lambda: NOON)
        return [result.outcome for result in results]

    assert taken() == [Outcome.TAKEN] * 5
    assert taken() == [Outcome.KNOWN] * 5, "killed here: all of it stands in the outbox"
    assert mill.ledger.counts().offered == 5
    index.close()
