"""The feeds, read by the libraries that readers use."""

from __future__ import annotations

import json
import re
from calendar import timegm
from datetime import UTC, datetime
from html import unescape

import feedparser
import pytest

from worker.demo.content import load_sites
from worker.demo.manifest import Planned
from worker.demo.newsroom import Edition

OPENED = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
EDITION = Edition(sites=load_sites(), port=8600, opened=OPENED, written=frozenset())


def _feed(edition: Edition, host: str) -> bytes:
    site = next(site for site in edition.sites if site.host == host)
    return edition.answer(host, site.feed_path, {}).body


def _planned(edition: Edition, host: str) -> list[Planned]:
    return [item for item in edition.articles() if item.site == f"{host}:8600"]


XML_HOSTS = [site.host for site in EDITION.sites if site.feed != "json"]


@pytest.mark.parametrize("host", XML_HOSTS)
def test_feedparser_finds_every_article(host: str) -> None:
    site = next(site for site in EDITION.sites if site.host == host)
    answer = EDITION.answer(host, site.feed_path, {})
    parsed = feedparser.parse(
        answer.body, response_headers={"content-type": answer.headers["Content-Type"]}, sanitize_html=False
    )
    assert not parsed.bozo
    found = {entry.link: entry for entry in parsed.entries}
    planned = _planned(EDITION, host)
    assert set(found) == {item.link for item in planned}
    for item in planned:
        entry = found[item.link]
        assert entry.title == item.title
        assert unescape(re.sub(r"</?p>", "", entry.summary)) == item.summary
        stamp = entry.get("published_parsed") or entry.updated_parsed
        assert timegm(stamp) == item.published_at.timestamp()


def test_the_json_feed_lists_every_article() -> None:
    site = next(site for site in EDITION.sites if site.feed == "json")
    document = json.loads(_feed(EDITION, site.host))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    listed = {item["url"]: item for item in document["items"]}
    planned = _planned(EDITION, site.host)
    assert {url: item["title"] for url, item in listed.items()} == {item.link: item.title for item in planned}
    assert {datetime.fromisoformat(item["date_published"]) for item in listed.values()} == {
        item.published_at for item in planned
    }


def test_some_links_carry_tracking_parameters_that_the_canonical_url_has_not() -> None:
    tracked = [item for item in EDITION.articles() if item.link != item.url]
    assert tracked
    assert all(item.link == f"{item.url}?utm_source=feed&utm_medium=rss" for item in tracked)


def test_the_update_shows_in_title_and_time() -> None:
    host = "harbour-times.localhost"
    edition = Edition(sites=load_sites(), port=8600, opened=OPENED, written=frozenset())
    before = feedparser.parse(_feed(edition, host))
    edition.updated_at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    after = feedparser.parse(_feed(edition, host))
    old = {entry.id: (entry.title, entry.updated) for entry in before.entries}
    changed = [entry for entry in after.entries if old[entry.id] != (entry.title, entry.updated)]
    assert [entry.title for entry in changed] == ["Breakwater repairs to take until March after storm damage"]
    assert datetime.fromisoformat(changed[0].updated) == edition.updated_at
    assert after.feed.updated == changed[0].updated
