"""Writes of many documents: what is sent, in which portions, and what each answer means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from elasticsearch import ApiError, BadRequestError, Elasticsearch, TransportError

from worker.errors import IndexUnavailable
from worker.models import Verdict, WriteResult
from worker.stores.elasticsearch.connect import one_line
from worker.stores.elasticsearch.source import to_line

PORTION_BYTES = 5 << 20
"""Of one request: larger ones gain nothing and cost the server memory."""
PORTION_ITEMS = 500
BULK_TIMEOUT_S = 60.0

_LONGEST_ID_BYTES = 512
_NOT_THE_DOCUMENT = ("validation_exception", "index_closed_exception", "invalid_index_name_exception")
"""Types of 400 that speak of the cluster (no more shards allowed, an index closed): the document is fine."""


@dataclass(frozen=True, slots=True)
class Action:
    """One document of a bulk request, as the two lines that are sent; or a verdict where nothing can be sent."""

    lines: bytes
    refused: WriteResult | None = None


def action(index: str, id_: str, source: Mapping[str, Any], version: int | None = None) -> Action:
    """`index`, with an external version or without one; what would make the server refuse all is refused here."""
    if not id_ or len(id_.encode("utf-8", "surrogatepass")) > _LONGEST_ID_BYTES:
        return Action(b"", WriteResult(Verdict.REJECTED, "no usable id"))
    if version is not None and version < 0:
        return Action(b"", WriteResult(Verdict.REJECTED, "fetched_at lies before 1970"))
    meta: dict[str, Any] = {"_index": index, "_id": id_}
    if version is not None:
        meta |= {"version": version, "version_type": "external_gte"}
    try:
        return Action(to_line({"index": meta}) + b"\n" + to_line(source))
    except ValueError as error:
        return Action(b"", WriteResult(Verdict.REJECTED, f"not JSON: {error}"[:300]))


def removal(index: str, id_: str, version: int) -> Action:
    """The document goes, and what is older than `version` stays away for as long as the index remembers deletions."""
    meta = {"_index": index, "_id": id_, "version": version, "version_type": "external_gte"}
    return Action(to_line({"delete": meta}))


def write(client: Elasticsearch, actions: Sequence[Action]) -> list[WriteResult]:
    """One result per action, in order. Raises IndexUnavailable when a request as a whole got no usable answer."""
    results: dict[int, WriteResult] = {n: done.refused for n, done in enumerate(actions) if done.refused is not None}
    for portion in _portions(actions):
        results.update(zip(portion, _send(client, [actions[n].lines for n in portion]), strict=True))
    return [results[n] for n in range(len(actions))]


def _portions(actions: Sequence[Action]) -> Iterator[list[int]]:
    portion: list[int] = []
    size = 0
    for n, item in enumerate(actions):
        if item.refused is not None:
            continue
        if portion and (size + len(item.lines) > PORTION_BYTES or len(portion) >= PORTION_ITEMS):
            yield portion
            portion, size = [], 0
        portion.append(n)
        size += len(item.lines)
    if portion:
        yield portion


def _send(client: Elasticsearch, lines: list[bytes]) -> list[WriteResult]:
    try:
        # The client sends bytes as they are; its annotation does not say so.
        answer = client.options(request_timeout=BULK_TIMEOUT_S).bulk(operations=cast(Any, lines))
    except ApiError as error:
        if error.status_code == 413:
            alone = WriteResult(Verdict.TOO_LARGE, f"{len(lines[0])} bytes: {one_line(error)}")
        elif isinstance(error, BadRequestError):
            alone = WriteResult(Verdict.REJECTED, one_line(error))
        else:
            raise IndexUnavailable(f"Elasticsearch: {one_line(error)}") from error
        if len(lines) == 1:
            return [alone]
        half = len(lines) // 2  # one bad document must not take the others with it
        return _send(client, lines[:half]) + _send(client, lines[half:])
    except TransportError as error:
        raise IndexUnavailable(f"Elasticsearch: {one_line(error)}") from error
    items = answer.get("items")
    if not isinstance(items, list) or len(items) != len(lines):
        raise IndexUnavailable("Elasticsearch: a bulk answer without its items")
    return [verdict(next(iter(item.values()), {})) for item in items]


def verdict(item: Mapping[str, Any]) -> WriteResult:
    """The answer to one item: 2xx stored, 409 stale, 400 rejected, everything else may work later."""
    status, error = item.get("status"), item.get("error") or {}
    if isinstance(status, int) and 200 <= status < 300:
        return WriteResult(Verdict.STORED)
    if status == 404 and item.get("result") == "not_found":  # it was to go, and is not there
        return WriteResult(Verdict.STORED)
    if status == 409:
        return WriteResult(Verdict.STALE)
    detail = f"{status} {_reason(error)}"[:300]
    if status == 400 and error.get("type") not in _NOT_THE_DOCUMENT:
        return WriteResult(Verdict.REJECTED, detail)
    return WriteResult(Verdict.RETRY, detail)


def _reason(error: Mapping[str, Any]) -> str:
    cause = error.get("caused_by")
    inner = f" ({cause.get('reason')})" if isinstance(cause, Mapping) else ""
    return " ".join(f"{error.get('type')}: {error.get('reason')}{inner}".split())
