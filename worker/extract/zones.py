"""The zone of a clock that people read. Pure.

The rule, in this order; every step is evidence, none a default:

1. The zone that is written beside the clock (`09:05 GMT`, `MESZ`, `+02:00`; `written`). An abbreviation that several
   countries use for several zones is believed only where the site's country or language tells which is meant.
2. The civil time of the site's country, by the last label of its host's name, where the country has one time.
3. The feed's clock: the offset that the feed writes its time of the same article with, unless that is plain UTC, which
   says nothing about where the site is; else the offset in use at which the clock names the same minute as the feed.
4. The region that the page declares with its language (`en-GB`), where that has one time; else the declared language,
   where those who write in it all but live in one time (`de`, `it`, `ja`, ...; not `en`, `fr`, `es`, `pt`, `ar`, ...).

Where nothing tells the zone, the clock is not used at all: the day is kept (`Precision.DAY`), as midnight UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Minutes away from UTC of the zones in use: whole hours, and these.
_ODD = frozenset({-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765})
_STEP = timedelta(minutes=15)
_CLOSE = timedelta(minutes=2)
_HOUR = timedelta(hours=1)
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)

# Countries with one civil time (IANA tz database, zone1970.tab), islands far away aside. Not here: countries with
# several (us, ca, br, ru, au, mx, id, kz, ...) and domains that are sold to everybody (co, io, me, tv, ai, fm, ...).
_ZONES = {
    "ad": "Europe/Andorra", "ae": "Asia/Dubai", "al": "Europe/Tirane", "am": "Asia/Yerevan",
    "ar": "America/Argentina/Buenos_Aires", "at": "Europe/Vienna", "az": "Asia/Baku", "ba": "Europe/Sarajevo",
    "bd": "Asia/Dhaka", "be": "Europe/Brussels", "bg": "Europe/Sofia", "bo": "America/La_Paz", "by": "Europe/Minsk",
    "ch": "Europe/Zurich", "ci": "Africa/Abidjan", "cm": "Africa/Douala", "cn": "Asia/Shanghai",
    "cr": "America/Costa_Rica", "cu": "America/Havana", "cy": "Asia/Nicosia", "cz": "Europe/Prague",
    "de": "Europe/Berlin", "dk": "Europe/Copenhagen", "do": "America/Santo_Domingo", "dz": "Africa/Algiers",
    "ee": "Europe/Tallinn", "eg": "Africa/Cairo", "es": "Europe/Madrid", "et": "Africa/Addis_Ababa",
    "fi": "Europe/Helsinki", "fr": "Europe/Paris", "ge": "Asia/Tbilisi", "gh": "Africa/Accra", "gr": "Europe/Athens",
    "gt": "America/Guatemala", "hk": "Asia/Hong_Kong", "hn": "America/Tegucigalpa", "hr": "Europe/Zagreb",
    "hu": "Europe/Budapest", "ie": "Europe/Dublin", "il": "Asia/Jerusalem", "in": "Asia/Kolkata", "iq": "Asia/Baghdad",
    "ir": "Asia/Tehran", "is": "Atlantic/Reykjavik", "it": "Europe/Rome", "jo": "Asia/Amman", "jp": "Asia/Tokyo",
    "ke": "Africa/Nairobi", "kr": "Asia/Seoul", "kw": "Asia/Kuwait", "lb": "Asia/Beirut", "li": "Europe/Vaduz",
    "lk": "Asia/Colombo", "lt": "Europe/Vilnius", "lu": "Europe/Luxembourg", "lv": "Europe/Riga",
    "ma": "Africa/Casablanca", "mc": "Europe/Monaco", "md": "Europe/Chisinau", "mk": "Europe/Skopje",
    "mt": "Europe/Malta", "my": "Asia/Kuala_Lumpur", "ng": "Africa/Lagos", "ni": "America/Managua",
    "nl": "Europe/Amsterdam", "no": "Europe/Oslo", "np": "Asia/Kathmandu", "nz": "Pacific/Auckland",
    "pa": "America/Panama", "pe": "America/Lima", "ph": "Asia/Manila", "pk": "Asia/Karachi", "pl": "Europe/Warsaw",
    "py": "America/Asuncion", "qa": "Asia/Qatar", "ro": "Europe/Bucharest", "rs": "Europe/Belgrade",
    "sa": "Asia/Riyadh", "se": "Europe/Stockholm", "sg": "Asia/Singapore", "si": "Europe/Ljubljana",
    "sk": "Europe/Bratislava", "sm": "Europe/San_Marino", "sn": "Africa/Dakar", "sv": "America/El_Salvador",
    "th": "Asia/Bangkok", "tn": "Africa/Tunis", "tr": "Europe/Istanbul", "tw": "Asia/Taipei", "ua": "Europe/Kyiv",
    "uk": "Europe/London", "uy": "America/Montevideo", "va": "Europe/Vatican", "ve": "America/Caracas",
    "vn": "Asia/Ho_Chi_Minh", "za": "Africa/Johannesburg",
    "swiss": "Europe/Zurich", "zuerich": "Europe/Zurich", "bayern": "Europe/Berlin", "berlin": "Europe/Berlin",
    "hamburg": "Europe/Berlin", "koeln": "Europe/Berlin", "cologne": "Europe/Berlin", "nrw": "Europe/Berlin",
    "saarland": "Europe/Berlin", "ruhr": "Europe/Berlin", "wien": "Europe/Vienna", "tirol": "Europe/Vienna",
    "bzh": "Europe/Paris", "paris": "Europe/Paris", "alsace": "Europe/Paris", "corsica": "Europe/Paris",
    "cat": "Europe/Madrid", "gal": "Europe/Madrid", "eus": "Europe/Madrid", "barcelona": "Europe/Madrid",
    "madrid": "Europe/Madrid", "scot": "Europe/London", "wales": "Europe/London", "london": "Europe/London",
    "amsterdam": "Europe/Amsterdam", "brussels": "Europe/Brussels", "tokyo": "Asia/Tokyo",
    "istanbul": "Europe/Istanbul",
}  # fmt: skip

# Languages whose readers all but live in one civil time, whatever the country (de: Germany, Austria, Switzerland).
_BY_LANGUAGE = {
    "de": "Europe/Berlin", "it": "Europe/Rome", "nl": "Europe/Amsterdam", "pl": "Europe/Warsaw", "cs": "Europe/Prague",
    "sk": "Europe/Bratislava", "hu": "Europe/Budapest", "sl": "Europe/Ljubljana", "hr": "Europe/Zagreb",
    "sr": "Europe/Belgrade", "da": "Europe/Copenhagen", "sv": "Europe/Stockholm", "no": "Europe/Oslo",
    "fi": "Europe/Helsinki", "et": "Europe/Tallinn", "lv": "Europe/Riga", "lt": "Europe/Vilnius", "el": "Europe/Athens",
    "bg": "Europe/Sofia", "ro": "Europe/Bucharest", "tr": "Europe/Istanbul", "uk": "Europe/Kyiv",
    "he": "Asia/Jerusalem", "is": "Atlantic/Reykjavik", "ja": "Asia/Tokyo", "ko": "Asia/Seoul", "th": "Asia/Bangkok",
    "vi": "Asia/Ho_Chi_Minh",
}  # fmt: skip
_REGION = re.compile(r"([a-z]{2,3})(?:[-_][a-z]{4})?[-_]([a-z]{2})\b", re.I | re.A)

# Abbreviation -> minutes east of UTC (IANA tz database; German, French and Spanish names as papers write them).
_MINUTES = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEZ": 0, "WEST": 60, "WESZ": 60, "CET": 60, "MEZ": 60, "HNEC": 60, "WAT": 60,
    "CEST": 120, "MESZ": 120, "HAEC": 120, "EET": 120, "OEZ": 120, "CAT": 120, "SAST": 120, "EEST": 180, "OESZ": 180,
    "MSK": 180, "TRT": 180, "EAT": 180, "IRST": 210, "GST": 240, "PKT": 300, "NPT": 345, "ICT": 420, "WIB": 420,
    "HKT": 480, "SGT": 480, "MYT": 480, "PHT": 480, "AWST": 480, "WITA": 480, "JST": 540, "KST": 540, "WIT": 540,
    "ACST": 570, "AEST": 600, "ACDT": 630, "AEDT": 660, "NZST": 720, "NZDT": 780, "BRT": -180, "ART": -180,
    "UYT": -180, "CLST": -180, "CLT": -240, "EDT": -240, "HAE": -240, "VET": -240, "PET": -300, "COT": -300,
    "EST": -300, "HNE": -300, "CDT": -300, "MDT": -360, "MST": -420, "PDT": -420, "PST": -480, "AKDT": -480,
    "AKST": -540, "HST": -600,
}  # fmt: skip
# The time of the day as North American papers write it, summer and winter.
_AMERICAN = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
# Abbreviation -> who means what by it: countries and languages -> minutes; `*`: everybody else.
_AMBIGUOUS: dict[str, dict[str, int]] = {
    "IST": {"in": 330, "hi": 330, "ta": 330, "bn": 330, "ml": 330, "mr": 330, "te": 330, "ie": 60,
            "il": 120, "he": 120},
    "CST": {"us": -360, "ca": -360, "mx": -360, "cn": 480, "tw": 480, "zh": 480, "cu": -300},
    "BST": {"bd": 360, "bn": 360, "*": 60},
    "AST": {"sa": 180, "kw": 180, "iq": 180, "qa": 180, "bh": 180, "ar": 180, "ca": -240, "do": -240, "tt": -240},
    "PST": {"ph": 480, "*": -480}, "MST": {"my": 480, "*": -420}, "EST": {"au": 600, "*": -300},
    "EDT": {"au": 660, "*": -240}, "GST": {"gs": -120, "*": 240}, "CDT": {"cu": -240, "*": -300},
}  # fmt: skip
_OFFSET = re.compile(r"(?:UTC|GMT)?\s?([+\-\u2212])(\d{1,2})(?::?(\d{2}))?", re.A)
# Domains of countries that anybody may have.
_SOLD = frozenset({"ai", "cc", "co", "eu", "fm", "gg", "io", "la", "ly", "me", "nu", "sh", "tk", "to", "tv", "ws"})


@dataclass(frozen=True, slots=True)
class Site:
    """What tells where a page's clock hangs."""

    url: str = ""
    locale: str = ""
    """The language that the page declares: `de`, `de-CH`, `en_GB`."""
    feed: datetime | None = None
    """The feed's time of the same article, with the offset that the feed writes."""


