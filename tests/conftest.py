"""What every test may ask for."""

pytest_plugins = ["tests.elasticsearch_node.fixtures"]
