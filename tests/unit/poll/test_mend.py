"""What is not well-formed, mended: with what feedparser's lenient reader makes of it as the measure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.poll.decode import decode
from worker.poll.parse import parse_feed

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ITEM = "<item><title>T</title><link>https://e.example/1</link></item>"


def rss(inside: str, *, head: str = "", tail: str = "", root: str = "<rss version='2.0'>") -> bytes:
    return f"{head}{root}<channel><title>C</title>{inside}</channel></rss>{tail}".encode()


def mended(body: bytes) -> tuple[str, bool]:
    done = decode(body, "").mended().patched()
    return done.text, done.repaired


@pytest.mark.parametrize(
    ("inside", "title", "url"),
    [
        (
            "<title>Tea & cake</title><link>https://e.example/?a=1&b=2</link>",
            "Tea & cake",
            "https://e.example/?a=1&b=2",
        ),
        (
            "<title>AT&T &unknown; &amp; &eacute; &#233;</title><link>https://e.example/1</link>",
            "AT&T &unknown; & é é",
            "",
        ),
        ("<title><![CDATA[Q&A &amp; more]]></title><link>https://e.example/1</link>", "Q&A & more", ""),
        ("<title>&x=1 &#xZZ; &;</title><link>https://e.example/1</link>", "&x=1 &#xZZ; &;", ""),
        ("<title>x</title><link>https://e.example/?x&amp;y</link>", "x", "https://e.example/?x&y"),
    ],
)
def test_ampersands(inside: str, title: str, url: str) -> None:
    body = rss(f"<item>{inside}</item>")
    found = parse_feed(body, "", "https://e.example/feed", NOW)
    [entry] = found.entries
    assert (entry.title, entry.url) == (title, url or "https://e.example/1")


def test_well_formed_documents_stay_as_they_are() -> None:
    for inside in (
        "<!-- Q&A <a:b> --><?php a && b ?>" + ITEM,
        "<item><description><![CDATA[<o:p>&nbsp;&&</o:p>]]></description></item>",
        "<item xmlns:dc='x'><dc:date>1</dc:date></item>",
    ):
        body = rss(inside)
        text, repaired = mended(body)
        assert not repaired
        assert text == body.decode()


def test_prefixes_that_nobody_declared() -> None:
    inside = (
        "<item><link>https://e.example/1</link><dc:creator>Me</dc:creator><media:title>M</media:title>"
        "<content:encoded><![CDATA[<o:p>Text</o:p>]]></content:encoded><own:title>Mine</own:title></item>"
    )
    found = parse_feed(rss(inside), "", "https://e.example/feed", NOW)
    [entry] = found.entries
    assert (entry.authors, entry.title, entry.summary, found.malformed) == (("Me",), "M", "Text", True)
    assert " xmlns:o=" not in mended(rss(inside))[0]


@pytest.mark.parametrize(
    ("head", "tail", "repaired"),
    [
        ("<b>Warning</b>: on line 3<br/>\n<?xml version='1.0'?>", "", True),
        ("<?xml?xml version='1.0' encoding='UTF-8' ??>", "", False),
        ("", "<script src='x'></script>", True),
        ("", "\n<!-- cached -->\n0", True),
        ("", "\n<!-- cached & served -->\n", False),
    ],
)
def test_what_stands_around_the_feed(head: str, tail: str, repaired: bool) -> None:
    found = parse_feed(rss(ITEM, head=head, tail=tail), "", "https://e.example/feed", NOW)
    assert [entry.title for entry in found.entries] == ["T"]
    assert found.malformed == repaired


DOCTYPE = """<!DOCTYPE rss [
  <!ENTITY own "tag:e.example,"> <!ENTITY % p "x"> <!ENTITY nested "&own;&own;"> <!ENTITY file SYSTEM "file:///etc/passwd">
  <!ENTITY markup "<b>"> ]>"""


def test_entities_of_the_documents_own() -> None:
    guids = "".join(
        f"<item><guid isPermaLink='false'>&{name};1</guid></item>" for name in ("own", "nested", "file", "markup")
    )
    text, _ = mended(rss(guids, head=DOCTYPE))
    assert [part.partition("<")[0] for part in text.split("'false'>")[1:]] == ["tag:e.example,1", "1", "1", "1"]


def test_entities_cannot_make_much_of_little() -> None:
    bomb = f"<!DOCTYPE rss [<!ENTITY a '{'x' * 200}'>]>"
    text, _ = mended(rss("&a;" * 200_000, head=bomb))
    assert len(text) < 2_000_000


def test_a_doctype_in_a_comment_is_none() -> None:
    body = rss(ITEM, head="<!-- <!DOCTYPE html> -->")
    assert len(parse_feed(body, "", "https://e.example/feed", NOW).entries) == 1
    assert mended(body)[0] == body.decode()