def placed(local: datetime, site: Site) -> datetime | None:
    """A time without zone as the page shows it -> the moment; None when nothing tells its zone (steps 2 to 4)."""
    zone = of_site(site.url) or _of_feed(site.feed) or from_feed(local, site.feed)
    if zone is None and not _of_country(site.url):  # of a country with several times the language tells nothing
        zone = of_locale(site.locale)
    return None if zone is None else at(local, zone)


def at(local: datetime, zone: tzinfo) -> datetime | None:
    """The moment with a fixed offset; None beyond the calendar's ends."""
    try:
        moment = local.replace(tzinfo=zone)
        return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))
    except (OverflowError, ValueError):
        return None


def written(name: str, site: Site) -> tzinfo | None:
    """`GMT`, `MESZ`, `ET`, `+02:00`, `UTC+2` -> the zone; None for what is none, or one of several."""
    name = name.strip(" ()").upper()
    if match := _OFFSET.fullmatch(name):
        away = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        away = away if match[1] == "+" else -away
        return timezone(away) if _WEST <= away <= _EAST else None
    if name == "Z":
        return UTC
    language, country = _language(site.locale), country_of(site)
    if meant := _AMBIGUOUS.get(name):
        minutes = meant.get(country, meant.get(language, meant.get("*")))
        return None if minutes is None else timezone(timedelta(minutes=minutes))
    if name in _AMERICAN:
        sure = name == "ET" or (country in ("", "us", "ca") and language in ("", "en"))
        return _load(_AMERICAN[name]) if sure else None
    found = _MINUTES.get(name)
    return None if found is None else timezone(timedelta(minutes=found))


