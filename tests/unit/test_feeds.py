"""Feed lists: what is accepted, what is refused and with which line, and that lists survive a round trip."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker import feeds
from worker.errors import FeedListError
from worker.models import Feed
from worker.urls import feed_id

ROOT = Path(__file__).parents[2]


def write(folder: Path, text: str, name: str = "feeds.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def feed(url: str, title: str = "", language: str = "", folder: str = "") -> Feed:
    return Feed(feed_id(url), url, title, language, folder, "file")


def test_yaml_with_strings_and_mappings(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        feeds:
          - https://a.example/feed
          - url: https://b.example/rss?x=1
            title: Zeitung
            language: de-CH
            folder: News / Schweiz
          - {url: "https://c.example/", language: no, title: 20}
        """,
    )
    assert feeds.load(path) == [
        feed("https://a.example/feed"),
        feed("https://b.example/rss?x=1", "Zeitung", "de-CH", "News/Schweiz"),
        feed("https://c.example/", "20", "no"),
    ]


@pytest.mark.parametrize("text", ["feeds: []", "feeds:", "feeds:\n# nothing yet\n"])
def test_an_empty_list_is_a_list(tmp_path: Path, text: str) -> None:
    assert feeds.load(write(tmp_path, text)) == []


BAD_YAML = [
    ("", "mapping with the key `feeds`"),
    ("- https://a.example/", "mapping with the key `feeds`"),
    ("feed: []", "line 1: unknown key 'feed'"),
    ("feeds: https://a.example/", "line 1: `feeds` must be a list"),
    ("feeds:\n  - https://a.example/\n  - [1, 2]", "line 3: a feed is a URL or a mapping"),
    ("feeds:\n  - url: https://a.example/\n    titel: x", "line 3: unknown key 'titel'"),
    ("feeds:\n  - title: x", "line 2: the feed has no `url`"),
    ("feeds:\n  - {url: https://a.example/, url: https://b.example/}", "line 2: `url` stands twice"),
    ("feeds:\n  - url: {a: b}", "line 2: `url` must be text"),
    ("feeds:\n  - url: https://a.example/\n    language: German", "line 2: 'German' is no language code"),
    ("feeds:\n  - https://a.example/\n\n  - https://a.example/", "line 4: https://a.example/ stands already in line 2"),
    ("feeds:\n  - https://A.example/x\n  - https://a.example:443/x#y", "line 3: https://a.example/x stands already"),
    ("feeds:\n  - ftp://a.example/", "line 2: 'ftp://a.example/' is no http(s) URL"),
    ("feeds:\n  - example", "line 2: 'example' is no http(s) URL"),
    ("feeds:\n  - 7", "line 2: '7' is no http(s) URL"),
    ("feeds:\n  - https://user:secret@a.example/", "line 2: user names and passwords"),
    ("feeds:\n  - 'https://a.example/\\", "not YAML"),
    ("feeds:\n\t- https://a.example/", "line 2: not YAML"),
    ("feeds: &a [*a]", "line 1: a feed is a URL or a mapping"),
    ("feeds: " + "[" * 500, "nested too deeply"),
    ("feeds: []\n---\nfeeds: []", "line 2: not YAML"),
    ("feeds: [\x00]", "not YAML"),
]


@pytest.mark.parametrize(("text", "message"), BAD_YAML, ids=lambda value: ascii(value)[:40])
def test_bad_yaml_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(FeedListError) as caught:
        feeds.load(path)
    told = str(caught.value)
    assert message in told
    assert told.startswith(str(path))
    assert "\n" not in told
    assert "secret" not in told
    assert len(told) < 400 + len(str(path))


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FeedListError, match="No such file"):
        feeds.load(tmp_path / "missing.yaml")
    with pytest.raises(FeedListError, match="directory"):
        feeds.load(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"feeds: [\xe4\xe4]")
    with pytest.raises(FeedListError, match="not UTF-8"):
        feeds.load(tmp_path / "latin.yaml")
    with pytest.raises(FeedListError, match="not OPML"):
        feeds.load(write(tmp_path, "feeds: []", "list.opml"))
    monkeypatch.setattr(feeds, "MAX_FILE_BYTES", 5)
    with pytest.raises(FeedListError, match="larger than"):
        feeds.load(write(tmp_path, "feeds: []", "large.yaml"))


