"""The log of a feed's polls as bytes."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from worker.models import Answered, Asked, Reason
from worker.state.feed_log import MOST_BYTES, MOST_CHARS, added, asked_of, line_of, read

NOW = datetime(2026, 12, 1, 12, 0, 0, 123_000, tzinfo=UTC)
POLL = Asked(
    at=NOW, why="delay", url="https://a.example/feed", etag='W/"ÿ"', last_modified="yesterday",
    further=("https://b.example/",), answered=Answered(200, 1234, '"x"', "Tue, 01 Dec 2026", 12.5),
    reason=Reason.NEW_ENTRIES, detail="d", entries=20, new=2, took_ms=7, next_at=NOW + timedelta(hours=1),
    next_why="floor",
)  # fmt: skip

TEXT = st.text(max_size=50)
POLLS = st.builds(
    Asked,
    at=st.just(NOW), why=TEXT, url=TEXT, etag=TEXT, last_modified=TEXT,
    further=st.lists(TEXT, max_size=6).map(tuple),
    answered=st.builds(Answered, st.integers(0, 599), st.integers(0, 1 << 40), TEXT, TEXT, st.none() | st.floats(0, 9)),
    reason=st.none() | st.sampled_from(Reason), detail=TEXT, entries=st.integers(0, 9), new=st.integers(0, 9),
    took_ms=st.integers(0, 9), next_at=st.none() | st.just(NOW), next_why=TEXT,
)  # fmt: skip


@given(st.lists(POLLS, max_size=8))
def test_what_was_added_is_read(polls: list[Asked]) -> None:
    packed: bytes | None = None
    for poll in polls:
        packed = added(packed, poll, 5)
    assert read(packed) == polls[-5:]


def test_hostile_text_survives_and_long_text_is_cut() -> None:
    assert asked_of(line_of(replace(POLL, detail="\ud800\n\x00"))) == replace(POLL, detail="\ud800\n\x00")
    long = asked_of(line_of(replace(POLL, url="u" * 5000, further=("f" * 5000,) * 20)))
    assert len(long.url) == MOST_CHARS + 1
    assert len(long.further) == 6


def test_a_server_cannot_make_it_large() -> None:
    rng, packed = random.Random(1), None
    for _ in range(300):
        noise = Answered(200, 1, rng.randbytes(2000).hex(), rng.randbytes(2000).hex())
        packed = added(packed, replace(POLL, answered=noise), 1000)
        assert len(packed) <= MOST_BYTES
    assert len(read(packed)) > 10


def test_most_polls_take_some_twenty_bytes() -> None:
    rng, packed = random.Random(1), None
    for number in range(100):
        at = NOW + timedelta(seconds=3600 * number + rng.random() * 300)
        quiet = replace(POLL, at=at, answered=Answered(304, 0, POLL.etag), took_ms=rng.randint(50, 900), new=0)
        packed = added(packed, replace(quiet, next_at=at + timedelta(seconds=3600 * rng.random())), 100)
    assert packed is not None
    assert len(packed) < 3000
