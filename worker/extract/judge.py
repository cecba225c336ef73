"""Is this page an article, and of what kind? Pure; structure before wording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml.etree import _Element

from worker.extract import failures, markup, paywall, ticker
from worker.extract.jsonld import LinkedData
from worker.extract.rooms import Layout
from worker.extract.survey import Survey
from worker.models import Kind, Reason

TEASER_WORDS = 150
_WALL_WORDS = 80
_GALLERY_PICTURES = 8
_GALLERY_WORDS_PER_PICTURE = 40
_SHORT_GALLERY_PICTURES = 3
INDEX_TITLES = 8
"""Linked titles from which a page may be an index."""
_INDEX_LINES = 10
"""The same of a page that has nothing else."""
_FEW_TITLES = 4
"""The same where its linked data calls it a list."""
_WALL_SHARE = 0.5
_CLAIMED_LONGER = 2.0
_OWN = 250.0
"""Weight of a page's own prose below which it is no article by itself: some 40 words."""
_SHORT = 400.0
_CLAIMED_OWN = 80.0
"""The same for a page that calls itself an article."""
_CONSENT = re.compile(r"//consent\.|/consent\b|\bcollectconsent\b|/zustimmung\b|\bcookie-?wall\b", re.I)
_LISTS = frozenset({"collectionpage", "itemlist", "searchresultspage"})
_HEADINGS = 2
_SHOWN_CHARS = 1500


@dataclass(frozen=True, slots=True)
class Signs:
    """What the whole page says, whatever is taken for its text."""

    password_form: bool = False
    consent_form: bool = False
    locked: bool = False
    """The page states that it is not accessible for free, or holds a paywall element."""
    titles: int = 0
    """Linked titles of other pages: headings, and what stands on shelves."""
    lines: int = 0
    """Lines that are linked titles, of a page with next to no prose of its own."""
    pictures: int = 0
    """Those with a caption: teasers have images too."""
    video: bool = False
    gallery: bool = False
    """Linked data calls it a gallery."""
    live: bool = False
    claims_article: bool = False
    claims_list: bool = False
    is_home: bool = False
    consent_share: float = 0.0
    """Share of the page's words that stand in rooms named as asking for consent."""
    own: float = 0.0
    """Weight of the prose that is neither beside the article nor a teaser's nor asks for consent."""
    teasers: float = 0.0
    """Weight of the prose of teasers that could not be cut, because the page has hardly anything else."""
    asked: float = 0.0
    """Weight of the prose that asks for consent."""
    says_error: bool = False
    """Title or main heading are those of an error page."""
    speaks_of_error: bool = False
    """The text does, and the heading says nothing."""
    claimed_words: int = 0
    """Linked data's wordCount; 0 when it says none."""


def look(
    tree: _Element,
    layout: Layout,
    meta: Mapping[str, str],
    linked: LinkedData,
    seen: Survey,
    title: str | None,
    pictures: int,
) -> Signs:
    """`title`: the page's, None where the feed announced the same one: an article about an error is called so."""
    forms = list(tree.iter("form"))[:50]
    url = layout.url
    parts = urlsplit(url) if url else None
    kind = meta.get("og:type", "").lower()
    says, speaks = _error(tree, layout, title) if title is not None else (False, False)
    return Signs(
        password_form=any(_is_login(form) for form in forms),
        consent_form=_CONSENT.search(url[:500]) is not None
        or any(_CONSENT.search(form.get("action", "")[:500]) for form in forms),
        locked=paywall.is_behind(meta, linked, layout.paywall),
        titles=seen.titles,
        lines=seen.lines,
        pictures=pictures,
        video=kind.startswith("video") or "videoobject" in linked.types,
        gallery="imagegallery" in linked.types,
        live="liveblogposting" in linked.types or "coverageStartTime" in linked.article or ticker.is_one(layout, seen),
        claims_article=kind in ("article", "news", "og:article") or bool(linked.article),
        claims_list=not _LISTS.isdisjoint(linked.types),
        is_home=parts is not None and parts.path in ("", "/") and not parts.query,
        consent_share=_consent_share(layout),
        own=seen.own,
        teasers=seen.teasers,
        asked=seen.asked,
        says_error=says,
        speaks_of_error=speaks,
        claimed_words=_number(linked.article.get("wordCount")),
    )


def kind(signs: Signs, words: int) -> Kind:
    """Of a page that is not refused."""
    if signs.live:
        return Kind.LIVE
    gallery = signs.gallery or signs.pictures >= _GALLERY_PICTURES
    if gallery and words < max(signs.pictures, 1) * _GALLERY_WORDS_PER_PICTURE:
        return Kind.GALLERY
    if signs.video and words < TEASER_WORDS:
        return Kind.VIDEO
    if signs.locked and (words < TEASER_WORDS or signs.claimed_words > _CLAIMED_LONGER * words):
        return Kind.TEASER
    return Kind.ARTICLE


