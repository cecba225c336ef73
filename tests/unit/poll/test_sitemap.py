"""Sitemaps with news; those without are refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.errors import Refuse
from worker.models import Reason
from worker.poll.parse import parse_feed

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://map.example/sitemap.xml"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
MAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def urlset(*urls: str) -> bytes:
    return f"<urlset xmlns='{MAPS}' xmlns:n='{NEWS}'>{''.join(urls)}</urlset>".encode()


def news(number: int, date: str = "2026-10-31") -> str:
    return (
        f"<url><loc>https://map.example/{number}</loc><n:news><n:publication_date>{date}</n:publication_date>"
        f"<n:title>T{number}</n:title></n:news></url>"
    )


def test_the_prefix_is_free() -> None:
    (entry,) = parse_feed(urlset(news(1)), "", URL, NOW).entries
    assert (entry.url, entry.title) == ("https://map.example/1", "T1")
    assert entry.published_at == datetime(2026, 10, 31, tzinfo=UTC)


def test_the_newest_are_kept() -> None:
    body = urlset(*(news(number, f"2026-10-{number:02}") for number in range(1, 31)))
    parsed = parse_feed(body, "", URL, NOW, max_entries=10)
    assert {entry.title for entry in parsed.entries} == {f"T{number}" for number in range(21, 31)}
    assert parsed.truncated == 20


def test_a_cut_off_sitemap_gives_what_it_has() -> None:
    parsed = parse_feed(urlset(news(1), news(2))[:-30], "", URL, NOW)
    assert parsed.malformed
    assert [entry.title for entry in parsed.entries] == ["T1", "T2"]


REFUSED = {
    "a sitemap without news": urlset("<url><loc>https://map.example/</loc></url>"),
    "a sitemap index without dated": b"<sitemapindex><sitemap><loc>%b</loc></sitemap></sitemapindex>" % URL.encode(),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_refused(why: str) -> None:
    with pytest.raises(Refuse, match=why) as caught:
        parse_feed(REFUSED[why], "", URL, NOW)
    assert caught.value.reason is Reason.NOT_A_FEED
