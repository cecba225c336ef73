"""Puts the templates of config/elasticsearch/ into a server; does nothing when they are there already."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    NotFoundError,
    TransportError,
    UnsupportedProductError,
)

from worker.errors import ServerError
from worker.stores.elasticsearch.connect import one_line
from worker.stores.elasticsearch.layout import SCHEMA, articles_alias, events_alias

MAJOR = 9
_FOLDER = Path(__file__).parent / "templates"
Template = dict[str, Any]


def load_template(kind: str, name: str) -> Template:
    """`articles.component`, `articles.index`, ... with `{name}` filled in, and a hash of the whole in `_meta`."""
    path = _FOLDER / f"{kind}.json"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ServerError(f"the index template {path} cannot be read: {error.strerror}") from None
    template: Template = json.loads(text.replace("{name}", name))
    template["_meta"]["hash"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return template


def install(client: Elasticsearch, name: str, url: str) -> None:
    """Raises ServerError, in one line, when the server is away, is not Elasticsearch 9, or refuses."""
    try:
        _check_version(client, url)
        for kind, alias in (("articles", articles_alias(name)), ("events", events_alias(name))):
            _install(client, kind, alias, name)
    except UnsupportedProductError:
        raise ServerError(f"the server at {url} is not Elasticsearch {MAJOR}") from None
    except AuthenticationException:
        raise ServerError(f"Elasticsearch at {url} refuses the credentials (FEEDMILL_INDEX__API_KEY)") from None
    except AuthorizationException as error:
        raise ServerError(
            f"these credentials may not set up Elasticsearch at {url} (they need the cluster privileges monitor and"
            f" manage_index_templates, and manage on {name}-*): {one_line(error)}"
        ) from None
    except ApiError as error:
        problem = "does not answer yet" if _is_passing(error) else "refuses the setup"
        raise ServerError(f"Elasticsearch at {url} {problem}: {one_line(error)}") from None
    except TransportError as error:
        raise ServerError(f"Elasticsearch at {url} does not answer: {one_line(error)}") from None


def is_installed(client: Elasticsearch, name: str) -> bool:
    """True also where the credentials may not look: then somebody with more rights has run the setup."""
    try:
        return bool(client.indices.exists_index_template(name=articles_alias(name)))
    except AuthorizationException:
        return True


def _check_version(client: Elasticsearch, url: str) -> None:
    try:
        # Not client.info(): a stripped node has no handler for `GET /`.
        nodes = client.nodes.info(node_id="_local", filter_path="nodes.*.version")["nodes"]
        versions = sorted({str(node["version"]) for node in nodes.values()})
        majors = {int(version.partition(".")[0]) for version in versions}
    except (AuthenticationException, AuthorizationException):
        raise
    except ApiError as error:
        if _is_passing(error):
            raise
        # Elasticsearch 8 and OpenSearch answer 400 or 406 to the media type of a newer client.
        raise ServerError(f"the server at {url} is not Elasticsearch {MAJOR}: {one_line(error)}") from None
    except (KeyError, ValueError, AttributeError, TypeError):
        raise ServerError(f"the server at {url} is not Elasticsearch {MAJOR}: its answer has no version") from None
    if not majors:
        raise ServerError(f"the server at {url} is not Elasticsearch {MAJOR}: it names no node of its own")
    if majors != {MAJOR}:
        raise ServerError(f"Elasticsearch at {url} is version {', '.join(versions)}; version {MAJOR} is needed")


def _is_passing(error: ApiError) -> bool:
    return error.status_code == 429 or error.status_code >= 500


def _install(client: Elasticsearch, kind: str, alias: str, name: str) -> None:
    component, index = load_template(f"{kind}.component", name), load_template(f"{kind}.index", name)
    component_there, index_there = _component_meta(client, alias), _index_meta(client, alias)
    for there in (component_there, index_there):
        if there.get("managed_by", "feedmill") != "feedmill":
            raise ServerError(f"the template {alias} belongs to something else; choose another FEEDMILL_INDEX__NAME")
        if there.get("schema_version", 0) > SCHEMA:
            raise ServerError(f"the index {alias} was set up by a newer Feedmill; use that one, or another name")
    if component_there.get("hash") != component["_meta"]["hash"]:
        client.cluster.put_component_template(
            name=alias, template=component["template"], version=component["version"], meta=component["_meta"]
        )
        _extend_live_indices(client, alias, component["template"]["mappings"]["properties"])
    if index_there.get("hash") != index["_meta"]["hash"]:
        client.indices.put_index_template(name=alias, **{key.lstrip("_"): value for key, value in index.items()})


def _extend_live_indices(client: Elasticsearch, alias: str, properties: Template) -> None:
    """New fields reach the indices that exist; a field that changed its type is refused by the server (400)."""
    client.indices.put_mapping(index=alias, properties=properties, ignore_unavailable=True, allow_no_indices=True)


def _component_meta(client: Elasticsearch, alias: str) -> Template:
    try:
        found = client.cluster.get_component_template(name=alias)["component_templates"]
    except NotFoundError:
        return {}
    return _meta(found[0]["component_template"]) if found else {}


def _index_meta(client: Elasticsearch, alias: str) -> Template:
    try:
        found = client.indices.get_index_template(name=alias)["index_templates"]
    except NotFoundError:
        return {}
    return _meta(found[0]["index_template"]) if found else {}


def _meta(template: Template) -> Template:
    meta = template.get("_meta")
    return meta if isinstance(meta, dict) else {"managed_by": ""}
