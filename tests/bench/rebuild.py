"""How fast `feedmill rebuild` teaches an empty Redis, and whether it then knows what it knew.

    python tests/bench/rebuild.py [--articles N] [--elasticsearch URL]

Texts of 600 words from the vocabulary of ../shared/corpus, two in five of them edited copies, over eight days on 200
sites; assigned, stored, Redis emptied, rebuilt in this process. Says how many a second, where the time goes, and how
many articles have another story, lead or revision than before (none is expected).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
sys.path.insert(0, str(ROOT))

from tests.articles import make_article  # noqa: E402
from tests.bench.copies import wire  # noqa: E402
from tests.press import content_of  # noqa: E402
from tests.state import LIMITS  # noqa: E402
from worker.deduplicate.fingerprint import fingerprint  # noqa: E402
from worker.index.stories import in_place  # noqa: E402
from worker.models import Article, Phase  # noqa: E402
from worker.ports import ArticleIndex  # noqa: E402
from worker.query.ast import Everything  # noqa: E402
from worker.rebuilding.rebuild import Parts, rebuild  # noqa: E402
from worker.state.aliases import RedisAliases  # noqa: E402
from worker.state.furniture import FurnitureLimits, RedisFurniture  # noqa: E402
from worker.state.outbox import RedisOutbox  # noqa: E402
from worker.state.rebuild import RedisRebuild  # noqa: E402
from worker.state.scripts import Scripts  # noqa: E402
from worker.state.server import EmbeddedValkey, connect  # noqa: E402
from worker.state.stories import RedisStories  # noqa: E402
from worker.stores.elasticsearch.connect import Connection  # noqa: E402
from worker.stores.elasticsearch.index import ElasticsearchIndex  # noqa: E402
from worker.stores.sqlite.index import SqliteIndex  # noqa: E402

COPIES, SITES, DAYS = 0.4, 200, 8
WORDS = 600
BATCH = 500


def main() -> None:
    options = _options()
    if not CORPUS.exists():
        sys.exit(f"skipped: {CORPUS} is not here")
    with tempfile.TemporaryDirectory(prefix="feedmill-bench-") as folder:
        server = EmbeddedValkey(Path(folder), 1 << 31)
        server.start()
        client = connect(server.url)
        index = _index(options, Path(folder))
        try:
            run(client, index, options.articles)
        finally:
            index.close()
            client.close()
            server.stop()


def _index(options: argparse.Namespace, folder: Path) -> ArticleIndex:
    if not options.elasticsearch:
        sqlite = SqliteIndex(folder / "archive")
        sqlite.setup()
        return sqlite
    found = ElasticsearchIndex(
        Connection(url=options.elasticsearch, api_key="", username="", password="", ca_file=None), "bench-rebuild"
    )
    found.setup()
    return found


def run(client: Any, index: ArticleIndex, count: int) -> None:
    scripts = Scripts(client, "bench")
    stories = RedisStories(scripts, LIMITS)
    started = time.perf_counter()
    store(scripts, stories, index, count)
    print(f"{count} articles assigned and stored in {time.perf_counter() - started:.0f} s")
    before = {article.id: _told(article) for article in index.scan(Everything())}
    memory = client.info("memory")["used_memory"]
    client.flushall(asynchronous=False)
    furniture = RedisFurniture(scripts, LIMITS, FurnitureLimits(stories=3, max_blocks=4000, days=30, gather_s=600))
    attempt = RedisRebuild(scripts, LIMITS)
    parts = Parts(
        index, stories, RedisAliases(scripts, LIMITS), furniture, RedisOutbox(scripts, LIMITS), attempt, lambda: 0,
        scripts.now,
    )  # fmt: skip
    state = attempt.begin("bench")
    wall, cpu, theirs = time.perf_counter(), time.process_time(), _server_cpu(client)
    *_, last = rebuild(parts, state, 30)
    attempt.end(done=True)
    wall, cpu, theirs = time.perf_counter() - wall, time.process_time() - cpu, _server_cpu(client) - theirs
    assert last.phase is Phase.DONE, last
    print(f"rebuilt: {last.read} articles in {wall:.1f} s, {last.read / wall:.0f} a second; per article "
          f"{1e6 * cpu / last.read:.0f} us CPU here, {1e6 * theirs / last.read:.0f} us Valkey")  # fmt: skip
    print(f"Valkey's memory before {memory / 1e6:.1f} MB, after {client.info('memory')['used_memory'] / 1e6:.1f} MB")
    _parts(index)
    wrong = 0
    for article in index.scan(Everything()):
        again = stories.assign(
            article.id, site=article.site, language=article.language, content=content_of(article),
            fingerprint=fingerprint(article.body, article.language), now=article.first_seen_at,
        )  # fmt: skip
        known = (again.story.id, again.story.is_lead, again.duplicate_of, again.revision, again.first_seen_at)
        wrong += known != before[article.id] or not again.unchanged
    print(f"{wrong} of {last.read} articles have another story, lead or revision than before")


def store(scripts: Scripts, stories: RedisStories, index: ArticleIndex, count: int) -> None:
    batch: list[Article] = []
    for article in articles(random.Random(3), scripts, count):
        answer = stories.assign(
            article.id, site=article.site, language="en", content=content_of(article),
            fingerprint=fingerprint(article.body, "en"), now=article.first_seen_at,
        )  # fmt: skip
        batch.append(replace(article, story=answer.story, duplicate_of=answer.duplicate_of))
        if len(batch) == BATCH:
            index.write(batch, [])
            batch.clear()
    index.write(batch, [])
    # Documents follow, as the task `settle` has them: who leads, and what was merged.
    index.refresh()
    for work in stories.unsettled(count):
        if work.other:
            stories.merge(work.story, work.other)
    every = list(index.scan(Everything()))
    placed = stories.placed([article.id for article in every])
    moved = [in_place(each, placed[each.id]) for each in every]
    for first in range(0, len(moved), BATCH):
        index.write(moved[first : first + BATCH], [])
    index.refresh()


def articles(rng: random.Random, scripts: Scripts, count: int) -> Iterator[Article]:
    """The clock of the scripts is left where it is; only the documents say when they came."""
    texts = [story.text.split() for story in wire(CORPUS)]
    vocabulary = [word for text in texts[:300] for word in text]
    recent: list[list[str]] = []
    end = scripts.now()
    for number in range(count):
        if recent and rng.random() < COPIES:
            words = list(rng.choice(recent[-400:]))
            for _ in range(len(words) // 12):
                words[rng.randrange(len(words))] = rng.choice(vocabulary)
            words = words[: rng.randint(len(words) // 2, len(words))]
        else:
            words = rng.choices(vocabulary, k=WORDS)
            recent.append(words)
            del recent[:-400]
        lines = [" ".join(words[first : first + 60]) for first in range(0, len(words), 60)]
        site = f"site{number % SITES}.example"
        moment = end - timedelta(days=DAYS) + timedelta(days=DAYS) * (number / count)
        yield make_article(
            f"https://{site}/{number}", title=" ".join(words[:8]), body="\n\n".join(lines), language="en", site=site,
            word_count=len(words), first_seen_at=moment, fetched_at=moment + timedelta(seconds=3), published_at=moment,
        )  # fmt: skip


def _parts(index: ArticleIndex) -> None:
    """Where the time of this process goes: the same articles again, only read, and only fingerprinted."""
    some: list[Article] = []

    def read() -> None:
        some.extend(index.scan(Everything()))

    def sketch() -> None:
        for article in some:
            fingerprint(article.body, article.language)

    for name, part in (("reading", read), ("fingerprints", sketch)):
        print(f"  {name}: {1e6 * _cpu(part) / len(some):.0f} us CPU an article")


def _told(article: Article) -> tuple[object, ...]:
    return (
        article.story.id,
        article.story.is_lead,
        article.duplicate_of,
        article.revision,
        article.first_seen_at.replace(microsecond=article.first_seen_at.microsecond // 1000 * 1000),
    )


def _cpu(run: Callable[[], None]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def _server_cpu(client: Any) -> float:
    found = client.info("cpu")
    return float(found["used_cpu_user_main_thread"] + found["used_cpu_sys_main_thread"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--elasticsearch", default="", metavar="URL")
    return parser.parse_args()


if __name__ == "__main__":
    main()
