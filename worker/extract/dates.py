"""When a page says it was published and changed. Pure; the offset is kept where the page gives one.

Order: linked data, meta tags, elements marked up as the article's time, a date that readers see at the headline, and
last what htmldate finds in the URL and in rarer markup. Of these only what stands around the headline or before the
text counts (`header`). A clock without a zone is placed by `zones`, whose docstring says how; where nothing tells its
zone, or no clock is given, only the day is known, and says so (`Precision.DAY`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from itertools import islice

from lxml.etree import _Element

from worker.extract import datable, markup, shown, zones
from worker.extract.header import Header
from worker.extract.jsonld import LinkedData, text
from worker.extract.rooms import Block
from worker.extract.zones import Site
from worker.models import DateSource, Precision

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # clocks and zones are wrong by hours; a date further ahead is an event's, not the article's
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]{1,2}(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d{1,9})?\s?"
    r"(\(?[A-Za-z]{1,5}\b(?:[+-]\d{1,2})?|[+\-\u2212]\d{1,2}:?\d{2}|[+-]\d{1,2}(?!\d))?)?",
    re.A,
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(Z|[+-]\d{4})?", re.A)
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?", re.A)
_SENTENCE = re.compile(r"\w{3,}[.!?]$")
_LINE = 120  # characters of a line that may hold a date and no sentence
_MOST = 50  # marked-up times that are looked at
_SHORT_LINK = 40
_CHANGED = re.compile(
    r"\b(?:updated?|last (?:modified|changed|edited)|modified|aktuali[sz]iert|geändert|aktualisierung|update"
    r"|mis(?:e)? à jour|modifié|actualis[ée]e?|aggiornat[oa]|aggiornamento|modificat[oa]|actualizad[oa]|actualización"
    r"|modificad[oa]|atualizad[oa]|bijgewerkt|gewijzigd|更新)\b",
    re.I,
)
_PUBLISHED_LABEL = re.compile(
    r"publi|posted|erschienen|erstellt|veröffentlicht|created|pubblicat|creat[oa]|creado|gepubliceerd|公開|発表", re.I
)
# Words beside a date that is of something else: of a visitor, an event, a right.
_OTHER = re.compile(
    # Whole words where names hold them, too: Osborne, Nexø, Eventim.
    r"log[ -]?in\b|\blogged\b|\bvisit(?:s|ed|or)?\b|besuch|angemeldet|anmeld|eingeloggt|mitglied|\bmembers?\b|registr"
    r"|connexion|connecté|dernière visite|\baccesso\b|sesión|\bacceso\b|copyright|©|\(c\)|\bexpires?\b|\bvalid\b|gültig"
    r"|ablauf|\bdeadline|\bfrist|termine?\b|veranstaltung|\bevents?\b|\bgeboren\b|\bborn\b|cookie|heute ist"
    r"|today is|\bnext\b|\bnächste|\bprossim|\bprochain|\bpróxim",
    re.I,
)

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
_MARKED = frozenset({"datePublished", "uploadDate"})


@dataclass(frozen=True, slots=True)
class Clues:
    """What of a page tells of its times."""

    tree: _Element
    items: markup.Items
    """The elements with microdata."""
    meta: Mapping[str, str]
    linked: LinkedData
    header: Header
    site: Site


@dataclass(frozen=True, slots=True)
class Dated:
    moment: datetime
    precision: Precision
    source: DateSource = DateSource.META


def parse(raw: str, site: Site) -> Dated | None:
    """ISO 8601 as it is found in the wild, RFC 2822, seconds since 1970, or a date as people write it."""
    raw = raw.strip()[:80]
    try:
        if match := _ISO.match(raw) or _COMPACT.fullmatch(raw):
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
            local = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - the zone follows
            return _dated(local, match.group(4) is not None, match.group(7), site)
        if match := _EPOCH.fullmatch(raw):
            return Dated(datetime.fromtimestamp(int(match[1]), UTC), Precision.TIME)
        if found := next(shown.read(raw, site), None):
            return _placed(found.local, found.has_clock, found.zone, site)
        moment = parsedate_to_datetime(raw).replace(microsecond=0)
        return Dated(moment, Precision.TIME) if moment.tzinfo else _placed(moment, ":" in raw, None, site)
    except (ValueError, OverflowError, TypeError, IndexError, OSError):
        return None


def _dated(local: datetime, has_clock: bool, zone: str | None, site: Site) -> Dated | None:
    stated = zones.written(zone, site) if zone else None
    if zone and stated is None and zone[0] in "+-\u2212":
        return None  # an offset that is none
    return _placed(local, has_clock, stated, site)


def _placed(local: datetime, has_clock: bool, zone: tzinfo | None, site: Site) -> Dated | None:
    """By the rule of `zones`; without any zone the day alone."""
    day = local.replace(hour=0, minute=0, second=0)
    moment = zones.at(local, zone) if zone else zones.placed(local, site)
    if moment is None:
        return Dated(day.replace(tzinfo=UTC), Precision.DAY)
    return Dated(moment, Precision.DAY if not has_clock or is_day_only(moment) else Precision.TIME)


def is_sane(moment: datetime, now: datetime) -> bool:
    """1995 up to a day from now."""
    try:
        return _EARLIEST <= moment <= now + _AHEAD
    except OverflowError:  # the first and the last day of the calendar, seen from another zone
        return False


def is_day_only(moment: datetime) -> bool:
    """Midnight sharp: nobody said a time (or it does not matter)."""
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def published(clues: Clues, source: str, now: datetime) -> Dated | None:
    """The first sane date the page has to offer; a day alone is made finer by a clock that readers see on that day.

    `source`: the page as text, for htmldate.
    """
    for raw, origin in _claims(clues):
        found = parse(raw, clues.site)
        if found and is_sane(found.moment, now):
            found = Dated(found.moment, found.precision, origin)
            if found.precision is Precision.TIME:
                return found
            finer = _seen(clues, now, changed=False)
            return finer if finer and _is_finer(finer, found) else found
    return _seen(clues, now, changed=False) or _guess(clues, source, now)


def _is_finer(seen: Dated, day: Dated) -> bool:
    return seen.precision is Precision.TIME and seen.moment.date() == day.moment.date()


def modified(clues: Clues, since: Dated | None, now: datetime) -> datetime | None:
    """Only what the page states; a change before publication is a mistake and dropped."""
    for found in _changes(clues, now):
        if found and is_sane(found.moment, now) and (since is None or found.moment >= since.moment):
            return found.moment
    return None


def _changes(clues: Clues, now: datetime) -> Iterator[Dated | None]:
    stated = [text(claims.get("dateModified")) for claims in (clues.linked.article, clues.linked.page)]
    stated += [clues.meta[name] for name in _MODIFIED if name in clues.meta]
    yield from (parse(raw, clues.site) for raw in stated if raw)
    for item in [item for item in clues.items() if item.get("itemprop") == "dateModified"][:_MOST]:
        if not _is_of_other(item, clues.header):
            yield parse(item.get("content") or item.get("datetime") or "", clues.site)
    yield _seen(clues, now, changed=True)


def _claims(clues: Clues) -> Iterator[tuple[str, DateSource]]:
    article, page, video = clues.linked.article, clues.linked.page, clues.linked.video
    stated = [article.get("datePublished"), article.get("uploadDate"), page.get("datePublished")]
    if not article:
        stated += [video.get("uploadDate"), video.get("datePublished")]
    yield from ((raw, DateSource.JSON_LD) for raw in map(_claim, stated) if raw)
    yield from ((clues.meta[name], DateSource.META) for name in _PUBLISHED if name in clues.meta)
    for element in [item for item in clues.items() if item.get("itemprop") in _MARKED][:_MOST]:
        if not _is_of_other(element, clues.header):
            yield element.get("content") or element.get("datetime") or element.text or "", DateSource.TIME
    for element in islice(clues.tree.iter("time"), _MOST):
        moment = element.get("datetime")
        if moment and not element.get("itemprop") and _is_at_headline(element, clues.header):
            yield moment, DateSource.TIME
    last = [
        article.get("coverageStartTime"),
        article.get("dateCreated"),
        *([] if article else [video.get("dateCreated")]),
    ]
    yield from ((raw, DateSource.JSON_LD) for raw in map(_claim, last) if raw)


def _claim(value: object) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1e13 else text(value)


def _is_of_other(element: _Element, header: Header) -> bool:
    """Microdata of a comment, a person, another article."""
    kind = next((item.get("itemtype", "") for item in element.iterancestors() if item.get("itemscope") is not None), "")
    last = kind.rstrip("/").rpartition("/")[2].lower()
    if last and not last.endswith(("article", "posting", "webpage", "video", "videoobject", "work", "report", "page")):
        return True
    return element.tag != "meta" and header.is_beside(element)


def _is_at_headline(element: _Element, header: Header) -> bool:
    if any(parent.tag == "a" and _is_long(parent) for parent in element.iterancestors()):
        return False  # a card, all of which is a link to another article
    allowed, block = header.block_of(element)
    if not allowed or (block is not None and block.timed and not _is_line(block)):
        return False
    line = block.text if block is not None and block.timed else ""
    return not _OTHER.search(line) and not _only_changed(line)


def _is_long(link: _Element) -> bool:
    return len(markup.text_of(link, 100)) > _SHORT_LINK


def _is_line(block: Block) -> bool:
    """Short and no sentence."""
    return len(block.text) <= _LINE and not _SENTENCE.search(block.text)


def _only_changed(line: str) -> bool:
    return _CHANGED.search(line) is not None and _PUBLISHED_LABEL.search(line) is None


def _seen(clues: Clues, now: datetime, *, changed: bool) -> Dated | None:
    """A date in a short line at the headline that is no sentence, e.g. `Von Petra Keller, 12.07.2025, 13:13 Uhr`.

    `changed`: the one that is labelled as the last change, else the one that is not.
    """
    above = clues.header.above()
    for block in clues.header.blocks():
        line = block.text
        if not _is_line(block) or block.links > 0.5 * block.weight or _OTHER.search(line):
            continue
        before = 0
        is_change = False
        for found in shown.read(line, clues.site):
            label = line[before : found.start]
            is_change = _CHANGED.search(label) is not None or (is_change and not _PUBLISHED_LABEL.search(label))
            before = found.end
            dated = _placed(found.local, found.has_clock, found.zone, clues.site)
            # Above the headline, and no more than a day: a masthead says which day it is, to whoever comes.
            if dated and id(block) in above and dated.precision is Precision.DAY and _is_today(dated.moment, now):
                continue
            if dated and is_change is changed and is_sane(dated.moment, now):
                return Dated(dated.moment, dated.precision, DateSource.TEXT)
    return None


def _is_today(moment: datetime, now: datetime) -> bool:
    return moment.date() == now.astimezone(moment.tzinfo).date()


def _guess(clues: Clues, source: str, now: datetime) -> Dated | None:
    # Imported when it is needed: with dateparser's data it costs a fresh process a third of a second.
    # extensive_search=False: the extensive one may enter dateparser, whose first call loads 200 locales (1.6 s CPU in
    # every fresh child) to gain 4 % of the dates. Always a tree: given a string, htmldate would fetch it if it looks
    # like a URL.
    from htmldate import find_date

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    tree = markup.parse_for_libraries(source)
    if tree is None:
        return None
    datable.trim(tree, clues.header)
    try:
        found = find_date(
            tree,
            extensive_search=False,
            original_date=True,
            url=clues.site.url or None,
            min_date=_EARLIEST.replace(tzinfo=None),
            max_date=(now + _AHEAD).astimezone(UTC).replace(tzinfo=None),
        )
    except (MemoryError, RecursionError):
        raise
    except Exception:  # a library on hostile input: no date is an answer, an exception is not
        return None
    dated = parse(found, clues.site) if found else None
    return Dated(dated.moment, dated.precision, DateSource.HTMLDATE) if dated and is_sane(dated.moment, now) else None
