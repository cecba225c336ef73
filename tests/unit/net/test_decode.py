"""Content codings: whatever way the bytes are cut up, the same body, or one of two reasons."""

from __future__ import annotations

import gzip
import itertools
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.errors import Refuse
from worker.models import Reason
from worker.net.decode import decoder

PACK = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
codings = st.sampled_from(sorted(PACK))


def decode(coding: str, pieces: list[bytes], max_bytes: int = 1 << 20) -> bytes | None:
    """None when the end is missing."""
    decoding = decoder(coding, max_bytes)
    for piece in pieces:
        decoding.feed(piece)
    return decoding.body() if decoding.complete else None


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@settings(deadline=None)  # a busy machine pauses for longer than any example takes
@given(codings, st.binary(max_size=3000), st.lists(st.integers(0, 10_000), max_size=8))
def test_every_way_of_cutting_gives_the_same_body(coding: str, data: bytes, places: list[int]) -> None:
    assert decode(coding, cut(PACK[coding](data), places)) == data


@settings(deadline=None)
@given(codings, st.binary(max_size=500), st.lists(st.integers(0, 600), max_size=4))
def test_any_bytes_give_a_body_or_a_reason(coding: str, data: bytes, places: list[int]) -> None:
    try:
        decode(coding, cut(data, places), 10_000)
    except Refuse as error:
        assert error.reason in (Reason.DECODE_ERROR, Reason.TOO_LARGE)


@settings(deadline=None)
@given(st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.binary(min_size=1, max_size=2000), st.data())
def test_a_body_that_was_cut_is_never_complete(coding: str, data: bytes, draw: st.DataObject) -> None:
    packed = PACK[coding](data)
    end = draw.draw(st.integers(1, len(packed) - 1))
    assert decode(coding, [packed[:end]]) is None


@pytest.mark.parametrize("coding", sorted(PACK))
def test_the_cap_is_exact(coding: str) -> None:
    data = b"a" * 10_000
    assert decode(coding, [PACK[coding](data)], 10_000) == data
    with pytest.raises(Refuse, match="too_large"):
        decode(coding, [PACK[coding](data)], 9_999)


@pytest.mark.parametrize("coding", sorted(PACK))
def test_many_pieces_count_together(coding: str) -> None:
    packed = PACK[coding](bytes(100_000))
    with pytest.raises(Refuse, match="too_large"):
        decode(coding, [packed[place : place + 1] for place in range(len(packed))], 50_000)
