"""The zone of a clock that names none: what the feed's time of the same article says, else the site's country. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_STEP = timedelta(minutes=15)  # every zone in use is a multiple of it away from UTC
_CLOSE = timedelta(minutes=2)
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


def placed(local: datetime, url: str, feed: datetime | None) -> datetime | None:
    """A time without zone as the page shows it -> the moment; None when nothing tells its zone.

    The feed's time tells it when both are the same minute but for a whole number of quarter-hours.
    """
    zone = from_feed(local, feed) or of_site(url)
    if zone is None:
        return None
    try:
        moment = local.replace(tzinfo=zone)
        return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))
    except (OverflowError, ValueError):
        return None


def from_feed(local: datetime, feed: datetime | None) -> tzinfo | None:
    if feed is None or (local.hour, local.minute, local.second) == (0, 0, 0):
        return None
    try:
        away = local.replace(tzinfo=UTC) - feed
    except OverflowError:
        return None
    steps = round(away / _STEP)
    offset = steps * _STEP
    return timezone(offset) if _WEST <= offset <= _EAST and abs(away - offset) <= _CLOSE else None


def of_site(url: str) -> tzinfo | None:
    """By the last label of the host's name."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    name = _ZONES.get(host.rstrip(".").rpartition(".")[2])
    return _load(name) if name else None


@lru_cache(maxsize=len(_ZONES))
def _load(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):  # an old database: better no zone than a wrong one
        return None
