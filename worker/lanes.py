"""Whose turn a request is: the hosts that count as one when requests are spaced out. Pure.

A lane is the queue of one host, written as up to three words: `domain [host [parent]]`. Requests to one `domain` come
one at a time; the host is left out where it is the domain itself. `parent` is set where the domain is one of many
sites of a hoster: then a pause that one of them asked for holds for the whole of `parent`.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

KEPT = 10_000


class Lanes:
    """`many_sites`: domains whose hosts are sites of different people, though the public suffix list has them not."""

    def __init__(self, many_sites: Collection[str] = ()) -> None:
        hosters = frozenset(many_sites)
        self._of = lru_cache(KEPT)(lambda host: _lane(host, hosters))

    def of(self, host: str) -> str:
        """The lane of a host as `urls.host_key` gives it."""
        return self._of(host)

    def domain(self, host: str) -> str:
        """What takes turns with it: its registrable domain, itself below a hoster, or its address."""
        return self._of(host).partition(" ")[0]


def host_of(lane: str) -> str:
    words = lane.split(" ")
    return words[1] if len(words) > 1 else words[0]


def registrable(name: str) -> str:
    """By the public suffix list, its private part included: two blogs of one hoster are two sites. Empty for
    addresses, and for names that are a public suffix or below none. `name`: without a port."""
    from tld import get_fld  # the list takes a tenth of a second and 12 MB: read when first needed

    if name.startswith("[") or name.rpartition(".")[2].isdigit():
        return ""
    return get_fld(f"https://{name}/", fail_silently=True, search_private=True) or ""


def _lane(host: str, hosters: frozenset[str]) -> str:
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    for hoster in hosters:
        if name.endswith(f".{hoster}"):
            return f"{name} {host} {hoster}"
    domain = registrable(name) or _unlisted(name)
    return domain if domain == host else f"{domain} {host}"


def _unlisted(name: str) -> str:
    """Below no public suffix: an address, an intranet, `.localhost`. A suffix that nobody lists has one label."""
    if name.startswith("[") or name.rpartition(".")[2].isdigit():
        return name
    return ".".join(name.split(".")[-2:])
