"""How soon a site's furniture is learned: ../shared/newsroom, whose sites have three sentences of their own each.

    python tests/bench/furniture_newsroom.py [--sites 6] [--articles 240] [--copies 3]

Runs until idle, the cleaning included, and says which articles still had the sentences when they were stored, by their
place in the order of their site, and whether any has them now. Needs the folder `shared` beside the checkout.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NEWSROOM = ROOT.parent / "shared" / "newsroom" / "newsroom.py"
sys.path.insert(0, str(ROOT))

from tests.mill import Mill  # noqa: E402
from worker.models import ArticleId  # noqa: E402

SENTENCES = re.compile(
    "relies on readers like you|Do you have a tip for our editors|are closed one day after publication"
)
DOZEN = 12


def main() -> None:
    options = _options()
    if not NEWSROOM.exists():
        sys.exit(f"skipped: {NEWSROOM} is not here")
    newsroom = subprocess.Popen(
        [sys.executable, str(NEWSROOM), "--sites", str(options.sites), "--articles", str(options.articles),
         "--wire", str(options.wire), "--copies", str(options.copies), "--port", str(options.port)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert newsroom.stdout is not None
        print(newsroom.stdout.readline().strip())
        with urllib.request.urlopen(f"http://127.0.1.1:{options.port}/__manifest.json", timeout=30) as answer:
            feeds = json.load(answer)["feeds"]
        with tempfile.TemporaryDirectory(prefix="feedmill-bench-") as folder:
            mill = Mill(Path(folder), feeds)
            mill.run_until_idle(600)
            _report(mill)
    finally:
        newsroom.terminate()
        newsroom.wait(10)


def _report(mill: Mill) -> None:
    documents = sorted(mill.documents().values(), key=lambda document: (document["site"], document["fetched_at"]))
    cleaned: list[int] = []
    on_the_way = 0
    with mill.wiring() as wiring:
        for _, rows in itertools.groupby(documents, key=lambda document: str(document["site"])):
            for place, document in enumerate(rows):
                if document["extraction"].get("cut"):
                    steps = wiring.index.events(ArticleId(document["id"]))[0].steps
                    if any("of site furniture cut" in step.detail for step in steps):
                        on_the_way += 1
                    else:
                        cleaned.append(place)
        costs = wiring.ledger.costs()
    left = [document["url"] for document in documents if SENTENCES.search(document["body"])]
    late = [place for place in cleaned if place >= DOZEN]
    print(f"{len(documents)} documents; cut on the way {on_the_way}, cleaned afterwards {len(cleaned)}")
    print(f"places of the cleaned in their sites (0 is the first): {sorted(cleaned)}; from the {DOZEN}th on: {late}")
    print(f"documents with a furniture sentence now: {len(left)} {left[:5]}")
    print(f"revisions: {sorted({document['revision'] for document in documents})}")
    _cost(costs)


def _cost(costs: Any) -> None:
    for stage, (cpu_ms, items) in sorted(costs.items()):
        print(f"stage {stage:<8}{cpu_ms / max(1, items):>8.2f} ms CPU an article, {items} articles")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=6)
    parser.add_argument("--articles", type=int, default=240)
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--wire", type=float, default=0.8)
    parser.add_argument("--port", type=int, default=8640)
    return parser.parse_args()


if __name__ == "__main__":
    main()
