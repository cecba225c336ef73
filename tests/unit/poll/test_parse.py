"""Feed bytes -> entries: the fixtures with their expected twins, the caps, and anything at all."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Refuse
from worker.models import Reason
from worker.poll.parse import parse_feed, parsed_from_json, run
from worker.poll.wire import parsed_to_json

FIXTURES = Path(__file__).parents[2] / "fixtures" / "feeds"
NAMES = sorted(path.name for path in FIXTURES.iterdir() if not path.name.endswith(".expected.json"))
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://feeds.example/feed.xml"


def rss(items: str, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<rss version="2.0"><channel><title>T</title>'
        f"<link>https://e.example/</link>{items}</channel></rss>"
    ).encode()


def item(number: int, extra: str = "", moment: datetime | None = None) -> str:
    date = f"<pubDate>{moment:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if moment else ""
    return f"<item><title>T{number}</title><link>https://e.example/{number}</link>{date}{extra}</item>"


def test_there_are_fixtures() -> None:
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_fixture(name: str) -> None:
    argument = {"url": f"https://feeds.example/{name}", "now": NOW.isoformat(), "content_type": ""}
    result = run(argument, (FIXTURES / name).read_bytes())
    assert result == json.loads((FIXTURES / f"{name}.expected.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(result)) == result
    if "refused" in result:
        with pytest.raises(Refuse) as caught:
            parsed_from_json(result)
        assert caught.value.reason is Reason.NOT_A_FEED
    else:
        assert parsed_to_json(parsed_from_json(result)) == result


@pytest.mark.parametrize("order", ["newest first", "oldest first", "shuffled"])
def test_the_newest_entries_are_kept(order: str) -> None:
    total, limit = 28, 20
    moments = [NOW - timedelta(hours=number) for number in range(total)]
    numbers = list(range(total))
    if order == "oldest first":
        numbers.reverse()
    elif order == "shuffled":
        numbers = numbers[1::2] + numbers[::2]
    parsed = parse_feed(rss("".join(item(n, "", moments[n]) for n in numbers)), "", URL, NOW, max_entries=limit)
    assert parsed.truncated == total - limit
    assert [entry.title for entry in parsed.entries] == [f"T{n}" for n in numbers if n < limit]


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_hundred_thousand_entries_cost_no_more_than_the_kept_ones(newest_first: bool) -> None:
    numbers = range(100_000) if newest_first else range(99_999, -1, -1)
    body = rss("".join(f"<item><link>http://e.example/{n}</link><pubDate>{_day(n)}</pubDate></item>" for n in numbers))
    started = time.process_time()
    parsed = parse_feed(body, "", URL, NOW, max_entries=200)
    assert time.process_time() - started < 2.0
    assert parsed.truncated == 99_800
    assert {entry.url for entry in parsed.entries} == {f"http://e.example/{n}" for n in range(200)}


def _day(age: int) -> str:
    return f"{NOW - timedelta(minutes=age):%Y-%m-%dT%H:%MZ}"


def test_json_feed_is_capped_too() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"id": str(n), "url": f"https://e.example/{n}"} for n in range(300)],
    }
    parsed = parse_feed(json.dumps(feed).encode(), "application/feed+json", URL, NOW, max_entries=20)
    assert len(parsed.entries) == 20
    assert parsed.truncated == 280


def test_fields_are_capped() -> None:
    words = "word " * 2000
    extra = f"<description>{words}</description>" + "".join(f"<category>c{n}</category>" for n in range(50))
    body = rss(f"<item><title>{words}</title><link>https://e.example/{'a' * 3000}</link></item>" + item(1, extra))
    parsed = parse_feed(body, "", URL, NOW)
    assert [entry.reason for entry in parsed.rejected] == [Reason.URL_INVALID]
    assert len(parsed.rejected[0].title) <= 1000
    assert len(parsed.rejected[0].url) <= 2048
    (entry,) = parsed.entries
    assert 3900 < len(entry.summary) <= 4000
    assert entry.summary.endswith("word")
    assert len(entry.tags) == 20


REFUSED = [
    (b"", Reason.NOT_A_FEED),
    (b" \r\n\t ", Reason.NOT_A_FEED),
    (b"\xef\xbb\xbf", Reason.NOT_A_FEED),
    (b"/etc/passwd", Reason.NOT_A_FEED),
    (b"http://127.0.0.1:9/feed", Reason.NOT_A_FEED),
    (b"<html><body>hi</body></html>", Reason.NOT_A_FEED),
    (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html/>', Reason.NOT_A_FEED),
    (b"<!DOCTYPE rss [ <!ENTITY a 'b'> <rss/>", Reason.NOT_A_FEED),
    (b"<svg/>", Reason.NOT_A_FEED),
    (b"<" * 10_000, Reason.NOT_A_FEED),
    (b'{"items": []}', Reason.NOT_A_FEED),
    (b'{"version": "https://jsonfeed.org/version/1", "items": {}}', Reason.NOT_A_FEED),
    (b'{"version": "https://jsonfeed.org/version/1", "items": [', Reason.NOT_A_FEED),
    (b"[" * 100_000, Reason.NOT_A_FEED),
    (b'{"version": ' + b"9" * 10_000 + b"}", Reason.NOT_A_FEED),
    (b"%PDF-1.7\n\x00\x01", Reason.NOT_A_FEED),
    (b"\x1f\x8bno gzip at all", Reason.DECODE_ERROR),
    (b"\x1f\x8b", Reason.NOT_A_FEED),
    (b"<rss>" + b" " * (10 << 20), Reason.TOO_LARGE),
    (rss("<item>" + "<a>" * 300 + "</a>" * 300 + "</item>"), Reason.NOT_A_FEED),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED, ids=lambda value: ascii(value)[:40])
def test_no_feed(body: bytes, reason: Reason) -> None:
    with pytest.raises(Refuse) as caught:
        parse_feed(body, "", URL, NOW)
    assert caught.value.reason is reason


def test_a_gzip_bomb_stops_at_the_cap() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([packer.compress(b"<rss>"), *(packer.compress(bytes(1 << 20)) for _ in range(64)), packer.flush()])
    with pytest.raises(Refuse) as caught:
        parse_feed(bomb, "", URL, NOW)
    assert caught.value.reason is Reason.TOO_LARGE


HOSTILE_HEADS = {
    "quadratic": ("<!DOCTYPE rss [<!ENTITY a '" + "A" * 20_000 + "'>]>", "&a;" * 20_000),
    "external entity": ("<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", "&x;"),
    "external subset": ("<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/x.dtd'>", "&x;"),
    "parameter entity": ("<!DOCTYPE rss [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/p'> %p;]>", "&x;"),
    "stylesheet": ("<?xml-stylesheet type='text/xsl' href='http://127.0.0.1:9/x.xsl'?>", ""),
    "xinclude": ("", "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>"),
}


@pytest.mark.parametrize("name", HOSTILE_HEADS)
def test_nothing_is_expanded_or_fetched(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket, "socket", forbidden)
    head, title = HOSTILE_HEADS[name]
    body = rss(f"<item><title>before {title} after</title><link>https://e.example/1</link></item>", head)
    parsed = parse_feed(body, "", URL, NOW)
    assert parsed.entries[0].title == "before after"


def test_charset_is_taken_from_the_header_when_the_document_says_nothing() -> None:
    body = "<rss version='2.0'><channel><title>Ёж</title></channel></rss>".encode("koi8-r")
    assert parse_feed(body, "text/xml; charset=KOI8-R", URL, NOW).title == "Ёж"
    assert parse_feed(body, "text/xml; charset=base64", URL, NOW).malformed


def test_raw_ids_and_resolved_links() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://b.example/d/"><title>t</title>
    <id>f</id><entry><id> 1 </id><title>a</title><link href="p.html"/></entry>
    <entry><id>tag:x,2026:2</id><title>b</title><link href="q.html"/><source><id>no</id></source></entry>
    </feed>"""
    entries = parse_feed(body, "", URL, NOW).entries
    assert [(entry.id, entry.url) for entry in entries] == [
        ("1", "https://b.example/d/p.html"),
        ("tag:x,2026:2", "https://b.example/d/q.html"),
    ]


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("<ttl>60</ttl>", 3600.0),
        ("<ttl>-5</ttl>", 0.0),
        ("<ttl>soon</ttl>", 0.0),
        ("<ttl>99999999</ttl>", 604800.0),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 86400.0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 900.0),
        ("<sy:updatePeriod>never</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 0.0),
    ],
)
def test_ttl(head: str, seconds: float) -> None:
    body = (
        '<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>T</title>'
        f"{head}</channel></rss>"
    ).encode()
    assert parse_feed(body, "", URL, NOW).ttl_s == seconds


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"<rss><channel><item>", b"<feed><entry>", b"{", b"\x1f\x8b", b"\xff\xfe"]),
)
def test_any_bytes_are_a_feed_or_refused(tail: bytes, head: bytes) -> None:
    result = run({"url": URL, "now": NOW.isoformat(), "content_type": "text/xml"}, head + tail)
    json.dumps(result).encode()
    if "refused" not in result:
        for entry in parsed_from_json(result).entries:
            assert entry.url.startswith(("http://", "https://"))


