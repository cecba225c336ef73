"""Feed lists: what is accepted, what is refused and with which line, and that lists survive a round trip."""

from __future__ import annotations

import socket
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker import feeds, opml
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
        replace(
            feed("https://a.example/feed", "A & B", "", "Politik/Schweiz"),
            outline=(("htmlUrl", "https://a.example/"),),
        ),
        feed("https://c.example/?a=1&b=2", "C", "fr", "Politik"),
        feed("https://d.example/", "only a title"),
    ]


LAUGHS = '<!DOCTYPE opml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><opml><body><outline text="&b;"/></body></opml>'
XXE = '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;"/></body></opml>'
BAD_OPML = [
    ("<opml><body><outline", "line 1: not well-formed"),
    ("<html><body/></html>", "root is <html>"),
    ("<opml><body><outline text='x' xmlUrl='javascript:alert(1)'/></body></opml>", "outline 1 (x): "),
    ("<opml><body>&#0;</body></opml>", "line 1: not well-formed XML (reference to invalid character number)"),
    ("<opml><body>\n&nbsp;</body></opml>", "line 2: not well-formed XML (undefined entity)"),
    ("<opml><body>" + "<a>" * 100_000, "line 1: nested deeper than 32"),
    ("<opml><body><!--" + "x" * 3_000_000 + "--></body></opml>", "without a tag"),
    ("<?xml version='1.0' encoding='utf-7'?><opml/>", "unknown encoding, utf-7"),
    ("<?xml version='1.0' encoding='base64'?><opml/>", "unknown encoding, base64"),
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


CHARSETS = [
    ("utf-8", "utf-8-sig"),
    ("UTF-16", "utf-16"),
    ("UTF-16", "utf-16-be"),
    ("utf-16", "utf-8"),
    ("ISO-8859-1", "latin-1"),
    ("windows-1251", "cp1251"),
    ("Shift_JIS", "shift_jis"),
    ("GB2312", "gb2312"),
    ("no-matter", "utf-8-sig"),
]


@pytest.mark.parametrize(("encoding", "codec"), CHARSETS)
def test_charsets(tmp_path: Path, encoding: str, codec: str) -> None:
    title = {"cp1251": "Новости", "shift_jis": "新聞", "gb2312": "新闻", "latin-1": "Müsli"}.get(codec, "Zürich 新聞")
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><opml><outline text="{title}" xmlUrl="https://a.example/"/></opml>'
    )
    (tmp_path / "list.opml").write_bytes(text.encode(codec))
    assert [item.title for item in feeds.load(tmp_path / "list.opml")] == [title]


def test_a_wrong_charset_is_told(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<opml><outline text="Müsli" xmlUrl="https://a.example/"/></opml>'
    (tmp_path / "list.opml").write_bytes(text.encode("latin-1"))
    with pytest.raises(FeedListError, match="not text in utf-8; save the list as UTF-8"):
        feeds.load(tmp_path / "list.opml")


def test_a_long_list_takes_the_memory_of_one_outline(tmp_path: Path) -> None:
    line = '<outline text="Feed {0}" xmlUrl="https://h{0}.example/feed" htmlUrl="https://h{0}.example/" x="{1}"/>\n'
    with (tmp_path / "many.opml").open("w") as file:
        file.write("<opml><body>")
        file.writelines(line.format(number, "y" * 400) for number in range(20_000))
        file.write("</body></opml>")
    with (tmp_path / "many.opml").open("rb") as stream:
        tracemalloc.start()
        count = sum(1 for _ in opml.outlines(stream, "many.opml"))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 2 << 20


def test_a_million_outlines_are_refused_early(tmp_path: Path) -> None:
    path = write(tmp_path, "<opml><body>" + "<outline/>" * 1_000_000 + "</body></opml>", "many.opml")
    with pytest.raises(FeedListError, match="more than 250000 outlines"):
        feeds.load(path)


def test_reading_a_list_touches_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket, "socket", forbidden)
    doctype = '<!DOCTYPE opml SYSTEM "http://127.0.0.1:9/opml.dtd">'
    path = write(tmp_path, doctype + OPML.partition("?>")[2].lstrip(), "dtd.opml")
    assert len(feeds.load(path)) == 3


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["htmlUrl", "title", "type", "language", "category", "{https://reader.example/ns}mark", "x-y.z"]),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=20),
)
FEED = st.builds(
    lambda path, title, language, folder, more: (f"https://example.com/{path}", title, language, folder, more),
    st.text("abcdefghijklmnop?=&", min_size=1, max_size=8),
    TEXT,
    st.sampled_from(["", "de", "no", "en-GB"]),
    st.lists(TEXT, max_size=3).map("/".join),
    ATTRIBUTES,
)
Items = list[tuple[str, str, str, str, dict[str, str]]]


@settings(max_examples=50)
@given(st.lists(FEED, max_size=6, unique_by=lambda item: item[0]))
def test_round_trips(tmp_path_factory: pytest.TempPathFactory, items: Items) -> None:
    folder = tmp_path_factory.mktemp("lists")
    given_feeds = [feed(*item[:4]) for item in items]
    first = write(folder, feeds.dump_yaml(given_feeds))
    known = feeds.load(first)
    assert [item.url for item in known] == [item[0] for item in items]
    assert feeds.load(write(folder, feeds.dump_yaml(known))) == known
    # Another reader's list, with whatever it says of its feeds: the first reading is what all later ones give again.
    theirs = [replace(item, outline=tuple(more[-1].items())) for item, more in zip(known, items, strict=True)]
    read = feeds.load(write(folder, feeds.dump_opml(theirs), "theirs.opml"))
    back = feeds.load(write(folder, feeds.dump_opml(read), "list.opml"))
    assert back == read
    # The order of OPML is by folder; where it must show a URL for want of a title, that is no title when it is read.
    assert sorted(item.url for item in back) == sorted(item[0] for item in items)
    kept = {item.url: item for item in back}
    for url, _, language, _, more in items:
        if "language" not in more:
            assert kept[url].language == language
        for name in more.keys() - {"title", "type", "language"}:
            assert (name, more[name]) in kept[url].outline
    for before in known:
        after = kept[before.url]
        assert after.folder == before.folder
        if before.title:
            assert after.title == before.title


def test_what_another_reader_wrote_is_kept(tmp_path: Path) -> None:
    outline = (
        '<outline type="atom" text="Ours" title="Theirs" xmlUrl="https://a.example/f" htmlUrl="https://a.example/" '
        'language="unknown" category="/a/b,c" f:css="div &gt; p" version="RSS2"/>'
    )
    text = f'<opml xmlns:f="https://f.example/ns" version="2.0"><body>{outline}</body></opml>'
    once = feeds.load(write(tmp_path, text, "list.opml"))
    assert once[0].title == "Ours"
    assert dict(once[0].outline) == {
        "type": "atom",
        "title": "Theirs",
        "htmlUrl": "https://a.example/",
        "language": "unknown",
        "category": "/a/b,c",
        "{https://f.example/ns}css": "div > p",
        "version": "RSS2",
    }
    assert feeds.load(write(tmp_path, feeds.dump_opml(once), "again.opml")) == once


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
