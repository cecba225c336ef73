"""How sure the extractor is of a body, 0 to 1: what a second reading says, and what the page itself makes doubtful."""

from __future__ import annotations

from collections.abc import Sequence

from worker.extract import plain
from worker.extract.jsonld import LinkedData, text
from worker.extract.judge import INDEX_TITLES, TEASER_WORDS, Signs
from worker.extract.paragraphs import Paragraph

REFUSED = 0.2
_LABELLED_SHORT = 0.3
_LIKE_AN_INDEX = 0.5
_LIKE_A_WALL = 0.5
_SHORT = 0.7
_SHORT_WORDS = 60
_TEASERS_IN_IT = 0.4


def doubted(sure: float, signs: Signs, words: int, min_words: int) -> float:
    """`sure`, capped where the page has traits of one that is no article, or the text is hardly one."""
    caps = [1.0]
    if words < min_words:
        caps.append(_LABELLED_SHORT)
    elif words < _SHORT_WORDS:
        caps.append(_SHORT)
    if signs.titles >= INDEX_TITLES and words < TEASER_WORDS and not signs.claims_article:
        caps.append(_LIKE_AN_INDEX)
    if signs.teasers > signs.own:
        caps.append(_TEASERS_IN_IT)
    if signs.asked and words < TEASER_WORDS:
        caps.append(_LIKE_A_WALL)
    if (signs.says_error or signs.speaks_of_error) and words < TEASER_WORDS:
        caps.append(_LIKE_A_WALL)
    return min(sure, *caps)


def of_one_reading(
    paragraphs: Sequence[Paragraph], title: str, summary: str, linked: LinkedData, signs: Signs
) -> float:
    """Where no second reading was made: a heuristic, each part a sign that the body is the article, whole and alone.

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
    return min(score, 1.0)


def _shares_start(claim: str, words: set[str]) -> bool:
    start = [word for word in plain.key(claim[:300]).split() if len(word) > 3]
    return len(start) >= 4 and sum(1 for word in start if word in words) >= 0.8 * len(start)
