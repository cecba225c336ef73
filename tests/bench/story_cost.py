"""What a story costs: CPU per fingerprint, assignments per second, bytes per document."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.bench.grouping import word_shingles
from tests.state import LIMITS, NOW
from worker.deduplicate.fingerprint import fingerprint
from worker.models import Fingerprint
from worker.state.scripts import Scripts
from worker.state.server import connect
from worker.state.stories import RedisStories
from worker.urls import article_id

WORDS = 600
ROUNDS = 7
COPIES = 0.4
CLIENTS = 4


def speed(client: Any, texts: Sequence[str]) -> None:
    given = _cut(texts, 150)
    ours = _fingerprints(given)
    theirs = _minhash(given)
    best = {"ours": float("inf"), "theirs": float("inf")}
    for _ in range(ROUNDS):  # in turns, so that a busy machine slows both
        best["ours"] = min(best["ours"], _cpu(ours))
        if theirs:
            best["theirs"] = min(best["theirs"], _cpu(theirs))
    own, other = (1e6 * best[name] / len(given) for name in ("ours", "theirs"))
    print(f"fingerprint of {WORDS} words: {own:.0f} us CPU; datasketch MinHash(128).update_batch: {other:.0f} us; "
          f"ratio {own / other:.2f}")  # fmt: skip
    address = client.connection_pool.connection_kwargs["path"]
    for clients in (1, CLIENTS):
        client.flushall()
        before = _server_cpu(client)
        calls = _assign_all(address, clients, 4000)
        each = (_server_cpu(client) - before) / calls
        print(f"  server: {1e6 * each:.0f} us CPU an assignment, so {1 / each:.0f}/s when it has a core to itself; "
              f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")  # fmt: skip


def memory(client: Any, texts: Sequence[str], count: int = 20_000) -> None:
    vocabulary = [word for text in texts[:300] for word in text.split()]
    for name, share in (("all different", 0.0), (f"{COPIES:.0%} edited copies", COPIES)):
        client.flushall(asynchronous=False)
        while client.info("memory")["lazyfree_pending_objects"]:
            time.sleep(0.1)
        before = client.info("memory")["used_memory"]
        stories = RedisStories(Scripts(client, "bench"), LIMITS)
        for number, found in enumerate(_documents(random.Random(5), vocabulary, count, share)):
            _assign(stories, number, found)
        used = client.info("memory")["used_memory"] - before
        print(f"{count} documents of {WORDS} words, {name}: {used / count:.0f} bytes each")


def _documents(rng: random.Random, vocabulary: Sequence[str], count: int, share: float) -> Any:
    texts: list[list[str]] = []
    for _ in range(count):
        if texts and rng.random() < share:
            words = list(rng.choice(texts[-2000:]))
            for _ in range(len(words) // 12):
                words[rng.randrange(len(words))] = rng.choice(vocabulary)
            words = words[: rng.randint(len(words) // 2, len(words))]
        else:
            words = rng.choices(vocabulary, k=WORDS)
            texts.append(words)
            del texts[:-2000]
        yield fingerprint(" ".join(words), "en")


def _server_cpu(client: Any) -> float:
    found = client.info("cpu")
    return float(found["used_cpu_user_main_thread"] + found["used_cpu_sys_main_thread"])


def _assign_all(address: str, clients: int, each: int) -> int:
    context = multiprocessing.get_context("spawn")
    barrier, took = context.Barrier(clients), context.Queue()
    runners = [context.Process(target=_client, args=(address, n, each, barrier, took)) for n in range(clients)]
    for runner in runners:
        runner.start()
    found = [took.get(timeout=300) for _ in runners]
    for runner in runners:
        runner.join(10)
    print(f"{clients} client(s): {clients * each / max(found):.0f} assignments/s ({COPIES:.0%} copies)")
    return clients * each


def _client(address: str, number: int, each: int, barrier: Any, took: Any) -> None:
    rng = random.Random(number)
    vocabulary = [f"{rng.choice('abcdefgh')}{n}" for n in range(20_000)]
    prints = list(_documents(rng, vocabulary, each, COPIES))
    client = connect(f"unix://{address}")
    stories = RedisStories(Scripts(client, "bench"), LIMITS)
    barrier.wait(120)
    started = time.perf_counter()
    for document, found in enumerate(prints):
        _assign(stories, number * each + document, found)
    took.put(time.perf_counter() - started)
    client.close()


def _assign(stories: RedisStories, number: int, found: Fingerprint) -> None:
    site = f"site{number % 200}.example"
    stories.assign(
        article_id(f"https://{site}/{number}"), site=site, language="en", content=number.to_bytes(16, "little"),
        fingerprint=found, now=NOW,
    )  # fmt: skip


def _cut(texts: Sequence[str], count: int) -> list[str]:
    words = [word for text in texts for word in text.split()]
    return [" ".join(words[first * WORDS : (first + 1) * WORDS]) for first in range(count)]


def _fingerprints(given: Sequence[str]) -> Callable[[], None]:
    def run() -> None:
        for text in given:
            fingerprint(text, "en")

    return run


def _minhash(given: Sequence[str]) -> Callable[[], None] | None:
    try:
        from datasketch import MinHash
    except ModuleNotFoundError:
        print("datasketch: not installed (pip install '.[bench]')")
        return None

    def run() -> None:
        for text in given:
            MinHash(num_perm=128).update_batch(word_shingles(text, 5))

    return run


def _cpu(run: Callable[[], None]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started
