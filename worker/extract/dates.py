"""When a page says it was published and changed. Pure; the zone is kept where the page gives one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from itertools import islice

from lxml.etree import _Element
from htmldate import find_date

from worker.extract.jsonld import LinkedData, text

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # clocks and zones are wrong by hours; a date further ahead is an event's, not the article's
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]{1,2}(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d{1,9})?\s?"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d))?)?",
    re.I | re.A,
)

_SHOWN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[\s,|·–-]+\d{1,2}[:.]\d{2}(?:\s?Uhr)?)?$", re.A)
_NEAR = 40  # elements after the heading in which a byline stands

_PUBLISHED = (
    "article:published_time", "article:published", "og:published_time", "og:article:published_time", "datepublished",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date",
    "dcterms.date",
    "dc.date.created", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "date", "created",
    "cxenseparse:recs:publishtime", "article.published", "bt:pubdate", "vr:published_time", "rnews:datepublished",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified", "last-modified",
    "lastmod", "article.updated", "revised",
)  # fmt: skip


def parse(raw: str) -> datetime | None:
    """ISO 8601 as it is found in the wild, or RFC 2822; without a zone it is UTC, without a time midnight."""
    raw = raw.strip()[:80]
    match = _ISO.match(raw)
    try:
        if match is None:
            moment = parsedate_to_datetime(raw)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(microsecond=0)
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_zone(match.group(7) or ""))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def is_sane(moment: datetime, now: datetime) -> bool:
    """1995 up to a day from now."""
    try:
        return _EARLIEST <= moment <= now + _AHEAD
    except OverflowError:  # the first and the last day of the calendar, seen from another zone
        return False


def is_day_only(moment: datetime) -> bool:
    """Midnight sharp: nobody said a time (or it does not matter)."""
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def published(
    tree: _Element, meta: Mapping[str, str], linked: LinkedData, url: str, now: datetime
) -> datetime | None:
    """The first sane date of: linked data, meta tags, marked-up times, and last what htmldate finds in text and URL."""
    for raw in _claims(tree, meta, linked):
        moment = parse(raw)
        if moment and is_sane(moment, now):
            return moment
    return _shown(tree, now) or _guess(tree, url, now)


def modified(meta: Mapping[str, str], linked: LinkedData, since: datetime | None, now: datetime) -> datetime | None:
    """Only what the page states; a change before publication is a mistake and dropped."""
    for raw in (text(linked.article.get("dateModified")), *(meta.get(name, "") for name in _MODIFIED)):
        moment = parse(raw)
        if moment and is_sane(moment, now) and (since is None or moment >= since):
            return moment
    return None


def _claims(tree: _Element, meta: Mapping[str, str], linked: LinkedData) -> Iterator[str]:
    yield text(linked.article.get("datePublished"))
    yield from (meta[name] for name in _PUBLISHED if name in meta)
    for element in tree.iterfind(".//*[@itemprop='datePublished']"):
        yield element.get("content") or element.get("datetime") or element.text or ""
    for element in tree.iterfind(".//time[@datetime]"):
        # In a link or beside the article it dates another article.
        if not any(parent.tag in ("a", "nav", "aside", "footer") for parent in element.iterancestors()):
            yield element.get("datetime", "")
    yield text(linked.article.get("dateCreated"))


def _shown(tree: _Element, now: datetime) -> datetime | None:
    """A date that is the whole text of an element soon after the main heading, e.g. `12.07.2025, 13:13`.

    Only the day is taken: the clock that is shown belongs to a zone that the page does not name.
    """
    heading = next(tree.iter("h1"), None)
    if heading is None:
        return None
    for element in islice(heading.xpath("following::*[not(self::script) and not(self::a)]"), _NEAR):
        match = _SHOWN.match((element.text or "")[:60].strip())
        if match:
            day, month, year = (int(part) for part in match.groups())
            try:
                moment = datetime(year, month, day, tzinfo=UTC)
            except ValueError:
                continue
            if is_sane(moment, now):
                return moment
    return None


def _guess(tree: _Element, url: str, now: datetime) -> datetime | None:
    # extensive_search=False: the extensive one may enter dateparser, whose first call loads 200 locales (1.6 s CPU in
    # every fresh child) to gain 4 % of the dates. Always a tree: given a string, htmldate would fetch it if it looks
    # like a URL.
    try:
        found = find_date(
            tree,
            extensive_search=False,
            original_date=True,
            url=url or None,
            min_date=_EARLIEST.replace(tzinfo=None),
            max_date=(now + _AHEAD).astimezone(UTC).replace(tzinfo=None),
        )
    except (MemoryError, RecursionError):
        raise
    except Exception:  # a library on hostile input: no date is an answer, an exception is not
        return None
    moment = parse(found) if found else None
    return moment if moment and is_sane(moment, now) else None


def _zone(raw: str) -> timezone:
    if not raw or raw.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = raw[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if raw[0] == "-" else offset)
