"""A whole mill with WebSub on: a ping brings an entry in at once that a poll would find a quarter of an hour later."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.hub import Hub
from tests.mill import Mill
from tests.web import Given, page, serving
from worker.models import Standing
from worker.urls import feed_id

TEXT = "".join(f"<p>The harbour board met in session {n} and decided about berth number {n}.</p>" for n in range(12))


def feed(url: str, *names: str) -> Given:
    items = "".join(f"<item><title>Story {name}</title><link>{url}/{name}</link></item>" for name in names)
    links = f"<a:link rel='hub' href='{url}/hub'/><a:link rel='self' href='{url}/self.xml'/>"
    head = "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>Port</title>"
    return 200, {"Content-Type": "application/rss+xml"}, f"{head}{links}{items}</channel></rss>".encode()


def test_a_ping_is_a_poll(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    articles = {f"/{name}": page(f"<title>{name}</title><article><h1>Story {name}</h1>{TEXT}") for name in ("a", "b")}
    with serving(Hub(articles)) as hub:
        hub.pages["/feed"] = feed(hub.url, "a")
        mill = Mill(
            tmp_path, [f"{hub.url}/feed"], FEEDMILL_SCHEDULE__FLOOR_S="0.5",
            FEEDMILL_WEBSUB__BASE_URL=f"http://127.0.0.1:{port}", FEEDMILL_WEBSUB__PORT=str(port),
        )  # fmt: skip
        id_ = feed_id(f"{hub.url}/feed")
        mill.start()
        try:

            def active(wiring: object) -> bool:
                found = wiring.subscriptions.of_feed(id_)  # type: ignore[attr-defined]
                return found is not None and found.standing is Standing.ACTIVE

            mill.wait("the subscription", active)
            assert hub.requests[0]["hub.topic"] == f"{hub.url}/self.xml"
            assert "hub.callback" in hub.requests[0]
            hub.pages["/feed"] = feed(hub.url, "b", "a")
            asked = hub.asked.count("/feed")
            assert hub.call(hub.notify()) == 202
            mill.wait("the new entry", lambda wiring: wiring.feeds.show(id_)[1].push_hits == 1)
            assert hub.asked.count("/feed") == asked + 1
            mill.wait("the article", lambda wiring: wiring.ledger.counts().pending == 0)
            assert "told by its hub" in mill.command("feeds", "show", id_)
            assert mill.stop() == 0
            assert hub.requests[0]["hub.callback"].rpartition("/")[2] not in mill.log.read_text()
        finally:
            mill.kill_if_running()
