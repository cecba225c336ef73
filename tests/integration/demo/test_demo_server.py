"""The newsroom on its socket: virtual hosts, its own pages, statistics, start and stop."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from worker.demo.server import Newsroom


def _ask(
    port: int,
    host: str,
    path: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    timeout_s: float = 30,
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request(method, path, headers={"Host": f"{host}:{port}", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def _json(port: int, path: str) -> Any:
    return json.loads(_ask(port, "127.0.0.1", path)[2])


def test_sites_are_told_apart_by_host(newsroom: Newsroom) -> None:
    titles = {_ask(newsroom.port, url.split("/")[2].partition(":")[0], "/")[2] for url in newsroom.feeds}
    assert len(titles) == len(newsroom.feeds) == 9
    assert _ask(newsroom.port, "127.0.0.1", "/")[0] == 404


def test_feeds_answer_at_the_urls_given(newsroom: Newsroom) -> None:
    for url in newsroom.feeds:
        host, _, path = url.removeprefix("http://").partition(f":{newsroom.port}")
        status, headers, _ = _ask(newsroom.port, host, path)
        assert status == 200
        known = {"If-None-Match": headers.get("etag", ""), "If-Modified-Since": headers.get("last-modified", "")}
        asked = {name: value for name, value in known.items() if value}
        assert _ask(newsroom.port, host, path, headers=asked)[0] == 304


def test_the_manifest_over_http_is_the_manifest(newsroom: Newsroom) -> None:
    document = _json(newsroom.port, "/__manifest.json")
    assert document["feeds"] == list(newsroom.feeds)
    assert [item["url"] for item in document["articles"]] == [item.url for item in newsroom.manifest]
    assert document["articles"][0]["paragraphs"] == list(newsroom.manifest[0].paragraphs)
    assert not any(item["generated"] for item in document["articles"])


def test_statistics_count_per_site() -> None:
    with Newsroom(slow_s=0) as room:
        etag = _ask(room.port, "bergbote.localhost", "/rss.xml")[1]["etag"]
        _ask(room.port, "bergbote.localhost", "/rss.xml", headers={"If-None-Match": etag})
        _ask(room.port, "bergbote.localhost", "/nothing?x=1")
        stats = _json(room.port, "/__stats.json")
        assert stats == room.stats()
        count = stats["bergbote.localhost"]
        assert (count["requests"], count["not_modified"], count["max_in_flight"]) == (3, 1, 1)
        assert count["by_path"] == {"/nothing": 1, "/rss.xml": 2}
        assert count["by_status"] == {"200": 1, "304": 1, "404": 1}
        assert count["min_gap_s"] >= 0
        assert _ask(room.port, "127.0.0.1", "/__reset", "POST")[0] == 204
        assert room.stats() == {}


def test_requests_at_once_are_seen() -> None:
    with Newsroom(latency_s=0.3) as room, ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: _ask(room.port, "elbkurier.localhost", "/"), range(3)))
        assert room.stats()["elbkurier.localhost"]["max_in_flight"] == 3


def test_the_slow_site_is_slow_and_the_others_are_not() -> None:
    with Newsroom(slow_s=60) as room:
        assert _ask(room.port, "bergbote.localhost", "/")[0] == 200
        with pytest.raises(TimeoutError):
            _ask(room.port, "fenland-post.localhost", "/", timeout_s=0.3)


def test_the_update_comes_by_call_by_post_or_by_itself() -> None:
    def title(room: Newsroom) -> str:
        return next(item.title for item in room.manifest if item.kind == "update")

    with Newsroom() as by_call, Newsroom() as by_post, Newsroom(update_after_s=0.05) as by_itself:
        old = title(by_call)
        by_call.apply_update()
        assert _ask(by_post.port, "127.0.0.1", "/__update", "POST")[0] == 204
        deadline = time.monotonic() + 5
        while title(by_itself) == old and time.monotonic() < deadline:
            time.sleep(0.01)
        assert {title(by_call), title(by_post), title(by_itself)} == {
            "Breakwater repairs to take until March after storm damage"
        }


def test_head_has_no_body_and_other_methods_are_refused(newsroom: Newsroom) -> None:
    status, headers, body = _ask(newsroom.port, "bergbote.localhost", "/rss.xml", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 1000
    assert _ask(newsroom.port, "bergbote.localhost", "/rss.xml", "DELETE")[0] == 405
    assert _ask(newsroom.port, "bergbote.localhost", "/__update")[0] == 404


def test_start_says_when_the_port_is_taken_and_stop_frees_it() -> None:
    with Newsroom() as room:
        port = room.port
        with pytest.raises(OSError, match="address already in use"):
            Newsroom().start(port)
    with Newsroom().start(port) as again:
        assert again.port == port


def test_runs_alone_and_ends_on_sigterm() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "worker.demo.server", "--port", str(port), "--scale", "70"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline().strip()
        assert first == f"http://bergbote.localhost:{port}/rss.xml"
        assert len(_json(port, "/__manifest.json")["articles"]) == 70
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(5) == 0
