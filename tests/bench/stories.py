"""Stories: how right, how fast, how much memory. Prints tables for docs/benchmarks.md.

    python tests/bench/stories.py [--part copies|reuters|speed|memory|newsroom]... [--seeds 1,2,3] [--texts FILE]

copies    edited wire copies with known groups (tests/bench/copies.py), beside datasketch MinHash-LSH on the same stream
reuters   the Reuters stories in file order: which pairs with exact containment are linked, and a sample below 0.7
speed     microseconds per fingerprint, beside datasketch MinHash(128); assignments per second
memory    bytes per document, all different and as the stream of copies mixes them
newsroom  ../shared/newsroom through a real `feedmill run`, groups against its manifest (minutes; only when named)

Needs the folder `shared` beside the checkout and, for the comparisons, the extra `bench` (datasketch).
`--texts` takes base texts from a file instead, one JSON string a line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
sys.path.insert(0, str(ROOT))

from tests.bench.containment import near_pairs  # noqa: E402
from tests.bench.copies import EDITS, LEAST_WORDS, Copy, Story, pages, stream, unlike, wire  # noqa: E402
from tests.bench.grouping import Grouped, group, minhash_lsh  # noqa: E402
from tests.bench.scores import scores  # noqa: E402
from tests.bench.story_cost import memory, speed  # noqa: E402
from tests.bench.story_newsroom import newsroom  # noqa: E402
from tests.state import LIMITS  # noqa: E402
from worker.state.scripts import Scripts  # noqa: E402
from worker.state.server import EmbeddedValkey, connect  # noqa: E402
from worker.state.stories import RedisStories  # noqa: E402

PARTS = ("copies", "reuters", "speed", "memory", "newsroom")
NEARLY_EQUAL = "template:horoscope"  # two sites print three quarters of it word for word: one may call that a copy
BANDS = ((0.9, 1.1), (0.7, 0.9), (0.6, 0.7), (0.5, 0.6), (0.4, 0.5), (0.3, 0.4))


def main() -> None:
    options = _options()
    if not CORPUS.exists() and not options.texts:
        sys.exit(f"skipped: {CORPUS} is not here")
    for part in options.part or PARTS[:-1]:
        print(f"\n== {part}")
        if part == "newsroom":
            newsroom(options.port)
            continue
        with valkey() as client:
            if part == "copies":
                for seed in options.seeds:
                    copies(client, seed, options.stories, options.texts)
            elif part == "reuters":
                reuters(client, options.sample)
            elif part == "speed":
                speed(client, [story.text for story in wire(CORPUS)])
            else:
                memory(client, [story.text for story in wire(CORPUS)])


@contextmanager
def valkey() -> Iterator[Any]:
    with tempfile.TemporaryDirectory(prefix="feedmill-bench-") as folder:
        server = EmbeddedValkey(Path(folder), 1 << 31)
        server.start()
        client = connect(server.url)
        try:
            yield client
        finally:
            client.close()
            server.stop()


def base_texts(seed: int, count: int, file: Path | None) -> tuple[list[Story], list[Story]]:
    """Unlike each other, long enough to be cut; and others, that lend sentences."""
    if file:
        found = [Story("", json.loads(line)) for line in file.read_text("utf-8").splitlines()]
    else:
        found = wire(CORPUS) + pages(CORPUS)
    found = [story for story in found if LEAST_WORDS <= len(story.text.split()) < 2500]
    random.Random(f"bases {seed}").shuffle(found)
    found = unlike(found[: count * 2])
    count = min(count, len(found) * 2 // 3)
    return found[:count], found[count : count + 400]


def copies(client: Any, seed: int, count: int, file: Path | None) -> None:
    bases, spare = base_texts(seed, count, file)
    given = stream(bases, spare, seed)
    client.flushall()
    print(f"\nseed {seed}: {len(given.copies)} documents, {len({c.story for c in given.copies})} stories, "
          f"{sum(len(c.text.split()) for c in given.copies) / len(given.copies):.0f} words each")  # fmt: skip
    found = group(given.copies, RedisStories(Scripts(client, "bench"), LIMITS), known=given.before)
    _report("ours", given.copies, found.stories)
    _detail(given.copies, found)
    client.flushall()
    cold = group(given.copies, RedisStories(Scripts(client, "bench"), LIMITS))
    _report("ours, sites never seen before", given.copies, cold.stories)
    texts = [copy.text for copy in given.copies]
    for threshold, words in ((0.5, 5), (0.5, 3), (0.7, 5)):
        try:
            groups: Sequence[Any] = minhash_lsh(texts, threshold, words)
        except ModuleNotFoundError:
            print("MinHash-LSH: not installed (pip install '.[bench]')")
            break
        _report(f"MinHash-LSH {threshold}, {words} words", given.copies, groups)


def _report(name: str, given: Sequence[Copy], found: Sequence[Any]) -> None:
    rest = [number for number, copy in enumerate(given) if copy.kind != NEARLY_EQUAL]
    whole = scores([copy.story for copy in given], found)
    part = scores([given[number].story for number in rest], [found[number] for number in rest])
    print(f"{name:<32}{part}   | with horoscopes: {whole}")


def _detail(given: Sequence[Copy], found: Grouped) -> None:
    lead = {copy.story: story for copy, story in zip(given, found.stories, strict=True) if copy.kind == "original"}
    row = []
    for kind in EDITS:
        for dressed in (False, True):
            same = [
                story == lead[copy.story]
                for copy, story in zip(given, found.stories, strict=True)
                if copy.kind == kind and copy.has_furniture is dressed
            ]
            if same:
                row.append(f"{kind}{'+furniture' if dressed else ''} {sum(same) / len(same):.2f}")
    print("  recall against the original: " + ", ".join(row))
    digests = [copy.kind for copy, is_digest in zip(given, found.digests, strict=True) if is_digest]
    roundups = sum(copy.kind == "roundup" for copy in given)
    print(f"  round-ups told: {digests.count('roundup')} of {roundups}; others taken for one: "
          f"{len(digests) - digests.count('roundup')}; mergers: {found.merges}")  # fmt: skip


def reuters(client: Any, sample: int) -> None:
    given = [story for story in wire(CORPUS) if len(story.text.split()) >= 60]
    printed = [Copy((story.text,), number, "wire", f"site{number}.example") for number, story in enumerate(given)]
    found = group(printed, RedisStories(Scripts(client, "bench"), LIMITS)).stories
    pairs = list(near_pairs([story.text for story in given], BANDS[-1][0]))
    print(f"{len(given)} stories; exact containment of 4-word sequences, pairs linked of all:")
    for low, high in BANDS:
        linked = [found[one] == found[other] for one, other, share in pairs if low <= share < high]
        print(f"  {low:.1f} to {min(high, 1.0):.1f}: {sum(linked)} of {len(linked)}")
    above = [found[one] == found[other] for one, other, share in pairs if share >= 0.7]
    print(f"  recall at 0.7: {sum(above) / len(above):.4f} ({sum(above)} of {len(above)})")
    wrong = [pair for pair in pairs if pair[2] >= 0.7 and found[pair[0]] != found[pair[1]]]
    below = [pair for pair in pairs if pair[2] < 0.7 and found[pair[0]] == found[pair[1]]]
    random.Random(1).shuffle(below)
    for title, shown in (("not linked", wrong), (f"linked below 0.7 ({len(below)} in all)", below[:sample])):
        print(f"\n  {title}:")
        for one, other, share in shown:
            for mark, story in (("A", given[one]), ("B", given[other])):
                print(f"  {share:.2f} {mark} {story.title[:60]:<60} {story.text[:200]}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--seeds", type=lambda text: [int(part) for part in text.split(",")], default=[1, 2, 3])
    parser.add_argument("--stories", type=int, default=900, help="base texts per seed")
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--sample", type=int, default=12)
    parser.add_argument("--port", type=int, default=8700 + os.getpid() % 200)
    return parser.parse_args()


if __name__ == "__main__":
    main()
