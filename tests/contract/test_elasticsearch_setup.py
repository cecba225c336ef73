"""Setting up a server, and saying in one line why a server will not do."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from tests.articles import make_article
from tests.elasticsearch_node.fixtures import wipe
from worker.errors import IndexUnavailable, ServerError
from worker.query.ast import Everything, Search
from worker.stores.elasticsearch.connect import Connection
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.layout import ARTICLES, EVENTS
from worker.stores.elasticsearch.template_files import load as load_template


def refusal(url: str, **credentials: str) -> str:
    index = ElasticsearchIndex(Connection(url, **credentials), "test-refused")
    try:
        with pytest.raises(ServerError) as caught:
            index.setup()
    finally:
        index.close()
    text = str(caught.value)
    assert url in text
    assert "\n" not in text
    return text


class Impostor(http.server.BaseHTTPRequestHandler):
    """A server that gives every request the same answer."""

    status = 200
    headers_sent: tuple[tuple[str, str], ...] = ()
    body: Any = None

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = json.dumps(self.body).encode()
        self.send_response(self.status)
        for name, value in (("Content-Type", "application/json"), *self.headers_sent):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_HEAD = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass


ELASTIC = (("X-Elastic-Product", "Elasticsearch"),)


@pytest.fixture
def impostor() -> Iterator[tuple[type[Impostor], str]]:
    handler = type("Handler", (Impostor,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield handler, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_setup_twice_changes_nothing(elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str) -> None:
    def templates() -> list[Any]:
        with Elasticsearch(elasticsearch_url) as client:
            return [
                client.cluster.get_component_template(name=f"{elasticsearch_index.name}-*").body,
                client.indices.get_index_template(name=f"{elasticsearch_index.name}-*").body,
            ]

    before = templates()
    elasticsearch_index.setup()
    assert templates() == before
    metas = [item["index_template"]["_meta"] for item in before[1]["index_templates"]]
    assert {(meta["managed_by"], meta["schema_version"]) for meta in metas} == {("feedmill", 1)}


def test_the_server_has_the_mapping_that_the_template_says(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str
) -> None:
    elasticsearch_index.write([make_article()], [])
    alias = ARTICLES.alias(elasticsearch_index.name)
    with Elasticsearch(elasticsearch_url) as client:
        [found] = client.indices.get(index=alias).body.values()
    wanted = load_template("articles.component", elasticsearch_index.name)["template"]["mappings"]["properties"]
    assert found["mappings"]["dynamic"] == "false"
    assert found["mappings"]["properties"].keys() == wanted.keys()
    assert found["mappings"]["properties"]["body_de"] == wanted["body_de"]
    assert found["aliases"] == {alias: {}}
    assert found["settings"]["index"]["sort"]["field"] == ["published_at"]


def test_a_field_that_is_new_reaches_the_indices_that_exist(
    elasticsearch_index: ElasticsearchIndex, elasticsearch_url: str
) -> None:
    alias = ARTICLES.alias(elasticsearch_index.name)
    older = load_template("articles.component", elasticsearch_index.name)
    del older["template"]["mappings"]["properties"]["agencies"]
    older["_meta"]["hash"] = "of an older version"
    with Elasticsearch(elasticsearch_url) as client:
        client.cluster.put_component_template(
            name=ARTICLES.component(elasticsearch_index.name, 1), template=older["template"], meta=older["_meta"]
        )
        elasticsearch_index.write([make_article()], [])
        [before] = client.indices.get_mapping(index=alias).body.values()
        elasticsearch_index.setup()
        [after] = client.indices.get_mapping(index=alias).body.values()
    assert "agencies" not in before["mappings"]["properties"]
    assert after["mappings"]["properties"]["agencies"]["type"] == "keyword"


def test_templates_of_a_newer_version_or_of_another_owner_are_left_alone(elasticsearch_url: str) -> None:
    name = "test-owned"
    component = EVENTS.component(name, 1)
    index = ElasticsearchIndex(Connection(elasticsearch_url), name)
    with Elasticsearch(elasticsearch_url) as client:
        try:
            for meta, says in (
                ({"managed_by": "feedmill", "schema_version": 99}, "newer"),
                ({"managed_by": "someone"}, "something else"),
                (None, "something else"),
            ):
                client.cluster.put_component_template(name=component, template={}, meta=meta)
                with pytest.raises(ServerError, match=says):
                    index.setup()
                [kept] = client.cluster.get_component_template(name=component)["component_templates"]
                assert kept["component_template"].get("_meta") == meta
        finally:
            index.close()
            wipe(elasticsearch_url, name, templates=True)


def test_own_settings_of_an_operator_go_before_ours(elasticsearch_url: str) -> None:
    name = "test-custom"
    alias = ARTICLES.alias(name)
    index = ElasticsearchIndex(Connection(elasticsearch_url), name)
    with Elasticsearch(elasticsearch_url) as client:
        try:
            client.cluster.put_component_template(
                name=f"{alias}@custom", template={"settings": {"index": {"refresh_interval": "42s"}}}
            )
            index.write([make_article()], [])
            [found] = client.indices.get_settings(index=alias).body.values()
            assert found["settings"]["index"]["refresh_interval"] == "42s"
        finally:
            index.close()
            wipe(elasticsearch_url, name, templates=True)
            client.options(ignore_status=404).cluster.delete_component_template(name=f"{alias}@custom")


def test_a_new_installation_answers_before_its_first_document(elasticsearch_index: ElasticsearchIndex) -> None:
    assert elasticsearch_index.search(Search(Everything())).total == 0
    assert list(elasticsearch_index.scan(Everything())) == []
    assert elasticsearch_index.known([make_article().id]) == {}
    assert elasticsearch_index.get(make_article().id) is None
    assert elasticsearch_index.events(make_article().id) == []
    assert elasticsearch_index.write([], []) == []
    assert elasticsearch_index.stats() == {
        "documents": 0,
        "stories": 0,
        "bytes": 0,
        "newest_indexed_at": None,
        "oldest_published_at": None,
    }


def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        assert "does not answer" in refusal(f"http://127.0.0.1:{probe.getsockname()[1]}")


def test_tls_is_asked_of_a_server_that_has_none(elasticsearch_url: str) -> None:
    assert "does not answer" in refusal(elasticsearch_url.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("status", "headers", "body", "says"),
    [
        (200, (), {"nodes": {}}, "is not Elasticsearch 9"),
        (200, ELASTIC, {"nodes": {}}, "is not Elasticsearch 9"),
        (200, ELASTIC, ["hello"], "is not Elasticsearch 9"),
        (200, ELASTIC, {"nodes": {"a": {"version": "8.19.1"}}}, "version 8.19.1; version 9 is needed"),
        (200, ELASTIC, {"nodes": {"a": {"version": "soon"}}}, "is not Elasticsearch 9"),
        (400, ELASTIC, {"error": {"type": "media_type_header_exception", "reason": "Invalid media-type"}}, "not Elast"),
        (404, (), "no such page", "is not Elasticsearch 9"),
        (406, (), {"error": "Content-Type header is not supported"}, "is not Elasticsearch 9"),
        (401, ELASTIC, {"error": {"type": "security_exception", "reason": "missing credentials"}}, "credentials"),
        (403, ELASTIC, {"error": {"type": "security_exception", "reason": "unauthorized"}}, "manage_index_templates"),
        (503, ELASTIC, {"error": {"type": "master_not_discovered_exception", "reason": None}}, "does not answer"),
        (502, (), "Bad Gateway", "does not answer"),
    ],
)
def test_a_server_that_will_not_do(
    impostor: tuple[type[Impostor], str], status: int, headers: tuple[tuple[str, str], ...], body: Any, says: str
) -> None:
    handler, url = impostor
    handler.status, handler.headers_sent, handler.body = status, headers, body
    assert says in refusal(url, api_key="c2VjcmV0OnNlY3JldA==")


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_server_that_refuses_whole_requests_loses_nothing(impostor: tuple[type[Impostor], str], status: int) -> None:
    handler, url = impostor
    handler.status, handler.headers_sent, handler.body = status, ELASTIC, {"error": {"type": "x", "reason": "no"}}
    index = ElasticsearchIndex(Connection(url), "test-refused")
    try:
        for call in (
            lambda: index.write([make_article()], []),
            lambda: index.known([make_article().id]),
            lambda: index.search(Search(Everything())),
            lambda: list(index.scan(Everything())),
        ):
            with pytest.raises(IndexUnavailable) as caught:
                call()
            assert "\n" not in str(caught.value)
    finally:
        index.close()


def test_the_fixture_server_checks_what_it_is_sent(elasticsearch_url: str) -> None:
    """What the tests above rely on: the node is a real one, which refuses a mapping that is wrong."""
    with Elasticsearch(elasticsearch_url) as client, pytest.raises(BadRequestError):
        client.indices.create(index="test-wrong", mappings={"properties": {"a": {"type": "text", "analyzer": "none"}}})
