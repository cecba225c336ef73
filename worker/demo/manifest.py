"""What is true about the newsroom: the answer sheet for integration tests. Values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.demo.content import Case
from worker.models import Reason, State

EXPECTED: dict[Case, tuple[State, Reason, bool]] = {
    Case.ARTICLE: (State.INDEXED, Reason.STORED, True),
    Case.UPDATE: (State.INDEXED, Reason.STORED, True),
    Case.BOILERPLATE: (State.INDEXED, Reason.STORED, True),
    Case.REDIRECT: (State.INDEXED, Reason.STORED, True),
    Case.GONE: (State.REFUSED, Reason.GONE, False),
    Case.ROBOTS: (State.REFUSED, Reason.ROBOTS_DISALLOWED, False),
    Case.PDF: (State.INDEXED, Reason.NOT_HTML, False),
    Case.LOGIN: (State.INDEXED, Reason.LOGIN_WALL, False),
    Case.SHORT: (State.INDEXED, Reason.TOO_SHORT, False),
}
"""How an offer of such an article ends in a first full run: final state, reason, whether the full text is indexed.

Where state is `indexed` without full text, the reason is the extraction's, and the feed's summary stands in the index.
Once the update is applied, the next poll of an archive that has the first version ends `updated`, `new_version`.
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """One article of the newsroom as it should come out.

    `title`, `summary` and `paragraphs` follow the version that is served now; `state`, `reason` and `fulltext` are
    those of a first full run, whichever version it meets.
    """

    url: str
    """Canonical: without the feed's tracking parameters."""
    link: str
    """As the feed has it."""
    final_url: str
    """Where the page is; differs from `url` only for a redirect."""
    site: str
    """host:port"""
    feed: str
    title: str
    summary: str
    language: str
    section: str
    author: str
    tags: tuple[str, ...]
    published_at: datetime
    updated_at: datetime | None
    kind: Case
    state: State
    reason: Reason
    fulltext: bool
    wire: str
    """Equal for all prints of one agency text, else empty."""
    shortened: bool
    agencies: tuple[str, ...]
    caption: str
    paragraphs: tuple[str, ...]
    """The true body; empty where there is no page to read."""
    generated: bool
    """Made by `scale`, not written."""


def copies(articles: Sequence[Planned]) -> dict[str, list[Planned]]:
    """Agency text -> its prints with exactly the same body, earliest first; the shortened ones are left out.

    Which of them leads the story depends on which is fetched first, not on this order.
    """
    groups: dict[str, list[Planned]] = {}
    for article in sorted(articles, key=lambda article: article.published_at):
        if article.wire and not article.shortened:
            groups.setdefault(article.wire, []).append(article)
    return groups
