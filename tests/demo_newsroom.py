"""One newsroom for the tests that only read from it; those that change it open their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from worker.demo.server import Newsroom


@pytest.fixture(scope="session")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(slow_s=0) as room:
        yield room
