"""What learned furniture costs: CPU per article in the worker, time in the server, memory per site.

    python tests/bench/furniture.py [--articles 3000] [--sites 10] [--paragraphs 12]

Bodies are made up: paragraphs of 25 to 40 words, four boxes of the site in each. Over a Valkey of its own. Prints
figures for docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xxhash

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from worker.extract.unfurnish import unfurnish  # noqa: E402
from worker.models import Extracted  # noqa: E402
from worker.state.furniture import FurnitureLimits, RedisFurniture  # noqa: E402
from worker.state.limits import Limits  # noqa: E402
from worker.state.scripts import Scripts  # noqa: E402
from worker.state.server import EmbeddedValkey, connect  # noqa: E402

LIMITS = Limits(2.0, 180.0, 150.0, 400, 200_000, 256 << 20, 5, 30)
SYLLABLES = ["ka", "lo", "mün", "ter", "schi", "ra", "vo", "neu", "gra", "pli", "dos", "erz", "fal", "ing", "ost", "un"]


def main() -> None:
    options = _options()
    chance = random.Random(1)
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(20_000)]

    def paragraph(low: int = 25, high: int = 40) -> str:
        return " ".join(chance.choices(words, k=chance.randint(low, high))).capitalize() + "."

    boxes = {site: [paragraph(15, 25) for _ in range(4)] for site in range(options.sites)}
    pages = []
    for number in range(options.articles):
        site = number % options.sites
        body = "\n\n".join([*(paragraph() for _ in range(options.paragraphs)), *boxes[site]])
        page = Extracted(title=paragraph(6, 9), body=body, quality=0.9)
        pages.append((f"site{site}.example", page, xxhash.xxh3_128_hexdigest(str(number).encode())))

    with tempfile.TemporaryDirectory(prefix="feedmill-bench-") as folder:
        server = EmbeddedValkey(Path(folder), 1 << 30)
        server.start()
        client = connect(server.url)
        try:
            _measure(client, pages, options)
        finally:
            client.close()
            server.stop()


def _measure(client: Any, pages: list[tuple[str, Extracted, str]], options: argparse.Namespace) -> None:
    memory = RedisFurniture(Scripts(client, "bench"), LIMITS, FurnitureLimits(3, 4000, 30, 60.0))
    client.config_resetstat()
    used = client.info("memory")["used_memory"]
    at = datetime.now(UTC)
    cpu: list[tuple[float, float]] = []
    cut = 0
    for site, page, story in pages:
        started = time.process_time()
        bare = unfurnish(page, site, memory, min_words=40)
        middle = time.process_time()
        memory.learn(
            site, story=story, title=page.title, fetched_at=at, blocks=bare.lines.blocks(), known=bare.known
        )  # fmt: skip
        cpu.append((middle - started, time.process_time() - middle))
        cut += bool(bare.marks)
    looks, learns = (sorted(part) for part in zip(*cpu, strict=True))
    middle_at = len(cpu) // 2
    each = len(pages) / options.sites
    stored = client.info("memory")["used_memory"] - used
    calls = client.info("commandstats")["cmdstat_evalsha"]
    blocks = options.paragraphs + 4
    print(f"{len(pages)} articles of {options.sites} sites ({each:.0f} each), {blocks} blocks; cut in {cut}")
    for name, part in (("read, look up, cut", looks), ("learn", learns)):
        print(f"{name}: {part[middle_at] * 1000:.2f} ms CPU (median), {sum(part) / len(part) * 1000:.2f} (mean)")
    print(f"server: {calls['usec_per_call']:.0f} us a call (wall), {calls['calls'] / len(pages):.1f} calls an article")
    print(f"memory: {stored / options.sites / 1000:.0f} kB a site")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=3000)
    parser.add_argument("--sites", type=int, default=10)
    parser.add_argument("--paragraphs", type=int, default=12, help="of 25 to 40 words; 12 make 390 words")
    return parser.parse_args()


if __name__ == "__main__":
    main()
