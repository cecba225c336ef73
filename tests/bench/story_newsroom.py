"""The newsroom's wire stories through a real `feedmill run`, and the groups against what the newsroom knows."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench.containment import sequences
from tests.bench.scores import scores
from tests.mill import Mill

NEWSROOM = Path(__file__).resolve().parents[2].parent / "shared" / "newsroom" / "newsroom.py"
PATIENCE_S = 900


def newsroom(port: int, articles: int = 1000, wire: float = 0.5, copies: int = 5, sites: int = 20) -> None:
    if not NEWSROOM.exists():
        sys.exit(f"skipped: {NEWSROOM} is not here")
    with tempfile.TemporaryDirectory(prefix="feedmill-bench-") as folder:
        server = subprocess.Popen(
            [sys.executable, str(NEWSROOM), "--articles", str(articles), "--wire", str(wire), "--copies", str(copies),
             "--sites", str(sites), "--port", str(port), "--latency", "0.02"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert server.stdout is not None
            print(server.stdout.readline().strip())
            with urllib.request.urlopen(f"http://127.0.1.1:{port}/__manifest.json", timeout=30) as answer:
                manifest = json.load(answer)
            mill = Mill(
                Path(folder), manifest["feeds"],
                FEEDMILL_SCHEDULE__ARTICLE_LEASE_S="150", FEEDMILL_SCHEDULE__FEED_LEASE_S="180",
            )  # fmt: skip
            mill.start()
            try:
                mill.wait("all articles done and settled", lambda wiring: _done(wiring, articles), PATIENCE_S)
                documents = mill.documents()
            finally:
                mill.stop()
        finally:
            server.terminate()
            server.wait(10)
    _report(manifest, documents)


def _done(wiring: Any, articles: int) -> bool:
    time.sleep(1)
    counts = wiring.ledger.counts()
    return counts.offered >= articles and counts.pending == 0 and not wiring.stories.unsettled(1)


def _joined(known: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Groups that the manifest says are several stories: are they? With the exact containment of their texts."""
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for article, document in known:
        groups.setdefault(document["story"]["id"], {}).setdefault(article["story"], document)
    mixed = [list(group.items()) for group in groups.values() if len(group) > 1]
    print(f"{len(mixed)} groups of several stories of the manifest:")
    for group in mixed:
        (one, first), *others = group
        base = sequences(first["body"], 4)
        for other, document in others:
            grams = sequences(document["body"], 4)
            share = len(base & grams) / max(1, min(len(base), len(grams)))
            print(f"  {one} and {other}: {share:.2f}  {first['title'][:44]:<44} {document['title'][:44]}")


def _report(manifest: dict[str, Any], documents: dict[str, dict[str, Any]]) -> None:
    truth = {article["url"]: article for article in manifest["articles"]}
    known = [(truth[url], document) for url, document in documents.items() if url in truth]
    print(f"{len(known)} of {len(truth)} articles in the archive, {len(documents) - len(known)} others")
    for kind in ("wire", "page", ""):
        chosen = [(article, document) for article, document in known if not kind or article["kind"] == kind]
        found = scores([a["story"] for a, _ in chosen], [d["story"]["id"] for _, d in chosen])
        print(f"{kind or 'all':<6}{len(chosen):>6} documents  {found}")
    kinds = Counter(document["kind"] for _, document in known)
    leads = Counter(d["story"]["id"] for _, d in known if d["story"]["is_lead"])
    stories = {document["story"]["id"] for _, document in known}
    print(f"kinds {dict(kinds)}; {len(stories)} stories, each led by one: {all(leads[s] == 1 for s in stories)}")
    _joined(known)
