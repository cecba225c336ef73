"""Which generation of each kind is in force, asked of the server: what the alias holds is read and written.

While a migration fills the next generation, its indices carry an alias of their own, so every process that asks learns
of it. Nobody keeps the answer: each write asks anew (writing.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from worker.stores.elasticsearch.layout import FIRST, IndexKind


@dataclass(frozen=True, slots=True)
class Standing:
    """How the indices of one kind stand."""

    generation: int
    """Of the indices that are read and written; of the first one to be made where there is none yet."""
    indices: frozenset[str]
    """Those behind the alias."""
    following: frozenset[str]
    """Those of the next generation that are being filled: whatever is written goes there, too."""
    retired: frozenset[str]
    """All others: left from a migration, read and written by nobody."""


def standings(client: Elasticsearch, name: str, kinds: Iterable[IndexKind]) -> dict[IndexKind, Standing]:
    kinds = list(kinds)
    found: Mapping[str, Any] = client.indices.get_alias(
        index=[kind.every(name) for kind in kinds], ignore_unavailable=True, allow_no_indices=True
    ).body
    return {kind: _standing(client, name, kind, found) for kind in kinds}


def _standing(client: Elasticsearch, name: str, kind: IndexKind, found: Mapping[str, Any]) -> Standing:
    ours = {index: part for index in found if (part := kind.read(name, index)) is not None}
    behind = {alias: {index for index in ours if alias in found[index]["aliases"]} for alias in _aliases(name, kind)}
    live, following = (frozenset(behind[alias]) for alias in _aliases(name, kind))
    generation = max((ours[index].generation for index in live), default=0) or installed(client, name, kind)
    return Standing(generation, live, following - live, frozenset(ours) - live - following)


def _aliases(name: str, kind: IndexKind) -> tuple[str, str]:
    return kind.alias(name), kind.next_alias(name)


def installed(client: Elasticsearch, name: str, kind: IndexKind) -> int:
    """The generation that the index template makes; that of a new installation where there is none, or none to see."""
    try:
        answer = client.indices.get_index_template(name=kind.alias(name), filter_path="**._meta")
        meta = answer["index_templates"][0]["index_template"]["_meta"]
        return int(meta.get("generation", FIRST))
    except (NotFoundError, KeyError, IndexError, TypeError, ValueError):
        return FIRST
    except ApiError as error:
        if error.status_code == 403:
            return FIRST
        raise
