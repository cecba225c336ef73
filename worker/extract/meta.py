"""What the page says about itself in its head: meta tags, title, author, section, tags, image, canonical link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from lxml.etree import _Element
from trafilatura.metadata import extract_author

from worker.errors import Refuse
from worker.extract import agencies, plain
from worker.extract.jsonld import LinkedData, strings, text
from worker.extract.markup import text_of
from worker.urls import clean_url, host_key

MAX_TITLE = 1000
MAX_NAME = 120
MAX_SUMMARY = 2000
_MAX_LIST = 30
_MAX_VALUE = 10_000
_COLLECTED = frozenset({"article:tag", "author", "article:author"})
_SITE_SEPARATOR = re.compile(r"\s+[|–—·•»:-]\s+|\s*\|\s*")
_HOME = re.compile(r"(?:https?:)?(?://[^/?#]*)?/?", re.I)
_HOST_PREFIX = re.compile(r"^(?:www|m|mobile|amp)\d?\.")
_NOT_A_NAME = re.compile(r"https?:|www\.|@|[<>{}]|\d{3}")
_BY = re.compile(r"^(?:von|by|par|di|por|da|text:?|autor(?:in)?:?|author:?|auteur:?)\s+", re.I)
_JOIN = re.compile(r"\s*(?:;|,|/|\||\bund\b|\band\b|\bet\b|&)\s*")
_LD_IMAGE_KEYS = ("url", "contentUrl")


def tags(tree: _Element) -> dict[str, str]:
    """Lower-case name or property -> content; the first wins, but authors and article:tag collect all, by line."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()[:80]
        content = element.get("content", "").strip()[:_MAX_VALUE]
        if not name or not content:
            continue
        if name in _COLLECTED and name in found:
            if len(found[name]) < _MAX_VALUE:
                found[name] += "\n" + content
        else:
            found.setdefault(name, content)
    return found


def title(tree: _Element, meta: Mapping[str, str], linked: LinkedData, feed_title: str = "") -> str:
    """The page's best headline, the site's name cut off.

    Two that agree beat one; the feed's title decides only between candidates, it is never the answer itself.
    """
    sites = _site_names(meta, linked)
    headings = [text_of(element, MAX_TITLE) for element in _headings(tree)]
    claims = [text(linked.article.get("headline")), meta.get("og:title", ""), meta.get("twitter:title", "")]
    document = next((text_of(element, MAX_TITLE) for element in tree.iter("title")), "")
    raw = [*(plain.line(claim, MAX_TITLE) for claim in claims), *headings, document]
    known = {plain.key(candidate) for candidate in raw if candidate}
    candidates = [cut for candidate in raw if (cut := _without_site(candidate, sites, known)) and plain.key(cut)]
    keys = [plain.key(candidate) for candidate in candidates]
    wanted = plain.key(feed_title)
    for candidate, key in zip(candidates, keys, strict=True):
        if key == wanted or keys.count(key) > 1:
            return candidate
    whole = [candidate for candidate in candidates if not candidate.endswith(("...", "…"))]
    return next(iter(whole or candidates), "")


def summary(meta: Mapping[str, str], linked: LinkedData) -> str:
    claims = (meta.get("og:description"), meta.get("description"), text(linked.article.get("description")))
    return next((plain.line(claim, MAX_SUMMARY) for claim in claims if claim), "")


