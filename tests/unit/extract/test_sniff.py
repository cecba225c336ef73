from __future__ import annotations

import time

import pytest

from worker.extract import sniff

RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>'


@pytest.mark.parametrize(
    ("body", "content_type", "what"),
    [
        (b"", "text/html", "empty"),
        (b" \r\n\t ", "text/html", "empty"),
        (b"\xef\xbb\xbf", "text/html", "empty"),
        (b"<!DOCTYPE html><html></html>", "", "html"),
        (b"\xef\xbb\xbf<!doctype HTML>", "", "html"),
        ("<html><p>x</p></html>".encode("utf-16"), "", "html"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">', "application/xml", "html"),
        (b"<p>Only a fragment</p>", "", "html"),
        (b"Text first <b>bold</b>", "text/html", "html"),
        (b"%PDF-1.4 ...", "text/html", "pdf"),
        (b"\n %PDF-1.4 ...", "text/html", "pdf"),
        (b"\xff\xd8\xff\xe0abc", "text/html", "image"),
        (b"\x89PNG\r\n\x1a\nabc", "", "image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "image"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "image"),
        (b"\x1f\x8b\x08\x00", "text/html", "gzip"),
        (b"PK\x03\x04", "text/html", "zip"),
        (b"MZ\x90\x00", "text/html", "binary"),
        (b"\x00\x00\x00\x18ftypmp42", "text/html", "video"),
        (b"x" * 257 + b"ustar\x0000", "", "tar"),
        (b'{"a": [1, 2]}', "application/json", "json"),
        (b'[{"a": 1}]', "", "json"),
        (RSS, "text/html", "feed"),
        (b"<rss version='2.0'><channel>", "text/html", "feed"),
        (b"<?xml version='1.0'?><note><to>x</to></note>", "text/xml", "xml"),
        (b"Just some words.", "text/plain", "text"),
        (bytes(range(1, 9)) * 20, "text/html", "binary"),
    ],
)
def test_what_the_bytes_are(body: bytes, content_type: str, what: str) -> None:
    assert sniff.sniff(body, content_type) == what


ATTRIBUTES = " ".join(f"a{number}='x y'" for number in range(300))
CODE = "for(i=0;i<a[i].length;i++)" + " var b = c;" * 300 + "document.write('<script src=x></scr'+'ipt>');"
LONG_VALUE = "<div data-x='" + "word " * 5000 + "'>ok</div>"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<p>fine</p>" * 1000, ""),
        (LONG_VALUE, ""),
        ("<p><a href=x>y</a></p>" * 4000, ""),
        ("<br>" * 50_001, "tags"),
        (f"<div {ATTRIBUTES}>", "attributes"),
        ("<p>" + "<a href=x>y</a> " * 3001 + "</p>", "links in one block"),
        ("<p><a href=x>y</a></p>" * 15_001, "links"),
        ("x" * (5 * 1024 * 1024 + 1), "characters"),
        (f"<script>{CODE}</script><p>ok</p>", ""),
        (f"<script>{CODE}</script><div {ATTRIBUTES}>", "attributes"),
        (f"<script>{CODE}", "attributes"),
    ],
    ids=[
        "paragraphs",
        "long value",
        "links",
        "tags",
        "attributes",
        "links in a block",
        "all links",
        "size",
        "code",
        "code and attributes",
        "code that never ends",
    ],
)
def test_gates(text: str, problem: str) -> None:
    found = sniff.over_limits(text)
    assert problem in found
    assert bool(found) == bool(problem)


@pytest.mark.parametrize(
    "piece", ["<", "<a ", '<a "', "<a '", "<p><a>", "< a", "<a b=c ", "<script>", "<style></", "<script>a<b </script"]
)
def test_gates_are_linear(piece: str) -> None:
    """Five megabytes of the worst repeated piece: quadratic code would need minutes."""
    text = piece * (5 * 1024 * 1024 // len(piece))
    started = time.process_time()
    sniff.over_limits(text)
    assert time.process_time() - started < 2.0
