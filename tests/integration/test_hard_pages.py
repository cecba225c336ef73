"""Pages that are hard on the mill, in a real run: a killer of the extractor, short links, a slow page at the stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.mill import Mill
from worker.models import Reason, State

pytestmark = pytest.mark.timeout(180)

SENTENCES = [
    "The council of the harbour town voted on Tuesday evening to rebuild the northern breakwater before winter.",
    "Eleven members were for it, four against, and two were absent because the ferry did not sail in the storm.",
    "The work will cost nine million crowns, of which the region pays two thirds, said the mayor after the vote.",
    "Fishermen had asked for a longer wall, but the engineers found that it would silt up the inner basin.",
]


class Site:
    """Paths -> (status, headers, body, delay); counts what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes, float]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                status, headers, body, delay = site.pages.get(self.path, (404, {}, b"", 0.0))
                time.sleep(delay)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass  # a reader that was killed hung up

        self._server = Server(("0.0.0.0", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.port = self._server.server_address[1]

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def article(self, path: str, title: str, delay: float = 0.0, extra: str = "") -> None:
        body = "".join(f"<p>{sentence} ({title})</p>" for sentence in SENTENCES)
        page = (
            f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article>{extra}"
        )
        self.pages[path] = (200, {"Content-Type": "text/html; charset=utf-8"}, page.encode(), delay)

    def feed(self, links: dict[str, str]) -> str:
        items = "".join(
            f"<item><title>{title}</title><link>{link}</link><description>About {title}.</description></item>"
            for link, title in links.items()
        )
        text = f"<rss version='2.0'><channel><title>Hard</title><link>{self.url('/')}</link>{items}</channel></rss>"
        self.pages["/feed.xml"] = (200, {"Content-Type": "application/rss+xml"}, text.encode(), 0.0)
        return self.url("/feed.xml")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


def test_a_page_that_kills_the_extractor_is_quarantined_and_its_neighbours_are_indexed(
    site: Site, make_mill: Callable[..., Mill]
) -> None:
    for number in range(8):
        site.article(f"/good/{number}", f"Good {number}")
    # Below the gate of 50,000 tags, and quadratic in the library: 14 s of work where 2 s are allowed.
    site.article("/bad", "Bad", extra="<p>some words of text here</p>" * 49_000)
    links = {site.url(f"/good/{number}"): f"Good {number}" for number in range(8)}
    mill = make_mill(
        [site.feed({site.url("/bad"): "Bad", **links})],
        FEEDMILL_EXTRACT__METHOD="trafilatura", FEEDMILL_EXTRACT__TIMEOUT_S="2", FEEDMILL_WORKER__PROCESSES="1",
    )  # fmt: skip
    mill.run_until_idle()
    with mill.wiring() as wiring:
        counts = wiring.ledger.counts()
    assert site.asked.count("/bad") == 1, "it is tried again with the bytes that are there"
    assert counts.reasons[(State.QUARANTINED, Reason.EXTRACT_TIMEOUT)] == 1
    assert mill.documents().keys() == links.keys()


def test_short_links_make_no_copies_of_one_page(site: Site, make_mill: Callable[..., Mill]) -> None:
    final = site.url("/final", "127.0.0.2")
    site.article("/final", "Found by three ways")
    site.pages["/here"] = (301, {"Location": site.url("/final")}, b"", 0.0)
    site.pages["/away"] = (302, {"Location": final}, b"", 0.0)
    links = {site.url("/away"): "One", final: "Two", site.url("/again"): "Three"}
    site.pages["/again"] = (301, {"Location": final}, b"", 0.0)
    mill = make_mill([site.feed(links)])
    mill.run_until_idle()
    documents = mill.documents()
    assert documents.keys() == {final}
    with mill.wiring() as wiring:
        counts = wiring.ledger.counts()
    assert counts.offered == sum(counts.states.values()) == 3
    for link in links:
        told = mill.command("explain", link)
        assert "In the archive" in told, told


def test_a_stop_in_the_middle_of_a_slow_page_costs_no_try(site: Site, make_mill: Callable[..., Mill]) -> None:
    site.article("/slow", "Slow", delay=7.0)
    mill = make_mill([site.feed({site.url("/slow"): "Slow"})], FEEDMILL_WORKER__STRAGGLER_S="0.5")
    for stops in range(1, 4):
        mill.start()
        deadline = time.monotonic() + 30
        while site.asked.count("/slow") < stops and time.monotonic() < deadline:
            time.sleep(0.05)
        assert mill.stop() == 0
    mill.run_until_idle()
    [document] = mill.documents().values()
    with mill.wiring() as wiring:
        [event] = wiring.index.events(document["id"])
    assert (event.attempts, [step.outcome for step in event.steps]) == (1, ["ok"] * 4)
