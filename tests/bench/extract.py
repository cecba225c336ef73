"""Ours against trafilatura: shingle F1, precision, recall, exact share, CPU per page, memory; one process, interleaved.

    python tests/bench/extract.py [--rounds 3] [--corpus ../shared/corpus/pages]

Per page every extractor runs in turn, so that what else the machine does hits all alike; the least of the rounds
counts. trafilatura is measured as it is called for an archive, `bare_extraction` with metadata, and in its fast mode;
ours is the whole of `page.extract`: charset, gates, body, all fields, language, kind. Then the own fixture pages. The
measure is that of Scrapinghub's article-extraction-benchmark: per page the 4-grams of words as a multiset, precision
and recall as means over the pages, F1 of the two means. Needs the folder `shared` beside the checkout.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "pages"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
TOKEN = re.compile(r"\w+")
GRAM = 4
_QUOTED = r"""\"[^\"]*\"|'[^']*'"""
NAMES = ("trafilatura", "trafilatura fast", "ours")
sys.path.insert(0, str(ROOT))


@dataclass(frozen=True)
class Sample:
    name: str
    url: str
    body: bytes
    text: str
    content_type: str
    truth: str
    min_words: int = 0
    """Fewer are no article; none is refused for that where the truth says that it is one."""


Extractor = Callable[[Sample], tuple[str, str]]
"""A page -> its text, and by which route it was taken."""


@dataclass
class Row:
    """What one extractor gave: per page (precision, recall), whether the words are the same, milliseconds of CPU."""

    scores: list[tuple[float, float]] = field(default_factory=list)
    exact: list[bool] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    routes: Counter[str] = field(default_factory=Counter)


def main() -> None:
    options = _options()
    if options.memory:
        _touch(options)
        return
    corpus = _corpus(options.corpus)
    if corpus is None:
        sys.exit(f"skipped: no truth.json in {options.corpus}")
    extractors = _extractors()
    for page in corpus[:3]:  # imports, models, compiled expressions
        for extract in extractors.values():
            extract(page)
    memory = {name: _memory_mb(name, options) for name in extractors}
    print(f"\n{len(corpus)} pages of {options.corpus}, Python {sys.version.split()[0]}, {options.rounds} rounds\n")
    _print(_measure(corpus, extractors, options.rounds), memory)
    print("\nThe same pages without names: classes are numbers, sections are divs, no ids, roles, scripts\n")
    _print(_measure([_nameless(page) for page in corpus], extractors, 1), memory)
    fixtures = _fixtures()
    print(f"\n{len(fixtures)} fixture pages with a whole text\n")
    _print(_measure(fixtures, extractors, options.rounds), memory)


def _measure(pages: list[Sample], extractors: Mapping[str, Extractor], rounds: int) -> dict[str, Row]:
    rows = {name: Row() for name in extractors}
    for page in pages:
        for name, extract in extractors.items():
            best, text, route = float("inf"), "", ""
            for _ in range(rounds):
                began = time.process_time()
                text, route = extract(page)
                best = min(best, time.process_time() - began)
            row = rows[name]
            row.cpu_ms.append(best * 1000)
            row.scores.append(score(page.truth, text))
            row.exact.append(TOKEN.findall(page.truth) == TOKEN.findall(text))
            row.routes[route] += 1
    return rows


def score(truth: str, found: str) -> tuple[float, float]:
    """(precision, recall) of word 4-grams; of two empty texts both are 1."""
    wanted, given = _grams(truth), _grams(found)
    common = (wanted & given).total()
    precision = common / given.total() if given else float(not wanted)
    recall = common / wanted.total() if wanted else float(not given)
    return precision, recall


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = TOKEN.findall(text)
    return Counter(tuple(words[at : at + GRAM]) for at in range(max(1, len(words) - GRAM + 1))) if words else Counter()


