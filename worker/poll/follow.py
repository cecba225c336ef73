"""More documents of one feed: the sitemaps of an index, the archive behind a gap. One after the other, never many.

They are read under the claim of the feed's host, with the host's rest between two requests, so that nobody sees two
requests at once; another host's documents are left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from worker.errors import Retry, StageError
from worker.models import ParsedFeed, Reason
from worker.urls import host_key

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
    rest_s: float,
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
                await asyncio.sleep(rest_s)
                document = await read(url)
                found.append(document)
                if onwards is not None:
                    waiting += filter(None, [onwards(document)])
    except StageError as error:
        return Followed(tuple(found), error)
    except TimeoutError:
        return Followed(tuple(found), Retry(Reason.TIMEOUT, "the documents that belong to the feed"))
    return Followed(tuple(found))
