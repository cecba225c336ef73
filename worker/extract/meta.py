"""What the page says about itself in its head: meta tags, title, author, section, tags, image, canonical link."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml.etree import _Element

from worker.errors import Refuse
from worker.extract import mojibake, plain, sitename
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
# Microdata of a comment, an author, another article too: `dates` asks where they stand.
_OF_ITEMS = frozenset({"datepublished", "datemodified", "datecreated", "uploaddate"})
_COLLECTED = frozenset({"article:tag", "author", "article:author"})
_SITE_SEPARATOR = re.compile(r"\s+(?:[|–—·•»«›‹~⋆:-]|::|//)\s+|\s*[|｜]\s*")
_SITE_FIRST = re.compile(r"(?:\s*[:|｜]|\s+(?:[–—·•»«›‹~⋆-]|::|//))\s+")
_BARS = frozenset({"|", "｜", "::", "//"})
_HOME = re.compile(r"(?:https?:)?(?://[^/?#]*)?/?", re.I)
_HOST_PREFIX = re.compile(r"^(?:www|m|mobile|amp)\d?\.")
_VARIANT = re.compile(
    r"(?:amp|print|mobile|m|single|full|index|page|seite|komplettansicht|\d+)(?:[./-](?:html?|php|\d+))?", re.A
)
_FOLDER = re.compile(r"[a-z][a-z-]{2,30}", re.A)
_NO_SECTIONS = frozenset({
    "news", "article", "articles", "artikel", "story", "stories", "post", "posts", "blog", "de", "en", "fr", "it", "es",
    "archive", "archiv", "content", "page", "pages", "amp", "mobile", "live", "index", "www", "home", "aktuell",
})  # fmt: skip
_SAYS_NOTHING = frozenset({
    "news", "aktuell", "aktuelles", "nachrichten", "artikel", "article", "articles", "home", "homepage", "startseite",
    "start", "blog", "allgemein", "allgemeines", "uncategorized", "uncategorised", "unkategorisiert", "general",
    "default", "sonstiges", "actualité", "actualités", "accueil", "non classé", "notizie", "notizia",
    "senza categoria", "noticias", "noticia", "actualidad", "portada", "inicio", "sin categoría", "top news",
    "latest news", "breaking news", "newsticker", "ticker", "story", "stories", "none", "null", "undefined", "other",
    "latest", "all", "alle", "tous", "meldungen",
})  # fmt: skip
_TAG_SEPARATOR = re.compile(r"[,;|、，；\n]")
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,500}>")
_MAX_SECTIONS = 5
_MAX_SECTION = 40
_MAX_LINKS = 200
_LINK_TEXT = re.compile(r"[^<>]{0,300}>\s{0,20}([^<>]{2,40})<")
_MAX_CRUMBS = 4
_CLIMBS = 8
_LD_IMAGE_KEYS = ("url", "contentUrl")


def tags(tree: _Element) -> dict[str, str]:
    """Lower-case name or property -> content; the first wins, but authors and article:tag collect all, by line."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()[:80]
        content = element.get("content", "").strip()[:_MAX_VALUE]
        if not name or not content or (name in _OF_ITEMS and element.get("itemprop")):
            continue
        if name in _COLLECTED and name in found:
            if len(found[name]) < _MAX_VALUE:
                found[name] += "\n" + content
        else:
            found.setdefault(name, content)
    return found


def title(tree: _Element, meta: Mapping[str, str], linked: LinkedData, feed_title: str = "", url: str = "") -> str:
    """The page's best headline, the site's name cut off at both ends.

    Two that agree beat one; the feed's title decides only between candidates, it is never the answer itself.
    """
    sites = sitename.keys([*site_names(meta, linked), host_name(url)])
    headings = [text_of(element, MAX_TITLE) for element in _headings(tree)]
    claims = [text(linked.article.get("headline")), meta.get("og:title", ""), meta.get("twitter:title", "")]
    document = next((text_of(element, MAX_TITLE) for element in tree.iter("title")), "")
    raw = [*(plain.line(claim, MAX_TITLE) for claim in claims), *headings, document]
    known = {plain.key(candidate) for candidate in (*raw, feed_title) if candidate}
    labels = _Labels(sites, sitename.keys(site_names(meta, linked)), known, {plain.key(item) for item in headings})
    without = {candidate: _without_site(candidate, labels) for candidate in dict.fromkeys(raw)}
    candidates = [cut for candidate in raw if (cut := without[candidate]) and plain.key(cut)]
    keys = [plain.key(candidate) for candidate in candidates]
    wanted = plain.key(feed_title)
    for candidate, key in zip(candidates, keys, strict=True):
        if key == wanted or keys.count(key) > 1:
            return candidate
    whole = [candidate for candidate in candidates if not candidate.endswith(("...", "…"))]
    return next(iter(whole or candidates), "")


