"""`elasticsearch_url` and `elasticsearch_index`: a real server for the tests (loaded by tests/conftest.py).

`ELASTICSEARCH_URL` names one; else a node is started here, once per session, when the first test asks for it. Where
neither is possible the tests are skipped with the reason; with CI=true they fail.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.elasticsearch_node.distribution import NodeUnavailable, prepare
from tests.elasticsearch_node.node import Node

if TYPE_CHECKING:  # the client takes a third of a second to import: only the tests that use it wait for it
    from elasticsearch import Elasticsearch

    from worker.stores.elasticsearch.index import ElasticsearchIndex

_NO_NODE = pytest.StashKey[str]()
_FIXTURES = ("elasticsearch_url", "elasticsearch_node", "secured_node")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if set(_FIXTURES) & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.elasticsearch)


def pytest_collection_finish(session: pytest.Session) -> None:
    """The first fetch may take minutes: it is done here, before any test's time limit runs."""
    wanted = any(item.get_closest_marker("elasticsearch") for item in session.items)
    if wanted and not session.config.option.collectonly and not _given_url():
        try:
            prepare()
        except NodeUnavailable as error:
            session.config.stash[_NO_NODE] = str(error)  # the fixture will say so


def _given_url() -> str:
    return os.environ.get("ELASTICSEARCH_URL", "")


def _missing(reason: str) -> NoReturn:
    text = f"no Elasticsearch: {reason}; set ELASTICSEARCH_URL to use one that runs"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


@pytest.fixture(scope="session")
def elasticsearch_node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The session's own node, running. A test that stops it starts it again. Skipped when ELASTICSEARCH_URL is set."""
    if _given_url():
        pytest.skip("ELASTICSEARCH_URL names a server that is not ours to stop")
    if reason := request.config.stash.get(_NO_NODE, ""):
        _missing(reason)
    try:
        node = Node()
    except NodeUnavailable as error:
        _missing(str(error))
    try:
        try:
            node.start()
        except NodeUnavailable as error:
            _missing(str(error))
        yield node
    finally:
        node.close()


@pytest.fixture(scope="session")
def elasticsearch_url(request: pytest.FixtureRequest) -> str:
    """A server that speaks Elasticsearch 9, without credentials."""
    given = _given_url()
    if given:
        return given
    node: Node = request.getfixturevalue("elasticsearch_node")
    return node.url


@pytest.fixture(scope="session")
def _elasticsearch_session_name() -> str:
    """No two sessions on one server meet: names that nobody else has."""
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def _elasticsearch_session_index(
    elasticsearch_url: str, _elasticsearch_session_name: str
) -> Iterator[ElasticsearchIndex]:
    from worker.stores.elasticsearch.connect import Connection
    from worker.stores.elasticsearch.index import ElasticsearchIndex

    index = ElasticsearchIndex(Connection(elasticsearch_url), _elasticsearch_session_name)
    yield index
    index.close()
    wipe(elasticsearch_url, _elasticsearch_session_name, templates=True)


@pytest.fixture
def elasticsearch_index(
    _elasticsearch_session_index: ElasticsearchIndex, elasticsearch_url: str, _elasticsearch_session_name: str
) -> ElasticsearchIndex:
    """Set up and empty. Writes are visible after `refresh()`."""
    wipe(elasticsearch_url, _elasticsearch_session_name)
    _elasticsearch_session_index.setup()
    return _elasticsearch_session_index


def wipe(url: str, name: str, *, templates: bool = False) -> None:
    """Remove all indices of the installation `name`, and its templates if asked."""
    from elasticsearch import Elasticsearch

    with Elasticsearch(url) as client:
        wipe_with(client, name, templates=templates)


def wipe_with(client: Elasticsearch, name: str, *, templates: bool) -> None:
    found = client.indices.get(index=f"{name}-*", features="aliases", allow_no_indices=True).body
    for index in found:
        client.indices.delete(index=index, ignore_unavailable=True)
    if templates:
        client.options(ignore_status=404).indices.delete_index_template(name=f"{name}-*")
        client.options(ignore_status=404).cluster.delete_component_template(name=f"{name}-*")


@pytest.fixture(scope="session")
def secured_node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """A second node, with security on, that speaks TLS only. Skipped as `elasticsearch_node`."""
    if _given_url():
        pytest.skip("ELASTICSEARCH_URL names a server; the keys are tried on one of our own")
    if reason := request.config.stash.get(_NO_NODE, ""):
        _missing(reason)
    node: Node | None = None
    try:
        node = Node(secured=True)
        node.start()
        yield node
    except NodeUnavailable as error:
        _missing(str(error))
    finally:
        if node is not None:
            node.close()
