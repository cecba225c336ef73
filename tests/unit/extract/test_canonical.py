"""What a page names as canonical: on its own host, or on another one."""

from __future__ import annotations

import pytest
from lxml import html

from worker.extract import meta

PAGE = "https://www.example.org/news/flood"


@pytest.mark.parametrize(
    ("named", "own", "foreign"),
    [
        ("https://example.org/2026/flood", "https://example.org/2026/flood", ""),
        ("/2026/flood", "https://www.example.org/2026/flood", ""),
        ("https://agency.example.net/wire/7", "", "https://agency.example.net/wire/7"),
        ("https://news.example.org/flood", "", "https://news.example.org/flood"),
        ("https://agency.example.net/", "", ""),
        ("https://agency.example.net/?p=7", "", "https://agency.example.net/?p=7"),
        ("javascript:alert(1)", "", ""),
        ("http://[bad", "", ""),
        ("https://" + "a" * 5000 + ".example", "", ""),
        ("", "", ""),
    ],
)
def test_named_as_canonical(named: str, own: str, foreign: str) -> None:
    tree = html.document_fromstring(f"<html><head><link rel='canonical' href='{named}'></head><body>x</body></html>")
    assert (meta.canonical(tree, PAGE), meta.origin(tree, PAGE)) == (own, foreign)


def test_the_first_counts_and_without_an_address_there_is_no_other_host() -> None:
    links = "<link rel='canonical' href='https://a.example/x'><link rel='canonical' href='https://b.example/x'>"
    tree = html.document_fromstring(f"<html><head>{links}</head><body>x</body></html>")
    assert meta.origin(tree, PAGE) == "https://a.example/x"
    assert meta.origin(tree, "") == ""
    assert meta.origin(html.document_fromstring("<p>x</p>"), PAGE) == ""
