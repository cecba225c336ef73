"""Link headers and relations (RFC 8288, WebSub)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.poll.links import header_links, targets

URL = "https://e.example/feed"

HEADERS = [
    (
        '<https://hub.example/>; rel="hub", <https://e.example/feed>; rel="self"',
        [("hub", "https://hub.example/"), ("self", URL)],
    ),
    ("<https://hub.example/>;rel=hub", [("hub", "https://hub.example/")]),
    ('</feed>; title="a, b; rel=x"; REL="Self alternate"', [("self alternate", "/feed")]),
    ("<https://hub.example/>", []),
    ("https://hub.example/; rel=hub", []),
    ("<>; rel=hub", []),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), HEADERS)
def test_header(value: str, expected: list[tuple[str, str]]) -> None:
    assert header_links(value) == expected


def test_targets_are_http_urls_of_the_relation_in_order() -> None:
    links = [("hub self", "/a"), ("hub", "javascript:1"), ("hub", "https://e.example/a"), ("hub", "b"), ("next", "c")]
    assert targets(links, "hub", URL, 5) == ("https://e.example/a", "https://e.example/b")
    assert targets(links, "hub", URL) == ("https://e.example/a",)
    assert targets(links, "prev-archive", URL) == ()


@given(st.text('<>;,="rel hubHTTPS:/.\\', max_size=200))
def test_any_header_is_read(value: str) -> None:
    for rel, target in header_links(value):
        assert rel == rel.lower()
        assert target
