"""Kibana's HTTP API, as far as it is needed: is it ready, and take these objects.

No redirect is followed (Kibana sends strangers to a login page, which is no answer) and no proxy of the environment is
used. Every failure is ServerError or SettingsError in one line that says how to mend it.
"""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from worker.errors import ServerError, SettingsError
from worker.kibana.refusals import not_taken, refused
from worker.stores.elasticsearch.connect import refuse_unprotected

MAJOR = 9
TIMEOUT_S = 60.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 10.0
LARGEST_ANSWER = 8 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where the Kibana is. `api_key` goes before `username`; `space` empty: the default one."""

    url: str
    api_key: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    space: str = ""
    unprotected_host: str = ""

    @property
    def in_space(self) -> str:
        """What stands before the paths of the space."""
        return f"/s/{self.space}" if self.space and self.space != "default" else ""

    def headers(self) -> dict[str, str]:
        if self.api_key:
            return {"Authorization": f"ApiKey {self.api_key}"}
        if self.username:
            pair = f"{self.username}:{self.password}".encode()
            return {"Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}
        return {}

    def check(self) -> None:
        """Raises SettingsError where nothing should be sent."""
        parts, key = urlsplit(self.url), self.api_key
        if key and (not (key.isascii() and key.isprintable()) or " " in key):
            raise SettingsError(
                "FEEDMILL_KIBANA__API_KEY is no API key: it holds blanks, line breaks or odd characters"
            )
        if self.username and not self.password and not key:
            raise SettingsError("FEEDMILL_KIBANA__USERNAME is set without FEEDMILL_KIBANA__PASSWORD")
        if parts.scheme == "http":
            refuse_unprotected(parts.hostname or "", self.unprotected_host, "KIBANA", is_plain=True)
        if self.ca_file and parts.scheme == "http":
            raise SettingsError("FEEDMILL_KIBANA__CA_FILE is set, but FEEDMILL_KIBANA__URL is not https")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        """None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def message(self) -> str:
        """What the server says of itself, short enough for one line."""
        data = self.json
        said = data.get("message") or data.get("error") if isinstance(data, dict) else None
        return " ".join(str(said or self.body[:200].decode("utf-8", "replace")).split())[:200]


class NotYet(Exception):
    """Kibana is away or starting; asking again may help."""


class Kibana:
    """`clock`: monotonic seconds."""

    def __init__(
        self,
        place: Place,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        place.check()
        self._place = place
        self._clock = clock
        self._sleep = sleep
        self._trust = _trust(place)

    def wait(self, wait_s: float, waiting: Callable[[str], None] = lambda _: None) -> None:
        """Until it is ready, `wait_s` at most; `waiting` is told once why. What it cannot mend is raised at once."""
        end = self._clock() + wait_s
        pause, told = FIRST_PAUSE_S, False
        while True:
            try:
                return self._look()
            except NotYet as reason:
                left = end - self._clock()
                if left <= 0:
                    raise ServerError(
                        f"Kibana at {self._place.url} is not ready after {wait_s:g} s: {reason}"
                    ) from None
                if not told:
                    waiting(str(reason))
                    told = True
                self._sleep(min(pause, left))
                pause = min(LONGEST_PAUSE_S, 2 * pause)

    def install(self, ndjson: str, number: int) -> None:
        """Put `number` objects there, over those of the same ids. Raises ServerError unless all were taken."""
        boundary = "feedmill-" + secrets.token_hex(16)
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="feedmill.ndjson"\r\n'
            f"Content-Type: application/ndjson\r\n\r\n{ndjson}\r\n--{boundary}--\r\n"
        ).encode()
        path = f"{self._place.in_space}/api/saved_objects/_import?overwrite=true"
        try:
            answer = self._ask("POST", path, body, f"multipart/form-data; boundary={boundary}")
        except NotYet as reason:
            raise ServerError(f"Kibana at {self._place.url} does not answer: {reason}") from None
        self._check(answer)
        data = answer.json
        if answer.status != 200 or not isinstance(data, dict):
            raise ServerError(
                f"Kibana at {self._place.url} does not take the dashboards: {answer.status} {answer.message}"
            )
        if problem := not_taken(data, number):
            raise ServerError(f"Kibana at {self._place.url} {problem}")

    def _look(self) -> None:
        answer = self._ask("GET", "/api/status")
        if answer.status == 503:
            raise NotYet("it is starting")
        self._check(answer)
        data = answer.json
        if answer.status != 200 or not isinstance(data, dict) or not isinstance(data.get("status"), dict):
            raise ServerError(f"the server at {self._place.url} is no Kibana: {answer.status} {answer.message}")
        # Without credentials Kibana tells its level and nothing else.
        version = str((data.get("version") or {}).get("number") or "")
        if version and version.partition(".")[0] != str(MAJOR):
            raise ServerError(f"Kibana at {self._place.url} is version {version}; version {MAJOR} is needed")
        level = (data["status"].get("overall") or {}).get("level")
        if level not in ("available", "degraded"):
            raise NotYet(f"its status is {level or 'unknown'}")
        if self._place.in_space:
            self._look_for_space()

    def _look_for_space(self) -> None:
        space = self._place.space
        answer = self._ask("GET", f"/api/spaces/space/{space}")
        self._check(answer)
        if answer.status == 404:
            raise ServerError(
                f"Kibana has no space {space}; make it there (Stack Management, Spaces), or leave --space out"
            )

    def _check(self, answer: Answer) -> None:
        problem = refused(
            answer.status,
            answer.message,
            location=answer.headers.get("location", ""),
            with_credentials=bool(self._place.headers()),
        )
        if problem:
            raise ServerError(f"Kibana at {self._place.url} {problem}")

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        parts = urlsplit(self._place.url)
        headers = {"kbn-xsrf": "feedmill", "Accept": "application/json", **self._place.headers()}
        if kind:
            headers["Content-Type"] = kind
        connection: http.client.HTTPConnection = (
            http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT_S, context=self._trust)
            if parts.scheme == "https"
            else http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
        )
        try:
            connection.request(method, parts.path.rstrip("/") + path, body, headers)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read(LARGEST_ANSWER))
        except ssl.SSLCertVerificationError as error:
            raise ServerError(
                f"the certificate of Kibana at {self._place.url} is not trusted: {error.verify_message};"
                " name its CA in FEEDMILL_KIBANA__CA_FILE"
            ) from None
        except ssl.SSLError as error:
            raise ServerError(
                f"no TLS with the server at {self._place.url} ({error.reason or 'unknown'}); is it plain http?"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            said = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
            raise NotYet(" ".join(said.split())[:200]) from None
        finally:
            connection.close()


def _trust(place: Place) -> ssl.SSLContext | None:
    if not place.url.startswith("https"):
        return None
    try:
        return ssl.create_default_context(cafile=place.ca_file or None)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(f"FEEDMILL_KIBANA__CA_FILE: {place.ca_file} is no certificate: {error}") from None
