"""What may be asked for, and what is said about the rest."""

from __future__ import annotations

import pytest

from worker.erasing.request import Named, domain_of, is_home, request, spellings
from worker.errors import UsageError
from worker.places import place_of
from worker.urls import article_id

URL = "https://example.org/news/1"


@pytest.mark.parametrize(
    ("given", "domain"),
    [
        ("example.org", "example.org"),
        ("WWW.Example.org ", "example.org"),
        ("blog.example.org", "blog.example.org"),
        ("example.org:8080", "example.org:8080"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:8001", "127.0.0.1:8001"),
        ("[::1]:8001", "[::1]:8001"),
        ("localhost", "localhost"),
        ("someone.github.io", "someone.github.io"),
    ],
)
def test_a_domain_is_a_host_name_in_ascii(given: str, domain: str) -> None:
    assert domain_of(given) == domain


@pytest.mark.parametrize(
    "given", ["", "https://example.org", "example.org/news", "ann@example.org", "a b", "..", "1.2"]
)
def test_what_is_no_host_name_is_told(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        domain_of(given)
    assert "\n" not in str(caught.value)
    assert "--domain" in str(caught.value)


@pytest.mark.parametrize("given", ["org", "co.uk", "com"])
def test_the_end_of_many_names_is_not_erased(given: str) -> None:
    with pytest.raises(UsageError, match="many names"):
        domain_of(given)


def test_articles_are_named_by_url_or_id_each_once() -> None:
    found = request([URL, f"{URL}?utm_source=x", article_id("https://example.org/2").upper()], ["example.com"], " why ")
    assert found.articles[0].id == article_id(URL)
    assert [each.id for each in found.articles] == [article_id(URL), article_id("https://example.org/2")]
    assert found.articles[1] == Named(article_id("https://example.org/2"))
    assert (found.domains, found.note) == (("example.com",), "why")


@pytest.mark.parametrize("given", ["example", "mailto:ann@example.org", "deadbeef"])
def test_what_is_neither_is_told(given: str) -> None:
    with pytest.raises(UsageError, match="neither"):
        request([given], [])


def test_spellings_of_an_address_are_at_one_place() -> None:
    forms = set(spellings("http://www.example.org/news/1/amp"))
    assert {
        URL,
        "http://example.org/news/1",
        "https://m.example.org/news/1/",
        "https://example.org/news/1/amp",
    } <= forms
    assert {place_of(form) for form in forms} == {place_of(URL)}
    assert set(spellings(URL)) <= forms | {URL}
    for address in ("http://127.0.0.3:81/x", "http://[::1]:81/x", "http://localhost/x"):
        assert {article_id(form) for form in spellings(address)} >= {article_id(address)}, "each of them is a URL"
    assert all("?id=7" in form for form in spellings("https://example.org/show?id=7"))


def test_a_home_page_stands_for_no_article() -> None:
    assert is_home("https://example.org/")
    assert not is_home("https://example.org/?p=17")
    assert not is_home(URL)
