"""A rogue server on loopback, scripted per test, and a downloader that may reach 127.0.0.0/8 and nothing else."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from ipaddress import ip_network
from typing import Any

import pytest

from worker.errors import StageError
from worker.net.download import AiohttpDownloader, Limits
from worker.ports import Answer

# Reading the system's certificates takes longer than most of these tests; only those of TLS need some.
TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
LOOPBACK = (ip_network("127.0.0.0/8"),)
Script = Callable[["Client"], Awaitable[None]]

_connects: list[Any] = []
_listening = False


def _note_connects(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening and event == "socket.connect":
        _connects.append(arguments[1])


sys.addaudithook(_note_connects)  # the interpreter itself says who is connected to


class Client:
    """One connection to the rogue server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.reader, self.writer, self.number = reader, writer, number
        self.head = b""

    async def read_head(self) -> bytes:
        self.head = await self.reader.readuntil(b"\r\n\r\n")
        return self.head

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def drip(self, data: bytes, gap_s: float = 0.05) -> None:
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(gap_s)

    def reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


class Rogue:
    """`async with Rogue(script) as server`: runs the script for every connection, then closes that connection."""

    def __init__(self, script: Script, *, greedy: bool = False, tls: Any = None) -> None:
        self.script, self.greedy, self.tls = script, greedy, tls
        self.heads: list[bytes] = []
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Rogue:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        client = Client(reader, writer, self.connections)
        try:
            if not self.greedy:
                self.heads.append(await client.read_head())
            await self.script(client)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort() if writer.is_closing() else writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._tasks.discard(task)


Attack = Callable[..., tuple[Answer | StageError, Rogue]]


async def _attack(
    script: Script,
    path: str = "/",
    *,
    url: str = "",
    deadline_s: float = 0.8,
    limits: Limits | None = None,
    greedy: bool = False,
    tls: Any = None,
    trust: Any = None,
    **options: Any,
) -> tuple[Answer | StageError, Rogue]:
    allow = options.pop("allow", LOOPBACK)
    proxy = options.pop("proxy", "")
    async with Rogue(script, greedy=greedy, tls=tls) as server:
        downloader = AiohttpDownloader(
            limits or Limits(),
            user_agent="Feedmill/0 (test)",
            allow=allow,
            tls=trust or TRUSTS_NOBODY,
            proxy=proxy and server.url,
        )
        try:
            target = url.format(port=server.port) if url else server.url + path
            return await downloader.get(target, deadline_s=deadline_s, **options), server
        except StageError as error:
            return error, server
        finally:
            await downloader.close()


@pytest.fixture
def rogue() -> type[Rogue]:
    return Rogue


@pytest.fixture
def loopback() -> tuple[Any, ...]:
    return LOOPBACK


@pytest.fixture
def attack() -> Attack:
    """Run one `get` against a script; StageErrors come back as values, everything else is a failure of the test."""

    def run(script: Script, path: str = "/", **options: Any) -> tuple[Answer | StageError, Rogue]:
        return asyncio.run(_attack(script, path, **options))

    return run


@pytest.fixture
def answer() -> Callable[[bytes], Script]:
    """A script that sends the same bytes to everybody."""

    def make(raw: bytes) -> Script:
        async def script(client: Client) -> None:
            await client.send(raw)

        return script

    return make


@pytest.fixture
def connects() -> Iterator[list[Any]]:
    """Every address that any socket of this process was connected to during the test."""
    global _listening  # noqa: PLW0603 - an audit hook can be neither removed nor given state
    _connects.clear()
    _listening = True
    yield _connects
    _listening = False
