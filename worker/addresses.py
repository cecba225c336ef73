"""Addresses of servers as settings give them: checked before anything uses them, shown without their secrets. Pure.

No message here quotes the address: a malformed one may hold a password anywhere.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

MASK = "********"

_DATABASE = re.compile(r"/?|/\d{1,9}")
_AUTHORITY = re.compile(r"(?<=://)[^/?#\s]*(?=@)")
_SECRET_IN_QUERY = re.compile(r"(?i)(?<=[?&]password=)[^&#\s]*")


def redis_url(text: str) -> str:
    """The text when it is empty or a URL that redis-py and kombu both take; else ValueError."""
    if not text:
        return text
    parts = _split(text, "redis://host:6379/0")
    if parts.scheme == "unix":
        if parts.netloc or len(parts.path) < 2:
            raise ValueError("a socket is written unix:///path/to/the.sock, without user or password")
        return text
    if parts.scheme not in ("redis", "rediss"):
        raise ValueError("it must begin with redis://, rediss:// or unix://, as in redis://host:6379/0")
    _check_host(parts, "redis://host:6379/0")
    if not _DATABASE.fullmatch(parts.path) or parts.fragment:
        raise ValueError(f"after the port only the number of a database may follow, as in /0; {_QUOTING}")
    return text


def index_url(text: str) -> str:
    """The text when it is empty or the address of an Elasticsearch, without credentials; else ValueError."""
    if not text:
        return text
    parts = _http(text, "http://host:9200")
    if "@" in parts.netloc:
        raise ValueError("it holds a user or password; put them into FEEDMILL_INDEX__USERNAME and __PASSWORD")
    if parts.query or parts.fragment:
        raise ValueError("it must look like http://host:9200, without ? and #")
    return text


def kibana_url(text: str) -> str:
    """The text when it is empty or the address of a Kibana, a base path included, without credentials."""
    if not text:
        return text
    parts = _http(text, "http://host:5601")
    if "@" in parts.netloc:
        raise ValueError("it holds a user or password; put them into FEEDMILL_KIBANA__USERNAME and __PASSWORD")
    if parts.query or parts.fragment:
        raise ValueError("it must look like http://host:5601, without ? and #")
    return text


def proxy_url(text: str) -> str:
    """The text when it is empty or an HTTP proxy's URL, a user and password included; else ValueError."""
    if text:
        _http(text, "http://host:3128")
    return text


def public_url(text: str) -> str:
    """The text without a slash at its end, when it is empty or an address that others reach us at; else ValueError."""
    if not text:
        return text
    parts = _http(text, "https://feeds.example.org")
    if "@" in parts.netloc or parts.query or parts.fragment or len(text) > 1000:
        raise ValueError("it must look like https://feeds.example.org, without user, ? and #")
    return text.rstrip("/")


def masked(text: str) -> str:
    """A well-formed URL with passwords replaced; the name of a user stays. Other text comes back as it is."""
    hidden = _AUTHORITY.sub(_without_password, text)
    return _SECRET_IN_QUERY.sub(MASK, hidden)


_QUOTING = "within a password, : / ? # @ are written %3A %2F %3F %23 %40"


def _http(text: str, example: str) -> SplitResult:
    parts = _split(text, example)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"it must look like {example}")
    _check_host(parts, example)
    return parts


def _split(text: str, example: str) -> SplitResult:
    if not text.isprintable() or " " in text:
        raise ValueError("it holds a blank, a line break or another character that no URL has")
    try:
        parts = urlsplit(text)
    except ValueError:  # its message would quote the address
        raise ValueError(f"it is no URL; it must look like {example}") from None
    if "://" not in text:
        raise ValueError(f"it is no URL; it must look like {example}")
    return parts


def _check_host(parts: SplitResult, example: str) -> None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"its port is no number from 1 to 65535; it must look like {example}, and {_QUOTING}")
    if not parts.hostname:
        raise ValueError(f"it names no host; it must look like {example}, and {_QUOTING}")


def _without_password(match: re.Match[str]) -> str:
    user, colon, _ = match[0].partition(":")
    return f"{user}:{MASK}" if colon else user
