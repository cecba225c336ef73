"""A world to poll in: see `site.py`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.manners.site import Scenario, Site, live
from tests.valkey import Valkey, valkey, valkey_server

__all__ = ["valkey", "valkey_server"]


@pytest.fixture
def play(valkey: Valkey, tmp_path: Path) -> Callable[..., None]:
    def run(scenario: Scenario, site: Site, **settings: Any) -> None:
        live(scenario, site, valkey.url, tmp_path, **settings)

    return run
