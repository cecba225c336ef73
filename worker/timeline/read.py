"""A story is looked up: by its id, an id it had before it was merged, or any of its articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from worker.models import Article, StorySize
from worker.ports import ArticleIndex
from worker.query.ast import And, Equals, Or, Search
from worker.timeline.story import Timeline, timeline

MOST_PRINTS = 1000
"""Documents of one story that are read: the first seen."""


def read_story(
    index: ArticleIndex, wanted: str, *, now_called: Callable[[str], str], find: Callable[[], Article | None]
) -> Timeline | None:
    """`wanted`: an id, or "" when only `find` (the article meant by the reference) can say. None: no such story.

    `now_called`: the id of the older story that this one was merged into, or its own. Documents that have not followed
    a merge yet are shown with it.
    """
    names = _names(wanted, now_called) if wanted else []
    found = _documents(index, names)
    if not found:
        article = find()
        if article is None:
            return None
        names = _names(article.story.id, now_called)
        found = _documents(index, names)
    if not found:
        return None
    more = 0
    if len(found) > MOST_PRINTS:
        found = found[:MOST_PRINTS]
        more = index.search(Search(_any(names), limit=0, collapse=False, highlight=False)).total - MOST_PRINTS
    return timeline(names[0], found, more)


def leads(index: ArticleIndex, stories: Sequence[StorySize]) -> dict[str, Article]:
    """The document that leads each story, or any of its documents where the lead is not in the index."""
    found: dict[str, Article] = {}
    wanted = [story.id for story in stories]
    for only_leads in (True, False):
        missing = _any([story for story in wanted if story not in found])
        query = And((missing, Equals("story.is_lead", True))) if only_leads else missing
        if len(found) < len(wanted):
            page = index.search(Search(query, limit=len(wanted), highlight=False))
            found |= {hit.article.story.id: hit.article for hit in page.hits}
    return found


def _names(story: str, now_called: Callable[[str], str]) -> list[str]:
    """Today's id first."""
    return list(dict.fromkeys((now_called(story), story)))


def _documents(index: ArticleIndex, names: Sequence[str]) -> list[Article]:
    return list(islice(index.scan(_any(names)), MOST_PRINTS + 1)) if names else []


def _any(stories: Sequence[str]) -> Or:
    return Or(tuple(Equals("story.id", story) for story in stories))