def authors(
    tree: _Element, meta: Mapping[str, str], linked: LinkedData
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(people, agencies) of the byline; an agency that signs as author is moved to where agencies are kept."""
    claims = strings(linked.article.get("author")) or [
        name for key in ("author", "article:author", "parsely-author", "dc.creator", "sailthru.author", "byl")
        for name in meta.get(key, "").split("\n")
    ]  # fmt: skip
    names = list(_names(claims)) or list(_names(_marked_up(tree))) or list(_names([_guess(tree)]))
    wires = agencies.of_names(names)
    sites = {plain.key(site) for site in _site_names(meta, linked)}
    people = [name for name in names if not agencies.of_names([name]) and plain.key(name) not in sites]
    return tuple(dict.fromkeys(people))[:_MAX_LIST], wires


def section(meta: Mapping[str, str], linked: LinkedData) -> str:
    """What the site files the article under, most explicit claim first; '' when it does not say."""
    claims = [
        meta.get("article:section", ""),
        *strings(linked.article.get("articleSection"))[:1],
        meta.get("section", ""),
    ]
    # The last crumb may be the article itself.
    crumbs = [
        crumb for crumb in linked.breadcrumb if plain.key(crumb) != plain.key(text(linked.article.get("headline")))
    ]
    found = next((claim for claim in claims if claim.strip()), crumbs[-1] if crumbs else "")
    return plain.line(found, MAX_NAME)


def keywords(meta: Mapping[str, str], linked: LinkedData) -> tuple[str, ...]:
    raw = meta.get("article:tag", "").split("\n") if meta.get("article:tag") else []
    if not raw:
        for claim in strings(linked.article.get("keywords")) or [meta.get("news_keywords") or meta.get("keywords", "")]:
            raw += claim[:_MAX_VALUE].split(",")
    cleaned = (plain.line(tag, MAX_NAME).strip(" #,;") for tag in raw[: _MAX_LIST * 4])
    return tuple(dict.fromkeys(tag for tag in cleaned if 1 < len(tag) <= 80 and not tag.startswith("@")))[:_MAX_LIST]


def image(meta: Mapping[str, str], linked: LinkedData, base: str) -> str:
    claims = [
        meta.get("og:image:secure_url"),
        meta.get("og:image"),
        meta.get("og:image:url"),
        meta.get("twitter:image"),
    ]
    return next((url for claim in (*claims, *_images(linked.article.get("image"))) if (url := link(claim, base))), "")


def canonical(tree: _Element, url: str) -> str:
    """The page's rel=canonical when it can be believed: same site (`m.`, `amp.`, `www.` aside), and no home page."""
    for element in tree.iter("link"):
        if "canonical" not in element.get("rel", "").lower().split():
            continue
        found = link(element.get("href"), url)
        if not found or (url and _bare_host(found) != _bare_host(url)):
            return ""
        parts = urlsplit(found)
        return "" if parts.path in ("", "/") and not parts.query else found
    return ""


def link(raw: str | None, base: str) -> str:
    """An absolute, clean http(s) URL or ''. `base` is the page's own address: `<base href>` is not believed."""
    if not raw:
        return ""
    try:
        return clean_url(raw.strip(), base)
    except Refuse:
        return ""


def declared_language(tree: _Element, meta: Mapping[str, str]) -> str:
    return tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or meta.get("og:locale", "")


def _headings(tree: _Element) -> Iterator[_Element]:
    # A page with several h1 often has its logo in the first: one inside the article comes first then.
    found = [item for item in list(tree.iter("h1"))[:5] if not _is_logo(item)]
    inside = [item for item in found if any(parent.tag in ("article", "main") for parent in item.iterancestors())]
    yield from inside or found


def _is_logo(heading: _Element) -> bool:
    around = [*heading.iter("a"), *(parent for parent in heading.iterancestors() if parent.tag == "a")]
    return any(_HOME.fullmatch(item.get("href", "#").strip()[:300]) is not None for item in around)


def _site_names(meta: Mapping[str, str], linked: LinkedData) -> list[str]:
    claims = [meta.get("og:site_name"), *strings(linked.article.get("publisher"))]
    return [plain.line(claim, MAX_NAME) for claim in claims if claim]


def _without_site(raw: str, sites: Sequence[str], known: set[str]) -> str:
    """`Headline | Site` -> `Headline` when the tail is the site's name, or the rest is another candidate.

    A bar is taken as the site's sign when a short tail follows a longer head; '' when nothing but the site is left.
    """
    names = {_joined(site) for site in sites} | {_joined(site.partition(".")[0]) for site in sites}
    cut = raw
    while match := next(reversed(list(_SITE_SEPARATOR.finditer(cut))), None):
        head, tail = cut[: match.start()].rstrip(), cut[match.end() :]
        barred = match.group().strip() == "|" and len(tail.split()) <= 5 and len(tail) < len(head)
        if not head or not (_joined(tail) in names or plain.key(head) in known or barred):
            break
        cut = head
    # `Opinion | Headline`: a label before what is a candidate by itself.
    if (match := _SITE_SEPARATOR.search(cut)) and plain.key(cut[match.end() :]) in known:
        cut = cut[match.end() :]
    return "" if _joined(cut) in names else cut


def _joined(name: str) -> str:
    return plain.key(name).replace(" ", "")


def _names(claims: Iterable[str]) -> Iterator[str]:
    for claim in claims:
        cleaned = _BY.sub("", plain.line(claim, MAX_NAME * 3).strip(" .,;:"))
        if agencies.of_names([cleaned]):
            yield cleaned
        elif not _NOT_A_NAME.search(cleaned):
            for part in _JOIN.split(cleaned)[:_MAX_LIST]:
                name = _BY.sub("", part.strip(" .,;:"))
                if 2 < len(name) <= 60 and len(name.split()) <= 6:
                    yield name


def _marked_up(tree: _Element) -> Sequence[str]:
    for path in (".//*[@itemprop='author']//*[@itemprop='name']", ".//*[@itemprop='author']", ".//*[@rel='author']"):
        if found := [text_of(element, MAX_NAME) for element in tree.iterfind(path)][:_MAX_LIST]:
            return found
    return ()


def _guess(tree: _Element) -> str:
    try:
        found = str(extract_author(tree) or "")
    except (MemoryError, RecursionError):
        raise
    except Exception:  # a library on hostile input: no author is an answer, an exception is not
        return ""
    # It reads bylines by class names and takes a sentence for one at times; a person's name has no small first word.
    return found if all(name[:1].isupper() and not name.startswith("The ") for name in found.split("; ")) else ""


def _images(value: object) -> Iterator[str]:
    for item in value[:5] if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from (claim for key in _LD_IMAGE_KEYS if isinstance(claim := item.get(key), str))


def _bare_host(url: str) -> str:
    return _HOST_PREFIX.sub("", host_key(url))
