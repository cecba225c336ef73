"""Content codings, undone while the bytes come in and never beyond a cap: a bomb costs its cap, not its size.

Exactly one coding is undone. Stacked ones (`gzip, gzip`) are refused: no server needs them, and each layer multiplies.
"""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli
import zstandard

from worker.errors import Refuse
from worker.models import Reason

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

# A page is one gzip member; a concatenation of empty ones would only burn time.
MAX_MEMBERS = 16
# The largest window that RFC 9659 lets a server use: 8 MiB.
ZSTD_MAX_WINDOW_BYTES = 8 << 20
# zstandard has no output limit: 256 bytes of input give at most 64 blocks of 128 KiB.
ZSTD_SLICE_BYTES = 256
# Brotli's window is at most 16 MiB and grows only with what is really decoded.


class Decoder(Protocol):
    def feed(self, data: bytes) -> None:
        """Raises Refuse(too_large | decode_error)."""

    @property
    def complete(self) -> bool:
        """False while the coding's own end is missing: the body was cut."""

    def body(self) -> bytes: ...


def decoder(content_encoding: str, max_bytes: int) -> Decoder:
    """The decoder for a Content-Encoding header; Refuse(decode_error) for unknown or stacked codings."""
    codings = [name for part in content_encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if not codings:
        return _Identity(max_bytes)
    if len(codings) > 1:
        raise Refuse(Reason.DECODE_ERROR, "stacked content codings")
    match codings[0]:
        case "gzip" | "x-gzip":
            return _Gzip(max_bytes)
        case "deflate":
            return _Deflate(max_bytes)
        case "br":
            return _Brotli(max_bytes)
        case "zstd":
            return _Zstd(max_bytes)
    raise Refuse(Reason.DECODE_ERROR, f"unknown content coding {codings[0][:20]!r}")


class _Identity:
    def __init__(self, max_bytes: int) -> None:
        self._parts: list[bytes] = []
        self._room = max_bytes

    def feed(self, data: bytes) -> None:
        self._keep(data)

    @property
    def complete(self) -> bool:
        return True

    def body(self) -> bytes:
        return b"".join(self._parts)

    def _keep(self, data: bytes) -> None:
        self._room -= len(data)
        if self._room < 0:
            self._parts.clear()
            raise Refuse(Reason.TOO_LARGE, "decoded")
        if data:
            self._parts.append(data)


class _Gzip(_Identity):
    """Members may follow each other, zero bytes may pad the end (both RFC 1952 practice); other garbage is an error."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes)
        self._stream = zlib.decompressobj(wbits=31)
        self._members = 0
        self._between = True

    def feed(self, data: bytes) -> None:
        while data:
            if self._between:
                data = data.lstrip(b"\0") if self._members else data
                if not data:
                    return
                if self._members >= MAX_MEMBERS:
                    raise Refuse(Reason.DECODE_ERROR, "too many gzip members")
                self._stream, self._between = zlib.decompressobj(wbits=31), False
            self._keep(_inflate(self._stream, data, self._room))
            if not self._stream.eof:
                return
            self._members, self._between, data = self._members + 1, True, self._stream.unused_data

    @property
    def complete(self) -> bool:
        return self._between


class _Deflate(_Identity):
    """zlib format as RFC 9110 says, or bare deflate as some servers send: the first two bytes tell."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes)
        self._stream = zlib.decompressobj()
        self._start = b""
        self._started = False
        self._empty = True

    def feed(self, data: bytes) -> None:
        if not data:
            return
        self._empty = False
        if not self._started:
            self._start += data
            if len(self._start) < 2:
                return
            first, second = self._start[:2]
            is_zlib = first & 0x0F == 8 and (first << 8 | second) % 31 == 0
            self._stream = zlib.decompressobj(wbits=15 if is_zlib else -15)
            self._started, data = True, self._start
        if self._stream.eof:
            raise Refuse(Reason.DECODE_ERROR, "bytes after the end")
        self._keep(_inflate(self._stream, data, self._room))
        if self._stream.unused_data:
            raise Refuse(Reason.DECODE_ERROR, "bytes after the end")

    @property
    def complete(self) -> bool:
        return self._empty or self._stream.eof


class _Brotli(_Identity):
    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes)
        self._stream = brotli.Decompressor()
        self._empty = True

    def feed(self, data: bytes) -> None:
        self._empty = self._empty and not data
        while data or not self._stream.can_accept_more_data():
            try:
                part = self._stream.process(data, output_buffer_limit=self._room + 1)
            except brotli.error:
                raise Refuse(Reason.DECODE_ERROR, "brotli") from None
            self._keep(part)
            data = b""
            if not part:
                return

    @property
    def complete(self) -> bool:
        return self._empty or bool(self._stream.is_finished())


class _Zstd(_Identity):
    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes)
        context = zstandard.ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW_BYTES)
        self._stream = context.decompressobj()
        self._empty = True

    def feed(self, data: bytes) -> None:
        self._empty = self._empty and not data
        for start in range(0, len(data), ZSTD_SLICE_BYTES):
            if self._stream.eof:
                raise Refuse(Reason.DECODE_ERROR, "bytes after the end")
            try:
                self._keep(self._stream.decompress(data[start : start + ZSTD_SLICE_BYTES]))
            except zstandard.ZstdError:
                raise Refuse(Reason.DECODE_ERROR, "zstd") from None
            if self._stream.unused_data:
                raise Refuse(Reason.DECODE_ERROR, "bytes after the end")

    @property
    def complete(self) -> bool:
        return self._empty or self._stream.eof


def _inflate(stream: zlib._Decompress, data: bytes, room: int) -> bytes:
    """At most one byte more than there is room for: enough to see that it is too much."""
    try:
        return stream.decompress(data, room + 1)
    except zlib.error:
        raise Refuse(Reason.DECODE_ERROR, "gzip or deflate") from None
