"""Addresses and credentials: what is accepted, and one clear line for the rest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import ApiError, Elasticsearch
from elasticsearch import ConnectionError as NotConnected

from worker.errors import SettingsError
from worker.stores.elasticsearch.connect import Clients, Connection, one_line

KEY = {"api_key": "c2VjcmV0"}
USER = {"username": "feedmill", "password": "secret"}


@pytest.mark.parametrize(
    ("url", "credentials", "node"),
    [
        ("http://localhost", {}, "http://localhost:9200"),
        ("http://localhost:9201/", {}, "http://localhost:9201"),
        ("https://search.example.org", {}, "https://search.example.org:443"),
        ("https://search.example.org/es/", KEY, "https://search.example.org:443/es"),
        (
            "http://search.example.org:9200",
            {"unprotected_host": "Search.example.org"},
            "http://search.example.org:9200",
        ),
        ("https://search.example.org", {"fingerprint": "ab" * 32}, "https://search.example.org:443"),
        ("https://search.example.org", {"fingerprint": ":".join(["AB"] * 32)}, "https://search.example.org:443"),
        ("https://localhost:9200", {"verify": False}, "https://localhost:9200"),
        (
            "https://search.example.org",
            {"verify": False, "unprotected_host": "search.example.org"},
            "https://search.example.org:443",
        ),
        ("http://127.0.0.1:9200", KEY, "http://127.0.0.1:9200"),
        ("http://[::1]:9200", KEY, "http://[::1]:9200"),
        ("http://10.1.2.3:9200", {**USER, "unprotected_host": "10.1.2.3"}, "http://10.1.2.3:9200"),
        ("http://elasticsearch:9200", {**USER, "unprotected_host": "elasticsearch"}, "http://elasticsearch:9200"),
    ],
)
def test_accepted(url: str, credentials: dict[str, Any], node: str) -> None:
    assert Connection(url, **credentials).check() == node


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (Connection(""), "must look like"),
        (Connection("search.example.org:9200"), "must look like"),
        (Connection("ftp://search.example.org"), "must look like"),
        (Connection("http://"), "must look like"),
        (Connection("http://search.example.org:port"), "no URL"),
        (Connection("http://[::1"), "no URL"),
        (Connection("https://search.example.org?x=1"), "must look like"),
        (Connection("https://user:word@search.example.org"), "FEEDMILL_INDEX__USERNAME"),
        (Connection("http://search.example.org:9200", **KEY), "UNPROTECTED_HOST=search.example.org"),
        (Connection("http://search.example.org:9200"), "UNPROTECTED_HOST=search.example.org"),
        (Connection("http://elasticsearch:9200", **KEY), "UNPROTECTED_HOST=elasticsearch"),
        (Connection("http://10.1.2.3:9200"), "UNPROTECTED_HOST=10.1.2.3"),
        (Connection("http://8.8.8.8:9200", **USER, unprotected_host="8.8.4.4"), "UNPROTECTED_HOST=8.8.8.8"),
        (Connection("http://localhost.example.org", **USER), "read and changed by everybody"),
        (Connection("https://search.example.org", **KEY, verify=False), "UNPROTECTED_HOST=search.example.org"),
        (Connection("https://[2001:db8::1]", **KEY, verify=False), "UNPROTECTED_HOST=2001:db8::1"),
        (Connection("http://localhost:9200", verify=False), "VERIFY is set, but"),
        (Connection("http://localhost:9200", fingerprint="ab" * 32), "FINGERPRINT is set, but"),
        (Connection("https://localhost:9200", fingerprint="ab" * 31), "64 hex digits"),
        (Connection("https://localhost:9200", fingerprint="ab" * 32, verify=False), "exclude each other"),
        (Connection("https://localhost:9200", fingerprint="ab" * 32, ca_file="/etc/hosts"), "exclude each other"),
        (Connection("https://search.example.org", api_key="c2VjcmV0\n"), "no API key"),
        (Connection("https://search.example.org", api_key="c2VjcmV0 x"), "no API key"),
        (Connection("https://search.example.org", username="feedmill"), "FEEDMILL_INDEX__PASSWORD"),
        (Connection("https://search.example.org", ca_file="/nowhere/ca.pem"), "not a file"),
        (Connection("http://localhost:9200", ca_file="/nowhere/ca.pem"), "not https"),
    ],
)
def test_refused_in_one_line_without_secrets(given: Connection, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        given.check()
    text = str(caught.value)
    assert "\n" not in text
    assert not any(secret in text for secret in ("word@", "secret", "c2VjcmV0"))


def test_a_ca_file_that_is_no_certificate(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("hello")
    clients = Clients(Connection("https://search.example.org", ca_file=str(file)))
    with pytest.raises(SettingsError, match="cannot be reached as set"):
        clients.get()


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(Connection("https://search.example.org", **USER))
    assert "c2VjcmV0" not in repr(Connection("https://search.example.org", **KEY))


def test_each_process_has_a_client_of_its_own() -> None:
    clients = Clients(Connection("http://localhost:9200"))
    mine = clients.get()
    assert clients.get() is mine
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"other" if clients.get() is not mine else b"same")
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        assert answer.read() == b"other"
    clients.close()


def test_a_client_that_was_closed_is_made_again() -> None:
    clients = Clients(Connection("http://localhost:9200"))
    first = clients.get()
    clients.close()
    assert isinstance(clients.get(), Elasticsearch)
    assert clients.get() is not first
    clients.close()


class Meta:
    status = 503


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"error": {"root_cause": [{"type": "x", "reason": "first\nsecond"}], "reason": "whole"}}, "503 first second"),
        ({"error": {"type": "x", "reason": "whole"}}, "503 whole"),
        (
            {"error": {"root_cause": [], "reason": "start", "caused_by": {"reason": "missing shards"}}},
            "503 missing shards",
        ),
        ({"error": {"type": "x", "reason": None}}, "503 x"),
        ({"error": "plain"}, "503 message"),
        ("<html>", "503 message"),
        (None, "503 message"),
        ({"error": {"reason": "a" * 999}}, "503 " + "a" * 296),
    ],
)
def test_errors_fit_into_one_line(body: object, text: str) -> None:
    assert one_line(ApiError("message", Meta(), body)) == text  # type: ignore[arg-type]


def test_a_lost_connection_fits_into_one_line() -> None:
    assert one_line(NotConnected("no route\nto host")) == "no route to host"
    assert one_line(NotConnected("")) == "ConnectionError"
