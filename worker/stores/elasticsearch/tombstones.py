"""What was erased, in one small index of its own. Pure but for the client handed in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from elasticsearch import AuthorizationException, Elasticsearch

from worker.errors import IndexUnavailable, ServerError
from worker.index.erased import tombstone_from_json, tombstone_to_json
from worker.models import Tombstone, Verdict
from worker.stores.elasticsearch import writing
from worker.stores.elasticsearch.asking import ask, hits_of
from worker.stores.elasticsearch.layout import ERASED
from worker.stores.elasticsearch.writing import Document, version_at

_PORTION = 1000
_SORT: list[dict[str, Any]] = [{"erased_at": "desc"}, {"id": "asc"}]


def any_there(client: Elasticsearch, name: str) -> bool:
    try:
        answer = ask(client, ERASED.alias(name), size=0, terminate_after=1, track_total_hits=1)
    except AuthorizationException:  # nothing is written rather than what must stay away
        raise IndexUnavailable(
            f"these credentials may not read {ERASED.alias(name)}, what was erased: `feedmill index setup` with a new"
            " --api-key-file makes a key that may"
        ) from None
    return bool(answer["hits"]["total"]["value"])


def find(client: Elasticsearch, name: str, keys: Collection[str] | None) -> list[Tombstone]:
    """All, or those that hold one of the keys; newest first."""
    if keys is None:
        return _all(client, name, {"match_all": {}})
    found: dict[str, Tombstone] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), 10 * _PORTION):
        some = wanted[start : start + 10 * _PORTION]
        found.update((each.id, each) for each in _all(client, name, {"terms": {"keys": some}}))
    return sorted(found.values(), key=lambda each: (-each.erased_at.timestamp(), each.id))


def _all(client: Elasticsearch, name: str, query: dict[str, Any]) -> list[Tombstone]:
    found: list[Tombstone] = []
    after: list[Any] | None = None
    while True:
        answer = ask(
            client, ERASED.alias(name), query=query, sort=_SORT, size=_PORTION, search_after=after,
            track_total_hits=False,
        )  # fmt: skip
        hits = hits_of(answer)
        found += [tombstone_from_json(hit["_source"]) for hit in hits]
        if len(hits) < _PORTION:
            return found
        after = hits[-1]["sort"]


def put(client: Elasticsearch, name: str, tombstones: Sequence[Tombstone]) -> None:
    """Searchable when this returns: no write that begins afterwards misses them."""
    try:
        # An index made without its template would get guessed mappings, which no later setup can mend.
        if not client.indices.exists_index_template(name=ERASED.alias(name)):
            raise ServerError("Elasticsearch has no template for what was erased; run `feedmill index setup` first")
    except AuthorizationException:  # then somebody with more rights has run the setup
        pass
    written = [
        Document(ERASED, each.id, each.erased_at, version_at(each.erased_at), tombstone_to_json(each))
        for each in tombstones
    ]
    for result in writing.write(client, name, written):
        if result.verdict is not Verdict.STORED:
            raise IndexUnavailable(f"Elasticsearch takes no tombstone: {result.detail}")
    client.indices.refresh(index=ERASED.alias(name), ignore_unavailable=True, allow_no_indices=True)


def remove(client: Elasticsearch, name: str, ids: Collection[str]) -> int:
    return writing.remove(client, name, ERASED, list(ids))
