"""The extract stage: a page through the sandbox, then what the feed knew fills the gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from worker.errors import Quarantine
from worker.extract import dates, noindex, plain
from worker.extract.meta import MAX_SUMMARY, MAX_TITLE
from worker.extract.values import extracted_from_json
from worker.models import DateSource, Entry, Extracted, Page, Precision
from worker.ports import Sandbox

FUNCTION = "extract"
"""The sandbox's name for `page.run`."""
FEED = "feed"
_SAME = timedelta(minutes=1)
_FEED_QUALITY = 0.1  # a summary is never the article


@dataclass(frozen=True, slots=True)
class ExtractOptions:
    now: datetime
    min_words: int = 40
    method: str = "cascade"
    agent: str = ""
    """Our name to robots, for what pages say to them; empty: it is not heeded."""


async def extract(page: Page, entry: Entry, *, sandbox: Sandbox, options: ExtractOptions) -> Extracted:
    """The article as page and feed together give it; a page that is none keeps its `reason` and the feed's words.

    A page whose child was killed is tried once more in a fresh one (its neighbour may have eaten the memory); the
    second Quarantine is let out.
    """
    argument = {
        "url": page.url,
        "content_type": page.content_type,
        "feed_title": entry.title,
        "feed_summary": entry.summary,
        "feed_time": entry.published_at.isoformat() if entry.published_at else None,
        "min_words": options.min_words,
        "method": options.method,
        "now": options.now.isoformat(),
        "agent": options.agent,
        "noindex": noindex.of_header(page.headers.get("x-robots-tag", ""), options.agent) if options.agent else "",
    }
    try:
        answer = await sandbox.call(FUNCTION, argument, page.body)
    except Quarantine:
        answer = await sandbox.call(FUNCTION, argument, page.body)
    return merge(extracted_from_json(answer), entry, options.now)


def merge(extracted: Extracted, entry: Entry, now: datetime) -> Extracted:
    """Page and feed as one. The page goes first but for the summary, which a person wrote for the feed, and the time.

    When the page is no article (`reason` is set), its text is dropped, `fulltext` is False and title and summary are
    the feed's first: a login page's heading is not the article's title. `reason` and `detail` stay.
    """
    refused = extracted.reason is not None
    # The page's description of a page that is no article describes the wall, the index or the error.
    described = "" if refused and entry.title else extracted.summary
    published, source, precision = _published(extracted, entry, now)
    titles = (entry.title, extracted.title) if refused else (extracted.title, entry.title)
    merged = replace(
        extracted,
        title=_first(*(plain.line(title, MAX_TITLE) for title in titles)),
        summary=_first(plain.line(entry.summary, MAX_SUMMARY), described),
        authors=extracted.authors or entry.authors,
        tags=extracted.tags or entry.tags,
        image=extracted.image or entry.image,
        published_at=published,
        published_at_source=source,
        published_at_precision=precision,
        updated_at=_updated(extracted.updated_at or entry.updated_at, published, now),
    )
    if not refused:
        return merged
    return replace(
        merged,
        body="",
        fulltext=False,
        method=FEED,
        quality=_FEED_QUALITY,
        canonical_url="",
        origin_url="",
        captions=(),
        agencies=(),
    )


def _published(
    extracted: Extracted, entry: Entry, now: datetime
) -> tuple[datetime | None, DateSource | None, Precision]:
    """The feed's time first: it is a machine's, with a zone. The page's where it is the same instant (it may keep the
    site's offset), where the feed gives a day only, and where the feed dates the last change as the page tells it.

    A page that knows the day alone never goes before a feed that names the same day.
    """
    page = extracted.published_at if extracted.published_at and dates.is_sane(extracted.published_at, now) else None
    feed = entry.published_at if entry.published_at and dates.is_sane(entry.published_at, now) else None
    of_page = (page, extracted.published_at_source or DateSource.META, extracted.published_at_precision)
    if feed is None:
        return of_page if page else (None, None, Precision.TIME)
    of_feed = (feed, DateSource.FEED, Precision.DAY if dates.is_day_only(feed) else Precision.TIME)
    if page is None:
        return of_feed
    is_clock = extracted.published_at_precision is Precision.TIME
    changed = extracted.updated_at
    if is_clock and (abs(page - feed) < _SAME or _is_finer(page, feed)):
        return of_page
    dates_change = changed is not None and page < feed and abs(changed - feed) < _SAME
    return of_page if dates_change and (is_clock or page.date() != feed.astimezone(page.tzinfo).date()) else of_feed


def _is_finer(moment: datetime, day: datetime) -> bool:
    """`day` gives a day only and `moment` a time on that day, in whatever zone the day was meant."""
    if not dates.is_day_only(day):
        return False
    return -timedelta(hours=14) <= moment - day < timedelta(hours=36)


def _updated(moment: datetime | None, published: datetime | None, now: datetime) -> datetime | None:
    if moment is None or not dates.is_sane(moment, now) or (published is not None and moment < published):
        return None
    return moment


def _first(*texts: str) -> str:
    return next((text for text in texts if text), "")
