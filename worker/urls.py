"""URLs: strict parsing, canonical form, identity. Pure.

One parser for everything: what is checked here is what is contacted later. It follows RFC 3986 and refuses what
parsers are known to disagree about (backslashes, control characters, odd hosts) instead of repairing it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from typing import NamedTuple
from urllib.parse import urljoin

import idna

from worker.errors import Refuse
from worker.models import ArticleId, FeedId, Reason

MAX_URL_CHARS = 2048

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_PARTS = re.compile(r"//([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL)
# C0, DEL, C1, line separators and bidi controls: none has a place in a URL, all of them hide something.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_TO_ENCODE = re.compile(r"""[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%\[\]]""")
# Clean as it is, which nearly all are: telling so is five times as fast as taking a URL apart.
_CLEAN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\.){1,6}[a-z]{2,20}"
    r"/[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/%?]*)?"
)
_OCTET = re.compile(r"%([0-9A-Fa-f]{2})|%")
_ASCII_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SESSION = re.compile(r";jsessionid=[^;/]*", re.IGNORECASE)

# Query parameters that say how a reader came, never what is read. Only names that no site uses for anything else:
# `id`, `p`, `page`, `source`, `cmp` and the like would merge different articles and must not enter here.
TRACKING_PREFIXES = ("utm_", "mtm_", "hsa_", "ns_mchannel", "ns_campaign", "ns_source", "at_campaign", "at_custom")
_TRACKING = (
    # advertising and social networks
    "fbclid fb_action_ids fb_action_types fb_comment_id fb_ref fb_source __tn__",
    "gclid gclsrc gbraid wbraid gad_source gad_campaignid dclid srsltid _ga _gl",
    "msclkid ttclid twclid __twitter_impression igsh igshid epik yclid ysclid _openstat",
    "guccounter guce_referrer guce_referrer_sig rb_clickid cmpid",
    # newsletters
    "mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash _hsenc _hsmi hsctatracking _ke",
    "oly_anon_id oly_enc_id vero_conv vero_id wickedid oft_id oft_k oft_lk",
    # analytics
    "itm_campaign itm_content itm_medium itm_source piwik_campaign piwik_keyword piwik_kwd",
    "pk_campaign pk_content pk_cpn pk_keyword pk_kwd pk_medium pk_source wt_mc wt_zmc",
    "at_bbc_team at_format at_link_id at_link_origin at_link_type at_medium at_ptr_name",
    "ns_fee ns_linkname xtor xtref",
    # sessions
    "phpsessid jsessionid",
)
TRACKING_NAMES = frozenset(name for line in _TRACKING for name in line.split())
# Names that often do carry meaning, removed only with a value that can only name the channel.
CHANNEL_NAMES = frozenset({"cmp", "emc", "from", "partner", "ref", "source", "src", "via"})
CHANNEL_VALUES = frozenset({"atom", "feed", "rss", "rss-feed", "rss_feed", "rssfeed"})


class _Url(NamedTuple):
    scheme: str
    host: str
    port: int | None
    path: str
    query: str | None

    @property
    def authority(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        query = "" if self.query is None else f"?{self.query}"
        return f"{self.scheme}://{self.authority}{self.path}{query}"


def clean_url(raw: str, base: str = "") -> str:
    """An absolute http(s) URL as it will be requested; Refuse(url_missing | url_invalid | scheme_blocked) otherwise.

    ASCII only, at most 2048 characters, host in lower case and punycode, no user name, no fragment, no default port,
    no dot segments; spaces and other characters that may not stand in a URL are percent-encoded. Idempotent.
    """
    if len(raw) <= MAX_URL_CHARS and _CLEAN.fullmatch(raw) and "/." not in raw and "xn--" not in raw:
        return raw
    if len(raw) > MAX_URL_CHARS * 2:
        raise Refuse(Reason.URL_INVALID, "too long")
    cleaned = str(_parse(raw, base))
    if len(cleaned) > MAX_URL_CHARS:
        raise Refuse(Reason.URL_INVALID, "too long")
    return cleaned


def canonical_url(url: str) -> str:
    """The form that identifies an article; idempotent; never merges two different articles.

    Over `clean_url`: percent-encoding as RFC 3986 6.2.2 wants it, tracking parameters and session ids gone, an empty
    query gone. Order and case of everything else stay; `www.`, mobile and AMP hosts stay what they are. `http` on its
    own port becomes `https`: no news site serves two different articles under one host and path, while the same link
    with either scheme is common (a site moves to https, its old feed does not). This form is never requested.
    Raises Refuse as `clean_url` does, but has no limit of length.
    """
    parts = _parse(url, "")
    path = _remove_dot_segments(_PATH_SESSION.sub("", _normalise_octets(parts.path)))
    query = None
    if parts.query:
        fields = (field for field in _normalise_octets(parts.query).split("&") if field)
        query = "&".join(field for field in fields if not _is_tracking(field)) or None
    scheme = "https" if parts.port is None else parts.scheme
    return str(parts._replace(scheme=scheme, path=path, query=query))


def article_id(url: str) -> ArticleId:
    """Hash of `canonical_url(url)`: 128 bits of BLAKE2b, so that a hostile site cannot aim at another's article."""
    return ArticleId(_hash(canonical_url(url)))


