"""What pages say to robots about being kept (P21)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.extract.markup import parse_page
from worker.extract.noindex import of_header, of_page
from worker.extract.page import extract
from worker.models import Reason

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "forbids"),
    [
        ("", False),
        ("noindex", True),
        ("NoIndex", True),
        ("none", True),
        ("nofollow, noindex", True),
        ("nofollow, noarchive, nosnippet", False),
        ("index, follow", False),
        ("googlebot: noindex", False),
        ("googlebot: nofollow, noindex", False),
        ("googlebot: noindex\nnoindex", True),
        ("noindex\ngooglebot: index", True),
        ("feedmill: noindex", True),
        ("Feedmill: none", True),
        ("noindex, feedmill: index", False),
        ("noindex\nfeedmill: all", False),
        ("otherbot: noindex, feedmill: nofollow", False),
        ("unavailable_after: 25 Jun 2027 15:00:00 PST, noindex", True),
        ("max-snippet:20, noindex", True),
        ("max-snippet:-1, max-image-preview:large", False),
        ("*: noindex", True),
        (":::,,,\n\n,noindex", True),
        ("x" * 100_000 + ", noindex", True),
    ],
)
def test_p21_x_robots_tag(value: str, forbids: bool) -> None:
    assert bool(of_header(value, "Feedmill")) is forbids


@pytest.mark.parametrize(
    ("metas", "forbids"),
    [
        ("", False),
        ('<meta name="robots" content="noindex">', True),
        ('<META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW">', True),
        ('<meta name="robots" content="index, max-image-preview:large">', False),
        ('<meta name="googlebot" content="noindex">', False),
        ('<meta name="feedmill" content="noindex">', True),
        ('<meta name="robots" content="noindex"><meta name="feedmill" content="index">', False),
        ('<meta name="robots" content="noarchive">', False),
        ('<meta property="robots" content="noindex">', False),
        ('<meta name="robots">', False),
    ],
)
def test_p21_meta_elements(metas: str, forbids: bool) -> None:
    tree, _ = parse_page(f"<html><head>{metas}</head><body><p>x</p></body></html>".encode())
    assert tree is not None
    assert bool(of_page(tree, "Feedmill")) is forbids


def test_p21_such_a_page_is_no_article_and_says_why() -> None:
    text = "The council decided on Tuesday to build a new bridge over the river. " * 20
    page = f'<html><head><meta name="robots" content="noindex"></head><body><p>{text}</p></body></html>'.encode()
    refused = extract(page, now=NOW, agent="Feedmill")
    assert (refused.reason, refused.detail, refused.body, refused.fulltext) == (
        Reason.NOINDEX, "meta: noindex", "", False,
    )  # fmt: skip
    assert extract(page, now=NOW).reason is None, "where it is not heeded"
    told = extract(b"<p>x</p>", now=NOW, agent="Feedmill", forbidden="X-Robots-Tag: none")
    assert (told.reason, told.detail) == (Reason.NOINDEX, "X-Robots-Tag: none")
