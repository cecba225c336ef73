"""What a claim costs and what a host is worth in memory: the frontier's scripts over one Valkey, nothing else.

    make bench-frontier             (a minute)

Each line is the whole life of one piece of work as Redis sees it (claim, begin, release, finish; feeds: claim, begin,
save) in batches of 80 claims, with the rests switched off, so that hosts come again at once. CPU is that of Valkey.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.state import Mill, refused
from worker.models import ClaimKind, FeedState
from worker.state.server import EmbeddedValkey, connect

BATCH = 80


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="frontier-") as name:
        valkey = EmbeddedValkey(Path(name), 0)
        valkey.start()
        client = connect(valkey.url)
        print(f"{'':<44}{'claims/s':>10}{'Valkey us a piece':>19}{'bytes a host':>14}")
        number = options.hosts
        cases: dict[str, Callable[[int], str]] = {
            "articles, every host a domain of its own": lambda n: f"https://www.site{n}.com/{{}}",
            "articles, ten hosts to a domain": lambda n: f"https://h{n % 10}.site{n // 10}.com/{{}}",
            "articles, a domain of 1,000 hosts": lambda n: f"https://h{n}.site{n // 1000}.com/{{}}",
        }
        for title, host in cases.items():
            _articles(client, title, [host(n) for n in range(number)], options.each)
        _feeds(client, "feeds, every host a domain of its own", number)
        client.close()
        valkey.stop()


def _mill(client: Any) -> Mill:
    client.flushall()
    return Mill(client, host_delay_s=0, max_in_flight=10**9, max_pending=10**9, max_outbox_bytes=1 << 40)


def _articles(client: Any, title: str, hosts: list[str], each: int) -> None:
    mill = _mill(client)
    mill.offer(host.format(0) for host in hosts)  # scripts are loaded, keys of the rest exist
    _work_off(mill)
    before = _memory(client)
    mill.offer([host.format(1) for host in hosts])
    with_work = _memory(client)
    mill.offer([host.format(n) for host in hosts for n in range(2, each + 1)])
    _report(client, title, mill, len(hosts) * each, (with_work - before) / len(hosts))


def _feeds(client: Any, title: str, number: int) -> None:
    mill = _mill(client)
    before = _memory(client)
    mill.subscribe(f"https://www.site{n}.com/feed" for n in range(number))
    _report(client, title, mill, number, (_memory(client) - before) / number)


def _report(client: Any, title: str, mill: Mill, expected: int, size: float) -> None:
    cpu, began = _cpu(client), time.perf_counter()
    done = _work_off(mill)
    took, spent = time.perf_counter() - began, _cpu(client) - cpu
    assert done == expected, (done, expected)
    print(f"{title:<44}{done / took:>10,.0f}{1e6 * spent / done:>19.0f}{size:>14.0f}", flush=True)


def _work_off(mill: Mill) -> int:
    done = 0
    later = mill.scripts.now().replace(year=2040)
    while True:
        mill.frontier.release_due_feeds(200)
        claims = mill.frontier.claim(BATCH)
        if not claims:
            return done
        mill.frontier.begin(claims)
        for claim in claims:
            if claim.kind is ClaimKind.FEED:
                mill.feeds.save(claim, FeedState(), later, None)
            else:
                mill.frontier.release(claim)
                mill.frontier.finish(claim, refused("https://www.site.com/"))
        done += len(claims)


def _cpu(client: Any) -> float:
    info = client.info("cpu")
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


def _memory(client: Any) -> int:
    return int(client.info("memory")["used_memory"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=5000)
    parser.add_argument("--each", type=int, default=5, help="articles per host")
    return parser.parse_args()


if __name__ == "__main__":
    main()