def feed_id(url: str) -> FeedId:
    """Hash of the feed's URL exactly as given: servers may tell any two spellings apart."""
    return FeedId(_hash(url))


def feed_likeness(url: str) -> str:
    """Equal for addresses that are one feed in all likelihood: to warn of doubles, never to request or to merge.

    Over `canonical_url` (http and https, tracking parameters, percent-encoding): `www.` and one slash at the end go.
    Everything else may be another feed: other subdomains, letter case of the path, all other parameters.
    """
    parts = _parse(canonical_url(url), "")
    path = parts.path.removesuffix("/") or "/"
    return str(parts._replace(host=parts.host.removeprefix("www."), path=path))


def host_key(url: str) -> str:
    """The authority that is hit: lower-case host, with the port when it is not the scheme's own."""
    return _parse(url, "").authority


def site_of(url: str) -> str:
    """What people call the site: `host_key` without a leading `www.`."""
    return host_key(url).removeprefix("www.")


def _parse(raw: str, base: str) -> _Url:
    text = raw.strip(" \t\r\n\f")
    if not text:
        raise Refuse(Reason.URL_MISSING)
    if _FORBIDDEN.search(text):
        raise Refuse(Reason.URL_INVALID, "control character")
    if "\\" in text.partition("?")[0]:
        raise Refuse(Reason.URL_INVALID, "backslash")
    scheme = _SCHEME.match(text)
    if scheme is None:
        text = _resolve(text, base)
        scheme = _SCHEME.match(text)
    name = scheme.group(1).lower() if scheme else ""
    if scheme is None or name not in _DEFAULT_PORTS:
        raise Refuse(Reason.SCHEME_BLOCKED, name[:20])
    parts = _PARTS.fullmatch(text, scheme.end())
    if parts is None:
        raise Refuse(Reason.URL_INVALID, "no host")
    authority, path, query = parts.groups()
    host, port = _authority(authority, _DEFAULT_PORTS[name])
    path = _remove_dot_segments(_encode(path)) or "/"
    return _Url(name, host, port, path, None if query is None else _encode(query))


def _resolve(reference: str, base: str) -> str:
    if not base:
        raise Refuse(Reason.URL_INVALID, "relative, and nothing to resolve it against")
    try:
        return urljoin(str(_parse(base, "")), reference)
    except ValueError:
        raise Refuse(Reason.URL_INVALID, "cannot be resolved") from None


def _authority(authority: str, default_port: int) -> tuple[str, int | None]:
    userinfo, at, rest = authority.rpartition("@")
    if "@" in userinfo or (at and not rest):
        raise Refuse(Reason.URL_INVALID, "more than one @")
    if rest.startswith("["):
        literal, bracket, tail = rest.partition("]")
        if not bracket or (tail and not tail.startswith(":")):
            raise Refuse(Reason.URL_INVALID, "bad IPv6 address")
        return _ipv6(literal[1:]), _port(tail[1:], default_port)
    name, _, port = rest.partition(":")
    return _host(name), _port(port, default_port)


def _port(digits: str, default: int) -> int | None:
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and 1 <= int(digits) <= 65535):
        raise Refuse(Reason.URL_INVALID, "bad port")
    return None if int(digits) == default else int(digits)


def _ipv6(literal: str) -> str:
    try:
        if "%" in literal:
            raise ValueError("zone")
        return f"[{ipaddress.IPv6Address(literal).compressed}]"
    except ValueError:
        raise Refuse(Reason.URL_INVALID, "bad IPv6 address") from None


def _host(name: str) -> str:
    # NFC and lower case only: the compatibility mapping of UTS 46 would turn full-width digits into an address.
    host = unicodedata.normalize("NFC", name).lower().removesuffix(".")
    if not host.isascii() or "xn--" in host:
        host = _punycode(host)
    if len(host) > 253 or not _ASCII_HOST.fullmatch(host):
        raise Refuse(Reason.URL_INVALID, "bad host name")
    if _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]):
        # inet_aton forms (127.1, 0x7f.1, 2130706433) mean an address to some resolvers: only four plain numbers pass.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise Refuse(Reason.URL_INVALID, "bad IPv4 address") from None
    return host


def _punycode(host: str) -> str:
    if len(host) > 253:
        raise Refuse(Reason.URL_INVALID, "bad host name")
    try:
        return idna.encode(host, strict=True).decode("ascii").lower()
    except (UnicodeError, ValueError, IndexError, OverflowError):
        raise Refuse(Reason.URL_INVALID, "bad host name") from None


def _encode(part: str) -> str:
    return _TO_ENCODE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), part)


def _normalise_octets(part: str) -> str:
    """Octets of unreserved characters decoded, hex digits in upper case, a stray `%` encoded."""

    def octet(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return "%25"
        byte = int(match.group(1), 16)
        return chr(byte) if byte in _UNRESERVED else f"%{byte:02X}"

    return _OCTET.sub(octet, part)


def _remove_dot_segments(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _is_tracking(field: str) -> bool:
    name, _, value = field.partition("=")
    name = name.lower()
    if name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES):
        return True
    return name in CHANNEL_NAMES and value.lower() in CHANNEL_VALUES


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
