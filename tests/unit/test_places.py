"""Sites and places of URLs, table by table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.places import may_be_article, place_of, same_site

PAGE = "https://www.example.org/news/2026/flood-in-town"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/news/2026/flood-in-town",
        "https://example.org/news/2026/flood-in-town/",
        "https://amp.example.org/news/2026/flood-in-town",
        "https://m.example.org/news/2026/flood-in-town",
        "https://www.example.org/amp/news/2026/flood-in-town",
        "https://www.example.org/news/2026/flood-in-town/amp/",
        "https://www.example.org/news/2026/flood-in-town/print",
        "https://www.example.org/news/2026/flood-in-town?print=1",
        "https://www.example.org/news/2026/flood-in-town?output=amp",
        "https://www.example.org/news/2026/flood-in-town?outputType=amp&utm_source=x",
        "https://www.example.org/news/2026/flood-in-town/index.html",
        "https://www.example.org/news/2026/flood-in-town?amp",
    ],
)
def test_variants_of_one_address(url: str) -> None:
    assert place_of(url) == place_of(PAGE)
    assert same_site(url, PAGE)
    assert may_be_article(PAGE, url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a/1.amp.html", "https://example.org/a/1.html"),
        ("https://example.org/a/1.print.html", "https://www.example.org/a/1.html"),
        ("https://example.org/a?id=7&view=print", "https://example.org/a?id=7"),
    ],
)
def test_marks_within_names(one: str, other: str) -> None:
    assert place_of(one) == place_of(other)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.org/news/2026/flood-in-town-2",
        "https://www.example.org/news/2026/flood-in-town?page=2",
        "https://www.example.org/News/2026/flood-in-town",
        "https://sport.example.org/news/2026/flood-in-town",
        "https://www.example.com/news/2026/flood-in-town",
        "https://www.example.org:8443/news/2026/flood-in-town",
        "https://www.example.org/print",
        "https://www.example.org/news/2026/flood-in-town?format=long",
        "https://www.example.org/news/2026/print-media-in-town",
    ],
)
def test_other_addresses(url: str) -> None:
    assert place_of(url) != place_of(PAGE)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://news.bbc.co.uk/a", "https://www.bbc.co.uk/b", True),
        ("https://one.co.uk/a", "https://other.co.uk/a", False),
        ("https://one.blogspot.com/a", "https://other.blogspot.com/a", False),
        ("https://one.blogspot.com/a", "https://blogspot.com/a", False),
        ("https://www.example.org/a", "https://example.org.evil.com/a", False),
        ("http://127.0.0.1/a", "http://127.0.0.2/a", False),
        ("http://[::1]:8000/a", "http://[::1]:8000/b", True),
        ("http://www.town.localhost:80/a", "http://town.localhost/b", True),
        ("http://town.localhost/a", "http://city.localhost/a", False),
        ("https://amp.example.org/a", "https://amp.example.com/a", False),
        ("https://m.com/a", "https://com/a", False),
        ("https://sport.example.org:8080/a", "https://example.org/a", False),
    ],
)
def test_sites(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same


@pytest.mark.parametrize(
    ("canonical", "may"),
    [
        (PAGE, True),
        (PAGE + "?id=4", True),
        ("https://www.example.org/2026/11/flood", True),
        ("https://www.example.org/flood-in-town", True),
        ("https://www.example.org/flood.html", True),
        ("https://www.example.org/article.php?id=4", True),
        ("https://www.example.org/", False),
        ("https://example.org", False),
        ("https://www.example.org/news/", False),
        ("https://www.example.org/news/2026", False),
        ("https://www.example.org/politics", False),
        ("https://www.other.org/news/2026/flood-in-town", False),
        ("https://cdn.ampproject.org/c/s/example.org/news/2026/flood-in-town", False),
    ],
)
def test_what_may_be_an_article(canonical: str, may: bool) -> None:
    assert may_be_article(canonical, PAGE) is may
    if PAGE not in canonical:
        assert may_be_article(canonical, PAGE + "?utm_source=feed") is may


@given(st.lists(st.sampled_from(["a", "amp", "print", "flood", "index.html", "1.amp.html", "%41"]), max_size=6))
def test_a_place_does_not_depend_on_how_the_host_is_written(segments: list[str]) -> None:
    path = "/".join(segments)
    assert place_of(f"http://www.example.org/{path}") == place_of(f"https://example.org:443/{path}/")
