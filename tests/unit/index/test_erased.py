"""By which keys something erased is told, and what of an event may stay."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.articles import make_article, make_event
from worker.index.erased import (
    domains_of,
    domains_over,
    hashes_of,
    is_scrubbed,
    keys_of,
    keys_of_event,
    scrubbed,
    tombstone_from_json,
    tombstone_to_json,
)
from worker.models import Tombstone, TombstoneKind
from worker.places import claim_on

URL = "https://example.org/news/1"


@pytest.mark.parametrize(
    ("host", "domains"),
    [
        ("example.org", ["example.org", "org"]),
        ("a.b.example", ["a.b.example", "b.example", "example"]),
        ("a.example:8080", ["a.example", "a.example:8080", "example", "example:8080"]),
        ("127.0.0.1", ["127.0.0.1"]),
        ("127.0.0.1:81", ["127.0.0.1", "127.0.0.1:81"]),
        ("[::1]", ["[::1]"]),
        ("[::1]:81", ["[::1]", "[::1]:81"]),
        ("localhost", ["localhost"]),
    ],
)
def test_a_host_is_part_of_these_domains(host: str, domains: list[str]) -> None:
    assert list(domains_over(host)) == domains


def test_what_is_no_url_has_no_keys() -> None:
    assert hashes_of("mailto:ann@example.org") == ()
    assert list(domains_of("")) == []


@pytest.mark.parametrize(
    "other",
    ["http://example.org/news/1", "https://www.example.org/news/1/", "https://amp.example.org/news/1?utm_source=x"],
)
def test_variants_of_an_address_share_a_key(other: str) -> None:
    assert set(hashes_of(other)) & set(hashes_of(URL))


def test_other_articles_share_none() -> None:
    assert not set(hashes_of("https://example.org/news/2")) & set(hashes_of(URL))
    assert not set(hashes_of("https://example.com/news/1")) & set(hashes_of(URL))


def test_a_document_is_known_by_all_its_addresses_and_its_domains() -> None:
    document = make_article(URL, aliases=("https://short.example/x",), canonical_url="https://example.org/news/one")
    keys = keys_of(document)
    for url in (URL, "https://short.example/x"):
        assert set(hashes_of(url)) <= keys
    assert claim_on("https://example.org/news/one").hex() in keys
    assert "example.org" in keys
    assert "short.example" not in keys, "who only led there is not its publisher"


def test_a_canonical_url_elsewhere_is_a_hint_only() -> None:
    keys = keys_of(make_article(URL, canonical_url="https://agency.example/wire/7"))
    assert claim_on("https://agency.example/wire/7").hex() not in keys
    assert "agency.example" not in keys


def test_an_event_is_known_by_its_article_its_url_and_its_site() -> None:
    event = make_event(URL, site="mirror.example")
    keys = keys_of_event(event)
    assert {event.article_id, "example.org", "mirror.example", *hashes_of(URL)} <= keys


def test_a_scrubbed_event_says_how_it_ended_and_nothing_that_can_be_read() -> None:
    event = make_event(URL, detail="found at https://example.org/news/one")
    left = scrubbed(event)
    assert not is_scrubbed(event)
    assert is_scrubbed(left)
    assert (left.id, left.article_id, left.state, left.reason) == (
        event.id,
        event.article_id,
        event.state,
        event.reason,
    )
    assert "example.org/news" not in str(left)
    assert event.title not in str(left)
    assert keys_of_event(left) == {event.article_id}


def test_a_tombstone_comes_back_from_json_as_it_was() -> None:
    at = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    for tombstone in (
        Tombstone("0" * 32, TombstoneKind.URL, at, hashes_of(URL), note="asked by letter"),
        Tombstone("domain:example.org", TombstoneKind.DOMAIN, at, domain="example.org"),
    ):
        data = tombstone_to_json(tombstone)
        assert tombstone_from_json(data) == tombstone
        assert data["keys"] == list(tombstone.keys)
        assert "news" not in str(data)
