"""`feedmill erase` while everything runs: wherever an article is on its way, it goes, and does not come back although
its feed still lists it. Then nothing of it is in any file of the data folder."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.mill import Mill
from tests.texts import edited, sentences, text
from tests.web import Web, serving
from worker.models import Feed, Reason
from worker.query.ast import Everything
from worker.urls import article_id, feed_id
from worker.wiring import Wiring

pytestmark = pytest.mark.timeout(360)

NAMES = ("inhand", "queued", "outbox", "indexed", "lead", "target")
"""Words that stand in the titles and texts of the articles that go, one for each place on the way."""


def word(name: str) -> str:
    return f"zq{name}xy"


class Town(Web):
    """A site that can be told to keep a reader waiting."""

    def __init__(self, host: str) -> None:
        super().__init__({}, host=host)
        self.held: dict[str, threading.Event] = {}

    async def before(self, path: str) -> None:
        if release := self.held.get(path):
            await asyncio.to_thread(release.wait, 60)

    def put(self, name: str, body: Sequence[str], title: str = "") -> str:
        """An article about `name`; its word is in the title and in every paragraph."""
        words = [f"{sentence} {word(name)}" if not n % 5 else sentence for n, sentence in enumerate(body)]
        paragraphs = "".join(f"<p>{text(words[at : at + 5])}</p>" for at in range(0, len(words), 5))
        title = title or f"Report on {word(name)}"
        markup = f"<html lang=en><head><title>{title}</title></head><article><h1>{title}</h1>{paragraphs}</article>"
        self.pages[f"/{name}"] = (200, {"Content-Type": "text/html"}, markup.encode())
        return f"{self.url}/{name}"

    def feed(self, *entries: tuple[str, str]) -> None:
        items = "".join(f"<item><title>{title}</title><link>{url}</link></item>" for url, title in entries)
        body = f"<rss version='2.0'><channel><title>Town</title>{items}</channel></rss>"
        self.pages["/feed"] = (200, {"Content-Type": "application/rss+xml"}, body.encode())


def erase(mill: Mill, *arguments: str) -> dict[str, object]:
    done: dict[str, object] = json.loads(mill.command("erase", *arguments, "--yes", "--json"))
    assert done["done"] is True, done
    return done


def poll_again(mill: Mill, url: str) -> None:
    """And wait until that poll is over."""
    with mill.wiring() as wiring:
        found = wiring.feeds.get(feed_id(url))
        assert found is not None
        before = found[1].polls
        assert wiring.feeds.poll_now(feed_id(url))
    mill.wait("the next poll", lambda wiring: _polls(wiring, url) > before)


def _polls(wiring: Wiring, url: str) -> int:
    found = wiring.feeds.get(feed_id(url))
    return found[1].polls if found is not None else 0


def in_files(folder: Path, wanted: Sequence[bytes]) -> set[bytes]:
    held = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return {each for each in wanted if each in held}


def test_wherever_it_is_it_goes_and_does_not_come_back(
    make_mill: Callable[..., Mill], index_environment: dict[str, str]
) -> None:
    with (
        serving(Town("127.0.0.2")) as town,
        serving(Town("127.0.0.3")) as slow,
        serving(Town("127.0.0.4")) as copies,
    ):
        given = {name: sentences(10 + number, 30) for number, name in enumerate(NAMES)}
        urls = {name: town.put(name, given[name]) for name in ("outbox", "indexed", "lead", "target")}
        for name in ("inhand", "queued"):
            urls[name] = slow.put(name, given[name])
        town.pages["/go"] = (301, {"Location": urls["target"]}, b"")
        copy = copies.put("copy", edited(given["lead"], 3, 60), title="A copy of it")
        kept = town.put("kept", sentences(90, 30))
        first = [urls["indexed"], urls["lead"], f"{town.url}/go", kept]
        town.feed(*((url, f"Entry {url}") for url in first))
        mill = make_mill([f"{town.url}/feed"], **index_environment, FEEDMILL_NET__PAGE_DEADLINE_S="60")
        mill.start()
        mill.wait("the first articles", lambda wiring: len(_documents(wiring)) == 4)
        copies.feed((copy, "A copy"))
        with mill.wiring() as wiring:
            wiring.feeds.put(Feed(feed_id(f"{copies.url}/feed"), f"{copies.url}/feed"))
        mill.wait("the copy", lambda wiring: copy in _documents(wiring))
        with mill.wiring() as wiring:
            documents = {document.url: document for document in wiring.index.scan(Everything())}
            assert documents[copy].duplicate_of == article_id(urls["lead"])

        # One page is being read, one waits for that host, one is finished and waits for the index.
        release = slow.held["/inhand"] = threading.Event()
        every = [*first, urls["outbox"], urls["inhand"], urls["queued"]]
        with mill.wiring() as wiring:
            wiring.redis.set("{feedmill}:index:pause", "1", ex=60)
        town.feed(*((url, f"Entry {url}") for url in every))
        poll_again(mill, f"{town.url}/feed")
        mill.wait("in the outbox", lambda wiring: wiring.outbox.find(article_id(urls["outbox"])) is not None)
        mill.wait("in hand", lambda wiring: _where(wiring, urls["inhand"]) == "in_flight" and "/inhand" in slow.asked)
        mill.wait("queued", lambda wiring: _where(wiring, urls["queued"]) == "queued")

        places = {}
        for name in ("inhand", "queued", "outbox", "indexed", "lead"):
            done = erase(mill, "--url", urls[name])
            places[name] = {place for place, number in done["erased"].items() if number}  # type: ignore[attr-defined]
        done = erase(mill, "--url", f"{town.url}/go", "--note", "by its short link")
        assert done["urls"] == [urls["target"]]
        assert {"frontier"} <= places["inhand"]
        assert {"frontier"} <= places["queued"]
        assert {"outbox", "versions"} <= places["outbox"]
        assert {"documents", "events", "versions"} <= places["indexed"]
        assert {"documents", "leads of copies"} <= places["lead"]
        release.set()
        with mill.wiring() as wiring:
            wiring.redis.delete("{feedmill}:index:pause")

        # The feed still lists them, changed and unchanged, and more links to them.
        again = [*((url, f"Entry {url} again") for url in every), (urls["target"] + "?utm_source=feed", "Another link")]
        town.feed(*again)
        poll_again(mill, f"{town.url}/feed")
        town.feed(*again, (town.put("late", sentences(91, 30)), "A last one"))
        poll_again(mill, f"{town.url}/feed")
        mill.wait("the last one", lambda wiring: f"{town.url}/late" in _documents(wiring))
        mill.wait("all is done", lambda wiring: wiring.ledger.counts().pending == 0 and not wiring.outbox.size()[0])

        with mill.wiring() as wiring:
            wiring.index.refresh()
            left = {document.url: document for document in wiring.index.scan(Everything())}
            assert set(left) == {copy, kept, f"{town.url}/late"}
            assert (left[copy].duplicate_of, left[copy].story.is_lead) == (None, True)
            assert left[copy].story.id == article_id(urls["lead"])
            refused = [event for name in NAMES for event in wiring.index.events(article_id(urls[name]))]
            assert {event.reason for event in refused} == {Reason.ERASED}
            counts = wiring.ledger.counts()
            assert counts.offered == sum(counts.states.values()) + counts.pending
        assert mill.command("search", " OR ".join(map(word, NAMES))) == ""
        for name in ("inhand", "lead"):
            told = json.loads(mill.command("explain", urls[name], "--json"))
            assert told["erased"] is not None
            assert told["article"] is None
        listed = mill.command("erase", "--list")
        assert len(listed.splitlines()) == 6
        assert "by its short link" in listed
        erase(mill, "--url", urls["target"])  # writes the files anew once more, after all that came meanwhile
        traces = [word(name).encode() for name in NAMES if name != "lead"] + [f"/{name}".encode() for name in NAMES]
        assert in_files(mill.data, traces) == set()
        assert mill.stop() == 0
        assert in_files(mill.data, traces) == set()


def _documents(wiring: Wiring) -> set[str]:
    wiring.index.refresh()
    return {document.url for document in wiring.index.scan(Everything())}


def _where(wiring: Wiring, url: str) -> str:
    found = wiring.frontier.pending(article_id(url))
    return found[0] if found else ""