OPML = """\ufeff<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0">
  <head><title>Mine</title></head>
  <body>
    <outline text="Politik">
      <outline title="Schweiz">
        <outline type="rss" text="A &amp; B" xmlUrl=" https://a.example/feed " htmlUrl="https://a.example/"/>
        <outline text="again" XMLURL="https://a.example/feed"/>
      </outline>
      <outline text="C" xmlurl="https://c.example/?a=1&amp;b=2" language="fr"/>
    </outline>
    <outline type="rss" title="only a title" xmlUrl="https://d.example/"/>
    <outline type="include" url="https://evil.example/more.opml" text="never fetched"/>
    <outline text="a note without a feed"/>
  </body>
</opml>
"""


def test_opml_nested_with_duplicates_and_odd_case(tmp_path: Path) -> None:
    path = write(tmp_path, OPML, "export.txt")
    assert feeds.load(path) == [
        feed("https://a.example/feed", "A & B", "", "Politik/Schweiz"),
        feed("https://c.example/?a=1&b=2", "C", "fr", "Politik"),
        feed("https://d.example/", "only a title"),
    ]


LAUGHS = '<!DOCTYPE opml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><opml><body><outline text="&b;"/></body></opml>'
XXE = '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;"/></body></opml>'
BAD_OPML = [
    ("<opml><body><outline", "line 1: not well-formed"),
    ("<html><body/></html>", "root is <html>"),
    ("<opml><body><outline text='x' xmlUrl='javascript:alert(1)'/></body></opml>", "outline 1 (x): "),
    (LAUGHS, "entities"),
    (XXE, "entities"),
    ("<opml><body>" + "<outline>" * 40 + "</outline>" * 40 + "</body></opml>", "nested deeper"),
    ("<?xml version='1.0' encoding='no-such'?><opml/>", "unknown encoding"),
]


@pytest.mark.parametrize(("text", "message"), BAD_OPML, ids=lambda value: ascii(value)[:40])
def test_bad_opml_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FeedListError) as caught:
        feeds.load(write(tmp_path, text, "feeds.opml"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "root:" not in str(caught.value)


def test_a_million_outlines_are_refused_early(tmp_path: Path) -> None:
    path = write(tmp_path, "<opml><body>" + "<outline/>" * 1_000_000 + "</body></opml>", "many.opml")
    with pytest.raises(FeedListError, match="more than 100000 outlines"):
        feeds.load(path)


def test_reading_a_list_touches_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket, "socket", forbidden)
    doctype = '<!DOCTYPE opml SYSTEM "http://127.0.0.1:9/opml.dtd">'
    path = write(tmp_path, doctype + OPML.partition("?>")[2].lstrip(), "dtd.opml")
    assert len(feeds.load(path)) == 3


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
FEED = st.builds(
    lambda path, title, language, folder: (f"https://example.com/{path}", title, language, folder),
    st.text("abcdefghijklmnop?=&", min_size=1, max_size=8),
    TEXT,
    st.sampled_from(["", "de", "no", "en-GB"]),
    st.lists(TEXT, max_size=3).map("/".join),
)


@settings(max_examples=30)
@given(st.lists(FEED, max_size=6, unique_by=lambda item: item[0]))
def test_round_trips(tmp_path_factory: pytest.TempPathFactory, items: list[tuple[str, str, str, str]]) -> None:
    folder = tmp_path_factory.mktemp("lists")
    given_feeds = [feed(*item) for item in items]
    first = write(folder, feeds.dump_yaml(given_feeds))
    known = feeds.load(first)
    assert [item.url for item in known] == [item[0] for item in items]
    assert feeds.load(write(folder, feeds.dump_yaml(known))) == known
    # The order of OPML is by folder; where it must show a URL for want of a title, that is no title when it is read.
    back = feeds.load(write(folder, feeds.dump_opml(known), "list.opml"))
    assert sorted(back, key=lambda f: f.url) == sorted(known, key=lambda f: f.url)


def test_a_title_that_is_the_url_is_none(tmp_path: Path) -> None:
    text = """<opml version="2.0"><body>
      <outline text="https://a.example/feed" xmlUrl="https://a.example/feed"/>
      <outline text="https://b.example/feed" title="Bote" xmlUrl="https://b.example/feed"/></body></opml>"""
    assert [item.title for item in feeds.load(write(tmp_path, text, "list.opml"))] == ["", "Bote"]


def test_the_list_that_comes_with_feedmill() -> None:
    path = ROOT / "config" / "feeds.yaml"
    listed = feeds.load(path)
    assert len(listed) >= 30
    assert {item.language for item in listed} == {"de", "en", "fr", "it"}
    assert any(item.url.startswith("https://www.watson.ch/") for item in listed)
    text = path.read_text(encoding="utf-8")
    for item in listed:
        assert item.title
        assert item.folder
        assert f'"{item.url}"' in text, "sent byte for byte as written in the file"
