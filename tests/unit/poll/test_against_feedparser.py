"""What a document says, as plain `feedparser.parse` has it: link, title, id, dates, summary, field for field.

Documents are put together from every feature that feeds use for these fields, in all formats and spellings, whole and
damaged. feedparser runs as it comes, its HTML is made text by a parser that is not ours. What differs on purpose is in
docs/feed-formats.md, and here in `expected`.
"""

from __future__ import annotations

import calendar
import html
import io
import re
import warnings
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from worker.models import Entry
from worker.poll.parse import parse_feed
from worker.poll.text import has_markup
from worker.urls import clean_url

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://feeds.example/dir/feed.xml"
HTML = ("text/html", "application/xhtml+xml")

SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "georss": "http://www.georss.org/georss",
    "own": "https://own.example/ns",
}
DECLARED = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in SPACES.items())

WORDS = st.sampled_from(
    [
        "Harbour",
        "opens & closes",
        "Tea \u2013 and cake",
        "Überfall in Köln",
        "Дума приняла",
        "東京で地震",
        "5 < 6",
        "\u201cquoted\u201d",
        "A",
    ]
)
TEXT = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
TAGGED = st.tuples(TEXT, TEXT).map(
    lambda two: f"<p>{html.escape(two[0])} <b>{html.escape(two[1])}</b>&nbsp;&#8217;s</p><br/>&eacute;t&eacute;"
)
escape = html.escape


def element(name: str, text: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{text}</{name}>"


def cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"


def stated(name: str, *, typed: bool) -> st.SearchStrategy[str]:
    """A text in all the ways in which it can be written; `typed`: the format has a `type` for it."""
    ways = [
        TEXT.map(lambda text: element(name, escape(text))),
        TEXT.map(lambda text: element(name, f"\n   {escape(text)}\n ")),
        TEXT.map(lambda text: element(name, cdata(text))),
        TAGGED.map(lambda text: element(name, escape(text), ' type="html"' if typed else "")),
        TAGGED.map(lambda text: element(name, cdata(text), ' type="html"' if typed else "")),
        TEXT.map(lambda text: element(name, escape(text), ' xml:lang="de"')),
    ]
    if typed:
        ways += [
            TEXT.map(lambda text: element(name, escape(text), ' type="text"')),
            TEXT.map(lambda text: element(name, escape(escape(text)), ' type="html"')),
            TEXT.map(
                lambda text: element(
                    name, f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(text)}</p></div>', ' type="xhtml"'
                )
            ),
        ]
    return st.one_of(ways)


DATES = st.sampled_from(
    [
        "Thu, 29 Oct 2026 10:00:00 GMT", "Thu, 29 Oct 2026 10:00:00 +0200", "29 Oct 2026 10:00:00 EST",
        "Thu, 29 Oct 26 10:00 GMT", "2026-10-29T10:00:00Z", "2026-10-29T10:00:00.123+05:30", "2026-10-29T10:00Z",
        "2026-10-29", "2003-12-31T10:14:55-08:00",
        "Thu, 1 Jan 2004 19:48:21 GMT", " 2026-10-29T10:00:00Z ",
    ]
)  # fmt: skip
PATHS = st.sampled_from(
    [
        "https://e.example/story/1",
        "https://e.example/?a=1&b=2",
        "http://e.example/a%20b;x=1#top",
        "/relative/2",
        "../up",
        "?only=query",
    ]
)
ABSOLUTE = PATHS.filter(lambda path: path.startswith("http"))
IDS = st.sampled_from(["tag:e.example,2026:1", "urn:uuid:1225c695", "https://e.example/id/1", "4711", "A & B"])
EXTRAS = st.lists(
    st.sampled_from(
        [
            "<author>me@e.example (Me)</author>", "<dc:creator>Someone</dc:creator>",
            '<category domain="d">News</category>',
            '<enclosure url="https://e.example/a.mp3" length="1" type="audio/mpeg"/>',
            '<media:content url="https://e.example/i.jpg"><media:title>Not the title</media:title></media:content>',
            '<media:thumbnail url="https://e.example/t.jpg"/>', "<itunes:author>Him</itunes:author>",
            "<itunes:explicit>no</itunes:explicit>", '<itunes:image href="https://e.example/i.png"/>',
            "<slash:comments>3</slash:comments>", "<wfw:commentRss>https://e.example/c</wfw:commentRss>",
            "<comments>https://e.example/1#c</comments>", "<georss:point>1 2</georss:point>",
            "<own:title>not this</own:title>", "<dc:subject>Things</dc:subject>", "<!-- a comment & more --> ",
        ]
    ),
    max_size=4,
    unique=True,
)  # fmt: skip


