"""When a page says it was published and changed. Pure; the zone is kept where the page gives one.

Order: linked data, meta tags, marked-up times, a date shown at the headline, and last what htmldate finds in text and
URL. A time without a zone is placed by the feed's time or the site's country (`zones`), never by guess.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from lxml import etree
from lxml.etree import _Element

from worker.extract import markup, zones
from worker.extract.jsonld import LinkedData, text
from worker.extract.rooms import Layout

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # clocks and zones are wrong by hours; a date further ahead is an event's, not the article's
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]{1,2}(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d{1,9})?\s?"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d))?)?",
    re.I | re.A,
)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner january janvier gennaio enero janeiro januari jan", "februar feber february février febbraio"
            " febrero fevereiro februari feb", "märz march mars marzo março maart mar", "april avril aprile abril apr",
            "mai may maggio mayo maio mei", "juni june juin giugno junio junho jun",
            "juli july juillet luglio julio julho jul", "august août agosto augustus aug",
            "september septembre settembre septiembre setembro sep sept", "oktober october octobre ottobre octubre"
            " outubro okt oct", "november novembre noviembre novembro nov",
            "dezember december décembre dicembre diciembre dezembro dez dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_CLOCK = r"(?:[\s,|·•–-]+(?:um|à|alle|a las|às|ore|h|at)?\s*(\d{1,2})[:.h](\d{2})(?:\s?(?:Uhr|h)\b)?)?"
_NUMERIC = re.compile(rf"(?<![\d.])(\d{{1,2}})([./])(\d{{1,2}})\2(\d{{4}})(?!\d){_CLOCK}", re.I | re.A)
_WORDED = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:\.|º|er|ero)?\s(?:de\s)?([^\W\d_]{{3,10}})\.?\s(?:de\s)?(\d{{4}})(?!\d){_CLOCK}", re.I
)
_SENTENCE = re.compile(r"\w{3,}[.!?]$")
_LINE = 120  # characters of a line that may hold a date and no sentence
_BEFORE, _AFTER = 3, 12  # blocks around the headline

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


@dataclass(frozen=True, slots=True)
class Clues:
    """What of a page tells of its times."""

    tree: _Element
    meta: Mapping[str, str]
    linked: LinkedData
    layout: Layout
    headline: int
    """Index of the headline's block, -1 without one."""
    url: str = ""
    language: str = ""
    feed: datetime | None = None
    """The feed's time of this article."""


def parse(raw: str, url: str = "", feed: datetime | None = None) -> datetime | None:
    """ISO 8601 as it is found in the wild, or RFC 2822; without a time midnight.

    Without a zone it is placed by feed and site, and where those tell nothing it is UTC, as most machines mean it.
    """
    raw = raw.strip()[:80]
    match = _ISO.match(raw)
    try:
        if match is None:
            moment = parsedate_to_datetime(raw).replace(microsecond=0)
            return moment if moment.tzinfo else _placed(moment, url, feed)
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        local = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - the zone follows
        zone = match.group(7)
        return local.replace(tzinfo=_zone(zone)) if zone else _placed(local, url, feed)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _placed(local: datetime, url: str, feed: datetime | None) -> datetime:
    return zones.placed(local, url, feed) or local.replace(tzinfo=UTC)


def is_sane(moment: datetime, now: datetime) -> bool:
    """1995 up to a day from now."""
    try:
        return _EARLIEST <= moment <= now + _AHEAD
    except OverflowError:  # the first and the last day of the calendar, seen from another zone
        return False


def is_day_only(moment: datetime) -> bool:
    """Midnight sharp: nobody said a time (or it does not matter)."""
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def published(clues: Clues, source: str, now: datetime) -> datetime | None:
    """The first sane date the page has to offer. `source`: the page as text, for htmldate."""
    for raw in _claims(clues):
        moment = parse(raw, clues.url, clues.feed)
        if moment and is_sane(moment, now):
            return moment
    return _shown(clues, now) or _guess(source, clues.url, now)


def modified(clues: Clues, since: datetime | None, now: datetime) -> datetime | None:
    """Only what the page states; a change before publication is a mistake and dropped."""
    meta = clues.meta
    for raw in (text(clues.linked.article.get("dateModified")), *(meta.get(name, "") for name in _MODIFIED)):
        moment = parse(raw, clues.url)
        if moment and is_sane(moment, now) and (since is None or moment >= since):
            return moment
    return None


_MARKED = markup.finder("//*[@itemprop='datePublished'] | //time[@datetime]")


def _claims(clues: Clues) -> Iterator[str]:
    yield text(clues.linked.article.get("datePublished"))
    yield from (clues.meta[name] for name in _PUBLISHED if name in clues.meta)
    marked = _MARKED(clues.tree)
    for element in marked:
        if element.get("itemprop") == "datePublished":
            yield element.get("content") or element.get("datetime") or element.text or ""
    for element in marked[:50]:
        # In a link or beside the article it dates another article.
        if element.tag == "time" and not any(
            parent.tag in ("a", "nav", "aside", "footer") for parent in element.iterancestors()
        ):
            yield element.get("datetime", "")
    yield text(clues.linked.article.get("dateCreated"))


def _shown(clues: Clues, now: datetime) -> datetime | None:
    """A date in a short line at the headline that is no sentence, e.g. `Von Petra Keller, 12.07.2025, 13:13 Uhr`.

    Where nothing tells the clock's zone only the day is taken.
    """
    if clues.headline < 0:
        return None
    around = clues.layout.blocks[max(0, clues.headline - _BEFORE) : clues.headline + 1 + _AFTER]
    for block in [*around[_BEFORE:], *around[:_BEFORE]]:
        line = block.text
        if len(line) > _LINE or block.links > 0.5 * block.weight or _SENTENCE.search(line):
            continue
        local, has_clock = _read_shown(line, clues.language)
        if local is None:
            continue
        moment = zones.placed(local, clues.url, clues.feed)
        if moment is None:
            moment = local.replace(hour=0, minute=0, tzinfo=UTC) if has_clock else local.replace(tzinfo=UTC)
        if is_sane(moment, now):
            return moment
    return None


def _read_shown(line: str, language: str) -> tuple[datetime | None, bool]:
    """(local time, whether a clock was shown); a date with slashes is the American one or not by the language."""
    if match := _NUMERIC.search(line):
        first, mark, second, year, hour, minute = match.groups()
        if mark == "/" and language in ("", "en"):
            return None, False
        day, month = int(first), int(second)
    elif match := _WORDED.search(line):
        raw, name, year, hour, minute = match.groups()
        day, month = int(raw), _MONTHS.get(name.lower(), 0)
    else:
        return None, False
    try:
        local = datetime(int(year), month, day, int(hour or 0), int(minute or 0))  # noqa: DTZ001 - the zone follows
    except ValueError:
        return None, False
    return local, hour is not None


def _guess(source: str, url: str, now: datetime) -> datetime | None:
    # Imported when it is needed: with dateparser's data it costs a fresh process a third of a second.
    # extensive_search=False: the extensive one may enter dateparser, whose first call loads 200 locales (1.6 s CPU in
    # every fresh child) to gain 4 % of the dates. Always a tree: given a string, htmldate would fetch it if it looks
    # like a URL.
    from htmldate import find_date

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    tree = markup.parse_for_libraries(source)
    if tree is None:
        return None
    etree.strip_elements(tree, "nav", "aside", "footer", with_tail=False)
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
    moment = parse(found, url) if found else None
    return moment if moment and is_sane(moment, now) else None


def _zone(raw: str) -> timezone:
    if not raw or raw.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = raw[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if raw[0] == "-" else offset)
