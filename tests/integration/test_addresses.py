"""One page under many addresses, over HTTP and through the real pipeline: one document, whatever it is called."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.test_manners import Answer, Sites, moved, work_off
from tests.texts import sentences, text
from tests.valkey import Valkey, valkey, valkey_server
from worker.cli.articles import find_article
from worker.cli.explain import explanation_to_json, look_up
from worker.models import Article, Feed, Reason, State
from worker.query.ast import Everything
from worker.settings import Settings
from worker.urls import article_id, feed_id
from worker.wiring import Wiring

__all__ = ["valkey", "valkey_server"]

FLOOD = sentences(1, 30)
MAIN, AMP, PRINT, SHORT = "/news/flood-in-town", "/news/flood-in-town/amp", "/news/flood-in-town?print=1", "/go/1"
HUB = "/2026/overview-of-all"
OURS = 4


class Town(Sites):
    """A site with AMP, print and short addresses, a page that many name as canonical, and one text from an agency."""

    entries: tuple[tuple[str, str], ...] = ()
    changed = ""

    def answer(self, name: str, path: str) -> Answer:
        if path == "/robots.txt":
            return 404, {}, ""
        if path == "/feed":
            return 200, {"Content-Type": "application/rss+xml"}, self._feed()
        if path == SHORT:
            return moved(self.url("www-town", MAIN + "?utm_source=short"))
        body, canonical = self.page(path.partition("?utm")[0].rstrip("/"))
        link = f"<link rel='canonical' href='{canonical}'>" if canonical else ""
        head = f"<title>{body[0][:40]}</title>{link}"
        paragraphs = "".join(f"<p>{' '.join(body[at : at + 3])}</p>" for at in range(0, len(body), 3))
        return (
            200,
            {},
            f"<html lang='en'><head>{head}</head><body><article><h1>{body[0][:40]}</h1>{paragraphs}</article>",
        )

    def page(self, path: str) -> tuple[list[str], str]:
        if path in (MAIN, AMP, PRINT):
            body = [*FLOOD, self.changed] if self.changed else FLOOD
            return (body, self.url("www-town", MAIN)) if path == AMP else (body, "")
        if path.startswith("/n/"):
            return sentences(100 + int(path[3]), 30), self.url("www-town", HUB)
        if path == "/wire":
            return sentences(50, 30), self.url("agency", "/wire/7")
        return sentences(60, 30), ""

    def _feed(self) -> str:
        items = "".join(f"<item><title>{title}</title><link>{url}</link></item>" for url, title in self.entries)
        return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"


async def poll(wiring: Wiring, town: Town, offered: int) -> dict[str, Article]:
    """Everything that the feed has now, to its end -> url: document."""
    url = town.url("www-town", "/feed")
    wiring.feeds.put(Feed(feed_id(url), url))
    wiring.feeds.poll_now(feed_id(url))
    await asyncio.wait_for(work_off(wiring, offered), 60)
    while wiring.write_batch("t").taken:
        pass
    found = list(wiring.index.scan(Everything()))
    assert len({article.url for article in found}) == len(found)
    return {article.url: article for article in found}


@pytest.mark.timeout(90)
def test_one_page_under_many_addresses_is_one_document(valkey: Valkey, tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "redis": {"url": valkey.url},
            "schedule": {"article_lease_s": 5.0},
            "net": {"allow": "127.0.0.0/8", "host_delay_s": 0.01, "address_delay_s": 0.01},
        }
    )
    town = Town()

    async def scenario() -> None:
        with Wiring(settings) as wiring:
            async with town.serve():

                def www(path: str) -> str:
                    return town.url("www-town", path)

                variants = [www(MAIN), www(AMP), www(PRINT), www(SHORT), www(MAIN + "/")]
                others = [*(www(f"/n/{number}-title") for number in range(OURS)), www("/wire")]
                town.entries = tuple((url, "A title") for url in [*variants, *others])
                documents = await poll(wiring, town, 10)
                flood = one_of(documents, variants)
                assert set(documents) - {flood.url} == set(others)
                assert documents[www("/wire")].canonical_url == town.url("agency", "/wire/7")
                assert documents[www("/wire")].id == article_id(www("/wire"))
                for number in range(OURS):
                    assert documents[www(f"/n/{number}-title")].canonical_url == www(HUB)

                # Known addresses, and one more that a short link had led through, are not even fetched.
                more = www(MAIN + "?utm_medium=feed")
                town.entries = ((more, "A title"), (www(HUB), "An overview"), *town.entries)
                before = fetched(town)
                documents = await poll(wiring, town, 11)
                assert {path for path, count in fetched(town).items() if before.get(path) != count} == {"/feed", HUB}
                assert set(documents) == {flood.url, www(HUB), *others}, "what many name is an article of its own"

                # One of the addresses says that the text has changed: the same article, the next version.
                town.changed = "The water has fallen by a metre since then, and the bridge is open again."
                town.entries = tuple(
                    (url, "Another title" if url == www(AMP) else title) for url, title in town.entries
                )
                documents = await poll(wiring, town, 12)
                assert len(documents) == len(others) + 2
                newest = next(article for article in documents.values() if article.id == flood.id)
                assert newest.revision > flood.revision
                assert town.changed in newest.body

                for url in variants:
                    explained = explanation_to_json(look_up(wiring, url))
                    assert explained["seen"], url
                    assert explained["article"]["id"] == flood.id, url
                    article = find_article(wiring.index, url)
                    assert article is not None, url
                    assert article.id == flood.id, url
                counts = wiring.ledger.counts()
                assert counts.offered == sum(counts.states.values())
                assert counts.states[State.INDEXED] + counts.states.get(State.UPDATED, 0) >= len(documents)
                assert counts.reasons[(State.UNCHANGED, Reason.SAME_CONTENT)] >= 1

    asyncio.run(scenario())


def one_of(documents: Mapping[str, Article], urls: list[str]) -> Article:
    [found] = [article for url, article in documents.items() if url in urls]
    assert text(FLOOD)[:200] in found.body.replace("\n\n", " ")
    return found


def fetched(town: Town) -> dict[str, int]:
    return {path: count for site in town.statistics.as_dict().values() for path, count in site["by_path"].items()}