def _print(rows: Mapping[str, Row], memory: Mapping[str, float]) -> None:
    print("| extractor | F1 | P | R | exact | CPU ms median | mean | times as fast (median, mean) | peak MB | routes |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    base = rows["trafilatura"].cpu_ms
    for name, row in rows.items():
        # As the benchmark does: a page for which nothing was found says nothing about precision.
        found = [precision for precision, recall in row.scores if precision or recall] or [0.0]
        precision, recall = statistics.mean(found), statistics.mean(recall for _, recall in row.scores)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        median, mean = statistics.median(row.cpu_ms), statistics.mean(row.cpu_ms)
        times = f"{statistics.median(base) / median:.1f}, {statistics.mean(base) / mean:.1f}"
        routes = ", ".join(f"{route} {count}" for route, count in row.routes.most_common())
        print(
            f"| {name} | {f1:.4f} | {precision:.4f} | {recall:.4f} | {statistics.mean(row.exact):.3f} "
            f"| {median:.1f} | {mean:.1f} | {times} | {memory[name]:.0f} | {routes} |"
        )


def _extractors(names: Sequence[str] = NAMES) -> dict[str, Extractor]:
    """Nothing is imported for what is not asked for: the memory is each one's own."""
    found: dict[str, Extractor] = {}
    if "ours" in names:
        found["ours"] = _ours()
    if set(names) - {"ours"}:
        found |= {name: extractor for name, extractor in _trafilaturas().items() if name in names}
    return {name: found[name] for name in names}


def _trafilaturas() -> dict[str, Extractor]:
    from trafilatura import bare_extraction

    def extract(page: Sample, **mode: Any) -> tuple[str, str]:
        document = bare_extraction(page.text, url=page.url or None, with_metadata=True, include_comments=False, **mode)
        return (document.text or "" if document is not None else ""), "trafilatura"

    return {"trafilatura": extract, "trafilatura fast": lambda page: extract(page, fast=True)}


def _ours() -> Extractor:
    from worker.extract import page as ours

    ours.prepare()

    def extract(page: Sample) -> tuple[str, str]:
        found = ours.extract(page.body, content_type=page.content_type, url=page.url, min_words=page.min_words, now=NOW)
        return found.body, found.method or str(found.reason)

    return extract


def _memory_mb(name: str, options: argparse.Namespace) -> float:
    """Peak of a process that does nothing else than extract the corpus once."""
    command = [sys.executable, __file__, "--memory", name, "--corpus", str(options.corpus)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _touch(options: argparse.Namespace) -> None:
    extract = _extractors([options.memory])[options.memory]
    for page in _corpus(options.corpus) or []:
        extract(page)
    # Not getrusage: on Linux its peak is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(int(status.partition("VmHWM:")[2].split()[0]) / 1024)


def _corpus(folder: Path) -> list[Sample] | None:
    if not (folder / "truth.json").exists():
        return None
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    pages = []
    for name in sorted(truth):
        text = gzip.decompress((folder / f"{name}.html.gz").read_bytes()).decode("utf-8", "replace")
        known = truth[name]
        pages.append(Sample(name, known["url"], text.encode(), text, "text/html; charset=utf-8", known["articleBody"]))
    return pages


def _nameless(page: Sample) -> Sample:
    """What is left to go by: paragraphs, headings, links, where things stand."""
    text = re.sub(r"<script.*?</script>", "", page.text, flags=re.S | re.I)
    text = re.sub(rf"""\s(?:itemscope|itemtype|itemprop|role|id|aria-[a-z]+)\s*=\s*(?:{_QUOTED})""", "", text)
    text = re.sub(
        rf"""\sclass\s*=\s*({_QUOTED})""", lambda match: f' class="c{zlib.crc32(match.group(1).encode())}"', text
    )
    text = re.sub(
        r"<(/?)(?:header|nav|main|article|aside|section|footer|figure|figcaption)\b", r"<\1div", text, flags=re.I
    )
    return replace(page, text=text, body=text.encode())


def _fixtures() -> list[Sample]:
    from worker.extract.charset import decode

    pages = []
    for path in sorted(FIXTURES.glob("*.json")):
        known = json.loads(path.read_text(encoding="utf-8"))
        if "body" in known:
            body = path.with_suffix(".html").read_bytes()
            text, _ = decode(body, known["content_type"])
            pages.append(Sample(path.stem, known["url"], body, text, known["content_type"], known["body"], 40))
    return pages


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus" / "pages")
    parser.add_argument("--memory", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
