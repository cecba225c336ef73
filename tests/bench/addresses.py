"""What it costs to know articles by all their addresses: time of a call, memory of an article. `make bench-addresses`.

Every article is found at an address of its own; one in five is met again at its AMP address, one in five was offered
by a short link. Ratios count: the machine is shared.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.state import Mill
from tests.texts import sentences, text
from worker.deduplicate.evidence import evidence
from worker.deduplicate.fingerprint import fingerprint
from worker.models import Addresses, Fingerprint
from worker.places import place_of
from worker.state.server import EmbeddedValkey, connect
from worker.urls import article_id

ARTICLES = 20_000
TEXTS = 200


def told(number: int, found: Fingerprint) -> bytes:
    """Evidence as of a text of its own: the bench needs many, and not their words."""
    own = evidence(f"Title {number}", found)
    return own[:4] + number.to_bytes(4, "big") + own[8:]


def page(number: int, found: Fingerprint, host: str = "www.example.org", offered: str = "") -> Addresses:
    url = f"https://{host}/news/2026/article-number-{number}"
    return Addresses(
        article_id(offered or url), article_id(url), told(number, found), place_of(url), b"",
        place_of(offered) if offered else b"",
    )  # fmt: skip


def main() -> None:
    prints = [fingerprint(text(sentences(seed, 25)), "en") for seed in range(TEXTS)]
    pages = []
    for number in range(ARTICLES):
        found = prints[number % TEXTS]
        pages.append(page(number, found, offered=f"https://sho.rt/{number}" if number % 5 == 0 else ""))
        if number % 5 == 1:
            pages.append(page(number, found, "amp.example.org"))
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedValkey(Path(folder), 1 << 29)
        server.start()
        try:
            client = connect(server.url)
            mill = Mill(client)
            mill.aliases.identify(page(ARTICLES, prints[0]))  # loads the script
            before = int(client.info("memory")["used_memory"])  # type: ignore[index]
            started = time.process_time(), time.perf_counter()
            for each in pages:
                mill.aliases.identify(each)
            cpu, wall = time.process_time() - started[0], time.perf_counter() - started[1]
            used = int(client.info("memory")["used_memory"]) - before  # type: ignore[index]
            inside = client.info("commandstats")["cmdstat_evalsha"]["usec_per_call"]  # type: ignore[index]
        finally:
            server.stop()
    print(f"{len(pages):,} pages of {ARTICLES:,} articles: {len(pages) / wall:,.0f} a second from one process")
    print(f"{inside:.0f} us of Valkey and {cpu / len(pages) * 1e6:.0f} us of Python a page")
    print(f"{used / ARTICLES:.0f} bytes an article")


if __name__ == "__main__":
    main()
