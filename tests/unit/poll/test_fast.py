"""The fast path gives what feedparser gives, or declines: fixtures, made-up feeds with odd parts, and its own lists."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from worker.errors import Refuse
from worker.models import ParsedFeed
from worker.poll import fast, parse
from worker.poll.fast_entry import HANDLERS, IGNORED
from worker.poll.fast_parts import Base, DeclinedError, resolved
from worker.poll.names import ACTED_ON, PREFIXES, STRANGERS, words
from worker.poll.parse import parse_feed

FIXTURES = Path(__file__).parents[2] / "fixtures" / "feeds"
NAMES = sorted(path.name for path in FIXTURES.iterdir() if not path.name.endswith(".expected.json"))
FAST = {
    "cp1252-labelled-utf8.xml", "dates.xml", "doctype-bomb.xml", "duplicate-guids.xml", "feedburner.xml",
    "gzip-without-header.xml", "hubs-and-archive.xml", "media.xml", "not-well-formed.xml", "rdf10.xml", "rss091.xml",
    "rss20.xml", "utf16.xml",
}  # fmt: skip
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://feeds.example/dir/feed.xml"


def declines(document: bytes, url: str, limit: int) -> fast.Found:
    raise DeclinedError("always")


def both(body: bytes) -> tuple[ParsedFeed | str, ParsedFeed | str, bool]:
    """By the fast path where it takes it, by feedparser alone, and whether the fast path took it."""
    taken: list[bool] = []
    original = fast.read

    def watched(document: bytes, url: str, limit: int) -> fast.Found:
        found = original(document, url, limit)
        taken.append(True)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse.fast, "read", watched)
        first = outcome(body)
        patch.setattr(parse.fast, "read", declines)
        second = outcome(body)
    return first, second, bool(taken)


def outcome(body: bytes) -> ParsedFeed | str:
    try:
        return parse_feed(body, "", URL, NOW)
    except Refuse as refused:
        return f"{refused.reason} {refused.detail}"


@pytest.mark.parametrize("name", NAMES)
def test_fixture(name: str) -> None:
    first, second, taken = both((FIXTURES / name).read_bytes())
    assert first == second
    assert taken == (name in FAST)


TEXTS = st.sampled_from(
    [
        "", "plain", " two  words ", "Q&amp;amp;A", "a &lt;b&gt;bold&lt;/b&gt; word", "3 &lt; 5", "&amp;nbsp;x",
        "caf\u00e9",
        "caf\u00c3\u00a9", "&#146;quoted&#148;", "<![CDATA[<p>in <i>CDATA</i> &amp; more</p>]]>", "x<!-- c -->y",
        "https://e.example/a", "/relative", "http://e.example/?a=1&amp;b=2", "//other.example/x", "HTTPS://E.example/x#",
        "javascript:alert(1)", "Thu, 29 Oct 2026 10:00:00 GMT", "2026-10-29T10:00:00+02:00", "2026-02-30", "0001-01-01",
        "a@b.example (A Name)", "A Name", "one, two,,three", "\u65e5\u672c\u8a9e",
        "<b>real</b> markup", "&lt;unknown&gt;&lt;/unknown&gt;",
    ]
)  # fmt: skip
ELEMENTS = sorted(
    words(
        "title link guid id description summary pubDate published updated author category enclosure source "
        "comments image abstract content created rights url name dc:creator dc:date dc:subject dc:title "
        "dc:description dcterms:issued dcterms:modified content:encoded media:title media:description "
        "media:content media:thumbnail media:category media:keywords media:group media:credit itunes:author "
        "itunes:summary itunes:image itunes:keywords itunes:category feedburner:origLink atom:link atom:author "
        "atom:id atom:updated own:title own:thing slash:comments georss:point tags body subtitle language"
    )
)
ATTRIBUTES = st.sampled_from(
    [
        "", "", "", ' href="https://e.example/h"', ' href="rel/x"', ' rel="self" href="/self"', ' rel="enclosure"',
        ' isPermaLink="false"', ' isPermaLink="true"', ' type="html"', ' type="text"', ' type="text/html"',
        ' type="xhtml"', ' url="https://e.example/i.jpg" type="image/jpeg"',
        ' url="https://e.example/i.jpg" width="10"',
        ' term="t" label="l"', ' domain="d"', ' text="t"', ' xml:lang="de"', ' own:type="x"',
        ' xml:base="https://b.example/"',
        ' rel="hub" href="https://h.example/"', ' src="/s"', ' medium="image" url="i.png"',
    ]
)  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(st.sampled_from(ELEMENTS))
    nested = depth < 2 and draw(st.integers(0, 5)) == 0
    inside = "".join(draw(st.lists(elements(depth + 1), max_size=3))) if nested else draw(TEXTS)
    return f"<{name}{draw(ATTRIBUTES)}>{inside}</{name}>"


SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:own="https://own.example/ns"'
    ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:georss="http://www.georss.org/georss"'
)


def document(form: str, head: str, items: list[str]) -> bytes:
    if form == "atom":
        entries = "".join(f"<entry>{item}</entry>" for item in items)
        text = f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}>{head}{entries}</feed>'
    elif form == "rdf":
        entries = "".join(f'<item rdf:about="https://e.example/{n}">{item}</item>' for n, item in enumerate(items))
        text = (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
            f" {SPACES.replace('http://www.w3.org/2005/Atom', 'https://own.example/2')}>"
            f"<channel>{head}</channel>{entries}</rdf:RDF>"
        )
    else:
        entries = "".join(f"<item>{item}</item>" for item in items)
        text = f'<rss version="2.0" {SPACES}><channel>{head}{entries}</channel></rss>'
    return text.encode()


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["rss", "atom", "rdf"]),
    st.lists(elements(), max_size=4).map("".join),
    st.lists(st.lists(elements(), max_size=7).map("".join), min_size=1, max_size=3),
)
@example("rss", "", ["<link>https://e.example/1</link><title>a</title><media:title>b</media:title>"])
@example("rss", "", ["<link>https://e.example/1</link><description>a</description><description>b</description>"])
@example("atom", "", ["<id>https://e.example/1</id><title type='html'>a &amp;lt; b</title>"])
@example("rdf", "", ["<atom:id><b>real</b> markup</atom:id>"])
@example(
    "rss", "", ["<own:id>7</own:id><link>https://e.example/1</link>", "<id>8</id><link>https://e.example/2</link>"]
)
@example("rss", "<ttl>5</ttl><image><title>t</title></image>", ["<guid>https://e.example/1</guid>"])
def test_any_feed_is_read_as_feedparser_reads_it(form: str, head: str, items: list[str]) -> None:
    first, second, _ = both(document(form, head, items))
    assert first == second


DECLINED = {
    "no entries": "<rss version='2.0'><channel><title>T</title></channel></rss>",
    "not well-formed": "<rss version='2.0'><channel><item><title>T</item></channel></rss>",
    "its root": "<channel><item/></channel>",
    "not one channel": "<rss version='2.0'><channel/><item/></rss>",
    "one prefix for two namespaces": "<rss xmlns:a='u:1'><channel xmlns:a='u:2'><item/></channel></rss>",
    "a well-known prefix for another namespace": "<rss xmlns:media='http://purl.org/dc/terms/'><channel><item/></channel></rss>",
    "markup inside a field": "<rss><channel><item><title>a <b>b</b></title></item></channel></rss>",
    "a relative link, and xml:base": "<rss xml:base='http://b/'><channel><item><link>x</link></item></channel></rss>",
}


def test_more_entries_than_wanted_are_declined_before_they_cost_anything() -> None:
    with pytest.raises(DeclinedError, match="too many"):
        fast.read(b"<rss><channel>%b</channel></rss>" % (b"<item/>" * 11), URL, 10)


@pytest.mark.parametrize("why", DECLINED)
def test_declined(why: str) -> None:
    with pytest.raises(DeclinedError, match=re.escape(why)):
        fast.read(DECLINED[why].encode(), URL, 100)


def test_an_element_of_an_unknown_default_namespace_is_not_taken_for_what_it_seems() -> None:
    inside = "<title>T</title><link>https://e.example/1</link><description xmlns='https://own.example/'>x</description>"
    with pytest.raises(DeclinedError):
        fast.read(f"<rss version='2.0'><channel><item>{inside}</item></channel></rss>".encode(), URL, 100)


def test_the_lists_name_every_element_that_feedparser_acts_on() -> None:
    """A new feedparser that acts on more elements must be looked at before the fast path may ignore those."""
    acted = {
        re.sub("^_(?:start|end)_", "", name).lower()
        for name in dir(feedparser.api.StrictFeedParser)
        if name.startswith(("_start_", "_end_"))
    }
    assert acted == ACTED_ON
    assert set(HANDLERS) - {"feedburner_origlink"} | IGNORED <= ACTED_ON


def test_the_namespaces_are_feedparsers() -> None:
    theirs = {uri.lower(): prefix.lower() for uri, prefix in feedparser.api.StrictFeedParser.namespaces.items()}
    for uri, prefix in PREFIXES.items():
        assert theirs.get(uri, prefix) == prefix
    # Those that are missing here hold nothing that feedparser acts on.
    missing = {prefix for uri, prefix in theirs.items() if uri not in PREFIXES and uri not in STRANGERS}
    assert not {name for name in ACTED_ON if name.partition("_")[0] in missing and "_" in name}


@given(st.text("htps:/.?#;&=aZ09 \t%[]é,@-", max_size=25))
@example("http://a.example/b;?c=1")
@example("https://a.example?x")
def test_joining_is_feedparsers(uri: str) -> None:
    from feedparser.urls import _urljoin

    for candidate in (uri, "http://a.example/" + uri, "https://a.example" + uri):
        assert resolved(Base(URL, b""), candidate) == _urljoin(URL, candidate)


def test_a_parsed_feed_is_a_plain_value() -> None:
    first, second, taken = both((FIXTURES / "media.xml").read_bytes())
    assert taken
    assert isinstance(first, ParsedFeed)
    assert isinstance(second, ParsedFeed)
    assert dataclasses.asdict(first) == dataclasses.asdict(second)
