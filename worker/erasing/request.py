"""What is asked for: URLs, ids and domains, checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from worker.errors import Refuse, UsageError
from worker.index.erased import is_address
from worker.models import ArticleId
from worker.urls import article_id, canonical_url, clean_url, host_key

_ID = re.compile(r"[0-9a-f]{32}")
_HOSTS = ("", "www.", "m.", "mobile.", "amp.")
_ENDS = ("", "/", "/amp", "/amp/", "/print", "/print/", "/index.html")


@dataclass(frozen=True, slots=True)
class Named:
    """One article that is to go. `url` is empty where only the id is known."""

    id: ArticleId
    url: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    articles: tuple[Named, ...] = ()
    domains: tuple[str, ...] = ()
    note: str = ""


def request(urls: Sequence[str], domains: Sequence[str], note: str = "") -> Request:
    """Raises UsageError in one line."""
    named = {each.id: each for each in map(_article, urls)}
    return Request(tuple(named.values()), tuple(dict.fromkeys(map(domain_of, domains))), note.strip())


def domain_of(text: str) -> str:
    """`www.Example.org` -> `example.org`: a host name in ASCII with everything below it, perhaps with a port."""
    text = text.strip()
    if "/" in text or "@" in text or not text:
        raise UsageError(f"--domain takes a host name such as example.org, not {text or 'nothing'}; an article: --url")
    try:
        domain = host_key(f"https://{text}/").removeprefix("www.")
    except Refuse:
        raise UsageError(f"--domain takes a host name such as example.org, not {text}") from None
    if _is_public_suffix(domain.partition(":")[0]):
        raise UsageError(f"{domain} is no site, but the end of many names; name one of them")
    return domain


def _is_public_suffix(name: str) -> bool:
    from tld import get_tld  # the list is read when it is needed

    return not is_address(name) and get_tld(f"https://x.{name}/", fail_silently=True, search_private=False) == name


def _article(text: str) -> Named:
    text = text.strip()
    if _ID.fullmatch(text.lower()):
        return Named(ArticleId(text.lower()))
    try:
        url = clean_url(text)
    except Refuse:
        raise UsageError(f"neither an http(s) URL nor an article id (32 hex digits): {text}") from None
    return Named(article_id(url), url)


def spellings(url: str) -> Iterator[str]:
    """The usual forms of one address, under any of which a document may stand; itself among them."""
    canonical = canonical_url(url)
    yield url
    parts = urlsplit(canonical)
    host = re.sub(r"^(?:www|m|mobile|amp)\.", "", parts.netloc)
    path = parts.path
    for end in sorted(_ENDS, key=len, reverse=True):
        if end and path.endswith(end):
            path = path.removesuffix(end)
            break
    query = f"?{parts.query}" if parts.query else ""
    name = host.partition(":")[0] if not host.startswith("[") else host
    for scheme in ("https", "http"):
        for prefix in ("",) if is_address(name) or host.startswith("[") else _HOSTS:
            for end in _ENDS:
                yield f"{scheme}://{prefix}{host}{(path + end) or '/'}{query}"


def is_home(url: str) -> bool:
    """Redirects of dead articles end there: it stands for no article."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
