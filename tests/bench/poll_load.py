"""50,000 feeds, 24 polls a day each, 60 % unchanged: what scheduler, poller and parser cost, and how late polls are.

    make bench-poll-load            (about two minutes)

The real processes (one scheduler, one worker for the queue `feeds` with its parser child) against a Valkey with all
50,000 feeds and one server that plays them all, each under a host of its own. A slice of a day's work is due in
`--seconds`: with `--compress` 4, four times as much a second as in life, so that the costs per poll are seen clearly;
what the processes cost while idle is measured apart, before, and counted once per second of life. CPU is that of the
processes themselves (/proc), Valkey and the server apart; memory is PSS. A poll is late by its request's arrival.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.poll_load_server import ENTRIES, changed, document, url_of
from tests.mill import COMMAND, children
from worker.models import Feed, FeedState, Reason
from worker.poll.follow import by_article
from worker.poll.parse import parse_feed
from worker.poll.stage import change_tag
from worker.poll.window import sample
from worker.schedule.record import pack
from worker.schedule.rhythm import Rhythm
from worker.settings import load
from worker.state import codec
from worker.state.server import EmbeddedValkey
from worker.urls import feed_id
from worker.wiring import Wiring

TICKS = os.sysconf("SC_CLK_TCK")
PER_DAY = 24
LAST_POLL_S = 3600.0
AT_ONCE = 1000


def main() -> None:
    options = _options()
    polls = round(options.feeds * PER_DAY / 86400 * options.compress * options.seconds)
    with tempfile.TemporaryDirectory(prefix="poll-load-") as name:
        folder = Path(name)
        valkey = EmbeddedValkey(folder / "data", 0)
        valkey.start()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = _environment(folder, valkey.url)
        os.environ.update(environment)
        now = time.time()
        asked = folder / "asked"
        asked.touch()
        serving = [
            sys.executable,
            str(Path(__file__).with_name("poll_load_server.py")),
            str(port),
            str(asked),
            str(now),
        ]
        server = subprocess.Popen(serving)
        with Wiring(load()) as wiring:
            due_at = _seed(wiring, options, port, polls, now)
            processes = _start(folder)
            try:
                _measure(options, polls, due_at, asked, processes, server.pid, _pid(wiring))
                counts = wiring.ledger.counts()
                print(f"entries offered {counts.offered:,}; feeds due now {wiring.frontier.depth()['feeds_due']:.0f}")
            finally:
                for process in (*processes.values(), server):
                    process.terminate()
                for process in (*processes.values(), server):
                    process.wait(20)
        valkey.stop()


def _environment(folder: Path, url: str) -> dict[str, str]:
    return {
        "FEEDMILL_DATA_DIR": str(folder / "data"),
        "FEEDMILL_REDIS__URL": url,
        "FEEDMILL_NET__ALLOW": "127.0.0.0/8",
        "FEEDMILL_NET__CONTACT": "nobody",
        "FEEDMILL_SCHEDULE__MAX_IN_FLIGHT": "1",  # articles are another benchmark's
        "FEEDMILL_LOG__FORMAT": "json",
    }


def _seed(wiring: Wiring, options: argparse.Namespace, port: int, polls: int, now: float) -> dict[int, float]:
    """All feeds, polled an hour ago and well known; those of the slice due at random in it. -> number -> due."""
    begun = time.monotonic()
    numbers = range(options.feeds)
    feeds = [Feed(feed_id(url), url) for url in (url_of(number, port) for number in numbers)]
    for first in range(0, len(feeds), AT_ONCE):
        wiring.feeds.put_new(feeds[first : first + AT_ONCE])
    rng = random.Random(options.seed)
    hot = rng.sample(numbers, polls)
    start = now + options.warm_up
    due_at = {number: start + rng.random() * options.seconds for number in hot}
    watched = (40.0,) * 24 + (16.0,) * 24
    known = pack(
        Rhythm(tuple(1.2 * hours for hours in watched), watched, now - LAST_POLL_S, window=ENTRIES, newest_s=now - 4000)
    )
    polled = datetime.fromtimestamp(now - LAST_POLL_S, UTC)
    plain = FeedState(
        etag='"0-0"', polls=500, polled_at=polled, succeeded_at=polled, reason=Reason.NOT_MODIFIED, rhythm=known,
        body_hash="0" * 32, title="A feed",
    )  # fmt: skip
    key, client = wiring.scripts.key, wiring.redis
    for first in range(0, len(feeds), AT_ONCE):
        pipe: Any = client.pipeline(transaction=False)
        for number in numbers[first : first + AT_ONCE]:
            id_ = feeds[number].id
            state = replace(plain, etag=f'"{number}-1"')
            if number in due_at and changed(number):
                before = parse_feed(document(number, fresh=False, now=now), "", feeds[number].url, datetime.now(UTC))
                entries = by_article(before.entries)
                state = replace(state, etag=f'"{number}-0"', sample=sample(entries))
                window = {bytes.fromhex(a)[:8]: codec.tag_bytes(change_tag(e)) for a, e in entries.items()}
                pipe.hset(key(f"window:{id_}"), mapping=window)
            pipe.hset(key("feeds:state"), id_, codec.state_json(state))
            pipe.zadd(key("feeds:due"), {id_: (due_at.get(number) or now + 7200 + rng.random() * 3600) * 1000})
            pipe.zadd(key("feeds:polled"), {id_: int((now - LAST_POLL_S) * 1000)})
        pipe.execute()
    print(f"{options.feeds:,} feeds in Valkey after {time.monotonic() - begun:.0f} s; {polls:,} due in the slice")
    late = start - time.time()
    if late < options.warm_up / 2:  # the seeding took long: everything of the slice that much later
        shift = options.warm_up - late
        due_at = {number: at + shift for number, at in due_at.items()}
        for first in range(0, len(hot), AT_ONCE):
            part = hot[first : first + AT_ONCE]
            wiring.redis.zadd(key("feeds:due"), {feeds[number].id: due_at[number] * 1000 for number in part})
    return due_at


def _start(folder: Path) -> dict[str, subprocess.Popen[bytes]]:
    log = (folder / "log").open("ab")
    calls = {"scheduler": ["scheduler"], "worker": ["worker", "--queues", "feeds", "--processes", "1"]}
    return {name: subprocess.Popen([*COMMAND, *call], stdout=log, stderr=log) for name, call in calls.items()}


def _measure(
    options: argparse.Namespace,
    polls: int,
    due_at: Mapping[int, float],
    asked: Path,
    processes: Mapping[str, subprocess.Popen[bytes]],
    server: int,
    valkey: int,
) -> None:
    start = min(due_at.values())
    idle_s = min(10.0, (start - time.time()) / 2)
    time.sleep(max(0.0, start - time.time() - idle_s))
    idle_from = dict(_cpu_of(processes, server, valkey))
    idle_at = time.time()
    time.sleep(max(0.0, start - time.time()))
    before = dict(_cpu_of(processes, server, valkey))
    began = time.time()
    idle = {name: (before[name] - idle_from.get(name, 0.0)) / (began - idle_at) for name in before}
    end = max(due_at.values())
    peak = 0.0
    while time.time() < end + 60:
        time.sleep(1.0)
        peak = max(peak, sum(_pss(pid) for pid in _tree(processes)))
        if time.time() > end and len(asked.read_text().splitlines()) >= polls:
            break
    time.sleep(2.0)
    after = dict(_cpu_of(processes, server, valkey))
    took = time.time() - began
    late = sorted(_lateness(asked, due_at))
    life_s = options.seconds * options.compress
    print(
        f"{len(late):,} of {polls:,} polled; {took:.0f} s stand for {life_s:.0f} s of life ({options.compress:g} times)"
    )
    print(f"late by: median {_at(late, 0.5):.2f} s, p95 {_at(late, 0.95):.2f} s, p99 {_at(late, 0.99):.2f} s, "
          f"most {late[-1]:.2f} s")  # fmt: skip
    print(f"{'process':<12}{'ms a poll':>10}{'idle, % of a core':>19}{'in life, % of a core':>22}")
    total = 0.0
    for name in after:
        busy = max(after[name] - before[name] - idle[name] * took, 0.0)
        share = busy / life_s + idle[name]
        print(f"{name:<12}{1000 * busy / len(late):>10.2f}{idle[name]:>19.1%}{share:>22.1%}")
        total += share if name in ("scheduler", "poller", "parser") else 0.0
    print(f"scheduler, poller and parser: {total:.1%} of a core (goal: under 25 %); "
          f"memory {peak / 1e6:.0f} MB (goal: under 400)")  # fmt: skip


def _lateness(asked: Path, due_at: Mapping[int, float]) -> Iterator[float]:
    seen: set[int] = set()
    for line in asked.read_text().splitlines():
        number, at = line.split()
        if int(number) not in seen:
            seen.add(int(number))
            yield float(at) - due_at[int(number)]


def _cpu_of(processes: Mapping[str, subprocess.Popen[bytes]], server: int, valkey: int) -> Iterator[tuple[str, float]]:
    yield "scheduler", _cpu(processes["scheduler"].pid)
    below = children(processes["worker"].pid)
    parsers = [pid for pid, command in below.items() if "sandbox" in command]
    pollers = [processes["worker"].pid, *(pid for pid in below if pid not in parsers)]
    # A parser is replaced after some hundred documents: what it had cost is then with its parent.
    yield "parser", sum(map(_cpu, parsers)) + sum(_cpu(pid, ended=True) for pid in pollers)
    yield "poller", sum(map(_cpu, pollers))
    yield "Valkey", _cpu(valkey)
    yield "the server", _cpu(server)


def _tree(processes: Mapping[str, subprocess.Popen[bytes]]) -> list[int]:
    return [pid for process in processes.values() for pid in (process.pid, *children(process.pid))]


def _pid(wiring: Wiring) -> int:
    info: Any = wiring.redis.info("server")
    return int(info["process_id"])


def _cpu(pid: int, *, ended: bool = False) -> float:
    """Seconds of the process itself, or of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    first = 13 if ended else 11
    return (int(fields[first]) + int(fields[first + 1])) / TICKS


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0.0
    return next((int(line.split()[1]) * 1024.0 for line in lines if line.startswith("Pss:")), 0.0)


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="in which the slice is due")
    parser.add_argument("--compress", type=float, default=4.0, help="times as many polls a second as in life")
    parser.add_argument("--warm-up", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
