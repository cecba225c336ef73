"""Bodies that are not what their Content-Encoding says, or far more than they seem (security.md S44-S46)."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from typing import Any

import brotli
import pytest
import zstandard

from worker.errors import Refuse, Retry
from worker.models import Reason
from worker.net.download import Limits

TEXT = b"Der Aussenminister reiste am Montag nach Bern. " * 400
PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT),
    "GZIP": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
    "identity": TEXT,
    "": TEXT,
    "identity, gzip": gzip.compress(TEXT),
}
CODINGS = ["gzip", "deflate", "br", "zstd"]


def http(coding: str, body: bytes, *, framed: bool = True) -> bytes:
    length = b"Content-Length: %d\r\n" % len(body) if framed else b""
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: " + coding.encode() + b"\r\n" + length + b"\r\n" + body


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("coding", PACKED)
def test_every_coding_is_undone(attack: Any, answer: Any, coding: str) -> None:
    outcome, _ = attack(answer(http(coding, PACKED[coding])))
    assert outcome.page.body == TEXT


def test_deflate_without_its_wrapper(attack: Any, answer: Any) -> None:
    outcome, _ = attack(answer(http("deflate", raw_deflate(TEXT))))
    assert outcome.page.body == TEXT


@pytest.mark.parametrize("coding", CODINGS)
def test_an_empty_body_is_no_error(attack: Any, answer: Any, coding: str) -> None:
    outcome, _ = attack(answer(http(coding, b"")))
    assert outcome.page.body == b""


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("framed", [True, False])
def test_s44_bombs_end_at_the_cap(attack: Any, answer: Any, coding: str, framed: bool) -> None:
    bomb = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": lambda data: brotli.compress(data, quality=1),
        "zstd": zstandard.compress,
    }[coding](bytes(20_000_000))
    outcome, _ = attack(answer(http(coding, bomb, framed=framed)), limits=Limits(max_decoded_bytes=1_000_000))
    assert type(outcome) is Refuse, outcome
    assert outcome.reason is Reason.TOO_LARGE


MEASURE = """
import resource, sys, zlib, brotli, zstandard
from worker.errors import Refuse
from worker.net.decode import decoder

BLOCK = bytes(1 << 20)

def packed(packer, finish):
    # Made piece by piece, so that making the bomb is not what takes the memory.
    return b"".join(packer(BLOCK) for _ in range(80)) + finish()

gz = zlib.compressobj(wbits=31)
br = brotli.Compressor(quality=1)
zs = zstandard.ZstdCompressor().compressobj()
bombs = {
    "gzip": packed(gz.compress, gz.flush),
    "br": packed(br.process, br.finish),
    "zstd": packed(zs.compress, zs.flush),
}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for coding, bomb in bombs.items():
    try:
        decoder(coding, 10 << 20).feed(bomb)
    except Refuse:
        continue
    sys.exit(coding)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(grown if sys.platform == "darwin" else grown * 1024)
"""


def test_s44_bombs_cost_their_cap_and_not_their_size() -> None:
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 50 << 20


@pytest.mark.parametrize(
    "coding", ["gzip, gzip", "gzip,br", "gzip, gzip, gzip", ", ".join(["gzip"] * 50), "deflate, identity, br"]
)
def test_s45_stacked_codings(attack: Any, answer: Any, coding: str) -> None:
    outcome, _ = attack(answer(http(coding, gzip.compress(gzip.compress(TEXT)))))
    assert type(outcome) is Refuse, outcome
    assert outcome.reason is Reason.DECODE_ERROR


def test_s45_stacked_by_two_headers(attack: Any, answer: Any) -> None:
    raw = http("gzip", gzip.compress(gzip.compress(TEXT))).replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\n", 1)
    outcome, _ = attack(answer(raw))
    assert outcome.reason in (Reason.DECODE_ERROR, Reason.PROTOCOL_ERROR), outcome


@pytest.mark.parametrize("coding", CODINGS)
def test_s46_wrong_label(attack: Any, answer: Any, coding: str) -> None:
    outcome, _ = attack(answer(http(coding, b"<html><body>plain</body></html>" * 20)))
    assert type(outcome) is Refuse, outcome
    assert outcome.reason is Reason.DECODE_ERROR


@pytest.mark.parametrize("coding", ["compress", "exi", "aes128gcm", "utf-8", "x" * 5000])
def test_s46_unknown_coding(attack: Any, answer: Any, coding: str) -> None:
    outcome, _ = attack(answer(http(coding, TEXT)))
    assert type(outcome) is Refuse, outcome
    assert outcome.reason is Reason.DECODE_ERROR
    assert len(outcome.detail) < 100


@pytest.mark.parametrize("coding", CODINGS)
def test_s46_cut_within_the_coding(attack: Any, answer: Any, coding: str) -> None:
    cut = PACKED[coding][:-4]
    outcome, _ = attack(answer(http(coding, cut)))
    assert type(outcome) is Refuse, outcome
    assert outcome.reason is Reason.DECODE_ERROR
    outcome, _ = attack(answer(http(coding, cut, framed=False)))
    assert type(outcome) is Retry, outcome  # nothing said how long it is: the connection was cut
    assert outcome.reason is Reason.TRUNCATED


@pytest.mark.parametrize("coding", CODINGS)
def test_s46_garbage_after_the_end(attack: Any, answer: Any, coding: str) -> None:
    outcome, _ = attack(answer(http(coding, PACKED[coding] + b"garbage")))
    assert type(outcome) is Refuse, outcome
    assert outcome.reason is Reason.DECODE_ERROR


def test_gzip_members_and_padding_are_practice(attack: Any, answer: Any) -> None:
    outcome, _ = attack(answer(http("gzip", gzip.compress(TEXT) + gzip.compress(b"end") + bytes(100))))
    assert outcome.page.body == TEXT + b"end"


def test_gzip_of_very_many_empty_members(attack: Any, answer: Any) -> None:
    outcome, _ = attack(answer(http("gzip", gzip.compress(b"") * 5000)))
    assert type(outcome) is Refuse, outcome


def test_s46_a_zstd_window_larger_than_we_give(attack: Any, answer: Any) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    outcome, _ = attack(answer(http("zstd", packer.compress(TEXT) + packer.flush())))
    assert type(outcome) is Refuse, outcome
    assert outcome.reason is Reason.DECODE_ERROR


def test_s47_a_body_that_is_a_gzip_file_stays_one(attack: Any, answer: Any) -> None:
    outcome, _ = attack(answer(http("", gzip.compress(TEXT))))
    assert outcome.page.body == gzip.compress(TEXT)
