"""Address and credentials of an Elasticsearch 9, checked before anything is sent; one client per process."""

from __future__ import annotations

import logging
import os
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from elasticsearch import ApiError, Elasticsearch, TransportError

from worker.errors import SettingsError

REQUEST_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Connection:
    """`api_key` goes before `username` and `password`; `ca_file` replaces the system's certificates."""

    url: str
    api_key: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    def check(self) -> str:
        """The node's URL with its port. Raises SettingsError in one line.

        Credentials never travel in the clear beyond the machine or its private network: plain http with credentials
        is accepted only to a loopback or private address, or to a name without a dot (a container's neighbour).
        """
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname or "", parts.port
        except ValueError:  # not quoted: it may hold a password
            raise SettingsError("FEEDMILL_INDEX__URL is no URL; it must look like http://host:9200") from None
        if parts.username is not None or parts.password is not None:
            raise SettingsError(
                "FEEDMILL_INDEX__URL holds a user or password; put them into FEEDMILL_INDEX__USERNAME and __PASSWORD"
            )
        if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
            raise SettingsError("FEEDMILL_INDEX__URL must look like http://host:9200")
        if not (self.api_key.isascii() and self.api_key.isprintable()) or " " in self.api_key:
            raise SettingsError("FEEDMILL_INDEX__API_KEY is no API key: it holds blanks, line breaks or odd characters")
        if self.username and not self.password and not self.api_key:
            raise SettingsError("FEEDMILL_INDEX__USERNAME is set without FEEDMILL_INDEX__PASSWORD")
        if parts.scheme == "http" and (self.api_key or self.username) and not _is_near(host):
            raise SettingsError(
                f"credentials for {host} would be sent in the clear; use https in FEEDMILL_INDEX__URL"
                " (plain http is accepted to loopback, private addresses and names without a dot)"
            )
        if self.ca_file and parts.scheme == "http":
            raise SettingsError("FEEDMILL_INDEX__CA_FILE is set, but FEEDMILL_INDEX__URL is not https")
        if self.ca_file and not Path(self.ca_file).is_file():
            raise SettingsError(f"FEEDMILL_INDEX__CA_FILE names {self.ca_file}, which is not a file")
        shown = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{shown}:{port or (9200 if parts.scheme == 'http' else 443)}{parts.path.rstrip('/')}"


class Clients:
    """The client of this process, made on first use: a socket must never be shared across a fork."""

    def __init__(self, connection: Connection) -> None:
        self.url = connection.check()
        self._connection = connection
        self._client: Elasticsearch | None = None
        self._process = 0

    def get(self) -> Elasticsearch:
        if self._client is None or self._process != os.getpid():
            self._client, self._process = self._make(), os.getpid()
        return self._client

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None and self._process == os.getpid():
            client.close()

    def _make(self) -> Elasticsearch:
        # Each failure reaches us as an exception; the transport's own lines would add a traceback per attempt.
        logging.getLogger("elastic_transport").setLevel(logging.ERROR)
        given = self._connection
        try:
            trust: dict[str, Any] = (
                {"ssl_context": ssl.create_default_context(cafile=given.ca_file)} if given.ca_file else {}
            )
            return Elasticsearch(
                self.url,
                api_key=given.api_key or None,
                basic_auth=(given.username, given.password) if given.username and not given.api_key else None,
                request_timeout=REQUEST_TIMEOUT_S,
                max_retries=1,
                retry_on_status=(),  # the outbox delivers again; waiting here would only hold its lease
                retry_on_timeout=False,
                opaque_id="feedmill",
                **trust,
            )
        except (ValueError, OSError) as error:  # a CA file that is no certificate
            raise SettingsError(f"Elasticsearch cannot be reached as set: {error}") from None


def one_line(error: ApiError | TransportError) -> str:
    """What went wrong, short enough for a log line; never holds credentials."""
    if isinstance(error, ApiError):
        body = error.body
        cause = body.get("error") if isinstance(body, dict) else None
        causes = (cause.get("root_cause") or [cause]) if isinstance(cause, dict) else []
        reasons = [item.get("reason") or item.get("type") for item in causes[:1] if isinstance(item, dict)]
        text = f"{error.status_code} {reasons[0] if reasons and reasons[0] else error.message}"
    else:
        text = str(error.message) or type(error).__name__
    return " ".join(text.split())[:300]


def _is_near(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(".localhost")
    return address.is_loopback or address.is_private