def is_known(name: str) -> bool:
    """Whether a word in capitals is the name of a zone, ambiguous ones included."""
    return name in _MINUTES or name in _AMERICAN or name in _AMBIGUOUS


def from_feed(local: datetime, feed: datetime | None) -> tzinfo | None:
    """The offset at which the clock names the same minute as the feed."""
    if feed is None or (local.hour, local.minute, local.second) == (0, 0, 0):
        return None
    try:
        away = local.replace(tzinfo=UTC) - feed
    except OverflowError:
        return None
    steps = round(away / _STEP)
    offset = steps * _STEP
    in_use = _WEST <= offset <= _EAST and (not offset % _HOUR or offset // timedelta(minutes=1) in _ODD)
    return timezone(offset) if in_use and abs(away - offset) <= _CLOSE else None


def of_site(url: str) -> tzinfo | None:
    """By the last label of the host's name."""
    name = _ZONES.get(_label(url))
    return _load(name) if name else None


def of_locale(locale: str) -> tzinfo | None:
    """By the region of a language tag, else by the language; `en-US` and `fr-CA` have several times: none."""
    region = _region(locale)
    name = _ZONES.get(region) if region else _BY_LANGUAGE.get(_language(locale))
    if region and name is None and region not in _SEVERAL:
        name = _BY_LANGUAGE.get(_language(locale))
    return _load(name) if name else None


# Countries of several times: there even the language does not tell.
_SEVERAL = frozenset({"us", "ca", "br", "ru", "au", "mx", "id", "kz", "cl", "ec", "pt"})


def country_of(site: Site) -> str:
    """Two letters, as domains have them; '' when nothing tells."""
    return _of_country(site.url) or _region(site.locale)


def _of_country(url: str) -> str:
    label = _label(url)
    return label if len(label) == 2 and label not in _SOLD else ""


def _of_feed(feed: datetime | None) -> tzinfo | None:
    offset = feed.utcoffset() if feed is not None else None
    return timezone(offset) if offset else None


def _label(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".").rpartition(".")[2]


def _region(locale: str) -> str:
    match = _REGION.match(locale.strip()[:20])
    region = match[2].lower() if match else ""
    return "uk" if region == "gb" else region


def _language(locale: str) -> str:
    return re.split(r"[-_]", locale.strip()[:20].lower(), maxsplit=1)[0]


@lru_cache(maxsize=256)
def _load(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):  # an old database: better no zone than a wrong one
        return None
