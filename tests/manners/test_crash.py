"""P5, P8, P9 when a worker is killed (SIGKILL) at any step of a poll: nothing lost or doubled, nobody asked early."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.manners.site import Given, Request, Script, Site, World, rss
from tests.valkey import Valkey

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
STEPS = [
    "before feeds.get", "before feeds.ask", "after feeds.ask", "before downloader.get", "after downloader.get",
    "after sandbox.call", "before frontier.offer", "after frontier.offer", "before feeds.save", "after feeds.save",
]  # fmt: skip
NOTED, ASKED, OFFERED, SAVED = map(
    STEPS.index, ("after feeds.ask", "after downloader.get", "after frontier.offer", "after feeds.save")
)
"""From here on the poll is noted, its server was asked, the entries are in the frontier, all is saved."""
LEASE_S = 60.0
SCHEDULE = {"feed_lease_s": LEASE_S}
FRESH = {"Cache-Control": "max-age=3600"}


def kill_at(step: str, valkey: Valkey, folder: Path, shift: timedelta) -> None:
    net = {"allow": "127.0.0.0/8", "host_delay_s": 0.01}
    settings = {"data_dir": str(folder), "redis": {"url": valkey.url}, "net": net, "schedule": SCHEDULE}
    shift_ms = round(shift.total_seconds() * 1000)
    command = [sys.executable, "-m", "tests.manners.mortal", json.dumps(settings), str(shift_ms), step]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, (step, done.stderr.decode()[-2000:])


async def killed(world: World, step: str, valkey: Valkey, folder: Path) -> None:
    """The feed's next poll dies at that step; then its lease runs out."""
    world.later(max(world.wait, timedelta()) + timedelta(seconds=1))
    await asyncio.to_thread(kill_at, step, valkey, folder, world.shift)
    world.later(timedelta(seconds=LEASE_S + 1))
    world.wiring.frontier.sweep()


def offered(world: World) -> int:
    return world.wiring.ledger.counts().offered


def waits(requests: list[Request]) -> list[timedelta]:
    return [later.at - earlier.at for earlier, later in pairwise(requests)]


def full(requests: list[Request]) -> list[Request]:
    return [request for request in requests if request.field("If-None-Match") is None]


def unless(tag: bytes, given: Given) -> Script:
    return lambda request: Given(304, FRESH) if request.field("If-None-Match") == tag else given


def test_p05_p08_p09_a_first_poll_that_dies(play: Callable[..., None], valkey: Valkey, tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        site = world.site
        for number, step in enumerate(STEPS):
            path, before = f"/{number}", offered(world)
            site.pages[path] = unless(b'"1"', rss(f"a{number}", f"b{number}", headers={"ETag": '"1"'} | FRESH))
            world.use(path)
            await killed(world, step, valkey, tmp_path)
            assert len(site.of(path)) == (number >= ASKED), step
            assert (world.state.etag == '"1"') is (number >= SAVED), f"{step}: only with everything else"
            assert offered(world) - before == (2 if number >= OFFERED else 0), step
            for _ in range(3):
                await world.poll()
            assert offered(world) - before == 2, f"{step}: none lost, none twice"
            assert world.state.etag == '"1"', step
            assert all(wait >= timedelta(days=1) for wait in waits(full(site.of(path)))), step
            assert all(wait >= timedelta(minutes=5) for wait in waits(site.of(path))), step
            log = world.wiring.feeds.log(world.feed.id)
            died = sum(asked.reason is None for asked in log)
            assert died == (NOTED <= number < SAVED), step
            assert len(log) - (died and number < ASKED) == len(site.of(path)), f"{step}: all requests are in the log"

    play(scenario, Site(), schedule=SCHEDULE)


def test_p05_p09_a_later_poll_that_dies(play: Callable[..., None], valkey: Valkey, tmp_path: Path) -> None:
    """The validators in hand stay those of the last document that was taken whole, so the news comes again."""

    async def scenario(world: World) -> None:
        site = world.site
        for number, step in enumerate(STEPS):
            path, before = f"/{number}", offered(world)
            news = rss(*(f"{name}{number}" for name in "abc"), headers={"ETag": '"2"'} | FRESH)
            site.pages[path] = [rss(f"a{number}", headers={"ETag": '"1"'} | FRESH), unless(b'"2"', news)]
            world.use(path)
            await world.poll()
            await killed(world, step, valkey, tmp_path)
            assert world.state.etag == ('"2"' if number >= SAVED else '"1"'), step
            assert offered(world) - before == (3 if number >= OFFERED else 1), step
            for _ in range(2):
                await world.poll()
            assert offered(world) - before == 3, f"{step}: none lost, none twice"
            assert len(full(site.of(path))) == 1, step
            assert min(waits(site.of(path))) >= timedelta(hours=1), f"{step}: its server says how long it is fresh"

    play(scenario, Site(), schedule=SCHEDULE)
