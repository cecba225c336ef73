"""Certificates that must not be believed (security.md S41-S43).

The key beside this file protects nothing: it exists to be distrusted. Made with `openssl ca`, valid 2020 to 2120.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from worker.errors import Retry
from worker.models import Reason
from worker.net.download import AiohttpDownloader, Limits

HERE = Path(__file__).parent / "certificates"
HOST = "https://localhost:{port}/"


async def script(client: Any) -> None:
    await client.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def server(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / f"{certificate}.crt", HERE / "localhost.key")
    return context


def trusting(certificate: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(HERE / f"{certificate}.crt"))


def test_a_certificate_that_is_trusted_and_names_the_host(attack: Any) -> None:
    outcome, _ = attack(script, url=HOST, tls=server("localhost"), trust=trusting("localhost"))
    assert outcome.page.body == b"ok"


@pytest.mark.parametrize(
    ("url", "certificate", "trust"),
    [
        (HOST, "localhost", ssl.create_default_context()),
        (HOST, "expired", trusting("expired")),
        ("https://other.localhost:{port}/", "localhost", trusting("localhost")),
        ("https://127.0.0.1:{port}/", "localhost", trusting("localhost")),
    ],
    ids=["signed by nobody we know", "expired", "for another host", "for another address"],
)
def test_s41_certificates_that_are_not_believed(attack: Any, url: str, certificate: str, trust: Any) -> None:
    outcome, server_seen = attack(script, url=url, tls=server(certificate), trust=trust)
    assert type(outcome) is Retry, outcome
    assert outcome.reason is Reason.TLS_ERROR
    assert server_seen.heads == []


def test_s41_a_server_that_speaks_no_tls(attack: Any) -> None:
    outcome, _ = attack(script, url=HOST, greedy=True)
    assert type(outcome) is Retry, outcome
    assert outcome.reason is Reason.TLS_ERROR


def test_s42_tls_1_1_is_not_spoken(attack: Any) -> None:
    old = server("localhost")
    with pytest.warns(DeprecationWarning):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.minimum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    outcome, seen = attack(script, url=HOST, tls=old, trust=trusting("localhost"))
    assert type(outcome) is Retry, outcome
    assert outcome.reason in (Reason.TLS_ERROR, Reason.CONNECT_FAILED)  # as the server words its refusal
    assert seen.heads == []


def test_s43_one_connection_is_not_shared_by_two_names(rogue: Any, loopback: Any) -> None:
    async def run() -> None:
        async with rogue(script, tls=server("localhost")) as there:
            downloader = AiohttpDownloader(Limits(), user_agent="x", allow=loopback, tls=trusting("localhost"))
            try:
                answer = await downloader.get(HOST.format(port=there.port), deadline_s=2)
                assert answer.status == 200
                with pytest.raises(Retry, match="tls_error"):
                    await downloader.get(f"https://b.localhost:{there.port}/", deadline_s=2)
            finally:
                await downloader.close()

    asyncio.run(run())
