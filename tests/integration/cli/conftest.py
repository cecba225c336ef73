"""A small archive on disk, as `feedmill run` would have left it, and a way to call the command line on it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.articles import NOON, make_article, make_event
from tests.valkey import Valkey
from worker.cli.main import main
from worker.models import Lag, Reason, Stage, State, Step, StoryRef
from worker.stores.sqlite.index import SqliteIndex
from worker.urls import article_id

HARBOUR = "https://example.org/news/1"
COPY = "https://copy.example/harbour"
STORM = "https://example.org/news/storm"
GONE = "https://example.org/news/gone"


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Call = Callable[..., Done]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the caller's settings counts, and ./data is nobody else's."""
    for name in list(os.environ):
        if name.startswith("FEEDMILL_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server(own_environment: None, valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> Valkey:
    """The session's Valkey as the server: faster than an embedded one for every call."""
    monkeypatch.setenv("FEEDMILL_REDIS__URL", valkey.url)
    return valkey


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*arguments: str) -> Done:
        capsys.readouterr()
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """`./data` with one story on two sites, one hostile title, and the event of an article that was refused."""
    lead = article_id(HARBOUR)
    index = SqliteIndex(tmp_path / "data")
    index.setup()
    later = NOON + timedelta(hours=1)
    lag = Lag(found_s=60.0, fetched_s=1.5, indexed_s=2.0, total_s=63.5, left_out=None)
    index.write(
        [
            make_article(HARBOUR, lag=lag),
            make_article(
                COPY,
                title="Harbour: close vote",
                story=StoryRef(lead, False, 1.0),
                duplicate_of=lead,
                published_at=later,
                lag=lag,
            ),
            make_article(
                STORM, title="Storm \x1b[2J\u202ewarning", body="A storm & <b>rain</b>.", agencies=(), lag=lag
            ),
        ],
        [
            make_event(
                GONE,
                state=State.REFUSED,
                reason=Reason.GONE,
                detail="status 404",
                title="Tram",
                steps=(Step(Stage.FETCH, NOON, "refused", Reason.GONE, "status 404", 12),),
            )
        ],
    )
    index.close()
    return tmp_path / "data"
