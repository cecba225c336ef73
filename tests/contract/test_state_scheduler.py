"""The scheduler's loop over a real Valkey: what it publishes, when, and how it lives through absences."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.state import LIMITS, NOW, Mill, indexed, make_step, urls
from tests.valkey import Valkey
from worker.models import Block, Claim, ClaimKind, CleaningJob
from worker.schedule.loop import REPORT_AT_ONCE, SETTLE_AT_ONCE, SETTLE_S, Pace, PublishFailed, Scheduler
from worker.state.furniture import FurnitureLimits, RedisFurniture
from worker.state.once_a_day import OnceADay
from worker.state.server import EmbeddedValkey, connect

PACE = Pace(tick_s=0.01, batch_items=5, sweep_s=5, index_batch_items=10, index_batch_wait_s=60)


class Bench:
    """A scheduler whose messages are kept and whose clock is ours."""

    def __init__(self, mill: Mill, pace: Pace = PACE, furniture: RedisFurniture | None = None, **more: Any) -> None:
        self.sent: list[tuple[str, str, list[Any]]] = []
        self.broken = False
        self.now = 0.0
        self.index_away = False
        self.unsettled = False
        self.scheduler = Scheduler(
            mill.frontier,
            mill.outbox,
            self.publish,
            pace,
            clock=lambda: self.now,
            index_paused=lambda: self.index_away,
            unsettled=lambda: self.unsettled,
            furniture=furniture,
            boot_clock=lambda: time.monotonic() + mill.scripts.shift_ms / 1000,
            **more,
        )

    def publish(self, queue: str, task: str, args: list[Any], /) -> None:
        if self.broken:
            raise OSError("broker away")
        self.sent.append((queue, task, args))

    def claims(self, task: str) -> list[Claim]:
        rows = [row for _, name, args in self.sent if name == task for row in args[0]]
        return [Claim(ClaimKind(kind), id_, host, token) for kind, id_, host, token in rows]


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


@pytest.fixture
def bench(mill: Mill) -> Bench:
    return Bench(mill)


def test_due_feeds_and_articles_go_out_in_batches(mill: Mill, bench: Bench) -> None:
    mill.offer(urls(7, hosts=7))
    mill.subscribe(f"https://f{n}.example/feed" for n in range(6))
    tick = bench.scheduler.tick()
    assert (tick.released, tick.feeds, tick.articles) == (6, 6, 7)
    assert [(queue, task, len(args[0])) for queue, task, args in bench.sent] == [
        ("feeds", "poll", 5), ("feeds", "poll", 1), ("articles", "ingest", 5), ("articles", "ingest", 2),
    ]  # fmt: skip
    assert len(mill.frontier.begin(bench.claims("ingest"))) == 7
    assert not bench.scheduler.tick().busy


def test_a_few_ready_hosts_wait_for_company_but_not_long(mill: Mill, bench: Bench) -> None:
    mill.offer(urls(1))
    assert bench.scheduler.tick().articles == 1
    mill.offer(["https://b.example/1"])
    assert bench.scheduler.tick().articles == 0
    mill.offer([f"https://c{n}.example/1" for n in range(4)])
    assert bench.scheduler.tick().articles == 5, "a full batch does not wait"
    mill.offer(["https://d.example/1"])
    bench.now += PACE.gather_s
    assert bench.scheduler.tick().articles == 1


def test_what_killed_a_worker_travels_alone(mill: Mill, bench: Bench) -> None:
    mill.offer(urls(3, hosts=3))
    mill.frontier.begin(mill.frontier.claim(1))
    mill.later(200)
    mill.frontier.sweep()
    mill.later(2)
    bench.scheduler.tick()
    assert sorted(len(args[0]) for _, _, args in bench.sent) == [1, 2]


def test_what_could_not_be_published_is_given_back_at_once(mill: Mill, bench: Bench) -> None:
    mill.offer(urls(7, hosts=7))
    bench.broken = True
    with pytest.raises(PublishFailed, match="broker away"):
        bench.scheduler.tick()
    assert mill.frontier.depth()["queued"] == 7
    bench.broken = False
    bench.now += 1
    assert bench.scheduler.tick().articles == 7
    mill.audit()


def test_one_scheduler_asks_for_a_report_at_a_time(mill: Mill) -> None:
    once = OnceADay(mill.client, "test")
    one, other = (Bench(mill, report=lambda: once.first("report", 54)) for _ in range(2))
    for bench in (one, other):
        bench.scheduler.tick()
        bench.scheduler.tick()
    assert [sent for bench in (one, other) for sent in bench.sent] == [("index", "report", [REPORT_AT_ONCE])]
    mill.client.delete("{test}:daily:report")  # a minute later
    other.now = one.now = 60.0
    one.index_away = True
    assert [bench.scheduler.tick().reports for bench in (one, other)] == [0, 1]
    assert Bench(mill).scheduler.tick().reports == 0, "nobody reads any"


def test_cleanings_are_asked_for_one_a_second_while_the_index_answers(mill: Mill) -> None:
    furniture = RedisFurniture(mill.scripts, LIMITS, FurnitureLimits(stories=2, max_blocks=400, days=30, gather_s=0))
    bench = Bench(mill, furniture=furniture)
    for site in ("a.example", "b.example", "c.example"):
        for story in ("0" * 32, "1" * 32):
            furniture.learn(
                site, story=story, title="", fetched_at=NOW, known=(),
                blocks=[Block(b"the box!", 9), Block(bytes.fromhex(story[:16]), 99)],
            )  # fmt: skip
    bench.index_away = True
    assert bench.scheduler.tick().cleanings == 0
    bench.index_away = False
    assert [bench.scheduler.tick().cleanings for _ in range(3)] == [1, 0, 0]
    bench.now += 1
    assert bench.scheduler.tick().cleanings == 1
    [first, second] = [args[0] for queue, task, args in bench.sent if (queue, task) == ("index", "clean")]
    assert {first[0], second[0]} < {"a.example", "b.example", "c.example"}
    site, token, since, cursor, serial = first
    job = CleaningJob(site, token, datetime.fromisoformat(since), datetime.fromisoformat(cursor), serial)
    assert furniture.done(job, None), "the message carries the whole job"
    bench.now += 1
    bench.broken = True
    with pytest.raises(PublishFailed):
        bench.scheduler.tick()
    bench.broken = False
    bench.now += 1
    assert bench.scheduler.tick().cleanings == 0, "leased"
    mill.later(121)
    bench.now += 1
    assert bench.scheduler.tick().cleanings == 1


def test_index_batches_are_asked_for_until_two_are_unanswered(mill: Mill, bench: Bench) -> None:
    for n in range(35):
        mill.outbox.append_direct(*indexed(f"https://a.example/{n}"))
    bench.index_away = True
    assert bench.scheduler.tick().index_asks == 0
    bench.index_away = False
    assert bench.scheduler.tick().index_asks == 2
    assert bench.sent == [("index", "index", [10])] * 2
    assert bench.scheduler.tick().index_asks == 0
    mill.outbox.take("w", 10)
    assert bench.scheduler.tick().index_asks == 1


def test_it_sweeps_at_its_pace(mill: Mill, bench: Bench) -> None:
    mill.offer(urls(1))
    bench.scheduler.tick()
    mill.later(200)
    bench.now = 4.9
    assert bench.scheduler.tick().swept == 0
    bench.now = 5.0
    assert bench.scheduler.tick().swept == 1


def test_delayed_retries_are_found_when_nothing_else_is_ready(mill: Mill, bench: Bench) -> None:
    mill.offer(urls(1))
    bench.scheduler.tick()
    [claim] = bench.claims("ingest")
    mill.frontier.retry(claim, 60, make_step())
    mill.later(61)
    bench.now += 1
    assert bench.scheduler.tick().articles == 1


def test_two_schedulers_never_send_the_same_work(mill: Mill, valkey: Valkey) -> None:
    mill.subscribe(f"https://f{n}.example/feed" for n in range(300))
    mill.offer(urls(300, hosts=300))
    benches = [Bench(Mill(valkey.client)) for _ in range(2)]
    for bench in benches:
        bench.now = 10
    stop = threading.Event()
    threads = [threading.Thread(target=bench.scheduler.run, args=(stop,)) for bench in benches]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and mill.frontier.depth()["hosts_locked"] < 600:
        for bench in benches:
            bench.now += 1
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    work = [(c.kind, c.id) for bench in benches for task in ("poll", "ingest") for c in bench.claims(task)]
    assert len(work) == len(set(work)) == 600


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path, 0)
    server.start()
    yield server
    server.stop()


def test_the_loop_waits_for_redis_and_goes_on_where_it_was(
    server: EmbeddedValkey, capsys: pytest.CaptureFixture[str]
) -> None:
    client = connect(server.url)
    mill = Mill(client)
    mill.offer(urls(3, hosts=3))
    server.stop()
    bench = Bench(mill)
    stop = threading.Event()
    thread = threading.Thread(target=bench.scheduler.run, args=(stop,))
    thread.start()
    time.sleep(1.5)
    assert thread.is_alive()
    assert bench.sent == []
    server.start()
    deadline = time.monotonic() + 20
    while not bench.claims("ingest") and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert len(bench.claims("ingest")) == 3
    out, err = capsys.readouterr()
    assert (out + err).count("Redis does not answer") == 1
    assert (out + err).count("Redis answers again") == 1
    client.close()


def test_stories_are_settled_every_few_seconds_while_there_are_any(bench: Bench) -> None:
    bench.scheduler.tick()
    assert bench.sent == []
    bench.unsettled = True
    bench.scheduler.tick()
    assert bench.sent == [], "asked just now"
    bench.now += SETTLE_S
    assert bench.scheduler.tick().settle_asks == 1
    assert bench.sent == [("index", "settle", [SETTLE_AT_ONCE])]
    assert bench.scheduler.tick().settle_asks == 0
    bench.now += SETTLE_S
    bench.index_away = True
    assert bench.scheduler.tick().settle_asks == 0
    bench.index_away, bench.broken = False, True
    with pytest.raises(PublishFailed):
        bench.scheduler.tick()
