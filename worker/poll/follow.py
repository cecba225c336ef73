"""More documents of one feed: the sitemaps of an index, the archive behind a gap. One after the other, never many.

They are read under the claim of the feed's host (`read` sees to the rest between two requests), so that nobody sees
two requests at once; another host's documents are left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from worker.errors import Retry, StageError
from worker.models import ArticleId, Entry, ParsedFeed, Reason
from worker.urls import article_id, host_key

MAX_DOCUMENTS = 3
MAX_S = 60.0
"""Over all of them, rests included: well within the lease of the claim."""

Read = Callable[[str], Awaitable[ParsedFeed]]
"""One document asked for and parsed; raises StageError."""


@dataclass(frozen=True, slots=True)
class Followed:
    documents: tuple[ParsedFeed, ...] = ()
    error: StageError | None = None
    """Why the rest could not be had."""


async def follow(
    urls: Sequence[str],
    host: str,
    *,
    read: Read,
    onwards: Callable[[ParsedFeed], str] | None = None,
) -> Followed:
    """The documents at `urls`, then what `onwards` names in each of them; at most 3, all of `host`, each URL once."""
    waiting, asked = list(urls), set[str]()
    found: list[ParsedFeed] = []
    try:
        async with asyncio.timeout(MAX_S):
            while waiting and len(asked) < MAX_DOCUMENTS:
                url = waiting.pop(0)
                if url in asked or host_key(url) != host:
                    continue
                asked.add(url)
                document = await read(url)
                found.append(document)
                if onwards is not None:
                    waiting += filter(None, [onwards(document)])
    except StageError as error:
        if error.reason is Reason.HOST_BUSY:  # the feed itself was asked: that it waits for its host is no answer
            error = Retry(Reason.TIMEOUT, f"no time for its further documents: {error.detail}")
        return Followed(tuple(found), error)
    except TimeoutError:
        return Followed(tuple(found), Retry(Reason.TIMEOUT, "the documents that belong to the feed"))
    return Followed(tuple(found))


def merged(parsed: ParsedFeed, documents: Sequence[ParsedFeed]) -> ParsedFeed:
    """The document with the entries of those that belong to it."""
    if not documents:
        return parsed
    everything = [parsed, *documents]
    return replace(
        parsed,
        title=next((found.title for found in everything if found.title), ""),
        language=next((found.language for found in everything if found.language), ""),
        entries=tuple(entry for found in everything for entry in found.entries),
        rejected=tuple(entry for found in everything for entry in found.rejected),
        truncated=sum(found.truncated for found in everything),
        malformed=any(found.malformed for found in everything),
    )


def by_article(found: Iterable[Entry]) -> dict[ArticleId, Entry]:
    """By identity, in order; of several under one URL the first."""
    entries: dict[ArticleId, Entry] = {}
    for entry in found:
        entries.setdefault(article_id(entry.url), entry)
    return entries
