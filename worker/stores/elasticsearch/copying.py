"""One index copied into another by the client, in order of its changes, and gone on with from where it was left.

The server numbers the operations of each shard, and keeps with each document the number of its last one. Read in that
order, a copy can be brought up to date at any time by what has a higher number: documents that were written meanwhile
come again. Deletions leave no document behind; whoever removes one does so on both sides (writing.py).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from worker.errors import IndexUnavailable, ServerError
from worker.models import Verdict
from worker.stores.elasticsearch import bulk
from worker.stores.elasticsearch.asking import hits_of

PORTION = 400
KEEPS = "5m"
_SAVED_EVERY_S = 5.0
_TRIES = 6
_FIRST_PAUSE_S = 0.5


def copy(client: Elasticsearch, source: str, target: str, copied: Callable[[int], None], *, last: bool = False) -> int:
    """Everything in `source` that changed since the last call -> how many documents that was.

    `copied` is told of each portion. `last`: nobody will ask how far it came, so that is not kept.
    Raises ServerError on a document that the target refuses.
    """
    number = 0
    uuid, done = _identity(client, source), _done(client, target)
    reached = done["reached"] if done.get("uuid") == uuid else {}
    # Up to here everything is on every copy of the shard and visible after the refresh. What is above may still have
    # gaps: it is copied as well, and looked at once more next time.
    settled = _checkpoints(client, source)
    if all(reached.get(shard, -1) >= checkpoint for shard, checkpoint in settled.items()):
        return 0
    client.indices.refresh(index=source)
    saved_at = time.monotonic()
    for shard, checkpoint in settled.items():
        for hits in _changes(client, source, shard, reached.get(shard, -1)):
            _write(client, target, hits)
            number += len(hits)
            copied(len(hits))
            reached[shard] = min(hits[-1]["_seq_no"], checkpoint)
            if not last and time.monotonic() - saved_at > _SAVED_EVERY_S:
                _save(client, target, uuid, reached)
                saved_at = time.monotonic()
        reached[shard] = checkpoint
    if not last:
        _save(client, target, uuid, reached)
    return number


def _identity(client: Elasticsearch, index: str) -> str:
    [found] = client.indices.get_settings(index=index, name="index.uuid").body.values()
    return str(found["settings"]["index"]["uuid"])


def _done(client: Elasticsearch, target: str) -> dict[str, Any]:
    """How far the copy is stands in the mapping of the copy itself."""
    [found] = client.indices.get_mapping(index=target).body.values()
    done: dict[str, Any] = found["mappings"].get("_meta", {}).get("copied", {})
    return done


def _save(client: Elasticsearch, target: str, uuid: str, reached: Mapping[str, int]) -> None:
    client.indices.put_mapping(index=target, meta={"copied": {"uuid": uuid, "reached": dict(reached)}})


def _checkpoints(client: Elasticsearch, index: str) -> dict[str, int]:
    shards = client.indices.stats(index=index, metric="docs", level="shards")["indices"][index]["shards"]
    return {
        number: copy["seq_no"]["global_checkpoint"]
        for number, copies in shards.items()
        for copy in copies
        if copy["routing"]["primary"]
    }


def _changes(client: Elasticsearch, index: str, shard: str, above: int) -> Iterator[list[Mapping[str, Any]]]:
    """The documents of one shard whose last change is above that number, in portions, in order of the changes."""
    pit: str = client.open_point_in_time(index=index, keep_alive=KEEPS, preference=f"_shards:{shard}")["id"]
    after: list[Any] | None = None
    try:
        while True:
            answer = client.search(
                pit={"id": pit, "keep_alive": KEEPS},
                query={"range": {"_seq_no": {"gt": above}}},
                sort=[{"_seq_no": "asc"}],
                size=PORTION,
                search_after=after,
                seq_no_primary_term=True,
                version=True,
                track_total_hits=False,
                allow_partial_search_results=False,
            )
            pit, hits = answer["pit_id"], hits_of(answer.body)
            if hits:
                yield hits
            if len(hits) < PORTION:
                return
            after = hits[-1]["sort"]
    finally:
        with contextlib.suppress(ApiError, TransportError):  # it ends by itself
            client.close_point_in_time(id=pit)


def _write(client: Elasticsearch, target: str, hits: list[Mapping[str, Any]]) -> None:
    """With the version that each has: what a worker has written there meanwhile is newer, or the same."""
    left, pause = hits, _FIRST_PAUSE_S
    for _ in range(_TRIES):
        results = bulk.write(client, [bulk.action(target, hit["_id"], hit["_source"], hit["_version"]) for hit in left])
        again = []
        for hit, result in zip(left, results, strict=True):
            if result.verdict in (Verdict.REJECTED, Verdict.TOO_LARGE):
                raise ServerError(f"{target} refuses the document {hit['_id']} of {hit['_index']}: {result.detail}")
            if result.verdict is Verdict.RETRY:
                again.append((hit, result.detail))
        if not again:
            return
        left = [hit for hit, _ in again]
        time.sleep(pause)
        pause *= 2
    raise IndexUnavailable(f"{target} takes no documents now: {again[0][1]}")
