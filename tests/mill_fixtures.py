from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mill import Mill


@pytest.fixture
def make_mill(tmp_path: Path) -> Iterator[Callable[..., Mill]]:
    mills: list[Mill] = []

    def make(feeds: list[str], **environment: str) -> Mill:
        mills.append(Mill(tmp_path, feeds, **environment))
        return mills[-1]

    yield make
    for mill in mills:
        mill.kill_if_running()


@pytest.fixture(params=["sqlite", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def index_environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings that choose the index; a name of its own on the shared Elasticsearch."""
    if request.param == "sqlite":
        return {}
    url: str = request.getfixturevalue("elasticsearch_url")
    return {"FEEDMILL_INDEX__URL": url, "FEEDMILL_INDEX__NAME": f"it-{uuid.uuid4().hex[:8]}"}
