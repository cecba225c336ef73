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

from worker.cli.terminal import ago, one_line
from worker.models import Counts, Event, State
from worker.reachability import FeedFigures, feed_figures, offline_line

if TYPE_CHECKING:
    from worker.wiring import Wiring

REFRESH_S = 0.5
FEEDS_EVERY_S = 2.0  # reading every feed costs more than the rest together
TITLES = 8
TOP_REASONS = 5
SITE_WIDTH = 40
NOT_INDEXED = frozenset({State.REFUSED, State.FAILED, State.QUARANTINED})


@dataclass(frozen=True, slots=True)
class Frame:
    """What one picture shows."""

    elapsed_s: float
    feeds: FeedFigures
    counts: Counts
    depth: Mapping[str, float]
    outbox_items: int
    recent: Sequence[Event]


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
    reasons = not_indexed(frame.counts)
    if reasons:
        width = len(f"{reasons[0][1]:,}")
        table.add_row("left out", Text("\n".join(f"{number:>{width},}  {why}" for why, number in reasons), "yellow"))
    parts: list[RenderableType] = [table]
    if frame.feeds.offline:
        line = offline_line(frame.feeds)
        parts.append(Text(f"{line[0].upper()}{line[1:]}. Feedmill goes on trying.", "bold red"))
    titles = newest(frame.recent)
    if titles:
        width = min(SITE_WIDTH, max(len(site) for site, _ in titles))
        parts.append(Text())
        parts.extend(
            Text.assemble((f"{shortened(site, width):<{width}}  ", "dim"), title, overflow="ellipsis", no_wrap=True)
            for site, title in titles
        )
    return Group(*parts)


def shortened(site: str, width: int) -> str:
    """A host's end says whose it is, so a long one loses its beginning."""
    return site if len(site) <= width else "…" + site[1 - width :]


def feeds_line(figures: FeedFigures) -> str:
    if not figures.polled:
        return f"{figures.total:,}; starting" if figures.total else "none subscribed yet"
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


def newest(recent: Sequence[Event]) -> list[tuple[str, str]]:
    """(site, title) of the last articles that got in, newest first."""
    arrived = [event for event in recent if event.state in (State.INDEXED, State.UPDATED)]
    return [(one_line(event.site), one_line(event.title)) for event in arrived[:TITLES]]
