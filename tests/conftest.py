"""What every test may ask for."""

pytest_plugins = ["tests.elasticsearch_node.fixtures", "tests.valkey", "tests.mill_fixtures", "tests.demo_newsroom"]