def summary(
    meta: Mapping[str, str], linked: LinkedData, standfirsts: Sequence[_Element] = (), subtitle: str = ""
) -> str:
    """What the page says of itself, or the line under its headline that is named or set as one (`subtitle`)."""
    claims = (meta.get("og:description"), meta.get("description"), _untagged(text(linked.article.get("description"))))
    shown = [text_of(element, MAX_SUMMARY) for element in standfirsts[:5]]
    last = _untagged(text(linked.article.get("alternativeHeadline")))
    return next(
        (plain.line(claim, MAX_SUMMARY) for claim in claims if claim),
        next((line for line in (*shown, plain.line(last, MAX_SUMMARY), subtitle) if len(line) >= _MIN_STANDFIRST), ""),
    )


def subtitle(layout: Layout, headline: int) -> str:
    """The heading right under the headline, where it is no link."""
    below = layout.blocks[headline + 1] if 0 <= headline < len(layout.blocks) - 1 else None
    if below is None or below.tag not in ("h2", "h3", "h4") or below.links:
        return ""
    return plain.line(below.text, MAX_SUMMARY)


def _untagged(claim: str) -> str:
    return _TAG.sub(" ", claim[: _MAX_VALUE * 2]) if "<" in claim else claim


def section(source: str, layout: Layout, headline: int, meta: Mapping[str, str], linked: LinkedData, url: str) -> str:
    """What the site files the article under, most explicit claim first; '' when it does not say. `source`: the page.

    Last come the words of the site's own link to the first folder of the article's path (`/international/...` under
    `<a href="/international">International</a>`), and the first of the few links right above the headline.
    """
    claims = [
        meta.get("article:section", ""),
        *strings(linked.article.get("articleSection"))[:_MAX_SECTIONS],
        meta.get("section", ""),
    ]
    # The last crumb may be the article itself.
    headlines = {plain.key(text(linked.article.get("headline")))}
    if headline >= 0:
        headlines.add(plain.key(layout.blocks[headline].text[:MAX_TITLE]))
    crumbs = [crumb for crumb in reversed(linked.breadcrumb) if plain.key(crumb) not in headlines]
    stated = [plain.line(claim, MAX_NAME) for claim in (*claims, *crumbs)]
    named = next((claim for claim in stated if _says_what(claim) and "://" not in claim), "")
    return named or _folder(source, url) or _crumb(layout, headline)


def _says_what(label: str) -> bool:
    """Whether it tells sections or subjects apart: `News` and `Allgemein` do not."""
    return bool(plain.key(label)) and plain.key(label) not in _SAYS_NOTHING


def keywords(meta: Mapping[str, str], linked: LinkedData) -> tuple[str, ...]:
    raw = meta.get("article:tag", "").split("\n") if meta.get("article:tag") else []
    if not raw:
        raw = strings(linked.article.get("keywords")) or [meta.get("news_keywords") or meta.get("keywords", "")]
    parts = (part for claim in raw for part in _TAG_SEPARATOR.split(claim[:_MAX_VALUE]))
    cleaned = (plain.line(tag, MAX_NAME).strip(" #,;") for tag in islice(parts, _MAX_LIST * 4))
    found: dict[str, str] = {}
    for tag in cleaned:
        if 1 < len(tag) <= 80 and not tag.startswith("@") and "://" not in tag and _says_what(tag):
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())[:_MAX_LIST]


def image(meta: Mapping[str, str], linked: LinkedData, base: str) -> str:
    """The picture the page shows in previews."""
    claims: list[str | None] = [
        meta.get("og:image:secure_url"),
        meta.get("og:image"),
        meta.get("og:image:url"),
        meta.get("twitter:image"),
    ]
    for key in ("image", "thumbnailUrl", "thumbnail"):
        claims += _images(linked.article.get(key))
    return next((url for claim in claims if (url := link(claim, base))), "")


def canonical(tree: _Element, url: str) -> str:
    """The page's rel=canonical when it can be believed.

    That is: of the same site (`m.`, `amp.`, `www.` aside), no home page, and not the index that the page is filed
    under.
    """
    links = (item for item in tree.iter("link") if "canonical" in item.get("rel", "").lower().split())
    first = next(links, None)
    found = "" if first is None else link(first.get("href"), url)
    if not found or (url and _bare_host(found) != _bare_host(url)):
        return ""
    parts = urlsplit(found)
    if parts.path in ("", "/") and not parts.query:
        return ""
    return "" if not parts.query and _is_index_of(parts.path, urlsplit(url).path) else found


