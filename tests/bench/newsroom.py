"""Articles per second, CPU per article and stage, memory per process: ../shared/newsroom through a real `feedmill run`.

    python tests/bench/newsroom.py [--index sqlite|elasticsearch|both] [--method cascade|trafilatura|both]

Checks on the way that the promises hold: every article but the gone ones exactly once, the gone ones explained, at most
one request in flight per site. Prints a table for docs/benchmarks.md. Needs the folder `shared` beside the checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NEWSROOM = ROOT.parent / "shared" / "newsroom" / "newsroom.py"
sys.path.insert(0, str(ROOT))

from tests.mill import Mill, children  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = _options()
    if not NEWSROOM.exists():
        sys.exit(f"skipped: {NEWSROOM} is not here")
    wanted = ["sqlite", "elasticsearch"] if options.index == "both" else [options.index]
    methods = ["trafilatura", "cascade"] if options.method == "both" else [options.method]
    for index, method in ((index, method) for index in wanted for method in methods):
        environment = {"FEEDMILL_EXTRACT__METHOD": method}
        print(f"\nextract.method = {method}")
        if index == "elasticsearch":
            from tests.elasticsearch_node.node import Node

            node = Node()
            try:
                node.start()
                name = f"bench{os.getpid()}"
                at = {"FEEDMILL_INDEX__URL": node.url, "FEEDMILL_INDEX__NAME": name}
                _measure(index, options, {**environment, **at})
            finally:
                node.close()
        else:
            _measure(index, options, environment)


def _measure(index: str, options: argparse.Namespace, environment: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="feedmill-bench-") as folder:
        newsroom = subprocess.Popen(
            [sys.executable, str(NEWSROOM), "--sites", str(options.sites), "--articles", str(options.articles),
             "--latency", str(options.latency), "--faults", str(options.faults), "--port", str(options.port)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert newsroom.stdout is not None
            print(newsroom.stdout.readline().strip())
            base = f"http://127.0.1.1:{options.port}"
            manifest = _json(f"{base}/__manifest.json")
            mill = Mill(
                Path(folder), manifest["feeds"],
                **{"FEEDMILL_NET__HOST_DELAY_S": str(options.delay),
                   "FEEDMILL_WORKER__PROCESSES": str(options.processes),
                   "FEEDMILL_SCHEDULE__ARTICLE_LEASE_S": "150", "FEEDMILL_SCHEDULE__FEED_LEASE_S": "180",
                   "FEEDMILL_SCHEDULE__CAP_S": "3600", "FEEDMILL_SCHEDULE__FLOOR_S": "600", **environment},
            )  # fmt: skip
            _run(index, mill, manifest, base, newsroom.pid)
        finally:
            newsroom.terminate()
            newsroom.wait(10)


def _run(index: str, mill: Mill, manifest: dict[str, Any], base: str, newsroom_pid: int) -> None:
    expected = [article for article in manifest["articles"] if article["fault"] != "gone"]
    started = time.monotonic()
    process = mill.start()
    stored_first = stored_last = 0.0
    costs: dict[str, tuple[float, float]] = {}
    while True:
        time.sleep(0.5)
        if process.poll() is not None:
            sys.exit(f"run ended: {mill.tail()}")
        for name, cpu_s, rss in _usage(process.pid):
            old = costs.get(name, (0.0, 0.0))
            costs[name] = (max(old[0], cpu_s), max(old[1], rss))
        try:
            with mill.wiring() as wiring:
                counts = wiring.ledger.counts()
        except Exception:
            continue
        done = sum(counts.states.values())
        if done and not stored_first:
            stored_first = time.monotonic()
        if counts.offered >= len(manifest["articles"]) and counts.pending == 0:
            stored_last = time.monotonic()
            break
        if time.monotonic() - started > 900:
            sys.exit(f"not done after 900 s: {counts}\n{mill.tail()}")
    with mill.wiring() as wiring:
        stages = dict(wiring.ledger.costs())
        counts = wiring.ledger.counts()
    newsroom_cpu = _cpu(newsroom_pid)
    stats = _json(f"{base}/__stats.json")
    documents = mill.documents()
    size = _size(mill, len(documents))
    mill.stop()

    by_path = Counter(url.split("/", 3)[3].replace("moved/", "news/") for url in documents)
    twice = [path for path, n in by_path.items() if n > 1]
    missing = [a["url"] for a in expected if a["path"].lstrip("/") not in by_path]
    print(
        f"\n{index}: {len(documents)} documents of {len(expected)} expected; missing {len(missing)}, twice {len(twice)}"
    )
    print(f"ledger: offered {counts.offered} = {sum(counts.states.values())} + pending {counts.pending}; "
          + ", ".join(f"{state.value} {n}" for state, n in counts.states.items() if n))  # fmt: skip
    print(f"requests at once per site, at most: {max(stats['max_in_flight'].values())}; statuses {stats['by_status']}")
    wall = stored_last - started
    print(f"{len(manifest['articles'])} articles in {wall:.1f} s from start: {len(manifest['articles']) / wall:.1f}/s "
          f"({len(manifest['articles']) / max(0.1, stored_last - stored_first):.1f}/s after the first)")  # fmt: skip
    total = sum(cpu for cpu, _ in costs.values())
    print(f"{'process':<22}{'CPU s':>8}{'ms/article':>12}{'share':>8}{'MB (peak, all of the kind)':>28}")
    for name, (cpu_s, rss) in sorted(costs.items(), key=lambda row: -row[1][0]):
        each = 1000 * cpu_s / len(manifest["articles"])
        print(f"{name:<22}{cpu_s:>8.1f}{each:>12.1f}{cpu_s / total:>8.0%}{rss / 1e6:>28.0f}")
    print(f"(newsroom itself: {newsroom_cpu:.1f} s)")
    for stage, (cpu_ms, items) in sorted(stages.items()):
        print(f"stage {stage:<14}{cpu_ms / 1000:>8.1f} s CPU {cpu_ms / max(1, items):>8.2f} ms/item {items:>7} items")
    print(f"archive: {size}")
    if missing or twice:
        print("missing:", missing[:10], "twice:", twice[:10])


def _size(mill: Mill, documents: int) -> str:
    """Bytes per document; of Elasticsearch by kind of index, its segments merged, as they are when months are old."""
    if mill.settings.embedded_index:
        with mill.wiring() as wiring:
            return f"{wiring.index.stats()['bytes'] / documents:,.0f} bytes a document"
    from elasticsearch import Elasticsearch

    from worker.stores.elasticsearch.layout import KINDS

    found = []
    with Elasticsearch(mill.settings.index.url, request_timeout=120) as client:
        for kind in KINDS:
            alias = kind.alias(mill.settings.index.name)
            if client.indices.exists_alias(name=alias):
                client.indices.forcemerge(index=alias, max_num_segments=1)
                client.indices.refresh(index=alias)
                stats = client.indices.stats(index=alias, metric="store,docs")["_all"]["primaries"]
                number, size = stats["docs"]["count"], stats["store"]["size_in_bytes"]
                if number:
                    found.append(f"{kind.word} {number:,} of {size / number:,.0f} bytes")
    return "; ".join(found)


def _usage(pid: int) -> list[tuple[str, float, float]]:
    kinds: dict[str, tuple[float, float]] = {}
    for child, command in {**children(pid), pid: "supervisor run"}.items():
        kind = next((k for mark, k in KINDS if mark in command), command[:40])
        old = kinds.get(kind, (0.0, 0.0))
        kinds[kind] = (old[0] + _cpu(child), old[1] + _rss(child))
    return [(kind, cpu, rss) for kind, (cpu, rss) in kinds.items()]


KINDS = (
    ("sandbox", "extraction children"),
    ("valkey", "Valkey"),
    ("redis-server", "Valkey"),
    ("--queues index", "index worker"),
    ("--queues feeds", "feed+article worker"),
    ("scheduler", "scheduler"),
    ("supervisor", "supervisor"),
)


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _rss(pid: int) -> float:
    """Proportional share, so that pages shared after a fork count once."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return 0.0


def _json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", choices=["sqlite", "elasticsearch", "both"], default="both")
    parser.add_argument("--method", choices=["cascade", "trafilatura", "both"], default="cascade", help="of extraction")
    parser.add_argument("--sites", type=int, default=40)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.3)
    parser.add_argument("--faults", type=float, default=0.1)
    parser.add_argument("--delay", type=float, default=0.1, help="seconds between two requests to one site")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--port", type=int, default=8600)
    return parser.parse_args()


if __name__ == "__main__":
    main()
