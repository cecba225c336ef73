"""Which hosts take turns: the public suffix list, what is below none, and hosters of many sites."""

from __future__ import annotations

import pytest

from worker.lanes import Lanes, host_of

LANES = Lanes({"tumblr.com", "blogs.example.co.uk"})


@pytest.mark.parametrize(
    ("host", "lane"),
    [
        ("example.com", "example.com"),
        ("www.example.com", "example.com www.example.com"),
        ("a.b.c.example.com", "example.com a.b.c.example.com"),
        ("news.bbc.co.uk", "bbc.co.uk news.bbc.co.uk"),
        ("bbc.co.uk", "bbc.co.uk"),
        ("example.com:8080", "example.com example.com:8080"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        # Two blogs of a hoster that the list has are two sites, also for a pause.
        ("alice.blogspot.com", "alice.blogspot.com"),
        ("www.alice.blogspot.com", "alice.blogspot.com www.alice.blogspot.com"),
        ("alice.github.io:8443", "alice.github.io alice.github.io:8443"),
        # Addresses are their own domains, whatever the port.
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:8600", "127.0.0.1 127.0.0.1:8600"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("[2001:db8::1]:8080", "[2001:db8::1] [2001:db8::1]:8080"),
        # Below no suffix of the list.
        ("localhost", "localhost"),
        ("one.localhost:8600", "one.localhost one.localhost:8600"),
        ("wiki.office.lan", "office.lan wiki.office.lan"),
        ("co.uk", "co.uk"),
        # Each site of a hoster by itself; for a pause all of them.
        ("alice.tumblr.com", "alice.tumblr.com alice.tumblr.com tumblr.com"),
        ("tumblr.com", "tumblr.com"),
        ("a.blogs.example.co.uk", "a.blogs.example.co.uk a.blogs.example.co.uk blogs.example.co.uk"),
        ("www.example.co.uk", "example.co.uk www.example.co.uk"),
        ("nottumblr.com", "nottumblr.com"),
    ],
)
def test_lanes(host: str, lane: str) -> None:
    assert LANES.of(host) == lane
    assert LANES.domain(host) == lane.split(" ")[0]
    assert host_of(lane) == host
