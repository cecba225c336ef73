"""What every test may ask for."""

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
