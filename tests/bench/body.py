"""Snippets that must and must not come out, over some hundred made-up page layouts: ours beside trafilatura.

    python tests/bench/body.py [--pages parts|systems] [--misses] [--only NAME] [--alone]

The layouts are in tests/bench/layouts: parts (quotes, boxes, teasers, comments, ...) in skins (class-less, German class
names, tables, divs only, ...), text from word lists. A snippet counts as found where its words stand in the body in
order.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.layouts.pages import Layout, layouts
from tests.bench.layouts.systems import systems

NOW = datetime(2026, 5, 1, tzinfo=UTC)
_WORD = re.compile(r"\w+")
URL = "https://www.talbote.example/region/meldung-12345.html"


@dataclass
class Score:
    found: int = 0
    lost: int = 0
    let_in: int = 0
    kept_out: int = 0
    cpu_s: float = 0.0
    whole: int = 0
    """Pages with nothing lost and nothing let in."""
    by_part: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def line(self, name: str, pages: int) -> str:
        precision = self.found / ((self.found + self.let_in) or 1)
        recall = self.found / ((self.found + self.lost) or 1)
        f1 = 2 * precision * recall / ((precision + recall) or 1)
        return (
            f"| {name} | {f1:.4f} | {precision:.4f} | {recall:.4f} | {self.lost} | {self.let_in} | "
            f"{self.whole / pages:.3f} "
            f"| {1000 * self.cpu_s / pages:.1f} |"
        )


def main() -> None:
    options = _options()
    made = {"parts": layouts, "systems": systems}[options.pages]
    chosen = [layout for layout in made() if options.only in f"{layout.name} {layout.skin}"]
    readers: dict[str, Callable[[str], str]] = {"ours": _ours()}
    if not options.alone:
        readers["trafilatura"] = _trafilatura()
    scores = {name: Score() for name in readers}
    for layout in chosen:
        for name, read in readers.items():
            began = time.process_time()
            body = read(layout.html)
            scores[name].cpu_s += time.process_time() - began
            lost, let_in = count(scores[name], layout, body)
            if options.misses and name == "ours" and (lost or let_in):
                print(f"{layout.name}\n" + "".join(f"  lost   {text[:110]}\n" for text in lost[:3]), end="")
                print("".join(f"  let in {text[:110]}\n" for text in let_in[:3]), end="")
    snippets = sum(len(layout.keep) + len(layout.drop) for layout in chosen)
    print(f"\n{len(chosen)} pages, {snippets} snippets\n")
    print("| extractor | F1 | P | R | lost | let in | whole pages | CPU ms |\n|---|---|---|---|---|---|---|---|")
    for name, score in scores.items():
        print(score.line(name, len(chosen)))
    print("\nmisses by part (lost, let in):")
    for name, score in scores.items():
        rows = sorted(score.by_part.items(), key=lambda row: -row[1].total())
        print(f"  {name}: " + ", ".join(f"{part} {row['lost']}+{row['let in']}" for part, row in rows if row.total()))


def count(score: Score, layout: Layout, body: str) -> tuple[list[str], list[str]]:
    text = _words(body)
    lost = [snippet for snippet in layout.keep if _words(snippet) not in text]
    let_in = [snippet for snippet in layout.drop if _words(snippet) in text]
    score.lost += len(lost)
    score.found += len(layout.keep) - len(lost)
    score.let_in += len(let_in)
    score.kept_out += len(layout.drop) - len(let_in)
    score.whole += not lost and not let_in
    if len(layout.parts) == 1:
        score.by_part[layout.parts[0]].update({"lost": len(lost), "let in": len(let_in)})
    return lost, let_in


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text))} "


def _ours() -> Callable[[str], str]:
    from worker.extract import page

    page.prepare()
    return lambda html: (
        page.extract(html.encode(), content_type="text/html; charset=utf-8", url=URL, min_words=0, now=NOW).body
    )


def _trafilatura() -> Callable[[str], str]:
    from trafilatura import extract

    def read(html: str) -> str:
        return extract(html, url=URL, include_comments=False) or ""

    read("<p>warm</p>")
    return read


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--misses", action="store_true", help="print what ours lost and let in")
    parser.add_argument("--pages", choices=("parts", "systems"), default="parts", help="parts in skins; whole systems")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--alone", action="store_true", help="without trafilatura")
    return parser.parse_args()


if __name__ == "__main__":
    main()
