"""How a server is asked, and what its refusals mean."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from elasticsearch import ApiError, BadRequestError, Elasticsearch, TransportError

from worker.errors import IndexUnavailable, QueryError
from worker.stores.elasticsearch.connect import one_line


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
    answer: Mapping[str, Any] = client.search(
        index=alias, ignore_unavailable=True, allow_no_indices=True, allow_partial_search_results=False, **body
    ).body
    return answer


def hits_of(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    hits: list[Mapping[str, Any]] = answer["hits"]["hits"]
    return hits
