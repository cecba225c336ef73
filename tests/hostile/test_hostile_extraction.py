"""Pages and feeds that cost their reader everything, through the real functions (security.md S55, S56, S63-S68).

Each may be answered or ended; either way within its limits, and the article after it is read.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from worker.errors import Quarantine
from worker.models import Reason
from worker.net.sandbox import ChildSandbox, SandboxLimits

TIMEOUT_S = 2.0
PARAGRAPH = "Der Bundesrat hat am Mittwoch in Bern entschieden, dass die neue Regel ab dem kommenden Jahr gilt. "
ARTICLE = (
    "<html lang='de'><head><title>Die neue Regel gilt ab Januar</title></head><body><article>"
    "<h1>Die neue Regel gilt ab Januar</h1>" + f"<p>{PARAGRAPH * 3}</p>" * 6 + "</article></body></html>"
).encode()
ITEM = "<item><title>Regel</title><link>https://a.example/1</link></item>"
FEED = f"<rss version='2.0'><channel><title>Nachrichten</title>{ITEM}</channel></rss>".encode()
PAGE_ARGUMENT = {
    "url": "https://a.example/1",
    "content_type": "text/html; charset=utf-8",
    "feed_title": "",
    "min_words": 40,
    "now": "2026-01-01T00:00:00+00:00",
}
FEED_ARGUMENT = {"url": "https://a.example/feed", "content_type": "text/xml", "now": "2026-01-01T00:00:00+00:00"}

PAGES = {
    "S63 nested div": b"<div>" * 300_000 + b"x",
    "S63 nested inline": b"<b><i>" * 25_000 + b"x",
    "S64 attributes": b"<p " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">x</p>",
    "S65 links": b"<p>" + b"<a href=/x>y</a> " * 20_000 + b"</p>",
    "S66 paragraphs": b"<article>" + b"<p>Some words of a text.</p>" * 100_000 + b"</article>",
    "S67 one text": b"<article><p>" + b"word " * 900_000 + b"</p></article>",
    "S67 spaces in the title": b"<title>" + b" " * 200_000 + b"x</title>" + ARTICLE,
    "S68 deep linked data": b"<script type='application/ld+json'>" + b"[" * 100_000 + b"</script>" + ARTICLE,
}
FEEDS = {
    "S55 a path": b"/etc/passwd",
    "S55 a URL": b"http://127.0.0.1:9/feed",
    "S56 nested": b"<rss><channel>" + b"<a>" * 100_000,
    "S56 items": b"<rss><channel>" + ITEM.encode() * 30_000 + b"</channel></rss>",
    "S56 attributes": b"<rss><channel><item "
    + b" ".join(b"a%d='1'" % n for n in range(30_000))
    + b"/></channel></rss>",
    "S51 billion laughs": b"<!DOCTYPE x [<!ENTITY a 'ha'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(9))
    + b"]><rss><channel><title>&a8;</title></channel></rss>",
}


def judge(function: str, argument: dict[str, Any], bodies: dict[str, bytes], good: bytes) -> dict[str, Any]:
    async def main() -> dict[str, Any]:
        sandbox = ChildSandbox(SandboxLimits(timeout_s=TIMEOUT_S), prewarm=(function,))
        found: dict[str, Any] = {}
        try:
            for name, body in bodies.items():
                began = time.monotonic()
                try:
                    found[name] = await sandbox.call(function, argument, body)
                except Quarantine as error:
                    found[name] = error
                assert time.monotonic() - began < 15, name  # the start of a child included
            found["good"] = await sandbox.call(function, argument, good)
        finally:
            await sandbox.close()
        return found

    return asyncio.run(main())


def ended_or_answered(found: dict[str, Any]) -> None:
    for name, outcome in found.items():
        if isinstance(outcome, Quarantine):
            assert outcome.reason in (Reason.EXTRACT_TIMEOUT, Reason.EXTRACT_MEMORY, Reason.EXTRACT_CRASHED), name


@pytest.mark.parametrize("names", [list(PAGES)[:4], list(PAGES)[4:]], ids=["S63-S65", "S66-S68"])
def test_hostile_pages(names: list[str]) -> None:
    found = judge("extract", PAGE_ARGUMENT, {name: PAGES[name] for name in names}, ARTICLE)
    ended_or_answered(found)
    assert PARAGRAPH.strip() in found["good"]["body"]


def test_hostile_feeds() -> None:
    found = judge("parse_feed", FEED_ARGUMENT, FEEDS, FEED)
    ended_or_answered(found)
    assert "https://a.example/1" in str(found["good"])
    assert "root:" not in str(found["S55 a path"])
