"""Many processes on one state: nothing is taken twice, no host is hit twice at once, dead ones lose nothing."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from itertools import pairwise
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest

from tests.state import Mill, indexed, make_step, refused, urls
from tests.valkey import Valkey
from worker.models import ClaimKind, FeedState, Reason, State
from worker.state.outbox import RedisOutbox
from worker.state.server import connect

CONTEXT = multiprocessing.get_context("spawn")
NUMBER = 2000


def _claimer(url: str, barrier: Barrier, answers: Any) -> None:
    """Claims until nothing is left, and never lets go."""
    client = connect(url)
    mill = Mill(client, max_in_flight=10 * NUMBER)
    taken, idle = [], 0
    barrier.wait()
    while idle < 20:
        mill.frontier.release_due_feeds(50)
        claims = mill.frontier.claim(20)
        taken += [(claim.kind.value, claim.id, claim.host) for claim in claims]
        idle = 0 if claims else idle + 1
    answers.put(taken)
    client.close()


def _run(target: Any, *arguments: Any, number: int = 4) -> list[Any]:
    barrier, answers = CONTEXT.Barrier(number), CONTEXT.Queue()
    processes = [CONTEXT.Process(target=target, args=(*arguments, barrier, answers)) for _ in range(number)]
    for process in processes:
        process.start()
    found = [answers.get(timeout=90) for _ in processes]
    for process in processes:
        process.join(10)
        assert process.exitcode == 0
    return found


def test_four_claimers_take_everything_once(valkey: Valkey) -> None:
    mill = Mill(valkey.client)
    mill.offer(urls(NUMBER, hosts=NUMBER))
    mill.subscribe(f"https://f{n}.example/feed" for n in range(NUMBER))
    found = _run(_claimer, valkey.url)
    taken = [work for part in found for work in part]
    assert len(taken) == 2 * NUMBER
    assert len(set(taken)) == 2 * NUMBER
    assert Counter(kind for kind, _, _ in taken) == {"feed": NUMBER, "article": NUMBER}
    mill.audit()


def test_four_claimers_never_lock_a_host_twice(valkey: Valkey) -> None:
    mill = Mill(valkey.client)
    mill.offer(urls(NUMBER, hosts=40))
    mill.subscribe(urls(NUMBER, hosts=40, path="feed"))
    found = _run(_claimer, valkey.url)
    hosts = [host for part in found for _, _, host in part]
    assert sorted(hosts) == sorted({f"h{n}.example" for n in range(40)}), "nobody releases: one claim per host"
    mill.audit()


def _worker(url: str, barrier: Barrier, answers: Any) -> None:
    """Scheduler, worker and index in one; works off what it claims until nothing is left."""
    client = connect(url)
    mill = Mill(client, host_delay_s=0, article_lease_s=1, feed_lease_s=1, max_claims=1000)
    outbox = RedisOutbox(mill.scripts, mill.limits, idle_s=0.5)
    consumer = f"w{os.getpid()}"
    barrier.wait()
    hits: list[tuple[str, float, float]] = []
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < 2.5:
        mill.frontier.sweep()
        mill.frontier.release_due_feeds(50)
        claims = mill.frontier.claim(20)
        begun = mill.frontier.begin(claims)
        for claim in claims:
            if claim.id not in begun:
                continue
            start = time.time()
            item = begun[claim.id]
            if claim.kind is ClaimKind.FEED:
                hits.append((claim.host, start, time.time()))
                mill.feeds.save(claim, FeedState(), mill.scripts.now().replace(year=2040), {})
            elif item is not None:
                hits.append((claim.host, start, time.time()))
                mill.frontier.finish_document(claim, *indexed(item.url, item.offer))
        items = outbox.take(consumer, 50)
        outbox.ack([(each, State.INDEXED, Reason.STORED) for each in items])
        if claims or items:
            idle_since = time.monotonic()
    answers.put(hits)
    client.close()


@pytest.mark.timeout(60)
def test_killed_workers_lose_nothing_and_count_nothing_twice(valkey: Valkey) -> None:
    mill = Mill(valkey.client)
    mill.offer(urls(NUMBER, hosts=100))
    mill.subscribe(urls(100, hosts=100, path="feed"))
    barrier, answers = CONTEXT.Barrier(6), CONTEXT.Queue()
    processes = [CONTEXT.Process(target=_worker, args=(valkey.url, barrier, answers)) for _ in range(5)]
    for process in processes:
        process.start()
    barrier.wait()
    for process in processes[:3]:
        time.sleep(0.15)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
    hits = [hit for _ in range(2) for hit in answers.get(timeout=50)]
    for process in processes:
        process.join(10)
    counts = mill.ledger.counts()
    assert (counts.offered, counts.pending, counts.states) == (NUMBER, 0, {State.INDEXED: NUMBER})
    assert mill.outbox.size() == (0, 0, 0.0)
    depth = mill.frontier.depth()
    assert (depth["feeds_due"], depth["feeds_leased"], depth["hosts_locked"]) == (0, 0, 0)
    by_host: dict[str, list[tuple[float, float]]] = {}
    for host, start, end in hits:
        by_host.setdefault(host, []).append((start, end))
    for spans in by_host.values():
        spans.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
    mill.audit()


@pytest.mark.parametrize("seed", range(3))
def test_the_ledger_adds_up_after_every_step_of_a_random_walk(valkey: Valkey, seed: int) -> None:
    """All operations in random order, with stale claims and moving time; the audit looks after each."""
    rng = random.Random(seed)
    mill = Mill(valkey.client, max_in_flight=8, max_pending=40, max_claims=2, host_delay_s=1)
    impatient = RedisOutbox(mill.scripts, mill.limits, idle_s=0)
    known = urls(60, hosts=7)
    feeds = [f"https://h{n % 7}.example/feed/{n}" for n in range(9)]
    claims, items = [], []

    def some(of: list[Any]) -> list[Any]:
        return rng.sample(of, min(len(of), rng.randint(0, 3)))

    for _ in range(400):
        match rng.randrange(15):
            case 0 | 1:
                mill.offer(some(known))
            case 2:
                mill.subscribe(some(feeds))
            case 3 | 4 | 5:
                claims += mill.claim(rng.randint(1, 5))
            case 6:
                mill.frontier.begin(some(claims))
            case 7:
                for claim in some(claims):
                    mill.frontier.release(claim, rng.choice((None, 0.0, 5.0)))
            case 8:
                for claim in some(claims):
                    url = rng.choice(known)
                    if claim.kind is ClaimKind.FEED:
                        mill.feeds.save(claim, FeedState(), mill.scripts.now(), {}, rng.choice((None, 0.0)))
                    elif rng.random() < 0.5:
                        mill.frontier.finish(claim, refused(url))
                    else:
                        mill.frontier.finish_document(claim, *indexed(url))
            case 9:
                for claim in some(claims):
                    if claim.kind is ClaimKind.ARTICLE:
                        other = rng.choice((None, f"h{rng.randrange(7)}.example"))
                        url_ = None if other is None else f"https://{other}/moved"
                        block = rng.random() < 0.3
                        after = rng.choice((0.0, 3.0))
                        mill.frontier.retry(claim, after, make_step(), block_host=block, url=url_, host=other)
            case 10:
                for claim in some(claims):
                    mill.frontier.acquire(f"h{rng.randrange(9)}.example", claim)
            case 11:
                mill.later(rng.choice((0.5, 2.0, 20.0, 200.0)))
                mill.frontier.sweep()
            case 12:
                items += (impatient if rng.random() < 0.3 else mill.outbox).take(f"w{rng.randrange(3)}", 4)
            case 13:
                done = some(items)
                if rng.random() < 0.2:
                    for item in done:
                        mill.outbox.dead_letter(item, "no")
                else:
                    mill.outbox.ack([(item, State.INDEXED, Reason.STORED) for item in done])
            case 14:
                mill.frontier.give_back(some(claims)) if rng.random() < 0.5 else mill.outbox.append_direct(
                    *indexed(rng.choice(known))
                )
        mill.audit()

    # Then everything that is left can be worked off.
    for _ in range(300):
        mill.later(200)
        mill.frontier.sweep()
        for claim in mill.claim():
            if claim.kind is ClaimKind.FEED:
                mill.feeds.save(claim, FeedState(), mill.scripts.now().replace(year=2040), {}, 0)
            else:
                mill.frontier.finish(claim, refused(known[0]))
        last = impatient.take("last", 100)
        mill.outbox.ack([(item, State.INDEXED, Reason.STORED) for item in last])
        if not last and not mill.ledger.counts().pending:
            break
    mill.audit()
    assert mill.ledger.counts().pending == 0
    assert mill.outbox.size()[:2] == (0, 0)
