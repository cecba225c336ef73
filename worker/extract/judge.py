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
_WALL_SHARE = 0.5
_CLAIMED_LONGER = 2.0
_CONSENT = re.compile(r"//consent\.|/consent\b|\bcollectconsent\b|/zustimmung\b|\bcookie-?wall\b", re.I)
# What servers and content systems put into the title of a page that is not there (RFC 9110's phrases, and those that
# are commonly shown in de, fr, it, es, pt, nl).
_PHRASES = (
    r"error|fehler|erreur|errore|not found|page not found|seite nicht gefunden|forbidden|bad gateway"
    r"|service unavailable|internal server error|page introuvable|pagina non trovata|página no encontrada"
)
_ERROR = re.compile(
    rf"^(?:(?:error|fehler|erreur|errore)[\s:#-]*)?(?:40[0-9]|410|429|50[0-9])(?:\s*[:|–-].*|\s+(?:{_PHRASES})\b.*)?$"
    r"|^(?:(?:page|file|document|article|seite|webseite|artikel|beitrag) )?(?:not found|nicht gefunden)\b"
    r"|^(?:die |diese )?(?:angeforderte |gesuchte |gewünschte )?seite (?:wurde |konnte |existiert |ist )?(?:leider )?"
    r"nicht (?:gefunden|mehr|verfügbar)|^page (?:introuvable|non trouv[ée]e)|^pagina (?:non trovata|niet gevonden)"
    r"|^página no encontrada|^página não encontrada|^access denied|^zugriff verweigert|^accès (?:refusé|interdit)"
    r"|^accesso negato|^acceso denegado|^service unavailable|^internal server error|^bad gateway|^forbidden\b"
    r"|^just a moment\.*$|^attention required!|^are you (?:a )?(?:human|robot)|^bot verification"
    r"|^(?:sind sie ein mensch|bitte warten)|^wartungsarbeiten$|^(?:site )?maintenance(?: mode)?$",
    re.I,
)


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
    consent_share: float = 0.0
    """Share of the page's words that stand in rooms named as asking for consent."""
    says_error: bool = False
    """Title and main heading are those of an error page."""
    claimed_words: int = 0
    """Linked data's wordCount; 0 when it says none."""


def look(
    tree: _Element,
    layout: Layout,
    meta: Mapping[str, str],
    linked: LinkedData,
    url: str,
    title: str,
    pictures: int,
) -> Signs:
    forms = list(tree.iter("form"))[:50]
    parts = urlsplit(url) if url else None
    kind = meta.get("og:type", "").lower()
    return Signs(
        password_form=any(_is_login(form) for form in forms),
        consent_form=_CONSENT.search(url[:500]) is not None
        or any(_CONSENT.search(form.get("action", "")[:500]) for form in forms),
        locked=_is_locked(linked) or layout.paywall,
        linked_headlines=sum(
            1 for block in layout.blocks if block.tag in ("h2", "h3", "h4") and block.links >= 0.8 * block.weight
        ),
        pictures=pictures,
        video=kind.startswith("video") or "videoobject" in linked.types,
        claims_article=kind in ("article", "news", "og:article") or bool(linked.article),
        is_home=parts is not None and parts.path in ("", "/") and not parts.query,
        consent_share=_consent_share(layout),
        says_error=_ERROR.search(title.strip()[:200]) is not None,
        claimed_words=_number(linked.article.get("wordCount")),
    )


def kind(signs: Signs, linked: LinkedData, words: int) -> Kind:
    if "liveblogposting" in linked.types or "coverageStartTime" in linked.article:
        return Kind.LIVE
    gallery = "imagegallery" in linked.types or signs.pictures >= _GALLERY_PICTURES
    if gallery and words < max(signs.pictures, 1) * _GALLERY_WORDS_PER_PICTURE:
        return Kind.GALLERY
    if signs.video and words < _TEASER_WORDS:
        return Kind.VIDEO
    if signs.locked and (words < _TEASER_WORDS or signs.claimed_words > _CLAIMED_LONGER * words):
        return Kind.TEASER
    return Kind.ARTICLE


def refuse(signs: Signs, words: int, min_words: int) -> tuple[Reason | None, str]:
    """(reason, detail) when the page is no article, else (None, '').

    A wall is named only where next to no text came through: a page with a full text and a login box is an article.
    """
    if words < _TEASER_WORDS and signs.says_error and not signs.claims_article:
        return Reason.ERROR_PAGE, "the title is an error's"
    if words < _WALL_WORDS and signs.consent_form and not signs.claims_article:
        return Reason.CONSENT_WALL, "consent form instead of the article"
    if words < _WALL_WORDS and signs.consent_share >= _WALL_SHARE and not signs.claims_article:
        return Reason.CONSENT_WALL, f"{signs.consent_share:.0%} of the words ask for consent"
    if words < _WALL_WORDS and signs.password_form and not signs.claims_article:
        return Reason.LOGIN_WALL, "login form instead of the article"
    if words < min_words and (signs.locked or signs.password_form):
        return Reason.LOGIN_WALL, f"{words} words before the wall"
    if (
        signs.linked_headlines >= _INDEX_HEADLINES
        and not signs.claims_article
        and (signs.is_home or words < _TEASER_WORDS)
    ):
        return Reason.INDEX_PAGE, f"{signs.linked_headlines} linked headlines, {words} words of its own"
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


def _is_locked(linked: LinkedData) -> bool:
    claim = linked.article.get("isAccessibleForFree")
    return claim is False or (isinstance(claim, str) and claim.strip().lower() == "false")
