"""Which addresses of a page may be feeds, in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Refuse
from worker.poll.discover import Format, format_of, spellings
from worker.poll.links import alternates
from worker.poll.site_links import How, SiteLink, guesses, links_of_page, of_comments

HOME = "https://www.example.com/blog/"


def urls(markup: str, url: str = HOME) -> list[str]:
    return [link.url for link in links_of_page(f"<html>{markup}".encode(), "text/html", url)]


def test_named_feeds_come_first_and_those_of_comments_last() -> None:
    page = """<head><base href="/base/">
      <link rel="alternate" type="application/rss+xml" title="Example &raquo; Comments Feed" href="/comments/feed/">
      <link rel="stylesheet" type="application/rss+xml" href="/not">
      <link rel="alternate" hreflang="de" href="/de/">
      <link rel='Alternate' type='application/atom+xml; charset=utf-8' title='Atom' href='atom.xml'>
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
      <link rel="alternate" type="application/feed+json" href="feed://other.example/feed.json">
      <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
      </head><body><a href="/rss.xml"><b>RSS</b></a> <a href="https://blog.other.example/feed">a friend</a>
      <a href="//feeds.other.example/example/rss">ours, elsewhere</a> <a href="/feedback">write to us</a>"""
    found = links_of_page(page.encode(), "", HOME)
    assert found == (
        SiteLink("https://www.example.com/base/atom.xml", "Atom", How.NAMED),
        SiteLink("https://other.example/feed.json", "", How.NAMED),
        SiteLink("https://www.example.com/rss.xml", "RSS", How.LINKED),
        SiteLink("https://feeds.other.example/example/rss", "ours, elsewhere", How.LINKED),
        SiteLink("https://www.example.com/comments/feed/", "Example » Comments Feed", How.NAMED),
    )


@pytest.mark.parametrize(
    ("href", "feed"),
    [
        ("/feed", True),
        ("/feed/", True),
        ("/rss/", True),
        ("/news/rss.xml", True),
        ("/atom.php", True),
        ("/x.rdf", True),
        ("/index.rss", True),
        ("/?feed=rss2", True),
        ("/index.php?format=feed&type=rss", True),
        ("/feeds/all.xml", False),
        ("/feedback", False),
        ("/what-is-rss", False),
        ("/about", False),
        ("mailto:rss@example.com", False),
    ],
)
def test_links_that_look_like_feeds(href: str, feed: bool) -> None:
    assert bool(urls(f"<a href='{href}'>x</a>")) is feed


def test_a_page_does_not_name_itself_and_nothing_twice() -> None:
    link = f"<link rel='alternate' type='application/rss+xml' href='{HOME}'>"
    assert urls(link + "<link rel=feed href=/f><a href=/f>f</a><a href=/rss>r</a><a href=/rss>r</a>") == [
        "https://www.example.com/f",
        "https://www.example.com/rss",
    ]


def test_the_charset_of_a_page_counts() -> None:
    link = "<meta charset=iso-8859-2><link rel=feed title='Łódź' href=/f>"
    [found] = links_of_page(f"<!DOCTYPE html>{link}".encode("iso-8859-2"), "text/html", HOME)
    assert found.title == "Łódź"


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_page_breaks_it(body: bytes) -> None:
    for link in links_of_page(body, "text/html", HOME):
        assert link.url.startswith(("http://", "https://"))


def test_a_flood_of_links_is_cut() -> None:
    assert len(urls("".join(f"<a href='/{n}/feed'>x</a>" for n in range(5000)))) == 30
    assert len(urls("<a href=/feed>" + "<b>x</b>" * 200_000)) == 1


def test_the_header_names_feeds_too() -> None:
    header = (
        '<https://api.example/>; rel="https://api.w.org/", </feed>; rel="alternate"; type="application/rss+xml"; '
        'title="All", </de>; rel=alternate; hreflang=de, <javascript:x>; rel=alternate; type="application/atom+xml"'
    )
    assert alternates(header, HOME) == (("https://www.example.com/feed", "All"),)


def test_guesses_begin_beside_the_page() -> None:
    found = [link.url for link in guesses("https://example.com/blog/")]
    assert found[:3] == ["https://example.com/blog/feed", "https://example.com/feed", "https://example.com/blog/rss"]
    assert [link.url for link in guesses("https://example.com/a.html")][:2] == [
        "https://example.com/feed",
        "https://example.com/rss",
    ]


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("https://Example.com/feed", ("https://example.com/feed",)),
        ("http://example.com", ("http://example.com/",)),
        (" example.com ", ("https://example.com/", "http://example.com/")),
        ("a.example/f?x=http://b", ("https://a.example/f?x=http://b", "http://a.example/f?x=http://b")),
        ("localhost:8000/rss", ("https://localhost:8000/rss", "http://localhost:8000/rss")),
        ("127.0.0.1:80/f", ("https://127.0.0.1:80/f", "http://127.0.0.1/f")),
        ("feed://example.com/rss", ("https://example.com/rss", "http://example.com/rss")),
        ("FEED:https://example.com/rss", ("https://example.com/rss",)),
        ("feed:example.com/rss", ("https://example.com/rss", "http://example.com/rss")),
    ],
)
def test_what_a_person_types(address: str, meant: tuple[str, ...]) -> None:
    assert spellings(address) == meant


@pytest.mark.parametrize("address", ["nonsense", "", "ftp://example.com/", "javascript:alert(1)", "mailto:a@b.example"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(Refuse):
        spellings(address)


def test_comments() -> None:
    assert of_comments("https://example.com/comments/feed/", "")
    assert of_comments("https://example.com/feed", "Kommentare zu: Beispiel")
    assert not of_comments("https://comments.example.com/feed", "News and commerce")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<?xml version='1.0'?><!-- x --><rss version='2.0'>", Format.RSS),
        ("\ufeff<rdf:RDF xmlns:rdf='x'>".encode("utf-16"), Format.RDF),
        (b"\xef\xbb\xbf  <feed xmlns='http://www.w3.org/2005/Atom'>", Format.ATOM),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', Format.JSON),
        (b"<urlset xmlns='x'>", Format.SITEMAP),
        (b"", Format.RSS),
    ],
)
def test_formats(body: bytes, told: Format) -> None:
    assert format_of(body) is told
