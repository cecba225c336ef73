"""How a server is asked, and what its refusals mean."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from elasticsearch import ApiError, BadRequestError, Elasticsearch, TransportError

from worker.errors import IndexUnavailable, QueryError
from worker.stores.elasticsearch.connect import one_line

Answer = TypeVar("Answer")

_PAUSES_S = (0.1, 0.2, 0.4, 0.8, 1.5)
"""Between tries while a shard starts; on a busy node that took half a second."""


@contextlib.contextmanager
def answers(asking: str = "") -> Iterator[None]:
    """A server that is away, overloaded or unwilling is IndexUnavailable; one that refuses the query, QueryError."""
    try:
        yield
    except BadRequestError as error:
        if asking != "query":
            raise IndexUnavailable(f"Elasticsearch: {one_line(error)}") from error
        raise QueryError(f"Elasticsearch cannot run this query: {one_line(error)}") from None
    except (ApiError, TransportError) as error:
        raise IndexUnavailable(f"Elasticsearch: {one_line(error)}") from error


def ask(client: Elasticsearch, alias: str, **body: Any) -> Mapping[str, Any]:
    """A search over all indices of `alias`, whole or not at all; there may be none yet."""
    return patiently(
        lambda: (
            client.search(
                index=alias, ignore_unavailable=True, allow_no_indices=True, allow_partial_search_results=False, **body
            ).body
        )
    )


def patiently(call: Callable[[], Answer], sleep: Callable[[float], None] = time.sleep) -> Answer:
    """The first document of a month makes its index: until its shard has started, nothing whole can be answered."""
    for pause in _PAUSES_S:
        try:
            return call()
        except ApiError as error:
            if error.status_code != 503 or error.error != "search_phase_execution_exception":
                raise
            sleep(pause)
    return call()


def hits_of(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    hits: list[Mapping[str, Any]] = answer["hits"]["hits"]
    return hits
