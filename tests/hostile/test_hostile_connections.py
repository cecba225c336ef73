"""Servers that stall, flood, lie about length or break off (security.md S23-S34, S36-S40)."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from worker.errors import Refuse, Retry
from worker.models import Reason
from worker.net.download import AiohttpDownloader, Limits

OK = b"HTTP/1.1 200 OK\r\n"
SMALL = Limits(max_wire_bytes=50_000, max_decoded_bytes=100_000)


def check(outcome: Any, kind: type[Exception], reason: Reason) -> None:
    assert type(outcome) is kind, outcome
    assert outcome.reason is reason, outcome


async def silent(client: Any) -> None:
    await asyncio.sleep(30)


@pytest.mark.parametrize("greedy", [True, False], ids=["before the request", "after the request"])
def test_s23_accepts_and_never_answers(attack: Any, greedy: bool) -> None:
    began = time.monotonic()
    outcome, _ = attack(silent, greedy=greedy, deadline_s=0.3)
    check(outcome, Retry, Reason.TIMEOUT)
    assert time.monotonic() - began < 2


def test_s24_header_bytes_that_drip(attack: Any) -> None:
    async def script(client: Any) -> None:
        await client.drip(OK + b"X-Slow: " + b"a" * 1000)

    outcome, _ = attack(script, deadline_s=0.4)
    check(outcome, Retry, Reason.TIMEOUT)


def test_s25_body_bytes_that_drip(attack: Any) -> None:
    async def script(client: Any) -> None:
        await client.send(OK + b"Content-Length: 1000\r\n\r\n")
        await client.drip(b"a" * 1000)

    outcome, _ = attack(script, deadline_s=0.4)
    check(outcome, Retry, Reason.TIMEOUT)


def test_s26_slow_endless_1xx_answers_end_with_the_deadline(attack: Any) -> None:
    async def script(client: Any) -> None:
        while True:
            await client.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            await asyncio.sleep(0.01)

    outcome, _ = attack(script, deadline_s=0.4)
    check(outcome, Retry, Reason.TIMEOUT)


def test_s26_fast_endless_1xx_answers_end_with_the_byte_limit(attack: Any) -> None:
    async def script(client: Any) -> None:
        while True:
            await client.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)

    began = time.monotonic()
    outcome, _ = attack(script, deadline_s=20)
    check(outcome, Retry, Reason.PROTOCOL_ERROR)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "fields",
    [
        b"X-Long: " + b"a" * 200_000 + b"\r\n",
        b"X-Many: a\r\n" * 5000,
        b"".join(b"X-%d: " % number + b"a" * 30_000 + b"\r\n" for number in range(5)),
        b"X" * 100_000 + b": a\r\n",
    ],
    ids=["one of 200 kB", "5000", "150 kB in five", "a name of 100 kB"],
)
def test_s27_huge_headers(attack: Any, answer: Any, fields: bytes) -> None:
    began = time.monotonic()
    outcome, _ = attack(answer(OK + fields + b"Content-Length: 0\r\n\r\n"))
    check(outcome, Retry, Reason.PROTOCOL_ERROR)
    assert time.monotonic() - began < 1


def test_s28_endless_chunked_body(attack: Any) -> None:
    async def script(client: Any) -> None:
        await client.send(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            await client.send(b"1000\r\n" + b"a" * 0x1000 + b"\r\n")

    outcome, _ = attack(script, limits=SMALL, deadline_s=10)
    check(outcome, Refuse, Reason.TOO_LARGE)


def test_s28_a_body_that_is_all_chunk_extensions(attack: Any) -> None:
    async def script(client: Any) -> None:
        await client.send(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            await client.send(b"1;" + b"x" * 4000 + b"\r\na\r\n")

    outcome, _ = attack(script, limits=SMALL, deadline_s=10)
    assert outcome.reason in (Reason.TOO_LARGE, Reason.PROTOCOL_ERROR), outcome


def test_s28_a_content_length_above_the_cap_is_not_even_read(attack: Any, answer: Any) -> None:
    outcome, _ = attack(answer(OK + b"Content-Length: 60000\r\n\r\n"), limits=SMALL)
    check(outcome, Refuse, Reason.TOO_LARGE)


def test_s29_shorter_than_its_content_length(attack: Any, answer: Any) -> None:
    outcome, _ = attack(answer(OK + b"Content-Length: 100\r\n\r\nabc"))
    check(outcome, Retry, Reason.TRUNCATED)


def test_s29_chunked_without_an_end(attack: Any, answer: Any) -> None:
    outcome, _ = attack(answer(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"))
    check(outcome, Retry, Reason.TRUNCATED)


def test_s30_longer_than_its_content_length_is_cut_there(attack: Any) -> None:
    async def script(client: Any) -> None:
        await client.send(OK + b"Content-Length: 3\r\n\r\na")
        await asyncio.sleep(0.05)
        await client.send(b"bcdef")

    outcome, _ = attack(script)
    assert outcome.page.body == b"abc"


def test_s30_a_second_answer_in_the_same_piece_is_never_used(attack: Any, answer: Any) -> None:
    smuggled = OK + b"Content-Length: 4\r\n\r\nevil"
    outcome, _ = attack(answer(OK + b"Content-Length: 3\r\n\r\nabc" + smuggled))
    if not isinstance(outcome, Retry):
        assert outcome.page.body == b"abc"


def test_s30_two_framings_are_no_answer(attack: Any, answer: Any) -> None:
    both = b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
    outcome, _ = attack(answer(OK + both))
    if isinstance(outcome, Retry):
        check(outcome, Retry, Reason.PROTOCOL_ERROR)
    else:
        assert outcome.page.body == b"abcde"  # chunked goes first: RFC 9112 6.3


@pytest.mark.parametrize(
    "raw",
    [
        b"<html>hello</html>",
        b"HTTP/0.9 200 OK\r\n\r\nx",
        b"HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 999 High\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00" * 500,
        OK + b"Content-Length: -5\r\n\r\n",
        OK + b"Content-Length: 1, 2\r\n\r\nab",
        OK + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n",
    ],
)
def test_s31_no_http(attack: Any, answer: Any, raw: bytes) -> None:
    outcome, _ = attack(answer(raw))
    check(outcome, Retry, Reason.PROTOCOL_ERROR)


@pytest.mark.parametrize(
    "before",
    [b"", b"HTTP/1.1 20", OK + b"Content-Len", OK + b"Content-Length: 100\r\n\r\nabc", OK + b"\r\nabc"],
    ids=["at once", "in the status line", "in the headers", "in the body", "in a body without length"],
)
def test_s33_reset_in_every_phase(attack: Any, before: bytes) -> None:
    async def script(client: Any) -> None:
        if before:
            await client.send(before)
            await asyncio.sleep(0.05)
        client.reset()

    outcome, server = attack(script)
    check(outcome, Retry, outcome.reason)
    assert outcome.reason in (Reason.CONNECTION_LOST, Reason.TRUNCATED), outcome
    assert server.connections == 1  # the next try is the backoff's business


def test_s33_closed_without_a_word(attack: Any, answer: Any) -> None:
    outcome, server = attack(answer(b""))
    check(outcome, Retry, Reason.CONNECTION_LOST)
    assert server.connections == 1


def test_s33_nobody_listens(attack: Any) -> None:
    async def script(client: Any) -> None:
        raise AssertionError

    outcome, _ = attack(script, url="http://127.0.0.1:1/")
    check(outcome, Retry, Reason.CONNECT_FAILED)


def test_a_kept_connection_that_went_stale_costs_a_request_and_not_the_page(rogue: Any, loopback: Any) -> None:
    async def script(client: Any) -> None:
        await client.send(OK + b"Content-Length: 2\r\n\r\nok")
        if client.number == 1:
            await client.read_head()
            client.reset()  # instead of a second answer
        else:
            await asyncio.sleep(1)

    async def run() -> tuple[bytes, int]:
        async with rogue(script) as server:
            downloader = AiohttpDownloader(Limits(), user_agent="x", allow=loopback)
            try:
                await downloader.get(server.url, deadline_s=1)
                again = await downloader.get(server.url, deadline_s=1)
                return again.page.body, server.connections
            finally:
                await downloader.close()

    assert asyncio.run(run()) == (b"ok", 2)


def test_a_kept_connection_has_its_byte_limit_per_answer(rogue: Any, loopback: Any) -> None:
    async def script(client: Any) -> None:
        while True:
            await client.send(OK + b"Content-Length: 40000\r\n\r\n" + b"a" * 40_000)
            await client.read_head()

    async def run() -> int:
        async with rogue(script) as server:
            downloader = AiohttpDownloader(SMALL, user_agent="x", allow=loopback)
            try:
                for _ in range(60):  # 2.4 MB in all, on one connection
                    answer = await downloader.get(server.url, deadline_s=1)
                    assert len(answer.page.body) == 40_000
                return int(server.connections)
            finally:
                await downloader.close()

    assert asyncio.run(run()) == 1


def test_s36_cookies_are_not_kept(attack: Any) -> None:
    async def script(client: Any) -> None:
        if b" /again " not in client.head:
            await client.send(
                b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n"
                + b"".join(b"Set-Cookie: c%d=1; Path=/\r\n" % number for number in range(50))
                + b"Set-Cookie: other=1; Domain=example.org\r\nConnection: close\r\n\r\n"
            )
        else:
            await client.send(OK + b"Content-Length: 2\r\n\r\nok")

    outcome, server = attack(script)
    assert outcome.page.body == b"ok"
    assert len(server.heads) == 2
    assert not any(b"cookie" in head.lower() for head in server.heads)
    assert not any(b"referer" in head.lower() for head in server.heads)


def test_s39_the_body_of_a_304_is_ignored(attack: Any) -> None:
    async def script(client: Any) -> None:
        await client.send(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 5\r\n\r\n')
        await asyncio.sleep(0.05)
        await client.send(b"hello")

    outcome, _ = attack(script)
    assert (outcome.status, outcome.page.body, outcome.page.headers["etag"]) == (304, b"", '"a"')


def test_s39_a_304_with_its_body_in_one_piece_breaks_the_protocol(attack: Any, answer: Any) -> None:
    # aiohttp's parser takes such a body for the next answer. What counts: it is never taken for content.
    outcome, _ = attack(answer(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello"))
    check(outcome, Retry, Reason.PROTOCOL_ERROR)


def test_an_error_page_that_never_ends_does_not_hide_the_status(attack: Any) -> None:
    async def script(client: Any) -> None:
        await client.send(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await client.send(b"1000\r\n" + b"a" * 0x1000 + b"\r\n")

    outcome, _ = attack(script)
    assert (outcome.status, outcome.page.body) == (404, b"")


def test_headers_that_are_not_utf_8(attack: Any, answer: Any) -> None:
    outcome, _ = attack(answer(OK + b'ETag: "\xff\xfe"\r\nX-Name: Z\xc3\xbcrich\r\nContent-Length: 0\r\n\r\n'))
    assert outcome.page.headers["x-name"] == "Zürich"
    assert outcome.page.headers["etag"].encode()  # no lone surrogate
