"""The live display of `feedmill run`: what happens now, on a terminal, twice a second."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from worker.cli.terminal import ago, count, one_line
from worker.models import Counts, Event, FeedState, Reason, State

if TYPE_CHECKING:
    from worker.wiring import Wiring

REFRESH_S = 0.5
FEEDS_EVERY_S = 2.0  # reading every feed costs more than the rest together
TITLES = 8
TOP_REASONS = 5
NO_NETWORK = frozenset({Reason.DNS_FAILED, Reason.CONNECT_FAILED})
NOT_INDEXED = frozenset({State.REFUSED, State.FAILED, State.QUARANTINED})


@dataclass(frozen=True, slots=True)
class FeedFigures:
    total: int
    polled: int
    failing: int
    unreachable: int
    """Whose last poll ended without any answer from the network."""

    @property
    def offline(self) -> bool:
        """Every feed that was polled could not be reached, and there were several: it is us, not them."""
        return self.polled > 0 and self.unreachable == self.polled


@dataclass(frozen=True, slots=True)
class Frame:
    """What one picture shows."""

    elapsed_s: float
    feeds: FeedFigures
    counts: Counts
    depth: Mapping[str, float]
    outbox_items: int
    recent: Sequence[Event]


def feed_figures(states: Sequence[FeedState]) -> FeedFigures:
    return FeedFigures(
        total=len(states),
        polled=sum(state.polls > 0 for state in states),
        failing=sum(state.failures > 0 for state in states),
        unreachable=sum(state.failures > 0 and state.reason in NO_NETWORK for state in states),
    )


class LiveDisplay:
    """Draws to stderr from a thread of its own until `stop`. A server that is away for a moment is shown as such."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._console = Console(stderr=True, highlight=False, emoji=False)
        self._live = Live(console=self._console, auto_refresh=False)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._draw, name="live", daemon=True)
        self._started_at = 0.0
        self._feeds = FeedFigures(0, 0, 0, 0)
        self._feeds_at = -FEEDS_EVERY_S

    def start(self) -> None:
        self._started_at = time.monotonic()
        self._live.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
        with contextlib.suppress(OSError):  # the terminal may be gone
            self._live.stop()

    def _draw(self) -> None:
        while not self._stopping.wait(REFRESH_S):
            self._refresh()
        self._refresh()  # the picture that stays is the last one

    def _refresh(self) -> None:
        try:
            picture = render(self._read())
        except Exception as error:  # a display must never end the run; what is wrong is shown in its place
            picture = Text(f"no figures at the moment ({type(error).__name__}); Feedmill goes on", "yellow")
        with contextlib.suppress(OSError):
            self._live.update(picture, refresh=True)

    def _read(self) -> Frame:
        now = time.monotonic()
        if now - self._feeds_at >= FEEDS_EVERY_S:
            self._feeds = feed_figures([state for _, state, _ in self._wiring.feeds.all()])
            self._feeds_at = now
        return Frame(
            elapsed_s=now - self._started_at,
            feeds=self._feeds,
            counts=self._wiring.ledger.counts(),
            depth=self._wiring.frontier.depth(),
            outbox_items=self._wiring.outbox.size()[0],
            recent=self._wiring.ledger.recent(40),
        )


def render(frame: Frame) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_row("feedmill", f"running for {ago(frame.elapsed_s)}; Ctrl-C stops it")
    table.add_row("feeds", feeds_line(frame.feeds))
    table.add_row("articles", articles_line(frame.counts))
    table.add_row("queue", queue_line(frame.depth, frame.outbox_items))
    for reason, number in not_indexed(frame.counts):
        table.add_row("", Text(f"{number:>6,}  {reason}", "yellow"))
    parts: list[RenderableType] = [table]
    if frame.feeds.offline:
        parts.append(Text(offline_line(frame.feeds), "bold red"))
    titles = newest(frame.recent)
    if titles:
        parts.append(Text())
        parts.extend(
            Text.assemble((f"{site:<28.28} ", "dim"), title, overflow="ellipsis", no_wrap=True)
            for site, title in titles
        )
    return Group(*parts)


def feeds_line(figures: FeedFigures) -> str:
    failing = f", {figures.failing:,} failing" if figures.failing else ""
    return f"{figures.polled:,} of {figures.total:,} polled{failing}"


def articles_line(counts: Counts) -> str:
    shown = [f"{counts.states.get(state, 0):,} {state.value}" for state in State if counts.states.get(state, 0)]
    return ", ".join([*shown, f"{counts.pending:,} pending"])


def queue_line(depth: Mapping[str, float], outbox_items: int) -> str:
    names = (("queued", "waiting"), ("delayed", "to be tried again"), ("in_flight", "in flight"))
    parts = [f"{depth.get(key, 0):,.0f} {word}" for key, word in names]
    return ", ".join([*parts, f"{outbox_items:,} to be indexed"])


def not_indexed(counts: Counts) -> list[tuple[str, int]]:
    """Why entries did not get into the archive, most frequent first."""
    rows = [
        (f"{state.value}: {reason.value}", n) for (state, reason), n in counts.reasons.items() if state in NOT_INDEXED
    ]
    return sorted((row for row in rows if row[1]), key=lambda row: (-row[1], row[0]))[:TOP_REASONS]


def offline_line(figures: FeedFigures) -> str:
    feeds = count(figures.polled, "feed")
    return f"No network: none of the {feeds} polled could be reached. Feedmill goes on trying."


def newest(recent: Sequence[Event]) -> list[tuple[str, str]]:
    """(site, title) of the last articles that got in, newest first."""
    arrived = [event for event in recent if event.state in (State.INDEXED, State.UPDATED)]
    return [(one_line(event.site), one_line(event.title)) for event in arrived[:TITLES]]
