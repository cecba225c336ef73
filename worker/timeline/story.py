"""The timeline of a story: who printed it first, then each copy, and what it changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.models import Article
from worker.timeline.words import Change, Piece, change, compare, words_of


@dataclass(frozen=True, slots=True)
class Print:
    """One document of the story."""

    number: int
    """1 for the first; what a person may write instead of the id."""
    article: Article
    delay_s: float
    """Seconds after the first was published."""
    change: Change
    """Against the lead's text; what leads changed nothing."""


@dataclass(frozen=True, slots=True)
class Timeline:
    id: str
    prints: tuple[Print, ...]
    """By time of publication."""
    lead: Print
    sites: int
    more: int
    """Documents beyond the number that was read; those are the last that were seen."""


def timeline(story: str, articles: Sequence[Article], more: int = 0) -> Timeline:
    """`articles`: at least one. Their order is that of `published_at`, then of our own first sight of them."""
    ordered = sorted(articles, key=lambda article: (article.published_at, article.first_seen_at, article.id))
    lead = next((article for article in ordered if article.story.is_lead), ordered[0])
    leading = words_of(lead.body)
    first = ordered[0].published_at
    prints = tuple(
        Print(
            number,
            article,
            (article.published_at - first).total_seconds(),
            change(compare(leading, leading if article is lead else words_of(article.body))),
        )
        for number, article in enumerate(ordered, 1)
    )
    return Timeline(
        story,
        prints,
        next(each for each in prints if each.article is lead),
        len({article.site for article in ordered}),
        more,
    )


def difference(old: Article, new: Article) -> list[Piece]:
    """From one copy's text to the other's."""
    return compare(words_of(old.body), words_of(new.body))


def by_reference(found: Timeline, *references: str) -> Print | None:
    """`lead`, the number of the list, an id, or a URL as it stands in the document; the first that fits."""
    for reference in references:
        if reference == "lead":
            return found.lead
        if reference.isascii() and reference.isdigit() and len(reference) < 7:
            number = int(reference)
            return found.prints[number - 1] if 1 <= number <= len(found.prints) else None
        for each in found.prints:
            if reference in (each.article.id, each.article.url, *each.article.aliases):
                return each
    return None
