"""Address and credentials of an Elasticsearch 9, checked before anything is sent; one client per process."""

from __future__ import annotations

import logging
import os
import re
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from elasticsearch import ApiError, Elasticsearch, TransportError

from worker.errors import SettingsError

REQUEST_TIMEOUT_S = 30.0
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}")


@dataclass(frozen=True, slots=True)
class Connection:
    """`api_key` goes before `username` and `password`. `ca_file` replaces the system's certificates, `fingerprint`
    (SHA-256) stands for the one certificate that is trusted, the server's own or its CA's."""

    url: str
    api_key: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    fingerprint: str = ""
    verify: bool = True
    unprotected_host: str = ""

    def check(self) -> str:
        """The node's URL with its port. Raises SettingsError in one line.

        Plain http, or a certificate that nobody checks, is accepted on this machine; beyond it only when the host is
        named a second time, so that an exception made for one server never holds for the next.
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
        if parts.scheme == "http" and (self.ca_file or self.fingerprint or not self.verify):
            said = "CA_FILE" if self.ca_file else "FINGERPRINT" if self.fingerprint else "VERIFY"
            raise SettingsError(f"FEEDMILL_INDEX__{said} is set, but FEEDMILL_INDEX__URL is not https")
        if (bool(self.ca_file), bool(self.fingerprint), not self.verify).count(True) > 1:
            raise SettingsError(
                "FEEDMILL_INDEX__CA_FILE, __FINGERPRINT and __VERIFY=false exclude each other; keep one of them"
            )
        if self.fingerprint and not _FINGERPRINT.fullmatch(self.fingerprint):
            raise SettingsError(
                "FEEDMILL_INDEX__FINGERPRINT is no SHA-256 fingerprint: 64 hex digits, with or without colons"
            )
        if parts.scheme == "http" or not self.verify:
            refuse_unprotected(host, self.unprotected_host, "INDEX", is_plain=parts.scheme == "http")
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
            return Elasticsearch(
                self.url,
                api_key=given.api_key or None,
                basic_auth=(given.username, given.password) if given.username and not given.api_key else None,
                request_timeout=REQUEST_TIMEOUT_S,
                max_retries=1,
                retry_on_status=(),  # the outbox delivers again; waiting here would only hold its lease
                retry_on_timeout=False,
                opaque_id="feedmill",
                **_trust(given),
            )
        except (ValueError, OSError) as error:  # a CA file that is no certificate
            raise SettingsError(f"Elasticsearch cannot be reached as set: {error}") from None


def one_line(error: ApiError | TransportError) -> str:
    """What went wrong, short enough for a log line; never holds credentials."""
    if isinstance(error, ApiError):
        body = error.body
        cause = body.get("error") if isinstance(body, dict) else None
        causes = (cause.get("root_cause") or [cause.get("caused_by") or cause]) if isinstance(cause, dict) else []
        reasons = [item.get("reason") or item.get("type") for item in causes[:1] if isinstance(item, dict)]
        text = f"{error.status_code} {reasons[0] if reasons and reasons[0] else error.message}"
    else:
        text = str(error.message) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in text or "Fingerprints did not match" in text:
            text = f"its certificate is not trusted; FEEDMILL_INDEX__CA_FILE or __FINGERPRINT says what is: {text}"
    return " ".join(text.split())[:300]


def _trust(given: Connection) -> dict[str, Any]:
    """Raises ValueError or OSError on a file that is no certificate."""
    if given.ca_file:
        return {"ssl_context": ssl.create_default_context(cafile=given.ca_file)}
    if given.fingerprint:
        return {"ssl_assert_fingerprint": given.fingerprint}
    return {} if given.verify else {"verify_certs": False, "ssl_show_warn": False}


def refuse_unprotected(host: str, named_again: str, group: str, *, is_plain: bool) -> None:
    """Raises SettingsError unless nobody between here and the server could listen, or somebody said twice not to mind.

    `group`: of the settings, as in FEEDMILL_<group>__URL.
    """
    if is_loopback(host) or named_again.strip().lower() == host:
        return
    how = "read and changed by everybody between" if is_plain else "taken by whoever answers instead of it"
    instead = "use https" if is_plain else f"name its CA in FEEDMILL_{group}__CA_FILE"
    raise SettingsError(
        f"what is sent to {host} could be {how}; {instead}, or, on a network that is yours alone, say the host a"
        f" second time: FEEDMILL_{group}__UNPROTECTED_HOST={host}"
    )


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
