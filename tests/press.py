"""A stream of made-up copies through the real parts, without the network: assigned, indexed, settled; and lost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.articles import make_article, make_event
from tests.state import LIMITS, Mill
from tests.texts import edited, sentences, text
from worker.deduplicate.compare import is_same_text
from worker.deduplicate.fingerprint import fingerprint
from worker.deduplicate.parameters import RULES
from worker.extract.unfurnish import NoFurniture
from worker.index.documents import content_hash
from worker.index.stage import index_batch
from worker.index.stories import settle_stories
from worker.models import Article, Kind
from worker.ports import ArticleIndex
from worker.query.ast import Everything
from worker.rebuilding.rebuild import Parts, Progress, rebuild
from worker.state.rebuild import RedisRebuild

BEGIN = datetime(2040, 3, 5, 12, 0, tzinfo=UTC)
"""Always the same, so that epochs end at the same places of a stream; in the future, as the outbox lives now."""


@dataclass(frozen=True)
class Item:
    """One page as it is fetched. The same URL again is a refetch, or a later version."""

    url: str
    body: str
    after: timedelta
    """Since the item before."""


def stream(seed: int, stories: int = 14) -> list[Item]:
    """Over a few days: copies that are cut, edited, extended, equal, fuller than the first, bridging two halves; new
    versions of pages, round-ups, and texts that stand alone."""
    rng = random.Random(seed)
    given: list[tuple[float, str, Sequence[str]]] = []

    def put(at: float, name: str, body: Sequence[str]) -> None:
        given.append((at, f"https://{name}.example/{seed}", body))

    bases = [sentences(seed * 1000 + number, 28) for number in range(stories)]
    for number, base in enumerate(bases):
        at, s = rng.uniform(0, 90), f"s{number}"
        kind = rng.choice(("copies", "copies", "brief first", "halves", "revised", "alone"))
        if kind == "alone":
            put(at, f"{s}-a", base)
        elif kind == "brief first":
            put(at, f"{s}-a", base[:12])
            put(at + rng.uniform(0, 20), f"{s}-b", base)
            put(at + rng.uniform(0, 40), f"{s}-c", edited(base, number, 15))
        elif kind == "halves":
            put(at, f"{s}-a", base[:13])
            put(at + 1 + rng.uniform(0, 20), f"{s}-b", base[13:])
            put(at + 2 + rng.uniform(20, 30), f"{s}-c", base)
            put(at + 3 + rng.uniform(20, 50), f"{s}-d", base[14:])
        elif kind == "revised":
            put(at, f"{s}-a", base)
            put(at + rng.uniform(1, 20), f"{s}-b", edited(base, number, 12))
            put(at + rng.uniform(20, 40), f"{s}-a", edited(base, number + 1, 9))
            put(at + rng.uniform(40, 60), f"{s}-b", sentences(seed * 1000 + 500 + number, 25))
            put(at + rng.uniform(60, 80), f"{s}-c", base[:20])
        else:
            put(at, f"{s}-a", base)
            for copy in range(rng.randint(1, 4)):
                body = rng.choice(
                    (base, base[:12], edited(base, copy, 12), [*sentences(copy + 77, 3), *base[3:]],
                     [*base, *sentences(seed + copy + 99, 12)])
                )  # fmt: skip
                put(at + rng.uniform(0, 60), f"{s}-c{copy}", body)
    put(100, "roundup", [sentence for base in bases[:5] for sentence in base[:3]])
    given.sort(key=lambda row: row[0])
    items, last = [], given[0][0]
    for at, url, body in given:
        items.append(Item(url, text(body), timedelta(hours=at - last)))
        last = at
    return items


class Press:
    """`prefix`: its own part of Redis. The clock of the scripts is moved; documents carry its time."""

    def __init__(self, client: Any, index: ArticleIndex, prefix: str = "test") -> None:
        self.mill = Mill(client, prefix)
        self.mill.later((BEGIN - self.mill.scripts.now()).total_seconds())
        self.index = index

    def take(self, item: Item) -> None:
        self.mill.later(item.after.total_seconds())
        now = self.mill.scripts.now()
        article = make_article(item.url, body=item.body, word_count=len(item.body.split()), fetched_at=now, lag=None)
        answer = self.mill.stories.assign(
            article.id, site=article.site, language="en", content=content_of(article),
            fingerprint=fingerprint(item.body, "en"), now=now,
        )  # fmt: skip
        if answer.unchanged:
            return
        article = replace(
            article, story=replace(answer.story, provisional=answer.provisional), duplicate_of=answer.duplicate_of,
            revision=answer.revision, first_seen_at=answer.first_seen_at,
            kind=Kind.DIGEST if answer.is_digest else Kind.ARTICLE,
        )  # fmt: skip
        self.mill.outbox.append_direct(make_event(item.url, int(now.timestamp() * 1000), attempts=1), article)

    def write(self, limit: int = 500) -> int:
        done = index_batch(
            self.mill.outbox, self.index, self.mill.stories, consumer="w", limit=limit, now=self.mill.scripts.now(),
            max_deliveries=5, recall=self.mill.recall,
        )  # fmt: skip
        self.index.refresh()
        return done.taken - done.retried

    def settle(self) -> None:
        """Until the documents say what the scripts say."""
        while self.write():
            pass
        for _ in range(20):
            self.mill.later(0.01)
            settle_stories(self.mill.stories, self.index, self.mill.outbox, limit=100, lead_growth=RULES.lead_growth)
            self.index.refresh()
            if not self.mill.stories.unsettled(1):
                return
        raise AssertionError("never settled")

    def lose_redis(self) -> None:
        for key in self.mill.client.scan_iter(self.mill.scripts.key("*").encode().replace(b"{", b"\\{"), count=1000):
            self.mill.client.delete(key)
        assert not self.mill.client.exists(self.mill.scripts.key("stories:since"))

    def documents(self) -> dict[str, Article]:
        self.index.refresh()
        return {article.url: article for article in self.index.scan(Everything())}

    def attempt(self) -> RedisRebuild:
        return RedisRebuild(self.mill.scripts, LIMITS)

    def rebuild(self, attempt: RedisRebuild | None = None, days: int = 30) -> Iterator[Progress]:
        attempt = attempt or self.attempt()
        state = attempt.begin("test")
        parts = Parts(
            self.index, self.mill.stories, self.mill.aliases, NoFurniture(), self.mill.outbox, attempt, self.write,
            self.mill.scripts.now,
        )  # fmt: skip
        done = None
        for done in rebuild(parts, state, days):
            yield done
        attempt.end(done=done is not None and not done.left)


def content_of(article: Article) -> bytes:
    return content_hash(article.title, article.summary, article.body)


def told(documents: dict[str, Article], renamed: Collection[str] = ()) -> dict[str, tuple[object, ...]]:
    """What must be as it was: url -> story, leads, copy of, kind, revision.

    `renamed`: of these pages, which became another text, a story of their own may have any name.
    """
    size = Counter(each.story.id for each in documents.values())
    return {
        url: (
            "its own" if url in renamed and size[each.story.id] == 1 else each.story.id,
            each.story.is_lead, each.duplicate_of, each.kind.value, each.revision,
        )
        for url, each in documents.items()
    }  # fmt: skip


def reused(items: Sequence[Item]) -> set[str]:
    """URLs whose later text has nothing to do with the first."""
    first: dict[str, Item] = {}
    found = set()
    for item in items:
        before = first.setdefault(item.url, item)
        if not is_same_text(fingerprint(before.body, "en"), fingerprint(item.body, "en")):
            found.add(item.url)
    return found