@st.composite
def rss_item(draw: st.DrawFn) -> str:
    link = draw(PATHS)
    parts = [draw(st.one_of(stated("title", typed=False), stated("dc:title", typed=False), st.just("")))]
    way = draw(st.sampled_from(["link", "guid", "both", "atom"]))
    if way in ("link", "both"):
        parts.append(draw(st.sampled_from([element("link", escape(link)), element("link", f"\n{cdata(link)}\n")])))
    if way == "guid":
        parts.append(element("guid", escape(draw(ABSOLUTE)), draw(st.sampled_from(["", ' isPermaLink="true"']))))
    if way == "both":
        parts.append(element("guid", escape(draw(IDS)), ' isPermaLink="false"'))
    if way == "atom":
        parts.append(f'<atom:link href="{escape(link)}"/>')
    parts.append(draw(st.sampled_from(["pubDate", "dc:date", "dcterms:created", ""])).join("  "))
    parts[-1] = element(parts[-1].strip(), draw(DATES)) if parts[-1].strip() else ""
    parts.append(
        draw(st.one_of(stated("description", typed=False), stated("itunes:summary", typed=False), st.just("")))
    )
    parts.append(draw(st.one_of(TAGGED.map(lambda text: element("content:encoded", cdata(text))), st.just(""))))
    parts += draw(EXTRAS)
    return f"<item>{''.join(draw(st.permutations(parts)))}</item>"


@st.composite
def atom_entry(draw: st.DrawFn) -> str:
    parts = [draw(stated("title", typed=True))]
    parts.append(draw(IDS.map(lambda id_: element("id", escape(id_)))))
    attributes = draw(st.sampled_from(["", ' rel="alternate"', ' rel="alternate" type="text/html"', ' hreflang="de"']))
    parts.append(f'<link{attributes} href="{escape(draw(PATHS))}"/>')
    parts += draw(
        st.lists(
            st.sampled_from(['<link rel="self" href="/self"/>', '<link rel="enclosure" href="/a.mp3"/>']), max_size=1
        )
    )
    parts.append(element("updated", draw(DATES)))
    parts.append(draw(st.one_of(DATES.map(lambda date: element("published", date)), st.just(""))))
    parts.append(draw(st.one_of(stated("summary", typed=True), st.just(""))))
    parts.append(draw(st.one_of(stated("content", typed=True), st.just(""))))
    parts.append(
        draw(st.sampled_from(["", "<author><name>Me</name><uri>/me</uri></author>", '<category term="x" label="X"/>']))
    )
    base = draw(st.sampled_from(["", "", "", ' xml:base="https://base.example/dir/"', ' xml:lang="fr"']))
    return f"<entry{base}>{''.join(draw(st.permutations(parts)))}</entry>"


@st.composite
def documents(draw: st.DrawFn) -> str:
    form = draw(st.sampled_from(["rss", "rss", "rdf", "rdf09", "atom", "atom"]))
    count = draw(st.integers(1, 3))
    entries = [draw(atom_entry() if form == "atom" else rss_item()) for _ in range(count)]
    head = draw(
        st.sampled_from(["", "<title>The feed</title>", "<title>A &amp; B</title><description>d</description>"])
    )
    if form == "atom":
        return (
            f'<feed xmlns="http://www.w3.org/2005/Atom"{DECLARED}>{head.partition("<desc")[0]}{"".join(entries)}</feed>'
        )
    if form == "rss":
        version = draw(st.sampled_from(["0.91", "0.92", "2.0", "2.0"]))
        return f'<rss version="{version}"{DECLARED}><channel>{head}{"".join(entries)}</channel></rss>'
    space = "http://purl.org/rss/1.0/" if form == "rdf" else "http://my.netscape.com/rdf/simple/0.9/"
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    spaces = DECLARED.replace(SPACES["atom"], "https://own.example/2")
    entries = [entry.replace("<atom:link", "<link").replace("<link href", "<own:x href") for entry in entries]
    named = [
        entry.replace("<item>", f'<item rdf:about="https://e.example/about/{n}">') for n, entry in enumerate(entries)
    ]
    return f'<rdf:RDF xmlns:rdf="{rdf}" xmlns="{space}"{spaces}><channel>{head}</channel>{"".join(named)}</rdf:RDF>'


def encoded(text: str, how: str) -> bytes:
    if how == "utf-8":
        return text.encode()
    if how == "declared utf-8":
        return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()
    if how == "bom":
        return b"\xef\xbb\xbf" + text.encode()
    if how == "utf-16":
        return f'<?xml version="1.0" encoding="utf-16"?>{text}'.encode("utf-16")
    charset = {"latin": "iso-8859-1", "windows": "windows-1252", "cyrillic": "windows-1251", "ascii": "us-ascii"}[how]
    return f'<?xml version="1.0" encoding="{charset}"?>{text}'.encode(charset, "xmlcharrefreplace")


