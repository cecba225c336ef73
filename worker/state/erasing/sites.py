"""What is kept of whole sites: subscriptions, furniture, robots.txt, when a host may be asked, the last polls."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from worker.index.erased import domains_over, in_domains
from worker.lanes import host_of
from worker.models import Feed, Sought
from worker.state.feed_store import RedisFeedStore
from worker.state.furniture import VOTER_BYTES
from worker.state.scripts import Scripts, text

PORTION = 500


class Subscriptions:
    """Feeds of the domain: their state, log and windows, also what those leave that were subscribed to; the subscriber
    leaves their hubs."""

    name = "subscriptions"

    def __init__(self, scripts: Scripts, feeds: RedisFeedStore) -> None:
        self._client: Any = scripts.client
        self._scripts = scripts
        self._feeds = feeds

    def found(self, sought: Sought) -> list[Feed]:
        if not sought.domains:
            return []
        found = [feed for feed in self._feeds.subscribed() if in_domains(sought.domains, feed.url)]
        return sorted(found, key=lambda feed: feed.url)

    def _left(self, sought: Sought) -> Iterator[str]:
        """Ids of feeds that were unsubscribed."""
        start = self._scripts.key("left:")
        for key in self._client.scan_iter(f"{start}*", count=PORTION) if sought.domains else ():
            host = host_of(text(self._client.hget(key, "lane") or b""))
            if not sought.domains.isdisjoint(domains_over(host)):
                yield text(key).removeprefix(start)

    def held(self, sought: Sought) -> int:
        return len(self.found(sought)) + sum(1 for _ in self._left(sought))

    def erase(self, sought: Sought) -> int:
        for feed in self.found(sought):
            self._feeds.remove(feed.id)
        left = list(self._left(sought))
        for id_ in left:
            self._client.delete(self._scripts.key(f"window:{id_}"), self._scripts.key(f"left:{id_}"))
            self._client.hdel(self._scripts.key("feeds:asked"), id_)
            self._client.zrem(self._scripts.key("feeds:full"), id_)
        return len(left)


class Polls:
    """Polls that are not yet in a report."""

    name = "polls"

    def __init__(self, scripts: Scripts) -> None:
        self._client: Any = scripts.client
        self._key = scripts.key("polls:log")

    def _lines(self, sought: Sought) -> set[bytes]:
        if not sought.domains:
            return set()
        lines = self._client.lrange(self._key, 0, -1)
        return {line for line in lines if in_domains(sought.domains, json.loads(line)[1])}

    def held(self, sought: Sought) -> int:
        return len(self._lines(sought))

    def erase(self, sought: Sought) -> int:
        return sum(int(self._client.lrem(self._key, 0, line)) for line in self._lines(sought))


class Robots:
    """Copies of robots.txt."""

    name = "robots.txt"

    def __init__(self, scripts: Scripts) -> None:
        self._client: Any = scripts.client
        self._scripts = scripts

    def _keys(self, sought: Sought) -> Iterator[bytes]:
        if not sought.domains:
            return
        start = self._scripts.key("text:robots")
        for key in self._client.scan_iter(f"{start}*", count=PORTION):
            _, _, origin = text(key).removeprefix(start).partition(":")
            if in_domains(sought.domains, origin):
                yield key

    def held(self, sought: Sought) -> int:
        return sum(1 for _ in self._keys(sought))

    def erase(self, sought: Sought) -> int:
        return sum(int(self._client.delete(key)) for key in list(self._keys(sought)))


class Hosts:
    """When a host and its domain may be asked again, and at which address. What is being asked now keeps its lock."""

    name = "hosts"

    def __init__(self, scripts: Scripts) -> None:
        self._client: Any = scripts.client
        self._scripts = scripts

    def _records(self, sought: Sought) -> Iterator[bytes]:
        """`domain:<d>` and `host:<h>`."""
        for kind in ("domain:", "host:") if sought.domains else ():
            start = self._scripts.key(kind)
            for key in self._client.scan_iter(f"{start}*", count=PORTION):
                name = text(key).removeprefix(start)
                if not sought.domains.isdisjoint(domains_over(name)) and not self._client.hexists(key, "token"):
                    yield key

    def _addresses(self, sought: Sought) -> Iterator[tuple[bytes, bytes, bool]]:
        """Key, domain that was met there, whether it is a set of them."""
        for kind in ("address:", "sites:") if sought.domains else ():
            for key in self._client.scan_iter(f"{self._scripts.key(kind)}*", count=PORTION):
                several = kind == "sites:"
                met = self._client.smembers(key) if several else [self._client.hget(key, "site")]
                for domain in met:
                    if domain and not sought.domains.isdisjoint(domains_over(text(domain))):
                        yield key, domain, several

    def held(self, sought: Sought) -> int:
        return sum(1 for _ in self._records(sought)) + sum(1 for _ in self._addresses(sought))

    def erase(self, sought: Sought) -> int:
        records, addresses = list(self._records(sought)), list(self._addresses(sought))
        for key in records:
            self._client.delete(key)
        for key, domain, several in addresses:
            if several:
                self._client.srem(key, domain)
            else:
                self._client.hdel(key, "site")
        return len(records) + len(addresses)


class LearnedFurniture:
    """Of a domain all that was learned of its sites; of an article its votes."""

    name = "furniture"

    def __init__(self, scripts: Scripts) -> None:
        self._client: Any = scripts.client
        self._scripts = scripts

    def held(self, sought: Sought) -> int:
        return len(list(self._keys(sought.domains))) + self._votes(sought, only_count=True)

    def erase(self, sought: Sought) -> int:
        gone = self._votes(sought, only_count=False)
        for key, site in list(self._keys(sought.domains)):
            gone += int(self._client.delete(key))
            self._client.zrem(self._scripts.key("furniture:dirty"), site)
            self._client.hdel(self._scripts.key("furniture:jobs"), site)
        return gone

    def _keys(self, domains: Collection[str]) -> Iterator[tuple[bytes, str]]:
        """furniture:site:<site>, and with generations behind it furniture:{new,articles,known}:<site>:.."""
        if not domains:
            return
        behind = {"site": 0, "known": 1, "articles": 1, "new": 2}
        start = self._scripts.key("furniture:")
        for key in self._client.scan_iter(f"{start}*", count=PORTION):
            kind, _, rest = text(key).removeprefix(start).partition(":")
            if kind in behind:
                site = rest.rsplit(":", behind[kind])[0]
                if not set(domains).isdisjoint(domains_over(site)):
                    yield key, site

    def _votes(self, sought: Sought, *, only_count: bool) -> int:
        # Of a domain's sites all goes anyway.
        sites = [site for site in sorted(sought.sites) if sought.domains.isdisjoint(domains_over(site))]
        voters = {bytes.fromhex(story)[:VOTER_BYTES] for story in (*sought.stories.values(), *sought.ids)}
        given = ("1" if only_count else "0", *sorted(voters))
        return sum(int(self._scripts.run("furniture_leave", site, *given)) for site in sites)
