"""The HTTP endpoint of a long-running process: `/metrics`, `/healthz`, `/readyz`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from worker.errors import UsageError
from worker.settings import Metrics

SILENT_S = 60.0
"""A loop that has not come round for this long hangs. Ten times the longest pause between two beats."""

Fault = Callable[[], str]
"""What is wrong, in one line; empty when nothing is."""


class Heartbeat:
    """Beaten by a process's main loop; `fault` says so when it stopped. `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = clock()

    def beat(self) -> None:
        self._at = self._clock()

    def fault(self) -> str:
        silent = self._clock() - self._at
        return f"the main loop has not moved for {silent:.0f} s" if silent > SILENT_S else ""


class Endpoint:
    """Answers from a thread of its own until `close`. Raises UsageError when its port cannot be had."""

    def __init__(self, host: str, port: int, collectors: Iterable[Collector], *, alive: Fault, ready: Fault) -> None:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        for collector in collectors:
            registry.register(collector)

        class Handler(BaseHTTPRequestHandler):
            timeout = 10  # a client that sends nothing holds no thread for longer
            server_version, sys_version = "feedmill", ""

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path == "/metrics":
                    encode, kind = choose_encoder(self.headers.get("Accept", ""))
                    self._answer(200, encode(registry), kind)
                elif path in ("/healthz", "/readyz"):
                    fault = alive() if path == "/healthz" else ready()
                    self._answer(503 if fault else 200, f"{fault or 'ok'}\n".encode())
                else:
                    self._answer(404, b"there are /metrics, /healthz and /readyz\n")

            def _answer(self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """A scrape every few seconds is no news."""

        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", "") or str(error)
            raise UsageError(
                f"metrics cannot listen on {host}:{port}: {reason}; set metrics.port or metrics.host"
            ) from None
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def serve(settings: Metrics, collectors: Iterable[Collector], *, alive: Fault, ready: Fault) -> Endpoint | None:
    """None when no port is set."""
    return Endpoint(settings.host, settings.port, collectors, alive=alive, ready=ready) if settings.port else None
