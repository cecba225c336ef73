"""Element names as feedparser sees them: a prefix of its own per namespace, in lower case. Pure.

The fast path must know which elements feedparser acts on, because it may ignore only those that feedparser merely
stores. `ACTED_ON` names them all; a test compares it with the installed feedparser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PREFIXES = {
    "": "",
    "http://backend.userland.com/rss": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://purl.org/atom/ns#": "",
    "http://www.w3.org/2005/atom": "",
    "http://webns.net/mvcb/": "admin",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://podlove.org/simple-chapters": "psc",
    "http://purl.org/syndication/history/1.0": "fh",
}
"""Lower-case URI -> the name its elements go by; feedparser compares URIs without regard to case."""

STRANGERS = words(
    "http://example.com/newformat# http://example.com/necho http://purl.org/echo/ uri/of/echo/namespace# "
    "http://purl.org/pie/ http://purl.org/rss/1.0/modules/rss091# http://example.com/dtds/podcast-1.0.dtd"
)
"""Namespaces that feedparser treats like its own and no feed of today uses: the fast path declines them."""

_DECLARATIONS = re.compile(rb"xmlns:")
_DECLARATION = re.compile(r"""xmlns:([^\s=:"'<>]{1,64})\s*=\s*["']([^"'<>]{0,500})["']""")

ACTED_ON = words(
    # RSS, RDF, Atom, CDF
    "abstract author body category channel cloud content contributor copyright created description email enclosure"
    " entry expirationdate feed fullitem generator guid height homepage id image info issued item keywords language"
    " lastbuilddate link managingeditor modified name newlocation pubdate published rights rss source subtitle summary"
    " tagline tags textinput title updated uri url webmaster where width"
    # modules
    " cc_license creativecommons_license content_encoded"
    " dc_author dc_contributor dc_creator dc_date dc_description dc_language dc_publisher dc_rights dc_subject dc_title"
    " dcterms_created dcterms_issued dcterms_modified dcterms_valid feedburner_browserfriendly georssgeom"
    " georss_box georss_line georss_point georss_polygon georss_where geom gml_exterior gml_linearring gml_linestring"
    " gml_point gml_polygon gml_pos gml_poslist itunes_author itunes_block itunes_category itunes_email"
    " itunes_explicit itunes_image itunes_keywords itunes_link itunes_name itunes_owner itunes_subtitle"
    " itunes_summary media_category media_content media_credit media_description media_group media_keywords"
    " media_license media_player media_rating media_restriction media_thumbnail media_title psc_chapter psc_chapters"
    " xhtml_body"
)

READ = words(
    "authors tags links guidislink title_detail summary_detail media_content media_thumbnail "
    "feedburner_origlink ttl sy_updateperiod sy_updatefrequency author_detail items entries comments_detail "
    "href"
)
"""Names under which feedparser stores what we read; an element of such a name would stand in for it."""


def surprising(document: bytes, declared: Mapping[str | None, str]) -> str:
    """Why the prefixes of a document may confuse feedparser, which looks elements up by prefix; "" when they cannot.

    `document` in UTF-8; `declared`: prefixes and namespaces of its root, which are nearly always all that it has.
    """
    bound: dict[str, str] = {}
    names: dict[str, str] = {}
    of_root = [(prefix, uri) for prefix, uri in declared.items() if prefix]
    everywhere = len(_DECLARATIONS.findall(document)) != len(of_root)  # bytes.count() takes twice as long
    for prefix, written in _DECLARATION.findall(document.decode()) if everywhere else of_root:
        uri = written.lower()
        if bound.setdefault(prefix, uri) != uri:
            return "one prefix for two namespaces"
        other = names.setdefault(uri, prefix)
        if other != prefix and uri not in PREFIXES and not _TAKEN.isdisjoint((prefix.lower(), other.lower())):
            return "two prefixes for one namespace"
        if uri in STRANGERS or "backend.userland.com/rss" in uri:
            return "an old namespace"
        standard = PREFIXES.get(uri)
        if standard is not None and prefix.lower() in _TAKEN and standard != prefix:
            return "a well-known prefix for another namespace"
    return ""


_TAKEN = frozenset(name for name in PREFIXES.values() if name)


class Names:
    """Tag of lxml's (`{uri}local`) -> feedparser's name; remembers what it has worked out for one document."""

    __slots__ = ("known", "plans")

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.plans: dict[str, Any] = {}
        """Tag -> what the reader of entries does with it; kept here for as long as one document."""

    def of(self, tag: str, prefix: str | None) -> str:
        """The name, with `_` after its prefix; "?" in front of what must not be taken for what it seems."""
        known = self.known.get(tag)
        if known is None:
            known = self.known[tag] = _name(tag, prefix)
        return known


def _name(tag: str, prefix: str | None) -> str:
    uri, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
    local = local.lower()
    uri = uri.lower()
    standard = PREFIXES.get(uri)
    if standard is not None:
        return f"{standard}_{local}" if standard else local
    if uri in STRANGERS or "backend.userland.com/rss" in uri:
        return f"?{local}"
    if prefix:
        return f"{prefix.lower()}_{local}"
    # Of a default namespace that feedparser does not know it sees the bare name.
    return f"?{local}" if local in ACTED_ON or local in READ else local
