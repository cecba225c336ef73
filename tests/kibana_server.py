"""An HTTP server that answers as Kibana's API does, by a script: what it was asked is kept."""

from __future__ import annotations

import email.parser
import email.policy
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

STARTING = (503, "Kibana server is not ready yet")
"""What Kibana says to everything until its plugins are up (src/core/packages/http, HttpServer not ready)."""


def status(level: str = "available", version: str = "9.5.6") -> tuple[int, Any]:
    return 200, {"name": "kibana", "version": {"number": version}, "status": {"overall": {"level": level}}}


@dataclass
class KibanaServer:
    """Objects are kept by space, type and id, as an import with `overwrite` does. Queues are answered first."""

    url: str = ""
    credentials: str = ""
    """The Authorization header it wants; empty: none."""
    spaces: set[str] = field(default_factory=set)
    status_answers: list[tuple[int, Any]] = field(default_factory=list)
    import_answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    objects: dict[str, dict[tuple[str, str], Any]] = field(default_factory=dict)
    base: str = ""

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any, dict[str, str]]:
        self.asked.append((method, path))
        if not path.startswith(self.base):
            return 302, "", {"Location": f"{self.base}/login"}
        path = path.removeprefix(self.base)
        if self.status_answers and path == "/api/status":
            return *self.status_answers.pop(0), {}
        if self.credentials and headers.get("Authorization") != self.credentials:
            return 401, {"statusCode": 401, "error": "Unauthorized", "message": "Unauthorized"}, {}
        if path == "/api/status":
            return *status(), {}
        if path.startswith("/api/spaces/space/"):
            there = path.rpartition("/")[2] in self.spaces
            return (200, {"id": "x"}, {}) if there else (404, {"statusCode": 404, "error": "Not Found"}, {})
        space = ""
        if path.startswith("/s/"):
            space, _, rest = path.removeprefix("/s/").partition("/")
            path = f"/{rest}"
        if (method, path) == ("POST", "/api/saved_objects/_import?overwrite=true"):
            return *self._import(space, headers, body), {}
        return 404, {"statusCode": 404, "error": "Not Found", "message": "Not Found"}, {}

    def _import(self, space: str, headers: Any, body: bytes) -> tuple[int, Any]:
        if "kbn-xsrf" not in headers:
            return 400, {
                "statusCode": 400,
                "error": "Bad Request",
                "message": "Request must contain a kbn-xsrf header.",
            }
        if self.import_answers:
            return self.import_answers.pop(0)
        head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        [part] = list(message.iter_parts())
        assert part.get_param("name", header="content-disposition") == "file"
        if not str(part.get_filename()).endswith(".ndjson"):
            return 400, {"statusCode": 400, "error": "Bad Request", "message": "Invalid file extension"}
        lines = [json.loads(line) for line in part.get_payload(decode=True).decode().splitlines() if line]
        for one in lines:
            self.objects.setdefault(space, {})[one["type"], one["id"]] = one
        return 200, {"success": True, "successCount": len(lines), "warnings": [], "successResults": []}


@contextmanager
def kibana_server(**given: Any) -> Iterator[KibanaServer]:
    script = KibanaServer(**given)

    class Handler(http.server.BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            number, data, headers = script.answer(self.command, self.path, self.headers, body)
            text = data.encode() if isinstance(data, str) else json.dumps(data).encode()
            self.send_response(number)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _do  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        script.url = f"http://127.0.0.1:{server.server_port}{script.base}"
        try:
            yield script
        finally:  # else the session never ends after a test that failed
            server.shutdown()
            thread.join()
