from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from tests.articles import make_event
from worker.cli.live import Frame, not_indexed, render, shortened
from worker.models import Counts, Reason, State
from worker.reachability import FeedFigures

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
    feeds=FeedFigures(total=10, polled=8, failing=1, recent=8, unreachable=1, expected=10),
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
    frame = replace(FRAME, feeds=FeedFigures(total=10, polled=8, failing=8, recent=8, unreachable=8, expected=10))
    assert "No network: none of the 8 feeds polled could be reached. Feedmill goes on trying." in drawn(frame)


@pytest.mark.parametrize("width", [20, 40, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(len(line) for line in drawn(FRAME, width).splitlines()) <= width


def test_why_articles_were_left_out_stands_under_a_label() -> None:
    lines = drawn(FRAME).splitlines()
    first = next(line for line in lines if "refused: gone" in line)
    assert first.startswith("left out")
    assert first.index("2  refused") == lines[0].index("running"), "in the column of all values"


def test_before_the_first_poll_it_is_starting() -> None:
    assert "9; starting" in drawn(replace(FRAME, feeds=FeedFigures(total=9, polled=0, failing=0)))
    assert "none subscribed" in drawn(replace(FRAME, feeds=FeedFigures(total=0, polled=0, failing=0)))


def test_a_long_site_keeps_its_end() -> None:
    site = "very-long-name-of-a-section.news.example.org:8080"
    assert shortened(site, 20) == "…ws.example.org:8080"
    assert shortened("short.example", 20) == "short.example"
    frame = replace(FRAME, recent=(make_event("https://corriere-dei-laghi.localhost:35119/a", title="Seta"),))
    assert "corriere-dei-laghi.localhost:35119  Seta" in drawn(frame)


def test_the_most_frequent_reasons_come_first() -> None:
    assert not_indexed(COUNTS) == [("refused: gone", 2), ("failed: timeout", 1)]
