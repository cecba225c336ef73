"""From a page to what speaks for its identity."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.deduplicate.addresses import MOST_ALIASES, Found, addresses
from worker.deduplicate.evidence import HASH_BYTES, HASHES, NONE, evidence
from worker.models import Entry, Extracted, FeedId, Fingerprint, Page, WorkItem
from worker.places import place_of
from worker.urls import article_id

URL = "https://www.example.org/news/flood-in-town"
TEXT = Fingerprint(exact=b"e" * 16, hashes=bytes(range(100)))


def found_at(url: str, *hops: str, **fields: Any) -> Found:
    offered = hops[0] if hops else url
    item = WorkItem(article_id(offered), offered, Entry(offered, offered), FeedId("f"), "f", datetime.now(UTC), 1)
    extracted = Extracted(**{"title": "A title", **fields})
    return addresses(Page(url, b"", hops=hops), item, extracted, TEXT)


def test_a_page_at_its_own_address() -> None:
    found = found_at(URL)
    assert (found.url, found.aliases, found.canonical) == (URL, (), "")
    assert found.addresses.offered == found.addresses.found == article_id(URL)
    assert found.addresses.place == place_of(URL)
    assert (found.addresses.canonical_place, found.addresses.offered_place, found.addresses.hops) == (b"", b"", ())


def test_a_redirect_decides_where_the_article_is() -> None:
    found = found_at(URL + "?utm_source=x", "https://sho.rt/1", "https://example.org/go?to=7")
    assert found.url == URL
    assert found.addresses.found == article_id(URL)
    assert found.addresses.offered == article_id("https://sho.rt/1")
    assert found.addresses.offered_place == place_of("https://sho.rt/1")
    assert found.aliases == ("https://sho.rt/1", "https://example.org/go?to=7")


def test_but_not_one_to_a_home_page() -> None:
    found = found_at("https://www.example.org/", URL)
    assert (found.addresses.found, found.addresses.evidence, found.aliases) == (article_id(URL), b"", ())


def test_nor_one_that_ends_at_a_wall() -> None:
    found = found_at("https://login.example.org/wall", URL, fulltext=False)
    assert (found.url, found.addresses.found, found.addresses.evidence) == (URL, article_id(URL), b"")


@pytest.mark.parametrize(
    ("canonical", "believed"),
    [
        ("https://www.example.org/2026/flood", "https://www.example.org/2026/flood"),
        ("https://example.org/2026/flood?utm_source=x", "https://example.org/2026/flood"),
        (URL + "?utm_source=x", ""),
        ("https://www.example.org/news", ""),
        ("https://www.example.org/", ""),
        ("https://news.example.org/2026/flood", "https://news.example.org/2026/flood"),
        ("https://other.example.com/flood", ""),
        ("not a url", ""),
        ("", ""),
    ],
)
def test_which_canonical_url_is_worth_comparing(canonical: str, believed: str) -> None:
    for field in ("canonical_url", "origin_url"):
        assert found_at(URL, **{field: canonical}).canonical == believed
    found = found_at(URL, canonical_url=canonical)
    assert found.addresses.canonical_place == (place_of(believed) if believed else b"")


def test_a_long_way_is_cut() -> None:
    found = found_at(URL, *(f"https://sho.rt/{number}" for number in range(40)))
    assert len(found.aliases) == len(found.addresses.hops) == MOST_ALIASES


def test_evidence_is_small_and_of_the_text() -> None:
    told = evidence("A Title", TEXT)
    assert len(told) == 8 + HASHES * HASH_BYTES
    assert told[4:8] == b"eeee"
    assert told[8:14] == bytes([0, 1, 2, 4, 5, 6]), "the upper three bytes of each hash"
    assert evidence("a  title!", TEXT) == told
    assert evidence("Another", TEXT)[4:] == told[4:]
    assert evidence("", Fingerprint(hashes=b"abcd")) == NONE + NONE + b"abc"
    assert evidence("A Title", Fingerprint()) == b""
