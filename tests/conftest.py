"""What every test may ask for."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.elasticsearch_node.fixtures",
    "tests.valkey",
    "tests.mill_fixtures",
    "tests.demo_newsroom",
    "tests.full_server",
]

# A busy machine is slow, not wrong: how long an example takes never fails a test.
settings.register_profile("feedmill", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("feedmill")

SLOW_FIRST = ("chaos", "integration", "hostile", "manners", "contract", "bench", "unit")
"""Three processes share the files: what takes minutes must not be what is left for one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order within a folder stays the random one."""
    tests = Path(__file__).parent

    def folder(item: pytest.Item) -> int:
        name = item.path.relative_to(tests).parts[0]
        return SLOW_FIRST.index(name) if name in SLOW_FIRST else len(SLOW_FIRST)

    items.sort(key=folder)