BASE = (FIXTURES / "rss20.xml").read_bytes()


@given(st.integers(0, len(BASE)), st.integers(0, len(BASE)), st.binary(max_size=8))
def test_a_damaged_feed_gives_what_is_left(start: int, length: int, noise: bytes) -> None:
    damaged = BASE[:start] + noise + BASE[start + length % 50 :]
    result = run({"url": URL, "now": NOW.isoformat(), "content_type": ""}, damaged)
    json.dumps(result, ensure_ascii=False).encode()


def test_markup_in_a_comment_before_the_root_is_no_root() -> None:
    head = "<!-- not <html>, see <div> --><?x <body?>"
    for document in (rss(item(1), head), rss(item(1), head).replace(b"</title>", b"&nbsp;</title>", 1)):
        assert [entry.title for entry in parse_feed(document, "", URL, NOW).entries] == ["T1"]


def test_a_proxys_script_behind_the_feed_is_cut_off() -> None:
    document = rss(item(1)) + b'\n<script src="/cdn-cgi/scripts/email-decode.min.js"></script>\n'
    parsed = parse_feed(document, "", URL, NOW)
    assert [entry.title for entry in parsed.entries] == ["T1"]
    assert parsed.malformed


PARTS = [b"<!---->", b"<?a?>", b"-->", b"<!-- ", b"</", b"<script", b"&#1", b"xmlns:", b"base="]


@pytest.mark.parametrize("part", PARTS)
def test_repeated_parts_cost_no_more_than_their_length(part: bytes) -> None:
    started = time.process_time()
    for body in (part * 50_000, rss("<item><title>" + part.decode() * 10_000 + "</title></item>")):
        with contextlib.suppress(Refuse):
            parse_feed(body, "", URL, NOW)
    assert time.process_time() - started < 5.0
