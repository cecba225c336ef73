"""`run --until-idle` does not sit out the day that a site asks for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.mill import Mill

pytestmark = pytest.mark.timeout(120)

PAGE = (
    "<html><head><title>The bridge is open</title></head><body><article><h1>The bridge is open</h1>{}</article></body>"
)
PARAGRAPH = "<p>The bridge over the river was opened on Tuesday after two years of work, the council said. {}</p>"
Answer = tuple[int, dict[str, str], str]


@contextmanager
def site(answers: dict[str, Answer], host: str = "127.0.0.1") -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers.get(self.path, (404, {}, ""))
            data = body.encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{host}:{server.server_port}"
        server.shutdown()


def test_a_retry_after_of_a_day_is_left_to_a_later_run(make_mill: Callable[..., Mill]) -> None:
    html = {"Content-Type": "text/html"}
    page = PAGE.format("".join(map(PARAGRAPH.format, range(5))))
    away = site({"/busy": (429, {"Retry-After": "86400"}, "")}, "127.0.0.2")  # an address of its own
    with away as busy, site({"/good": (200, html, page)}) as good:
        items = "".join(f"<item><title>T</title><link>{url}</link></item>" for url in (f"{busy}/busy", f"{good}/good"))
        feed = f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>'
        with site({"/feed.xml": (200, {"Content-Type": "application/rss+xml"}, feed)}) as source:
            mill = make_mill([f"{source}/feed.xml"])
            summary = mill.run_until_idle()
    assert "1 article left for a later run: nothing can go on for another 23 h" in summary
    assert list(mill.documents()) == [f"{good}/good"]
    assert "rate_limited" in mill.command("explain", f"{busy}/busy")
