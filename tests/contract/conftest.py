"""The backends that a port's contract is run over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.ports import ArticleIndex
from worker.stores.sqlite.index import SqliteIndex


@pytest.fixture(params=["sqlite", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ArticleIndex]:
    """Set up and empty. Call `refresh()` before searching for what was written."""
    if request.param == "elasticsearch":
        yield request.getfixturevalue("elasticsearch_index")
        return
    sqlite = SqliteIndex(tmp_path)
    sqlite.setup()
    yield sqlite
    sqlite.close()