DAMAGE = {
    "bare ampersands": lambda text: re.sub(r"&amp;(?=[ b])", "&", text),
    "an undeclared prefix": lambda text: text.replace(f' xmlns:dc="{SPACES["dc"]}"', "", 1),
    "junk before": lambda text: f"\n\n {text}",
    "a script behind": lambda text: f"{text}\n<script src='/x.js'></script>",
    "a document type": lambda text: f'<!DOCTYPE rss SYSTEM "http://e.example/rss.dtd">\n{text}',
    "named references": lambda text: text.replace("Harbour", "H&auml;fen", 3),
    "a control character": lambda text: text.replace("Harbour", "Har\x0bbour", 2),
}


def squashed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()[:150]


def as_text(markup: str) -> str:
    """By lxml, which knows nothing of our own way."""
    return str(lxml_html.fromstring(f"<div>{markup}</div>").text_content()) if markup.strip() else ""


def text_of(raw: Any, name: str, *, atom: bool) -> str:
    value = dict.get(raw, name) or ""
    kind = (dict.get(raw, f"{name}_detail") or {}).get("type")
    return as_text(value) if kind in HTML or (not atom and has_markup(value)) else value


def moment(raw: Any, name: str) -> datetime | None:
    parsed = dict.get(raw, f"{name}_parsed")
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None


def expected(raw: Any, *, atom: bool) -> dict[str, Any]:
    """feedparser's entry in our terms; a date of creation or of RSS's dc:date is when it appeared."""
    published = moment(raw, "published") or moment(raw, "created")
    if published is None and not atom:
        published = moment(raw, "updated")
    contents = [content["value"] for content in dict.get(raw, "content") or []]
    summary = dict.get(raw, "summary") or ""
    return {
        "url": clean_url(dict.get(raw, "link") or "", URL),
        "title": squashed(text_of(raw, "title", atom=atom)),
        "id": dict.get(raw, "id") or "",
        "published": published,
        "summary": squashed(
            as_text(contents[0]) if contents and summary in ("", *contents) else text_of(raw, "summary", atom=atom)
        ),
    }


def ours(entry: Entry, *, like: str, base: str) -> dict[str, Any]:
    # feedparser resolves an id against what is around it, we keep it as it is written.
    resolved = {entry.id, urljoin(base, entry.id), urljoin("https://base.example/dir/", entry.id), entry.url}
    return {
        "url": entry.url,
        "title": squashed(entry.title),
        "id": like if like in resolved or not like else entry.id,
        "published": entry.published_at,
        "summary": squashed(entry.summary),
    }


CHARSETS = st.sampled_from(["utf-8", "utf-8", "declared utf-8", "bom", "utf-16", "latin", "windows", "cyrillic"])


def compared(body: bytes, *, whole: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = feedparser.parse(io.BytesIO(body), response_headers={"content-location": URL})
    found = parse_feed(body, "", URL, NOW)
    atom = str(theirs.version).startswith("atom")
    linked = [raw for raw in theirs.entries if dict.get(raw, "link")]
    assert len(found.entries) + len(found.rejected) == len(theirs.entries)
    assert len(found.entries) == len(linked)
    repeated = any(" http" in entry.id for entry in found.entries)
    for entry, raw in zip(found.entries, linked, strict=True):
        wanted = expected(raw, atom=atom)
        if not whole:
            wanted |= {name: as_written(wanted[name]) for name in ("url", "id")}
        got = ours(entry, like=wanted["id"], base=URL)
        if repeated:  # ids that stand twice in a document are (id, URL)
            got["id"] = wanted["id"] = ""
        assert got == wanted


def as_written(reference: str) -> str:
    """feedparser's lenient reader leaves references in links and ids as they are, and makes some of bare ampersands."""
    return html.unescape(re.sub(r"&([ab]);=", r"&\1=", reference))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=documents(), how=CHARSETS)
def test_link_title_id_dates_and_summary_are_feedparsers(text: str, how: str) -> None:
    compared(encoded(text, how), whole=True)


@pytest.mark.parametrize("damage", DAMAGE)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=documents(), how=st.sampled_from(["declared utf-8", "latin"]))
def test_and_of_what_is_not_well_formed(damage: str, text: str, how: str) -> None:
    # With a reference that it does not know, its lenient reader reads other letters wrongly.
    compared(encoded(DAMAGE[damage](text), "ascii" if damage == "named references" else how), whole=False)
