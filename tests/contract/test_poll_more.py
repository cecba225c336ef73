"""A poll that asks for more than the feed: sitemaps of an index, the archive behind a gap; and what it notices."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.contract.test_poll_stage import Mill, Server, rss, run
from tests.valkey import Valkey, valkey, valkey_server
from worker.models import Reason
from worker.urls import article_id

__all__ = ["valkey", "valkey_server"]

NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def index(*urls: str) -> bytes:
    rows = "".join(
        f"<sitemap><loc>{url}</loc><lastmod>2026-10-{31 - n}</lastmod></sitemap>" for n, url in enumerate(urls)
    )
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


def sitemap(*names: str) -> bytes:
    rows = "".join(
        f"<url><loc>https://news.example/{name}</loc><n:news><n:title>{name}</n:title></n:news></url>" for name in names
    )
    return f"<urlset xmlns:n='{NEWS}'>{rows}</urlset>".encode()


def documents(archive: str, *titles: str, rel: str = "prev-archive") -> bytes:
    if rel == "next_url":
        items = [{"id": title, "title": title, "url": f"https://news.example/{title}"} for title in titles]
        more = {"next_url": archive} if archive else {}
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": items} | more).encode()
    entries = "".join(
        f"<entry><id>{title}</id><title>{title}</title><link href='https://news.example/{title}'/></entry>"
        for title in titles
    )
    link = f"<link rel='{rel}' href='{archive}'/>" if archive else ""
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title>{link}{entries}</feed>".encode()


def test_an_index_gives_the_entries_of_its_newest_sitemaps(valkey: Valkey) -> None:
    async def scenario() -> None:
        async with Server([]) as server, Mill(valkey, server.url) as mill:
            base = server.url.rpartition("/")[0]
            server.answers[:] = [
                (200, {"ETag": '"i"'}, index(f"{base}/1", f"{base}/2", "http://elsewhere.example/3")),
                (200, {}, sitemap("one", "two")),
                (200, {}, sitemap("two", "three")),
                (304, {}, b""),
            ]
            first = await mill.poll()
            assert (first.reason, first.offered, len(server.requests)) == (Reason.NEW_ENTRIES, 3, 3)
            assert first.state.etag == '"i"'
            assert (await mill.poll()).reason is Reason.NOT_MODIFIED
            assert server.requests[3]["if-none-match"] == '"i"'

    run(scenario)


def test_an_index_whose_sitemap_fails_comes_again_in_full(valkey: Valkey) -> None:
    async def scenario() -> None:
        async with Server([]) as server, Mill(valkey, server.url) as mill:
            base = server.url.rpartition("/")[0]
            whole = (200, {"ETag": '"i"'}, index(f"{base}/1", f"{base}/2"))
            server.answers[:] = [whole, (200, {}, sitemap("one")), (500, {}, b""), whole, (500, {}, b"")]
            first = await mill.poll()
            assert (first.offered, first.state.etag, first.state.body_hash) == (1, "", "")
            assert first.detail == "only 1 of its sitemaps could be read"
            second = await mill.poll()
            assert (second.reason, second.state.failures) == (Reason.SERVER_ERROR, 1)
            assert "if-none-match" not in server.requests[3]

    run(scenario)


@pytest.mark.parametrize("rel", ["prev-archive", "next", "next_url"])
def test_a_gap_is_counted_and_filled_from_the_archive(valkey: Valkey, rel: str) -> None:
    archived = partial(documents, rel=rel)

    async def scenario() -> None:
        async with Server([]) as server, Mill(valkey, server.url) as mill:
            base = server.url.rpartition("/")[0]
            server.answers[:] = [
                (200, {}, archived(f"{base}/old", "a1", "a2")),
                (200, {}, archived(f"{base}/older", "a5", "a6")),
                (200, {}, archived(f"{base}/oldest", "a3", "a4")),
                (200, {}, archived(f"{base}/first", "a1", "a2")),
                (200, {}, archived("", "a6", "a7")),
            ]
            first = await mill.poll()
            assert (first.state.gaps, first.state.gap_at, len(server.requests)) == (0, None, 1)
            second = await mill.poll()
            assert (second.offered, second.state.gaps, second.state.gaps_in_a_row) == (4, 1, 1)
            assert second.state.gap_at is not None
            assert second.detail == "nothing of the last document is left, 2 of its archive read"
            assert len(server.requests) == 4
            assert second.window is not None
            assert article_id("https://news.example/a3") not in second.window
            third = await mill.poll()
            assert (third.offered, third.state.gaps, third.state.gaps_in_a_row) == (1, 1, 0)

    run(scenario)


def test_links_that_are_new_at_every_poll_are_no_new_entries(valkey: Valkey) -> None:
    def feed(session: int, *numbers: int) -> bytes:
        items = "".join(
            f"<item><guid isPermaLink='false'>g{n}</guid><title>T{n}</title>"
            f"<link>https://news.example/{n}?s={session}</link></item>"
            for n in numbers
        )
        return f"<rss version='2.0'><channel><title>S</title>{items}</channel></rss>".encode()

    async def scenario() -> None:
        answers = [(200, {}, feed(n, *range(n, n + 20))) for n in range(3)]
        async with Server(list(answers)) as server, Mill(valkey, server.url) as mill:
            assert (await mill.poll()).offered == 20
            second = await mill.poll()
            assert (second.offered, second.state.rewritten_links, second.state.gaps) == (1, True, 0)
            assert (await mill.poll()).offered == 1

    run(scenario)


def test_ids_that_are_new_at_every_poll_are_told_apart_by_their_urls(valkey: Valkey) -> None:
    def feed(poll: int) -> bytes:
        items = "".join(
            f"<item><guid isPermaLink='false'>{poll}-{n}</guid><title>T{n}</title><link>https://news.example/{n}</link></item>"
            for n in range(10)
        )
        return f"<rss version='2.0'><channel><title>S</title>{items}</channel></rss>".encode()

    async def scenario() -> None:
        async with Server([(200, {}, feed(n)) for n in range(2)]) as server, Mill(valkey, server.url) as mill:
            assert (await mill.poll()).offered == 10
            second = await mill.poll()
            assert (second.offered, second.state.unstable_ids) == (0, True)

    run(scenario)


def test_hubs_of_the_header_come_before_those_of_the_document(valkey: Valkey) -> None:
    extra = "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='hub' href='https://hub.example/b'/>"
    sent = {"Link": "<https://hub.example/a>; rel=hub\r\nLink: <https://news.example/feed>; rel=self"}

    async def scenario() -> None:
        async with Server([(200, sent, rss("one", extra=extra))]) as server, Mill(valkey, server.url) as mill:
            await mill.poll()
            found = mill.store.get(mill.feed.id)
            assert found is not None
            assert found[1].hubs == ("https://hub.example/a", "https://hub.example/b")
            assert found[1].topic == "https://news.example/feed"

    run(scenario)
