"""CPU of the feed parser against `feedparser.parse` as it comes, and whether the fast path gives what feedparser gives.

    python tests/bench/feeds.py [FOLDER]

FOLDER holds feed documents, gzip or plain; without it ../shared/corpus/feeds. Prints a table for docs/benchmarks.md and
ends with 1 when a goal of issue 7 is missed: 15 times the speed, under 10 % fallback, no difference. CPU time of this
process; the three ways take turns feed by feed, so that a busy machine slows them alike; best of three.
"""

from __future__ import annotations

import gzip
import io
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import feedparser

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from worker.errors import Refuse  # noqa: E402
from worker.models import ParsedFeed  # noqa: E402
from worker.poll import fast, parse  # noqa: E402
from worker.poll.fast_parts import DeclinedError  # noqa: E402

CORPORA = [parent / "shared" / "corpus" / "feeds" for parent in ROOT.parents]
URL = "https://feeds.example/dir/feed.xml"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ROUNDS = 3
FIELDS = ("id", "url", "title", "summary", "published_at", "updated_at", "authors", "tags", "image")
FEED_FIELDS = ("title", "link", "language", "ttl_s", "malformed", "truncated", "rejected", "hubs", "topic", "archive")


def main() -> int:
    given = [Path(argument) for argument in sys.argv[1:2]] or [folder for folder in CORPORA if folder.is_dir()]
    if not given or not given[0].is_dir():
        print("skipped: no folder shared/corpus/feeds beside the checkout")
        return 0
    bodies = {path.name: _read(path) for path in sorted(given[0].iterdir()) if path.is_file()}
    seconds, entries = _measure(bodies)
    reasons, differences = _compare(bodies)
    fallback = sum(reasons.values()) / len(bodies)
    ratio = seconds["feedparser"] / seconds["feedmill"]
    print(f"{len(bodies)} documents, {sum(map(len, bodies.values())) / 1e6:.1f} MB")
    for name, taken in seconds.items():
        print(f"{name:32} {taken / len(bodies) * 1e3:8.2f} ms CPU each   {entries[name]:6} entries")
    print(f"times as fast as feedparser.parse: {ratio:.1f} (goal 15)")
    told = ", ".join(f"{reason}: {count}" for reason, count in reasons.most_common())
    print(f"fallback: {fallback:.1%} (goal under 10 %)  {told}")
    print(f"differences between fast path and feedparser: {sum(differences.values())} {dict(differences)}")
    return 0 if ratio >= 15 and fallback < 0.1 and not differences else 1


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def _measure(bodies: dict[str, bytes]) -> tuple[dict[str, float], Counter[str]]:
    ways: dict[str, Callable[[bytes], int]] = {
        "feedparser": lambda body: len(feedparser.parse(io.BytesIO(body)).entries),
        "feedmill": lambda body: _count(_ours(body)),
        "feedmill without the fast path": lambda body: _count(_ours(body, fast_path=False)),
    }
    seconds = dict.fromkeys(ways, 0.0)
    entries: Counter[str] = Counter()
    for body in bodies.values():
        for name, way in ways.items():
            best = float("inf")
            for _ in range(ROUNDS):
                started = time.process_time()
                count = way(body)
                best = min(best, time.process_time() - started)
            seconds[name] += best
            entries[name] += count
    return seconds, entries


def _count(parsed: ParsedFeed | str) -> int:
    return 0 if isinstance(parsed, str) else len(parsed.entries) + len(parsed.rejected)


def _ours(body: bytes, *, fast_path: bool = True, reasons: list[str] | None = None) -> ParsedFeed | str:
    original = fast.read

    def read(document: bytes, url: str, limit: int) -> fast.Found:
        try:
            if not fast_path:
                raise DeclinedError("switched off")
            found = original(document, url, limit)
        except DeclinedError as error:
            if reasons is not None:
                reasons.append(str(error))
            raise
        if reasons is not None:
            reasons.clear()
        return found

    fast.read = read
    try:
        return parse.parse_feed(body, "", URL, NOW)
    except Refuse as refused:
        return f"{refused.reason}: {refused.detail}"
    finally:
        fast.read = original


def _compare(bodies: dict[str, bytes]) -> tuple[Counter[str], Counter[str]]:
    reasons: Counter[str] = Counter()
    differences: Counter[str] = Counter()
    for name, body in bodies.items():
        why: list[str] = []
        found, expected = _ours(body, reasons=why), _ours(body, fast_path=False)
        reasons.update(why[-1:])
        if isinstance(found, str) or isinstance(expected, str):
            if found != expected:
                differences["verdict"] += 1
            continue
        here = Counter({key: 1 for key in FEED_FIELDS if getattr(found, key) != getattr(expected, key)})
        if len(found.entries) != len(expected.entries):
            here["number of entries"] += 1
        for one, other in zip(found.entries, expected.entries, strict=False):
            here.update(key for key in FIELDS if getattr(one, key) != getattr(other, key))
        if here:
            print(f"differs: {name} {dict(here)}")
        differences += here
    return reasons, differences


if __name__ == "__main__":
    sys.exit(main())