def short_kind(signs: Signs, words: int) -> Kind:
    """Of a page with less text than an article has: a few pictures with captions are a gallery then."""
    found = kind(signs, words)
    return Kind.GALLERY if found is Kind.ARTICLE and signs.pictures >= _SHORT_GALLERY_PICTURES else found


def refused_kind(reason: Reason, signs: Signs) -> Kind:
    """What a page is that is no article."""
    if reason is Reason.LOGIN_WALL:
        return Kind.TEASER
    return _KINDS.get(reason) or kind(signs, 0)


_KINDS = {
    Reason.INDEX_PAGE: Kind.INDEX, Reason.CONSENT_WALL: Kind.CONSENT, Reason.ERROR_PAGE: Kind.ERROR,
    Reason.EMPTY: Kind.ARTICLE, Reason.TOO_SHORT: Kind.ARTICLE,
}  # fmt: skip


def refuse(signs: Signs, words: int, min_words: int) -> tuple[Reason | None, str]:
    """(reason, detail) when the page is no article, else (None, '').

    A wall is named only where next to no text came through: a page with a full text and a login box is an article.
    """
    claims = signs.claims_article
    is_short = words < TEASER_WORDS or signs.own < _SHORT
    if is_short and signs.says_error and not claims:
        return Reason.ERROR_PAGE, "the title is an error's"
    if is_short and signs.speaks_of_error and not claims:
        return Reason.ERROR_PAGE, "the text is an error's, and the title says nothing"
    if words < _WALL_WORDS and signs.consent_form and not claims:
        return Reason.CONSENT_WALL, "consent form instead of the article"
    if words < _WALL_WORDS and signs.consent_share >= _WALL_SHARE and not claims:
        return Reason.CONSENT_WALL, f"{signs.consent_share:.0%} of the words ask for consent"
    if signs.asked > signs.own and signs.own < (_CLAIMED_OWN if claims else _OWN):
        return Reason.CONSENT_WALL, "a text and buttons that ask for consent, and hardly another"
    if words < _WALL_WORDS and signs.password_form and not claims:
        return Reason.LOGIN_WALL, "login form instead of the article"
    if words < min_words and signs.password_form:
        return Reason.LOGIN_WALL, f"{words} words before the wall"
    if _is_index(signs, words):
        return Reason.INDEX_PAGE, f"{max(signs.titles, signs.lines)} linked headlines, {words} words of its own"
    if short_kind(signs, words) is not Kind.ARTICLE and words < min_words:
        return None, ""
    if words == 0:
        return Reason.EMPTY, "no text found"
    if words < min_words:
        return Reason.TOO_SHORT, f"{words} words, at least {min_words}"
    return None, ""


def _is_index(signs: Signs, words: int) -> bool:
    """Many linked headlines and no prose of its own. What a page claims counts where it is no list."""
    if signs.claims_list and signs.titles >= _FEW_TITLES and signs.own < _OWN:
        return True
    if signs.claims_article:
        return False
    has_little = signs.video or signs.gallery or signs.locked
    if signs.lines >= _INDEX_LINES and not has_little and signs.pictures < _SHORT_GALLERY_PICTURES:
        return True
    if signs.titles < INDEX_TITLES:
        return False
    return signs.is_home or signs.own < (_CLAIMED_OWN if has_little else _OWN)


def _error(tree: _Element, layout: Layout, title: str) -> tuple[bool, bool]:
    headings = [title, *_first_headings(layout)]
    says = failures.in_heading([*headings, *(markup.text_of(item, 200) for item in islice(tree.iter("title"), 1))])
    return says, not says and failures.in_text(headings, _shown(layout))


def _first_headings(layout: Layout) -> Iterator[str]:
    found = 0
    for block in layout.blocks:
        if block.tag in ("h1", "h2") and block.links < block.weight / 2:
            yield block.text[:200]
            found += 1
            if found == _HEADINGS:
                return


def _shown(layout: Layout) -> str:
    """The first words of the page that are no links."""
    parts: list[str] = []
    size = 0
    for block in layout.blocks:
        if block.links < block.weight / 2:
            parts.append(block.text[:_SHOWN_CHARS])
            size += len(block.text)
            if size > _SHOWN_CHARS:
                break
    return " ".join(parts)


def _consent_share(layout: Layout) -> float:
    total = asked = 0.0
    asks = -1  # the block up to which an asking room reaches
    spans = iter([(room.first, room.last) for room in layout.rooms if room.verdict.consent])
    span = next(spans, None)
    for index, block in enumerate(layout.blocks):
        while span is not None and span[0] <= index:
            asks = max(asks, span[1])
            span = next(spans, None)
        total += block.weight
        asked += block.weight if index < asks else 0.0
    return asked / total if total else 0.0


def _number(value: object) -> int:
    try:
        return min(int(str(value)), 1_000_000) if str(value).isdecimal() and len(str(value)) < 9 else 0
    except ValueError:
        return 0


def _is_login(form: _Element) -> bool:
    if any(parent.tag in ("header", "nav", "aside", "footer", "dialog") for parent in form.iterancestors()):
        return False
    return any(item.get("type", "").lower() == "password" for item in form.iter("input"))