def _is_index_of(folder: str, path: str) -> bool:
    """`/politik/` of `/politik/die-bruecke`, but not `/die-bruecke-wird-saniert/` of the same with `amp` behind it."""
    folder = folder.rstrip("/")
    rest = path.removeprefix(folder + "/").strip("/").lower()
    if not path.startswith(folder + "/") or not rest or _VARIANT.fullmatch(rest):
        return False
    name = folder.rpartition("/")[2]
    return name.count("-") < 2 and not any(map(str.isdigit, name)) and len(name) < 25


def link(raw: str | None, base: str) -> str:
    """An absolute, clean http(s) URL or ''. `base` is the page's own address: `<base href>` is not believed."""
    if not raw:
        return ""
    try:
        return clean_url(raw.strip(), base)
    except Refuse:
        return ""


def origin(tree: _Element, url: str) -> str:
    """The page's rel=canonical where it is another host's, and no home page: where the text may be from."""
    links = (item for item in tree.iter("link") if "canonical" in item.get("rel", "").lower().split())
    first = next(links, None)
    found = "" if first is None or not url else link(first.get("href"), url)
    if not found or _bare_host(found) == _bare_host(url):
        return ""
    parts = urlsplit(found)
    return "" if parts.path in ("", "/") and not parts.query else found


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
            return plain.line(html.unescape(mojibake.mended(words.group(1))), MAX_NAME)
    return ""


def _crumb(layout: Layout, headline: int) -> str:
    """The first of at most four short links that fill the room right above the headline, the home page aside."""
    if headline < 1:
        return ""
    at, found = layout.blocks[headline - 1].room, ""
    for _ in range(_CLIMBS):
        if at < 0:
            break
        room = layout.rooms[at]
        inner = layout.blocks[room.first : room.last]
        if room.last > headline or len(inner) > _MAX_CRUMBS or any(_is_no_crumb(block) for block in inner):
            break
        hrefs = [element.get("href", "").strip() for element in islice(room.element.iter("a"), _MAX_LINKS)]
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
    claims = [meta.get("og:site_name"), *strings(linked.article.get("publisher")), linked.site]
    return [plain.line(claim, MAX_NAME) for claim in claims if claim]


class _Labels(NamedTuple):
    """What a headline may be joined with."""

    sites: frozenset[str]
    stated: frozenset[str]
    """Of those, the names that the page gives: the host's may be a town's that is in the news."""
    known: set[str]
    """Keys of the other candidates."""
    shown: set[str]
    """Keys of the page's main headings: what stands there as a whole is a headline as a whole."""


def _without_site(raw: str, labels: _Labels) -> str:
    """`Headline | Site` -> `Headline` when the tail is the site's name, or the rest is another candidate.

    A bar is taken as the site's sign when a short tail follows a longer head; '' when nothing but the site is left.
    """
    cut = raw
    while match := next(reversed(list(_SITE_SEPARATOR.finditer(cut))), None):
        head, tail = cut[: match.start()].rstrip(), cut[match.end() :]
        barred = match.group().strip() in _BARS and len(tail.split()) <= 5 and len(tail) < len(head)
        if not head or not (sitename.is_site(tail, labels.sites) or plain.key(head) in labels.known or barred):
            break
        cut = head
    # `Opinion | Headline`, `Site: Headline`: a label before what is a candidate by itself, or the site.
    if (match := _SITE_FIRST.search(cut)) and plain.key(cut) not in labels.shown:
        sites = labels.stated if match.group().strip() == ":" else labels.sites
        if plain.key(cut[match.end() :]) in labels.known or sitename.is_site(cut[: match.start()], sites):
            cut = cut[match.end() :]
    return "" if sitename.is_site(cut, labels.sites) else cut


def _images(value: object) -> Iterator[str]:
    for item in value[:5] if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from (claim for key in _LD_IMAGE_KEYS if isinstance(claim := item.get(key), str))
            listed = item.get("@list")
            yield from (claim for claim in listed[:5] if isinstance(claim, str)) if isinstance(listed, list) else ()


def host_name(url: str) -> str:
    """`https://www.talbote.ch/x` -> `talbote`: what a site calls itself when it names no name."""
    labels = _bare_host(url).split(".") if url else []
    return labels[-2] if len(labels) > 1 else ""


@lru_cache(maxsize=64)
def _bare_host(url: str) -> str:
    return _HOST_PREFIX.sub("", host_key(url))
