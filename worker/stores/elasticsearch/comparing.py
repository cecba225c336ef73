"""Two indices compared that must hold the same: as many documents, and of a random sample the very same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from elasticsearch import Elasticsearch

from worker.stores.elasticsearch.asking import hits_of
from worker.stores.elasticsearch.source import to_line

SAMPLED = 100
"""Documents of each index. Were one in a hundred wrong, 63 % of such samples would show it."""


def differences(client: Elasticsearch, source: str, target: str, seed: int) -> str:
    """What differs, in a few words; empty when nothing does. Both must be refreshed, and nobody may write."""
    here, there = (client.count(index=index)["count"] for index in (source, target))
    if here != there:
        return f"{here:,} documents in {source}, {there:,} in {target}"
    sample = _sample(client, source, seed)
    if not sample:
        return ""
    answer = client.search(
        index=target, query={"ids": {"values": list(sample)}}, size=len(sample), version=True, track_total_hits=False
    )
    copies = {hit["_id"]: _hash(hit) for hit in hits_of(answer.body)}
    wrong = [id_ for id_, digest in sample.items() if copies.get(id_) != digest]
    if not wrong:
        return ""
    return f"{len(wrong)} of {len(sample)} documents in {target} are not as in {source}, such as {wrong[0]}"


def _sample(client: Elasticsearch, index: str, seed: int) -> dict[str, bytes]:
    answer = client.search(
        index=index,
        query={"function_score": {"random_score": {"seed": seed, "field": "_seq_no"}}},
        size=SAMPLED,
        version=True,
        track_total_hits=False,
    )
    return {hit["_id"]: _hash(hit) for hit in hits_of(answer.body)}


def _hash(hit: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(b"%d " % hit["_version"] + to_line(hit["_source"])).digest()
