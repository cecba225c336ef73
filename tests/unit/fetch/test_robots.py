"""The pure part of robots.txt: what of a file concerns us (RFC 9309 2.2, S85)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from worker.fetch.robots import MAX_TEXT_BYTES, product_token, rules_for

AGENT = "Feedmill"


def allowed(robots: str | bytes, path: str) -> bool:
    body = robots.encode() if isinstance(robots, str) else robots
    verdict: bool = Protego.parse(rules_for(body, AGENT)).can_fetch(f"https://a.example{path}", AGENT)
    return verdict


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        ("Feedmill/0.1 (news archive; contact: x@y.example)", "Feedmill"),
        ("my-news_bot/2", "my-news_bot"),
        ("Feedmill", "Feedmill"),
        ("", "*"),
        ("1", "*"),
    ],
)
def test_product_token(user_agent: str, token: str) -> None:
    assert product_token(user_agent) == token


@pytest.mark.parametrize(
    ("robots", "path", "expected"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/c", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf?a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: feedmill\nAllow: /", "/a", True),
        ("User-agent: FEEDMILL/2.0\nDisallow: /\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: feed\nDisallow: /", "/a", True),
        ("User-agent: feedmill-images\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: feedmill\nDisallow: /", "/a", False),
        ("User-agent: feedmill\nUser-agent: other\nDisallow: /", "/a", False),
        ("User-agent: other\nDisallow: /\nUser-agent: *\nDisallow: /x", "/a", True),
        (
            "User-agent: feedmill\nDisallow: /x\nUser-agent: o\nDisallow: /\nUser-agent: feedmill\nDisallow: /y",
            "/y",
            False,
        ),
        ("user-agent:feedmill # us\ndisallow:/a # not this", "/a", False),
        ("User-agent: feedmill\nSitemap: https://a.example/s\nDisallow: /a", "/a", False),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("Disallow: /", "/a", True),
        ("User-agent: *\nDisallow: /ä", "/%C3%A4", False),
        ("<html><body>Not found</body></html>", "/a", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
    ],
)
def test_rules(robots: str, path: str, expected: bool) -> None:
    assert allowed(robots, path) is expected


def test_bytes_that_are_not_utf_8() -> None:
    assert not allowed(b"User-agent: *\n# Z\xfcrich\nDisallow: /a\n", "/a")


def test_only_the_first_500_kib_count_and_no_half_line_does() -> None:
    filler = b"# " + b"x" * 97 + b"\n"
    head = b"User-agent: *\nDisallow: /a\n"
    lines = (MAX_TEXT_BYTES - len(head)) // len(filler)
    rest = MAX_TEXT_BYTES - len(head) - lines * len(filler)
    # The limit falls right after `Disallow: /`: cut there, the rule would forbid the whole site.
    edge = b"#" * (rest - len(b"\nDisallow: /")) + b"\nDisallow: /"
    body = head + filler * lines + edge + b"very/deep/folder\nDisallow: /late\n"
    assert body[:MAX_TEXT_BYTES].endswith(b"Disallow: /")
    assert not allowed(body, "/a")
    assert allowed(body, "/b")
    assert allowed(body, "/late")


def test_s85_hostile_files_cost_little() -> None:
    files = {
        "agents times rules": b"user-agent:*\n" + b"user-agent:abcd\n" * 16_000 + b"disallow:/\n" * 23_000,
        "10 k rules": b"user-agent:*\n" + b"".join(b"disallow: /%d*b\n" % number for number in range(10_000)),
        "wild cards": b"user-agent:*\ndisallow: /" + b"*a" * 250_000 + b"$\n",
        "stars and dollars": b"user-agent:*\ndisallow: /" + b"*****$" * 80_000,
        "one line": b"user-agent:" + b"*" * 500_000,
    }
    for name, body in files.items():
        began = time.process_time()
        allowed(body, "/" + "a" * 2000)
        assert time.process_time() - began < 2, name


@settings(deadline=None)  # a busy machine pauses for longer than any example takes
@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(body: bytes) -> None:
    allowed(body, "/a")


@settings(deadline=None)
@given(st.text(alphabet="User-agent: *Disallow/ab\n#\r\x0b\x85", max_size=200))
def test_what_is_kept_reads_the_same_again(text: str) -> None:
    once = rules_for(text.encode(), AGENT)
    assert rules_for(once.encode(), AGENT) == once
