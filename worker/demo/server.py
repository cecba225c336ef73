"""Serves the sample newsroom on one loopback port: `python -m worker.demo.server --port 8600`.

Every site is a virtual host `NAME.localhost`. On any host: `/__manifest.json` (what is true about every article),
`/__stats.json` (what was asked), `POST /__update` (the changed article changes), `POST /__reset` (statistics anew).
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from aiohttp import web

from worker.demo.content import load_sites
from worker.demo.manifest import Planned
from worker.demo.newsroom import Edition, Reply
from worker.demo.scaling import scale as scale_sites
from worker.demo.statistics import Statistics


class Newsroom:
    """A running newsroom in a thread of its own. Use as a context manager, or `start` and `stop`.

    `latency_s` before every answer, `slow_s` more at the slow site; `scale` articles in all (never fewer than the
    written ones); `update_after_s` applies the update by itself. `now` is the moment from which dates count back.
    """

    def __init__(
        self,
        *,
        latency_s: float = 0.0,
        slow_s: float = 1.5,
        scale: int = 0,
        seed: int = 1,
        update_after_s: float | None = None,
        now: datetime | None = None,
    ) -> None:
        self._latency_s, self._slow_s, self._update_after_s = latency_s, slow_s, update_after_s
        written = load_sites()
        self._edition = Edition(
            sites=scale_sites(written, scale, seed),
            port=0,
            opened=now or datetime.now(UTC),
            written=frozenset(site.host + story.path for site in written for story in site.stories),
        )
        self._slow = {site.host for site in written if site.slow}
        self._statistics = Statistics()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._failed: BaseException | None = None

    def start(self, port: int = 0) -> Newsroom:
        """Listen on 127.0.0.1 (0: any free port) and return when requests are answered. Raises OSError."""
        ready = threading.Event()
        self._failed = None
        self._thread = threading.Thread(target=self._run, args=(port, ready), name="newsroom", daemon=True)
        self._thread.start()
        ready.wait()
        if self._failed is not None:
            raise self._failed
        return self

    def stop(self) -> None:
        """Close the port; requests under way are dropped. A stopped newsroom can be started again on its port."""
        if self._thread is not None and self._loop is not None and self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self._thread = self._loop = self._stopping = None

    def __enter__(self) -> Newsroom:
        return self if self._thread else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._edition.port

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feed URLs, one per site."""
        return self._edition.feeds

    @property
    def manifest(self) -> tuple[Planned, ...]:
        """What is true now about every article that the feeds list."""
        return self._edition.articles()

    def stats(self) -> dict[str, dict[str, Any]]:
        """See `Statistics.as_dict`; requests for `/__*` are not counted."""
        return self._statistics.as_dict()

    def reset_stats(self) -> None:
        self._statistics.reset()

    def apply_update(self, now: datetime | None = None) -> None:
        """From now on the changed article has its second version, in the feed and on its page. Twice is once."""
        if self._edition.updated_at is None:
            self._edition.updated_at = now or datetime.now(UTC)

    def _run(self, port: int, ready: threading.Event) -> None:
        try:
            asyncio.run(self._serve(port, ready))
        except BaseException as error:  # handed to the thread that waits in `start`
            self._failed = error
        finally:
            ready.set()

    async def _serve(self, port: int, ready: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            self._edition.port = runner.addresses[0][1]
            if self._update_after_s is not None:
                self._loop.call_later(self._update_after_s, self.apply_update)
            ready.set()
            await self._stopping.wait()
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if path.startswith("/__"):
            return self._own(request.method, path)
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        host = request.host.partition(":")[0].lower()
        self._statistics.begin(host, path, time.monotonic())
        status = None
        try:
            await asyncio.sleep(self._latency_s + (self._slow_s if host in self._slow else 0))
            headers = {name.lower(): value for name, value in request.headers.items()}
            reply = self._edition.answer(host, path, headers)
            status = reply.status
            return _response(reply)
        finally:
            self._statistics.end(host, status, time.monotonic())

    def _own(self, method: str, path: str) -> web.Response:
        if (method, path) == ("POST", "/__update"):
            self.apply_update()
            return web.Response(status=204)
        if (method, path) == ("POST", "/__reset"):
            self.reset_stats()
            return web.Response(status=204)
        if (method, path) == ("GET", "/__manifest.json"):
            return web.json_response({"feeds": self.feeds, "articles": [_plain(item) for item in self.manifest]})
        if (method, path) == ("GET", "/__stats.json"):
            return web.json_response(self.stats())
        return web.Response(status=404)


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, headers=dict(reply.headers), body=reply.body)


def _plain(article: Planned) -> dict[str, Any]:
    values = dataclasses.asdict(article)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; the feeds' URLs go to stdout, one a line."""
    parser = argparse.ArgumentParser(prog="python -m worker.demo.server", description="The sample newsroom.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0: any free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--slow", type=float, default=1.5, help="seconds more at the slow site")
    parser.add_argument("--scale", type=int, default=0, help="articles in all; more than were written are made up")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other articles up")
    parser.add_argument("--update-after", type=float, help="seconds until the changed article changes")
    chosen = parser.parse_args(arguments)
    newsroom = Newsroom(
        latency_s=chosen.latency,
        slow_s=chosen.slow,
        scale=chosen.scale,
        seed=chosen.seed,
        update_after_s=chosen.update_after,
    )
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    try:
        newsroom.start(chosen.port)
    except OSError as error:
        sys.stderr.write(f"newsroom: cannot listen on 127.0.0.1:{chosen.port}: {error}\n")
        return 2
    with newsroom:
        sys.stdout.write("\n".join(newsroom.feeds) + "\n")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
