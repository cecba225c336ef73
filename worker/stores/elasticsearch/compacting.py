"""The bytes of what was deleted leave the disk: by merging the segments of Lucene that hold it.

A shard keeps its last operations, deleted documents included, for copies that come back, and says every half minute how
far it still needs them. What was deleted after that is merged away only when it has said so again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from elasticsearch import AuthorizationException, Elasticsearch, NotFoundError

from worker.stores.elasticsearch.connect import one_line
from worker.stores.elasticsearch.layout import ARTICLES, EVENTS, FEEDS, STORIES

PATIENCE_S = 120.0
LOOK_AGAIN_S = 1.0
_MERGE_S = 600.0


def compact(client: Elasticsearch, indices: Iterable[str], sleep: Callable[[float], None] = time.sleep) -> str:
    """What could not be done, in one line; else empty. Segments with the least deletion are merged by a setting of our
    templates (`expunge_deletes_allowed`); without it those with a tenth."""
    wanted = sorted(indices)
    if not wanted:
        return ""
    name = ",".join(wanted)
    try:
        client.indices.flush(index=name, ignore_unavailable=True, force=True)
        until, waited = _last_operations(client, name), 0.0
        while needed := {shard for shard, at in _needed_from(client, name).items() if at <= until.get(shard, -1)}:
            if waited >= PATIENCE_S:
                return f"Elasticsearch keeps what was deleted from {min(needed)[0]} on disk for a while yet"
            sleep(LOOK_AGAIN_S)
            waited += LOOK_AGAIN_S
        patient = client.options(request_timeout=_MERGE_S)
        for index in wanted:
            patient.indices.forcemerge(index=index, only_expunge_deletes=True, flush=True, ignore_unavailable=True)
    except NotFoundError:  # dropped meanwhile, as events of old days are
        return ""
    except AuthorizationException as error:
        return f"what was deleted stays on disk until Elasticsearch merges by itself: {one_line(error)}"
    return ""


def with_deletes(client: Elasticsearch, name: str) -> set[str]:
    """Indices that hold documents deleted and not yet merged away."""
    patterns = ",".join(kind.every(name) for kind in (ARTICLES, STORIES, EVENTS, FEEDS))
    stats = client.indices.stats(index=patterns, metric="docs", level="indices")
    return {index for index, found in stats["indices"].items() if found["primaries"]["docs"]["deleted"]}


Shard = tuple[str, str]


def _last_operations(client: Elasticsearch, name: str) -> dict[Shard, int]:
    return {shard: copy["seq_no"]["max_seq_no"] for shard, copy in _primaries(client, name).items()}


def _needed_from(client: Elasticsearch, name: str) -> dict[Shard, int]:
    """The first operation of each shard that some copy of it may still ask for."""
    return {
        shard: min((int(lease["retaining_seq_no"]) for lease in copy["retention_leases"]["leases"]), default=1 << 62)
        for shard, copy in _primaries(client, name).items()
    }


def _primaries(client: Elasticsearch, name: str) -> dict[Shard, Mapping[str, Any]]:
    stats = client.indices.stats(index=name, metric="docs", level="shards")
    return {
        (index, number): copy
        for index, found in stats["indices"].items()
        for number, copies in found["shards"].items()
        for copy in copies
        if copy["routing"]["primary"]
    }
