"""Every write of documents: where each belongs now, and while a migration fills the next generation, there as well.

Nothing is remembered between two writes, so a process that was started before a migration takes part in it. Should the
generation change under a write, the server refuses it (the old indices are shut), and it is done again with what is in
force then: no write can land in the old ones only. Versions make repeats harmless (migrate.py has the whole protocol).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from worker.errors import IndexUnavailable
from worker.models import EPOCH, MILLISECOND, Verdict, WriteResult
from worker.stores.elasticsearch import asking, bulk
from worker.stores.elasticsearch.generations import Standing, standings
from worker.stores.elasticsearch.layout import IndexKind

_AT_ONCE = 1000
_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Document:
    """`at` says in which index of its kind it belongs. A lower `version` never replaces a higher one."""

    kind: IndexKind
    id: str
    at: datetime
    version: int
    source: Mapping[str, Any]


def version_at(moment: datetime) -> int:
    """Whole milliseconds since 1970: what is written later replaces what was written before."""
    return max((moment - EPOCH) // MILLISECOND, 0)


def write(client: Elasticsearch, name: str, documents: Sequence[Document]) -> list[WriteResult]:
    """One result per document, in order. Raises IndexUnavailable when nothing is known of the outcome."""
    kinds = {document.kind for document in documents}
    results: list[WriteResult] = []
    for _ in range(2):
        with asking.answers():
            now = standings(client, name, kinds)
            there = _places(client, name, documents)
        places = [there.get(document.id) or _place(name, now, document) for document in documents]
        actions = [
            bulk.action(place, document.id, document.source, document.version)
            for place, document in zip(places, documents, strict=True)
        ]
        results = bulk.write(client, actions)
        shut = {document.kind for document, result in zip(documents, results, strict=True) if _is_shut(result)}
        if not shut:
            _follow(client, name, now, places, documents, results)
            return results
    for kind in shut:
        if now[kind].following or any(result.detail.startswith("404") for result in results):
            raise _held_up(name, kind)
    return results  # an operator has shut an index: each document tells it


def remove(client: Elasticsearch, name: str, kind: IndexKind, ids: Sequence[str]) -> int:
    """How many of them there were; all are gone when this returns. Raises IndexUnavailable when that is not known."""
    gone: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        with asking.answers():
            now = standings(client, name, [kind])[kind]
            client.indices.refresh(index=kind.alias(name), ignore_unavailable=True, allow_no_indices=True)
            hits = [hit for some in _portions(ids) for hit in _by_ids(client, kind.alias(name), some, version=True)]
        if not hits:
            return len(gone)
        gone.update(hit["_id"] for hit in hits)
        # In the next generation first: what is only there is brought by no copying, and found by no search.
        places = [(following(name, kind, now, hit["_index"]), hit) for hit in hits]
        removals = [bulk.removal(place, hit["_id"], hit["_version"] + 1) for place, hit in places if place]
        removals += [bulk.removal(hit["_index"], hit["_id"], hit["_version"] + 1) for hit in hits]
        if any(_is_shut(result) for result in bulk.write(client, removals)):
            raise _held_up(name, kind)
    raise IndexUnavailable(f"{kind.alias(name)}: documents that are to be removed are written again and again")


def _place(name: str, now: Mapping[IndexKind, Standing], document: Document) -> str:
    return document.kind.index(name, now[document.kind].generation, document.at)


def _places(client: Elasticsearch, name: str, documents: Sequence[Document]) -> dict[str, str]:
    """Where documents lie that may come again with another `at`, such as after Redis was lost: one document per id."""
    found: dict[str, str] = {}
    for kind in {document.kind for document in documents if document.kind.sought}:
        for some in _portions([document.id for document in documents if document.kind is kind]):
            found.update({hit["_id"]: hit["_index"] for hit in _by_ids(client, kind.alias(name), some)})
    return found


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _by_ids(client: Elasticsearch, alias: str, ids: Sequence[str], *, version: bool = False) -> list[Mapping[str, Any]]:
    query = {"ids": {"values": list(ids)}}
    answer = asking.ask(
        client, alias, query=query, size=len(ids), source=False, version=version, track_total_hits=False
    )
    return asking.hits_of(answer)


def _follow(
    client: Elasticsearch,
    name: str,
    now: Mapping[IndexKind, Standing],
    places: Sequence[str],
    documents: Sequence[Document],
    results: Sequence[WriteResult],
) -> None:
    """What was stored goes into the next generation as well, if one is being filled. The copying brings what fails."""
    actions = []
    for place, document, result in zip(places, documents, results, strict=True):
        after = following(name, document.kind, now[document.kind], place)
        if after and result.verdict is Verdict.STORED:
            actions.append(bulk.action(after, document.id, document.source, document.version))
    if actions:
        bulk.write(client, actions)


def following(name: str, kind: IndexKind, standing: Standing, index: str) -> str:
    """The index of the next generation that takes over from `index`; empty when none is being filled."""
    part = kind.read(name, index)
    if part is None or not standing.following:
        return ""
    after = kind.index_of(name, part.generation + 1, part.period)
    return after if after in standing.following else ""


def _is_shut(result: WriteResult) -> bool:
    """Refused for its index, which a migration has shut or taken away meanwhile."""
    return result.detail.startswith(("403 cluster_block_exception", "404 index_not_found_exception"))


def _held_up(name: str, kind: IndexKind) -> IndexUnavailable:
    return IndexUnavailable(
        f"{kind.alias(name)} is being migrated, which holds up writes for seconds; if it lasts, the migration was "
        "interrupted: `feedmill index migrate` goes on with it"
    )
