from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from tests.articles import make_event
from worker.cli.live import FeedFigures, Frame, feed_figures, not_indexed, render
from worker.models import Counts, FeedState, Reason, State

COUNTS = Counts(
    offered=12,
    pending=4,
    states={State.INDEXED: 5, State.REFUSED: 2, State.FAILED: 1},
    reasons={
        (State.INDEXED, Reason.STORED): 5,
        (State.REFUSED, Reason.GONE): 2,
        (State.FAILED, Reason.TIMEOUT): 1,
    },
)
FRAME = Frame(
    elapsed_s=75.0,
    feeds=FeedFigures(total=10, polled=8, failing=1, unreachable=1),
    counts=COUNTS,
    depth={"queued": 3.0, "delayed": 1.0, "in_flight": 0.0},
    outbox_items=2,
    recent=(
        make_event("https://example.org/a", title="Newest \x1b[2J title"),
        make_event("https://example.org/b", title="Tram", state=State.REFUSED, reason=Reason.GONE),
    ),
)


def drawn(frame: Frame, width: int = 100) -> str:
    console = Console(width=width, force_terminal=False, record=True, file=io.StringIO())
    console.print(render(frame))
    return console.export_text()


def test_it_shows_what_a_person_wants_to_know() -> None:
    text = drawn(FRAME)
    assert "running for 75 s" in text
    assert "8 of 10 polled, 1 failing" in text
    assert "5 indexed, 2 refused, 1 failed, 4 pending" in text
    assert "3 waiting, 1 to be tried again, 0 in flight, 2 to be indexed" in text
    assert "refused: gone" in text
    assert "failed: timeout" in text
    assert "Newest �[2J title" in text
    assert "Tram" not in text, "only what got in is news"
    assert "No network" not in text


def test_it_says_plainly_that_there_is_no_network() -> None:
    frame = replace(FRAME, feeds=FeedFigures(total=10, polled=8, failing=8, unreachable=8))
    assert "No network: none of the 8 feeds polled could be reached. Feedmill goes on trying." in drawn(frame)


@pytest.mark.parametrize("width", [20, 40, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(len(line) for line in drawn(FRAME, width).splitlines()) <= width


def test_the_figures_of_feeds() -> None:
    states = [
        FeedState(),
        FeedState(polls=3),
        FeedState(polls=1, failures=1, reason=Reason.DNS_FAILED),
        FeedState(polls=1, failures=1, reason=Reason.GONE),
    ]
    assert feed_figures(states) == FeedFigures(total=4, polled=3, failing=2, unreachable=1)
    assert not feed_figures(states).offline
    assert feed_figures(states[2:3]).offline
    assert not feed_figures([]).offline
    assert not feed_figures(states[:1]).offline


def test_the_most_frequent_reasons_come_first() -> None:
    assert not_indexed(COUNTS) == [("refused: gone", 2), ("failed: timeout", 1)]
