"""poll and extract: what a person tries on one feed or one page."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.integration.cli.conftest import Call
from worker.demo.server import Newsroom

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Bote</title><ttl>30</ttl>
<item><title>Eins</title><link>https://example.org/1</link><guid>a</guid><author>Ann</author>
<pubDate>Fri, 20 Nov 2026 12:00:00 GMT</pubDate><description>&lt;p&gt;Kurz \x9b.&lt;/p&gt;</description></item>
<item><title>Zwei</title><link>javascript:alert(1)</link></item></channel></rss>"""

SENTENCE = "The council of Port Ellery voted on Tuesday evening to rebuild the northern breakwater after the storm. "


def page(title: str, text: str) -> str:
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"


PAGE = page(
    "Council votes", f"<p>{SENTENCE * 3}</p><p>{'Members of both parties spoke for the plan at length. ' * 4}</p>"
)
SHORT = page("Short", "<p>Power cut on Tuesday morning.</p>")


def test_poll_a_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(RSS)
    done = call("poll", "feed.xml", "--json")
    assert done.code == 0
    [row] = done.rows()
    assert set(row) == {"id", "url", "title", "summary", "published_at", "updated_at", "authors", "tags", "image"}
    assert (row["id"], row["url"], row["published_at"]) == ("a", "https://example.org/1", "2026-11-20T12:00:00Z")
    assert "1 entry, “Bote”" in done.err
    assert "not usable: Zwei" in done.err
    shown = call("poll", "feed.xml")
    assert "Eins" in shown.out
    assert "\x9b" not in shown.out


def test_poll_what_is_no_feed(call: Call, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    done = call("poll", "page.html")
    assert (done.code, done.out) == (1, "")
    assert "not_a_feed" in done.err
    assert "feedmill poll" not in done.err, "that was just done"


def test_poll_a_missing_file(call: Call) -> None:
    done = call("poll", "none.xml")
    assert done.code == 2
    assert done.err.startswith("feedmill: neither an http(s) URL nor a file")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("ftp://x/y", "feedmill: ftp: is not supported: a feed's URL begins with http:// or https://"),
        ("example.org/feed", "http:// or https:// is missing: https://example.org/feed"),
    ],
)
def test_poll_what_is_nearly_a_url(call: Call, source: str, says: str) -> None:
    done = call("poll", source)
    assert done.code == 2
    assert says in done.err


def test_poll_a_url(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_NET__ALLOW", "127.0.0.0/8")
    with Newsroom() as newsroom:
        url = next(url for url in newsroom.feeds if "harbour" in url)
        rows = call("poll", url, "--json").rows()
        assert [row["title"] for row in rows].count("Night ferry to Skerra begins six-month trial") == 1
        missing = call("poll", url + ".gone")
        assert missing.code == 1
        assert "client_error (status 404)" in missing.err
        assert "page" not in missing.err, "it is a feed, not an article"


def test_poll_stays_out_of_private_networks(call: Call) -> None:
    with Newsroom() as newsroom:
        untouched = newsroom.stats()
        done = call("poll", newsroom.feeds[0])
        assert done.code == 1
        assert "FEEDMILL_NET__ALLOW" in done.err
        assert newsroom.stats() == untouched


def test_extract_in_the_order_given(call: Call, tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text(PAGE)
    (tmp_path / "a.html").write_text(SHORT)
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n")
    done = call("extract", "b.html", "a.html", "c.pdf", "--json")
    assert done.code == 0
    rows = done.rows()
    assert [row["file"] for row in rows] == ["b.html", "a.html", "c.pdf"]
    assert [row["reason"] for row in rows] == [None, "too_short", "not_html"]
    assert rows[0]["title"] == "Council votes"
    assert "rebuild the northern breakwater" in rows[0]["body"]
    assert "Power cut" in rows[1]["body"], "the text of a refused page stays in the line"


def test_extract_for_people(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(SHORT)
    done = call("extract", "a.html")
    assert "refused: too_short" in done.out


def test_extract_from_stdin(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(PAGE.encode())))
    [row] = call("extract", "-", "--url", "https://example.org/x", "--json").rows()
    assert (row["file"], row["url"]) == ("-", "https://example.org/x")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("a.html", "none.html"), "none.html is not a file"),
        (("a.html", "a.html", "--url", "https://example.org/"), "--url goes with one page"),
        (("-", "-"), "`-` can be read once only"),
        (("a.html", "--url", "nonsense"), "nonsense"),
    ],
)
def test_extract_called_wrongly(call: Call, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    done = call("extract", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
