"""What `feedmill index migrate` takes, beside what indexing the same documents took: `python -m tests.bench.migrate`.

A real node of the tests, articles of about 400 words in six months, one process that goes on writing meanwhile, and one
that searches without a pause. Prints the table of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

from tests.articles import NOON, make_article
from tests.elasticsearch_node.migration import Installation, edit
from tests.elasticsearch_node.node import Node
from worker.errors import IndexUnavailable
from worker.models import Article
from worker.query.ast import Search, Word
from worker.stores.elasticsearch.index import ElasticsearchIndex

WORDS = [f"Wort{n}" for n in range(20_000)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    options = parser.parse_args()
    node = Node()
    node.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Installation(node.url, "bench", edit(Path(folder) / "templates")), options.documents)
    finally:
        node.close()


def _measure(here: Installation, number: int) -> None:
    source = random.Random(1)
    index = here.index()
    index.setup()
    articles = [_article(n, source) for n in range(number)]
    started = time.monotonic()
    for first in range(0, number, 500):
        index.write(articles[first : first + 500], [])
    indexing_s = time.monotonic() - started
    index.refresh()
    alone = _searches(here, 10.0)

    stop = threading.Event()
    waits: list[float] = []
    took: list[float] = []
    threads = [
        threading.Thread(target=_write, args=(here, stop, waits)),
        threading.Thread(target=_search, args=(here.index(), stop, took)),
    ]
    for thread in threads:
        thread.start()
    started = time.monotonic()
    done = here.migrate()
    migrating_s = time.monotonic() - started
    stop.set()
    for thread in threads:
        thread.join()
    assert done is not None
    print(f"documents; indices: {done.documents:,}; {done.indices}")
    print(f"indexing them: {indexing_s:.0f} s, {number / indexing_s:.0f} a second")
    print(f"migrating them: {migrating_s:.0f} s, {migrating_s / indexing_s:.1f} of that")
    print(f"writes held up: {done.held_up_s:.1f} s; longest write of five documents: {max(waits):.1f} s")
    print(f"a search, median; p95; most, before: {_three(alone)} ms; meanwhile: {_three(took)} ms")


def _article(n: int, source: random.Random, version: int = 0) -> Article:
    return make_article(
        f"https://example.org/{n}", language="de", body=" ".join(source.choices(WORDS, k=400)),
        first_seen_at=NOON - timedelta(days=31 * (n % 6)), fetched_at=NOON + timedelta(seconds=version),
    )  # fmt: skip


def _write(here: Installation, stop: threading.Event, waits: list[float]) -> None:
    index, source, n = here.index(), random.Random(2), 10_000_000
    while not stop.is_set():
        batch = [_article(n + each, source) for each in range(5)]
        started = time.monotonic()
        while True:
            try:
                index.write(batch, [])
                break
            except IndexUnavailable:
                time.sleep(0.1)
        waits.append(time.monotonic() - started)
        n += 5
        stop.wait(0.5)


def _search(index: ElasticsearchIndex, stop: threading.Event, took: list[float]) -> None:
    source = random.Random(3)
    while not stop.is_set():
        started = time.monotonic()
        index.search(Search(Word(source.choice(WORDS)), limit=20))
        took.append(time.monotonic() - started)


def _searches(here: Installation, for_s: float) -> list[float]:
    stop, took = threading.Event(), list[float]()
    thread = threading.Thread(target=_search, args=(here.index(), stop, took))
    thread.start()
    time.sleep(for_s)
    stop.set()
    thread.join()
    return took


def _three(took: list[float]) -> str:
    ordered = sorted(took)
    three = statistics.median(ordered), ordered[int(len(ordered) * 0.95)], ordered[-1]
    return "; ".join(f"{1000 * each:.0f}" for each in three)


if __name__ == "__main__":
    main()
