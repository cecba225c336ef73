"""Finding everything of an article or a domain, and taking it out for good. Pure but for the client handed in.

Everything goes by index patterns, not by aliases: while a migration runs, a document lies in two generations, and what
a migration has left behind holds it, too.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from worker.index.erased import in_domains, is_about, name_and_port, names_other
from worker.models import Article, ArticleId, Sought
from worker.stores.elasticsearch.asking import hits_of
from worker.stores.elasticsearch.layout import ARTICLES, EVENTS, FEEDS, STORIES
from worker.stores.elasticsearch.reading import article_of, by_ids
from worker.stores.elasticsearch.removing import Removal, remove
from worker.stores.elasticsearch.writing import version_at

PORTION = 500
FENCE = timedelta(minutes=1)
"""A late write of what was fetched up to so long after the erasure is refused: clocks of workers differ."""
_KEEPS = "5m"
_LUCENE_SYNTAX = re.compile(r'[.?+*|{}\[\]()"\\#@&<>~^$-]')


def of_domain(client: Elasticsearch, name: str, domain: str) -> Iterator[Article]:
    query = {"bool": {"should": [_url_in("url.fold", domain), _host_in("site.fold", domain)]}}
    for hit in _every(client, ARTICLES.every(name), query):
        article = article_of(hit)
        if in_domains({domain}, article.url, article.site):
            yield article


def erase(client: Elasticsearch, name: str, ids: Collection[str], now: datetime) -> tuple[int, set[str]]:
    """-> how many documents there were, the indices that held them.

    Also where they are not: a removal with a version that is higher than that of any write under way makes that write
    a conflict for an hour (gc_deletes). New articles lie in the indices of the last months.
    """
    wanted, touched, erased = sorted(ids), set[str](), set[str]()
    recent = {ARTICLES.period.value.format(at) for at in (now, now.replace(day=1) - timedelta(days=1))}
    fence = version_at(now + FENCE)
    for start in range(0, len(wanted), PORTION):
        some = wanted[start : start + PORTION]
        held = list(_every(client, ARTICLES.every(name), by_ids(some), ["id"]))
        touched |= {hit["_index"] for hit in held}
        removals = [Removal(id_, fence, recent) for id_ in some]
        # What a clock far ahead has written goes all the same.
        removals += [Removal(hit["_id"], max(fence, hit["_version"]), _period(name, hit["_index"])) for hit in held]
        erased |= remove(client, name, ARTICLES, removals)
    return len(erased), touched


def events_about(client: Elasticsearch, name: str, sought: Sought) -> Iterator[Mapping[str, Any]]:
    """Events, polls among them, and reports of feeds and stories: their hits."""
    ids = sorted(sought.ids)
    portions = [ids[at : at + 10_000] for at in range(0, len(ids), 10_000)]
    any_of: list[dict[str, Any]] = [{"terms": {"article_id": some}} for some in portions]
    leads: list[dict[str, Any]] = [{"terms": {"lead": some}} for some in portions]
    of_feeds: list[dict[str, Any]] = []
    for domain in sought.domains:
        any_of += (_url_in("url", domain), _host_in("site", domain), _url_in("feed", domain))
        leads.append(_url_in("url", domain))
        of_feeds.append(_url_in("url", domain))
    fields = ["type", "article_id", "url", "site", "title", "detail", "feed"]
    for hit in _any(client, EVENTS.every(name), any_of, fields):
        if is_about(sought, hit["_source"]):
            yield hit
    for hit in _any(client, STORIES.every(name), leads, ["lead", "url"]):
        if hit["_source"]["lead"] in sought.ids or in_domains(sought.domains, hit["_source"]["url"] or ""):
            yield hit
    for hit in _any(client, FEEDS.every(name), of_feeds, ["url"]):
        if in_domains(sought.domains, hit["_source"]["url"]):
            yield hit


def erase_events(client: Elasticsearch, name: str, sought: Sought, now: datetime) -> tuple[int, set[str]]:
    """-> how many there were, the indices that held them. A report that is under way does not bring them back."""
    found = list(events_about(client, name, sought))
    for start in range(0, len(found), PORTION):
        for kind in (EVENTS, STORIES, FEEDS):
            some = [hit for hit in found[start : start + PORTION] if kind.read(name, hit["_index"]) is not None]
            removals = [
                Removal(hit["_id"], max(hit["_version"] + 1, version_at(now)), _period(name, hit["_index"]))
                for hit in some
            ]
            remove(client, name, kind, removals)
    return len({hit["_id"] for hit in found}), {hit["_index"] for hit in found}


def other_addresses(
    client: Elasticsearch, name: str, ids: Collection[ArticleId], urls: Collection[str]
) -> dict[ArticleId, str]:
    any_of = [{"match_phrase": {"detail": text}} for text in (*ids, *urls)]
    found: dict[ArticleId, str] = {}
    for hit in _any(client, EVENTS.every(name), any_of, ["article_id", "url", "detail"]):
        source = hit["_source"]
        if names_other(source["detail"], ids, urls) and source["url"]:
            found[ArticleId(source["article_id"])] = source["url"]
    return found


def _period(name: str, index: str) -> frozenset[str]:
    for kind in (ARTICLES, STORIES, EVENTS, FEEDS):
        if (part := kind.read(name, index)) is not None:
            return frozenset({part.period})
    return frozenset()


def _any(
    client: Elasticsearch, pattern: str, any_of: list[dict[str, Any]], fields: list[str]
) -> Iterator[Mapping[str, Any]]:
    return _every(client, pattern, {"bool": {"should": any_of}}, fields) if any_of else iter(())


def _every(
    client: Elasticsearch, pattern: str, query: Mapping[str, Any], fields: list[str] | None = None
) -> Iterator[Mapping[str, Any]]:
    """All hits with their versions over all indices of the pattern, also those that no refresh has shown yet."""
    client.indices.refresh(index=pattern, ignore_unavailable=True, allow_no_indices=True)
    try:
        pit: str = client.open_point_in_time(index=pattern, keep_alive=_KEEPS, ignore_unavailable=True)["id"]
    except NotFoundError:
        return
    after: list[Any] | None = None
    try:
        while True:
            answer = client.search(
                pit={"id": pit, "keep_alive": _KEEPS}, query=query, sort=[{"_shard_doc": "asc"}], size=PORTION,
                search_after=after, track_total_hits=False, version=True, allow_partial_search_results=False,
                source={"includes": fields} if fields else None,
            )  # fmt: skip
            pit, hits = answer["pit_id"], hits_of(answer.body)
            yield from hits
            if len(hits) < PORTION:
                return
            after = hits[-1]["sort"]
    finally:
        with contextlib.suppress(ApiError, TransportError):
            client.close_point_in_time(id=pit)


def _url_in(field: str, domain: str) -> dict[str, Any]:
    name, port = _parts(domain)
    return {"regexp": {field: f"https?://([^/?#]*\\.)?{name}{port}([/?].*)?"}}


def _host_in(field: str, domain: str) -> dict[str, Any]:
    name, port = _parts(domain)
    return {"regexp": {field: f"(.*\\.)?{name}{port}"}}


def _parts(domain: str) -> tuple[str, str]:
    """Name and port as regular expressions; without a port any is meant."""
    name, port = name_and_port(domain)
    quoted = _LUCENE_SYNTAX.sub(lambda found: "\\" + found[0], name)
    return quoted, f":{port}" if port else "(:[0-9]+)?"
