"""Puts the templates of config/elasticsearch/ into a server; does nothing when they are there already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from worker.stores.elasticsearch import changes, template_files
from worker.stores.elasticsearch.connect import one_line
from worker.stores.elasticsearch.generations import Standing, standings
from worker.stores.elasticsearch.layout import ARTICLES, KINDS, IndexKind
from worker.stores.elasticsearch.template_files import Template

MAJOR = 9


@dataclass(frozen=True, slots=True)
class Left:
    """A kind of index that stays as it was, with its templates: it cannot take in place what the new ones say."""

    kind: IndexKind
    problem: str
    """In a few words; empty when a migration has begun."""

    def line(self, name: str) -> str:
        alias = self.kind.alias(name)
        if not self.problem:
            return f"{alias} is being migrated; should that have been interrupted, `feedmill index migrate` goes on"
        return f"{alias} cannot be changed in place ({self.problem}); run `feedmill index migrate`"


def install(client: Elasticsearch, name: str, url: str, folder: Path | None = None) -> tuple[Left, ...]:
    """Everything is as the templates say afterwards, but for what is given back.

    Raises ServerError, in one line, when the server is away, is not Elasticsearch 9, or refuses.
    """
    with explained(name, url):
        check_version(client, url)
        now = standings(client, name, KINDS)
        left = [_install(client, kind, name, now[kind], folder) for kind in KINDS]
        put_guard(client, name, folder)
        return tuple(each for each in left if each is not None)


@contextmanager
def explained(name: str, url: str) -> Iterator[None]:
    """Whatever the server answers to somebody who sets it up, as a ServerError in one line."""
    try:
        yield
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
        return bool(client.indices.exists_index_template(name=ARTICLES.alias(name)))
    except AuthorizationException:
        return True


def check_version(client: Elasticsearch, url: str) -> None:
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


def _install(client: Elasticsearch, kind: IndexKind, name: str, now: Standing, folder: Path | None) -> Left | None:
    alias, generation = kind.alias(name), now.generation
    component = template_files.component(kind, name, folder)
    index = template_files.index(kind, name, generation, folder)
    component_there = component_meta(client, kind.component(name, generation))
    index_there = index_meta(client, alias)
    for there, ours in ((component_there, component), (index_there, index)):
        if there.get("managed_by", "feedmill") != "feedmill":
            raise ServerError(f"the template {alias} belongs to something else; choose another FEEDMILL_INDEX__NAME")
        if there.get("schema_version", 0) > ours["_meta"]["schema_version"]:
            raise ServerError(f"the index {alias} was set up by a newer Feedmill; use that one, or another name")
    if is_under_way(client, name, kind, now):
        return Left(kind, "")
    if component_there.get("hash") != component["_meta"]["hash"]:
        if problem := changes.extend(client, now.indices, component):
            return Left(kind, problem)
        put_component(client, kind.component(name, generation), component)
        put_index(client, alias, index)
        changes.adjust(client, now.indices)
        _forget_former(client, alias, index_there)
    elif not _is_same(index_there, index):
        put_index(client, alias, index)
    return None


def is_under_way(client: Elasticsearch, name: str, kind: IndexKind, now: Standing) -> bool:
    """A migration has begun and did not end; who does it may still be at work, or was killed."""
    return bool(now.following) or bool(index_meta(client, kind.next_alias(name)))


def _forget_former(client: Elasticsearch, alias: str, index_there: Template) -> None:
    """The component that was called as the alias, before there were generations; nothing names it any more."""
    is_former = index_there and "generation" not in index_there
    if is_former and component_meta(client, alias).get("managed_by") == "feedmill":
        client.options(ignore_status=404).cluster.delete_component_template(name=alias)


def put_component(client: Elasticsearch, name: str, component: Template) -> None:
    client.cluster.put_component_template(
        name=name, template=component["template"], version=component["version"], meta=component["_meta"]
    )


def put_index(client: Elasticsearch, name: str, index: Template) -> None:
    client.indices.put_index_template(name=name, **{key.lstrip("_"): value for key, value in index.items()})


def put_guard(client: Elasticsearch, name: str, folder: Path | None = None) -> None:
    """After the others: until they are there nothing may be written anyway."""
    guard, where = template_files.guard(name, folder), f"{name}-guard"
    if not _is_same(index_meta(client, where), guard):
        put_index(client, where, guard)


def component_meta(client: Elasticsearch, name: str) -> Template:
    try:
        found = client.cluster.get_component_template(name=name)["component_templates"]
    except NotFoundError:
        return {}
    return _meta(found[0]["component_template"]) if found else {}


def index_meta(client: Elasticsearch, name: str) -> Template:
    try:
        found = client.indices.get_index_template(name=name)["index_templates"]
    except NotFoundError:
        return {}
    return _meta(found[0]["index_template"]) if found else {}


def _is_same(there: Template, ours: Template) -> bool:
    return all(there.get(key) == ours["_meta"].get(key) for key in ("hash", "generation"))


def _meta(template: dict[str, Any]) -> Template:
    meta = template.get("_meta")
    return meta if isinstance(meta, dict) else {"managed_by": ""}
