"""What was erased, told from what was not: the keys of documents, events and addresses. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from worker.errors import Refuse
from worker.index.compose import FOUND_AT, SAME_AS, refused_entry
from worker.index.documents import parse_time, rfc3339
from worker.index.reports import POLL
from worker.models import Article, ArticleId, Event, Reason, Sought, Tombstone, TombstoneKind
from worker.places import claim_on, may_be_article, place_of
from worker.urls import article_id, host_key


def tombstone_to_json(tombstone: Tombstone) -> dict[str, Any]:
    """`keys` is what is looked up: the hashes, or the domain."""
    return {
        "id": tombstone.id,
        "kind": tombstone.kind.value,
        "keys": list(tombstone.keys),
        "hashes": list(tombstone.hashes),
        "domain": tombstone.domain,
        "erased_at": rfc3339(tombstone.erased_at),
        "note": tombstone.note,
    }


def tombstone_from_json(data: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        id=data["id"],
        kind=TombstoneKind(data["kind"]),
        erased_at=parse_time(data["erased_at"]),
        hashes=tuple(data["hashes"]),
        domain=data["domain"],
        note=data["note"],
    )


def hashes_of(url: str) -> tuple[str, ...]:
    """By which an address is kept away: its id, and its place, which its variants share. None: no URL."""
    try:
        return article_id(url), place_of(url).hex()
    except Refuse:
        return ()


def domains_over(host: str) -> Iterator[str]:
    """`a.example.org:8080` -> itself and every domain that it is part of, each with the port and without."""
    if not host:
        return
    name, port = name_and_port(host)
    parts = [name] if is_address(name) else name.split(".")
    for first in range(len(parts)):
        domain = ".".join(parts[first:])
        yield domain
        if port:
            yield f"{domain}:{port}"


def name_and_port(host: str) -> tuple[str, str]:
    """`[2001:db8::1]:8080` -> the name, brackets included, and the port; empty where there is none."""
    has_port = ":" in host and not host.endswith("]")
    name, _, port = host.rpartition(":") if has_port else (host, "", "")
    return name, port


def domains_of(url: str) -> Iterator[str]:
    try:
        yield from domains_over(host_key(url))
    except Refuse:
        return


def keys_of(article: Article) -> set[str]:
    """Every key under which a document may have been erased."""
    keys = {article.id, *domains_of(article.url), *domains_over(article.site)}
    for url in (article.url, *article.aliases):
        keys.update(hashes_of(url))
    if article.canonical_url and _believable(article.canonical_url, article.url):
        keys.add(claim_on(article.canonical_url).hex())
    return keys


def keys_of_event(event: Event) -> set[str]:
    return {event.article_id, *hashes_of(event.url), *domains_of(event.url), *domains_over(event.site)}


def in_domains(domains: Collection[str], url: str, site: str = "") -> bool:
    """Whether the URL's host, or the site, is one of these domains or below one."""
    return not {*domains_of(url), *domains_over(site)}.isdisjoint(domains)


def is_about(sought: Sought, event: Mapping[str, Any]) -> bool:
    """Whether a stored event, or a poll among them, names something that is sought. One that was scrubbed does not."""
    if event.get("type") == POLL:
        return in_domains(sought.domains, event["feed"])
    if not event.get("article_id") or not (event["url"] or event["title"] or event["detail"]):
        return False
    return event["article_id"] in sought.ids or in_domains(sought.domains, event["url"], event["site"])


def names_other(detail: str, ids: Collection[str], urls: Collection[str]) -> bool:
    """The detail of an event that says: this URL leads to one of those articles."""
    for beginning, names in ((SAME_AS, ids), (FOUND_AT, urls)):
        if detail.startswith(beginning) and detail.removeprefix(beginning) in names:
            return True
    return False


def scrubbed(event: Event) -> Event:
    """The line of the ledger that may stay: that something ended, how, and for which hash; nothing that can be read."""
    steps = tuple(replace(step, detail="") for step in event.steps)
    return replace(event, url="", site="", title="", detail="", steps=steps)


def erased_event(article_id: ArticleId, offer: int, feed: str, at: datetime) -> Event:
    """The ledger's line of what was kept away; there is nothing in it to be read."""
    return refused_entry(article_id, offer, feed, Reason.ERASED, at)


def is_scrubbed(event: Event) -> bool:
    return event == scrubbed(event)


@dataclass(frozen=True, slots=True)
class Gate:
    """The last one, before anything is written: what of a batch was erased."""

    articles: Sequence[frozenset[str]]
    events: Sequence[frozenset[str]]
    erased: frozenset[str]

    @classmethod
    def of(
        cls,
        articles: Iterable[Article],
        events: Iterable[Event],
        find: Callable[[Collection[str]], Iterable[Tombstone]],
    ) -> Gate:
        """`find` answers which tombstones hold any of the keys."""
        documents = [frozenset(keys_of(article)) for article in articles]
        lines = [frozenset(keys_of_event(event)) for event in events]
        found = find(frozenset().union(*documents, *lines))
        return cls(documents, lines, frozenset(key for each in found for key in each.keys))

    def holds_back(self, number: int) -> bool:
        """The document of that place in the batch must not be written."""
        return not self.erased.isdisjoint(self.articles[number])

    def passes(self, events: Sequence[Event]) -> list[Event]:
        """The batch's events, those about something erased scrubbed."""
        return [
            event if self.erased.isdisjoint(keys) else self._without_feed(scrubbed(event))
            for event, keys in zip(events, self.events, strict=True)
        ]

    def _without_feed(self, event: Event) -> Event:
        return replace(event, feed="") if in_domains(self.erased, event.feed) else event


def _believable(canonical: str, page: str) -> bool:
    try:
        return may_be_article(canonical, page)
    except Refuse:
        return False


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
