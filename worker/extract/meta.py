"""What the page says about itself in its head: meta tags, title, author, section, tags, image, canonical link."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from urllib.parse import urlsplit

from lxml.etree import _Element

from worker.errors import Refuse
from worker.extract import plain
from worker.extract.jsonld import LinkedData, strings, text
from worker.extract.markup import text_of
from worker.extract.rooms import Block, Layout
from worker.urls import clean_url, host_key

MAX_TITLE = 1000
MAX_NAME = 120
MAX_SUMMARY = 2000
_MAX_LIST = 30
_MAX_VALUE = 10_000
_MIN_STANDFIRST = 30
_COLLECTED = frozenset({"article:tag", "author", "article:author"})
_SITE_SEPARATOR = re.compile(r"\s+[|–—·•»:-]\s+|\s*\|\s*")
_HOME = re.compile(r"(?:https?:)?(?://[^/?#]*)?/?", re.I)
_HOST_PREFIX = re.compile(r"^(?:www|m|mobile|amp)\d?\.")
_FOLDER = re.compile(r"[a-z][a-z-]{2,30}", re.A)
_NO_SECTIONS = frozenset({
    "news", "article", "articles", "artikel", "story", "stories", "post", "posts", "blog", "de", "en", "fr", "it", "es",
    "archive", "archiv", "content", "page", "pages", "amp", "mobile", "live", "index", "www", "home", "aktuell",
})  # fmt: skip
_MAX_SECTION = 40
_MAX_LINKS = 200
_LINK_TEXT = re.compile(r"[^<>]{0,300}>\s{0,20}([^<>]{2,40})<")
_MAX_CRUMBS = 4
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
    sites = site_names(meta, linked)
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


def summary(meta: Mapping[str, str], linked: LinkedData, standfirsts: Sequence[_Element] = ()) -> str:
    """What the page says of itself, or the line under its headline that is named as one."""
    claims = (meta.get("og:description"), meta.get("description"), text(linked.article.get("description")))
    shown = (text_of(element, MAX_SUMMARY) for element in standfirsts[:5])
    return next(
        (plain.line(claim, MAX_SUMMARY) for claim in claims if claim),
        next((line for line in shown if len(line) >= _MIN_STANDFIRST), ""),
    )


def section(source: str, layout: Layout, headline: int, meta: Mapping[str, str], linked: LinkedData, url: str) -> str:
    """What the site files the article under, most explicit claim first; '' when it does not say. `source`: the page.

    Last come the words of the site's own link to the first folder of the article's path (`/international/...` under
    `<a href="/international">International</a>`), and the first of the few links right above the headline.
    """
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
    return plain.line(found, MAX_NAME) or _folder(source, url) or _crumb(layout, headline)


def keywords(meta: Mapping[str, str], linked: LinkedData) -> tuple[str, ...]:
    raw = meta.get("article:tag", "").split("\n") if meta.get("article:tag") else []
    if not raw:
        for claim in strings(linked.article.get("keywords")) or [meta.get("news_keywords") or meta.get("keywords", "")]:
            raw += claim[:_MAX_VALUE].split(",")
    cleaned = (plain.line(tag, MAX_NAME).strip(" #,;") for tag in raw[: _MAX_LIST * 4])
    return tuple(dict.fromkeys(tag for tag in cleaned if 1 < len(tag) <= 80 and not tag.startswith("@")))[:_MAX_LIST]


def image(meta: Mapping[str, str], linked: LinkedData, base: str, shown: str = "") -> str:
    """The picture the page shows in previews, else the first one it shows in the article."""
    claims = [
        meta.get("og:image:secure_url"),
        meta.get("og:image"),
        meta.get("og:image:url"),
        meta.get("twitter:image"),
    ]
    stated = (url for claim in (*claims, *_images(linked.article.get("image"))) if (url := link(claim, base)))
    return next(stated, "") or link(shown, base)


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


def _folder(source: str, url: str) -> str:
    parts = urlsplit(url).path.split("/")
    folder = parts[1].lower() if len(parts) > 2 else ""
    if not _FOLDER.fullmatch(folder) or folder in _NO_SECTIONS:
        return ""
    for match in islice(re.finditer(rf"/{folder}/?[\"'\s>]", source, re.I), _MAX_LINKS):
        tag = source[max(0, match.start() - 300) : match.end() - 1]
        href = tag[tag.rfind("=") + 1 :].strip("\"' ")
        words = _LINK_TEXT.match(source, match.end() - 1)
        if words and "href" in tag.lower() and _path_of(href, url).strip("/").lower() == folder:
            return plain.line(html.unescape(words.group(1)), MAX_NAME)
    return ""


def _crumb(layout: Layout, headline: int) -> str:
    """The first of at most four short links that fill the room right above the headline, the home page aside."""
    if headline < 1:
        return ""
    at, found = layout.blocks[headline - 1].room, ""
    while at >= 0:
        room = layout.rooms[at]
        inner = layout.blocks[room.first : room.last]
        if room.last > headline or len(inner) > _MAX_CRUMBS or any(_is_no_crumb(block) for block in inner):
            break
        hrefs = [element.get("href", "").strip() for element in room.element.iter("a")]
        named = [block.text for block, href in zip(inner, hrefs, strict=False) if not _HOME.fullmatch(href[:300])]
        found = named[0] if len(hrefs) == len(inner) and named else found
        at = room.parent
    return found


def _is_no_crumb(block: Block) -> bool:
    return len(block.text) > _MAX_SECTION or block.links < 0.8 * block.weight


def _path_of(href: str, base: str) -> str:
    """The path of a link to the same site; '' for any other."""
    if href.startswith("/") and not href.startswith("//"):
        return href.partition("?")[0].partition("#")[0]
    if not href.startswith(("http:", "https:")):
        return ""
    try:
        parts = urlsplit(href)
        same = _HOST_PREFIX.sub("", parts.hostname or "") == _bare_host(base)
    except ValueError:
        return ""
    return parts.path if same and not parts.query else ""


def _headings(tree: _Element) -> Iterator[_Element]:
    # A page with several h1 often has its logo in the first: one inside the article comes first then.
    found = [item for item in list(tree.iter("h1"))[:5] if not _is_logo(item)]
    inside = [item for item in found if any(parent.tag in ("article", "main") for parent in item.iterancestors())]
    yield from inside or found


def _is_logo(heading: _Element) -> bool:
    around = [*heading.iter("a"), *(parent for parent in heading.iterancestors() if parent.tag == "a")]
    return any(_HOME.fullmatch(item.get("href", "#").strip()[:300]) is not None for item in around)


def site_names(meta: Mapping[str, str], linked: LinkedData) -> list[str]:
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


def _images(value: object) -> Iterator[str]:
    for item in value[:5] if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from (claim for key in _LD_IMAGE_KEYS if isinstance(claim := item.get(key), str))


def host_name(url: str) -> str:
    """`https://www.talbote.ch/x` -> `talbote`: what a site calls itself when it names no name."""
    labels = _bare_host(url).split(".") if url else []
    return labels[-2] if len(labels) > 1 else ""


def _bare_host(url: str) -> str:
    return _HOST_PREFIX.sub("", host_key(url))
