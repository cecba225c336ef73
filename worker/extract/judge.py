"""Is this page an article, of what kind, and how sure are we of the body? Pure; structure before wording."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.etree import _Element

from worker.extract import plain
from worker.extract.jsonld import LinkedData, text
from worker.extract.paragraphs import Paragraph
from worker.extract.rooms import Layout
from worker.models import Kind, Reason

_TEASER_WORDS = 150
_WALL_WORDS = 80
_GALLERY_PICTURES = 8
_GALLERY_WORDS_PER_PICTURE = 40
_INDEX_HEADLINES = 8
_CONSENT = re.compile(r"//consent\.|/consent\b|\bcollectconsent\b", re.I)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the whole tree says, read before anything is cut from it."""

    password_form: bool = False
    consent_form: bool = False
    locked: bool = False
    """The page states that it is not accessible for free, or holds a paywall element."""
    linked_headlines: int = 0
    pictures: int = 0
    """Those with a caption: teasers have images too."""
    video: bool = False
    claims_article: bool = False
    is_home: bool = False


def look(tree: _Element, layout: Layout, meta: Mapping[str, str], linked: LinkedData, url: str, pictures: int) -> Signs:
    forms = list(tree.iter("form"))[:50]
    parts = urlsplit(url) if url else None
    kind = meta.get("og:type", "").lower()
    return Signs(
        password_form=any(_is_login(form) for form in forms),
        consent_form=any(_CONSENT.search(form.get("action", "")[:500]) for form in forms),
        locked=_is_locked(linked) or layout.paywall,
        linked_headlines=sum(
            1 for block in layout.blocks if block.tag in ("h2", "h3", "h4") and block.links >= 0.8 * block.weight
        ),
        pictures=pictures,
        video=kind.startswith("video") or "videoobject" in linked.types,
        claims_article=kind in ("article", "news", "og:article") or bool(linked.article),
        is_home=parts is not None and parts.path in ("", "/") and not parts.query,
    )


def kind(signs: Signs, linked: LinkedData, words: int) -> Kind:
    if "liveblogposting" in linked.types or "coverageStartTime" in linked.article:
        return Kind.LIVE
    gallery = "imagegallery" in linked.types or signs.pictures >= _GALLERY_PICTURES
    if gallery and words < max(signs.pictures, 1) * _GALLERY_WORDS_PER_PICTURE:
        return Kind.GALLERY
    if signs.video and words < _TEASER_WORDS:
        return Kind.VIDEO
    if signs.locked and words < _TEASER_WORDS:
        return Kind.TEASER
    return Kind.ARTICLE


def refuse(signs: Signs, words: int, min_words: int) -> tuple[Reason | None, str]:
    """(reason, detail) when the page is no article, else (None, '').

    A wall is named only where next to no text came through: a page with a full text and a login box is an article.
    """
    if words < _WALL_WORDS and signs.consent_form and not signs.claims_article:
        return Reason.LOGIN_WALL, "consent form instead of the article"
    if words < _WALL_WORDS and signs.password_form and not signs.claims_article:
        return Reason.LOGIN_WALL, "login form instead of the article"
    if words < min_words and (signs.locked or signs.password_form):
        return Reason.LOGIN_WALL, f"{words} words before the wall"
    if (
        signs.linked_headlines >= _INDEX_HEADLINES
        and not signs.claims_article
        and (signs.is_home or words < _TEASER_WORDS)
    ):
        return Reason.TOO_SHORT, f"index page: {signs.linked_headlines} linked headlines, {words} words of its own"
    if words == 0:
        return Reason.EMPTY, "no text found"
    if words < min_words:
        return Reason.TOO_SHORT, f"{words} words, at least {min_words}"
    return None, ""


def quality(paragraphs: Sequence[Paragraph], title: str, summary: str, linked: LinkedData, signs: Signs) -> float:
    """0..1, an honest heuristic and no probability: each part is a sign that the body is the article, whole and alone.

    0.35 length (full from 250 words), 0.25 share of text in real paragraphs (120 characters and more), 0.15 words of
    the title occur in it, 0.15 the page calls itself an article, 0.10 it starts as the page's own description does or
    linked data carries the same text. Below 0.4: look at it.
    """
    body = " ".join(paragraph.text for paragraph in paragraphs)
    total = len(body)
    if not total:
        return 0.0
    words = set(plain.key(body[:20_000]).split())
    wanted = {word for word in plain.key(title).split() if len(word) > 3}
    score = 0.35 * min(1.0, plain.words(body) / 250)
    score += 0.25 * sum(len(item.text) for item in paragraphs if len(item.text) >= 120) / total
    score += 0.15 * (len(wanted & words) / len(wanted) if wanted else 0.0)
    score += 0.15 * signs.claims_article
    score += 0.10 * any(_shares_start(claim, words) for claim in (summary, text(linked.article.get("articleBody"))))
    return round(min(score, 1.0), 3)


def _shares_start(claim: str, words: set[str]) -> bool:
    start = [word for word in plain.key(claim[:300]).split() if len(word) > 3]
    return len(start) >= 4 and sum(1 for word in start if word in words) >= 0.8 * len(start)


def _is_login(form: _Element) -> bool:
    if any(parent.tag in ("header", "nav", "aside", "footer", "dialog") for parent in form.iterancestors()):
        return False
    return any(item.get("type", "").lower() == "password" for item in form.iter("input"))


def _is_locked(linked: LinkedData) -> bool:
    claim = linked.article.get("isAccessibleForFree")
    return claim is False or (isinstance(claim, str) and claim.strip().lower() == "false")
