"""Removals that reach every generation of an index, also those that a migration has shut."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import AuthorizationException, Elasticsearch

from worker.errors import IndexUnavailable, ServerError
from worker.stores.elasticsearch.generations import Standing, standings
from worker.stores.elasticsearch.layout import IndexKind

PORTION = 1000


@dataclass(frozen=True, slots=True)
class Removal:
    """Of one document from all indices of these periods that there are, whether it is in them or not."""

    id: str
    version: int
    """What is older stays away for as long as the index remembers deletions."""
    periods: Collection[str]


def remove(client: Elasticsearch, name: str, kind: IndexKind, removals: Sequence[Removal]) -> set[str]:
    """-> the ids that were there; searchable no more when this returns. Raises IndexUnavailable, ServerError."""
    standing = standings(client, name, [kind])[kind]
    indices: dict[str, list[str]] = {}
    for index in standing.indices | standing.following | standing.retired:
        part = kind.read(name, index)
        indices.setdefault(part.period if part else "", []).append(index)
    wanted: dict[tuple[str, str], int] = {}
    for each in removals:
        for period in each.periods:
            for index in indices.get(period, ()):
                wanted[index, each.id] = max(each.version, wanted.get((index, each.id), 0))
    gone: set[str] = set()
    shut = _send(client, wanted, gone)
    if shut:
        indices_shut = {index for index, _ in shut}
        _open(client, standing, indices_shut)
        try:
            shut = _send(client, shut, gone)
        finally:
            client.indices.add_block(index=sorted(indices_shut), block="write")
    if shut:
        raise IndexUnavailable(f"{min(index for index, _ in shut)} takes no deletes: it is shut")
    return gone


def _send(client: Elasticsearch, wanted: dict[tuple[str, str], int], gone: set[str]) -> dict[tuple[str, str], int]:
    """-> what was refused because its index is shut."""
    left: dict[tuple[str, str], int] = {}
    rows = sorted(wanted.items())
    for start in range(0, len(rows), PORTION):
        operations: list[dict[str, Any]] = [
            {"delete": {"_index": index, "_id": id_, "version": version, "version_type": "external_gte"}}
            for (index, id_), version in rows[start : start + PORTION]
        ]
        for item in client.bulk(operations=operations, refresh=True)["items"]:
            done, error = item["delete"], item["delete"].get("error") or {}
            key = (done["_index"], done["_id"])
            if error.get("type") == "cluster_block_exception":
                left[key] = wanted[key]
            elif done["status"] == 403:
                reason = " ".join(str(error.get("reason", "")).split())[:200]
                raise ServerError(f"these credentials may not erase in {key[0]}; take the eraser's key ({reason})")
            # 409: written again meanwhile; it is seen when all is looked for again.
            elif done["status"] not in (200, 404, 409):
                raise IndexUnavailable(f"Elasticsearch deletes nothing: {done['status']} {error}"[:300])
            elif done.get("result") == "deleted":
                gone.add(done["_id"])
    return left


def _open(client: Elasticsearch, standing: Standing, shut: Collection[str]) -> None:
    """What a migration has left behind is written by nobody, and may be opened; what it is about to switch may not."""
    if busy := sorted(set(shut) - standing.retired):
        raise IndexUnavailable(f"{busy[0]} is being migrated right now; run the command again in a moment")
    try:
        client.indices.put_settings(index=sorted(shut), settings={"index.blocks.write": None})
    except AuthorizationException:
        raise ServerError(
            f"{min(shut)} was left behind by a migration and is shut, so nothing can be erased in it with these"
            " credentials; `feedmill index migrate --drop-old` drops it"
        ) from None
