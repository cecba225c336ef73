"""A real Valkey for tests: started once per session, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import redis

from worker.state.server import EmbeddedValkey, connect


@dataclass(frozen=True)
class Valkey:
    url: str
    client: redis.Redis


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path_factory.mktemp("data"), 1 << 29)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: EmbeddedValkey) -> Iterator[Valkey]:
    client = connect(valkey_server.url)
    client.flushall()
    yield Valkey(valkey_server.url, client)
    client.close()
