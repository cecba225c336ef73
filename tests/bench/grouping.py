"""The stream through the real thing (fingerprint, script, merges on a real Valkey), and through MinHash-LSH."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.bench.copies import Copy
from worker.deduplicate.fingerprint import fingerprint
from worker.extract.language import identify
from worker.models import ArticleId
from worker.state.stories import RedisStories
from worker.urls import article_id

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SEEN_IN = 2


class FurnitureMemory:
    """What `extract` does in the steady state: a sentence seen in two other stories of the site is cut."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def cut(self, copy: Copy) -> str:
        seen = self._seen[copy.site]
        kept = [sentence for sentence in copy.sentences if len(seen.get(sentence, ())) < SEEN_IN]
        text = " ".join(kept)
        return text if len(text) > 0.2 * len(copy.text) else copy.text

    def learn(self, copy: Copy, story: str) -> None:
        for sentence in set(copy.sentences):
            self._seen[copy.site][sentence].add(story)


@dataclass
class Grouped:
    stories: list[str]
    """The story of each document at the end, merges seen through."""
    digests: list[bool]
    containments: list[float]
    merges: int


def group(copies: Sequence[Copy], stories: RedisStories, *, known: Sequence[Copy] = ()) -> Grouped:
    """`known`: what the sites printed before; it teaches their furniture and is not grouped."""
    memory = FurnitureMemory()
    for number, copy in enumerate(known):
        memory.learn(copy, f"known {number}")
    found: list[str] = []
    digests, containments = [], []
    merges = 0
    for number, copy in enumerate(copies):
        text = memory.cut(copy)
        print_ = fingerprint(text, identify(text))
        answer = stories.assign(
            _id(number, copy.site), site=copy.site, language=identify(text), content=number.to_bytes(16, "little"),
            fingerprint=print_, now=NOW,
        )  # fmt: skip
        memory.learn(copy, answer.story.id)
        found.append(answer.story.id)
        digests.append(answer.is_digest)
        containments.append(answer.story.containment)
        for work in stories.unsettled(10):
            if work.other:
                stories.merge(work.story, work.other)
                merges += 1
            stories.settled(work)
    now = stories.current(found)
    return Grouped([now[story].id for story in found], digests, containments, merges)


def _id(number: int, site: str) -> ArticleId:
    return article_id(f"https://{site}/{number}")


def minhash_lsh(texts: Sequence[str], threshold: float, words: int, permutations: int = 128) -> list[int]:
    """datasketch as its documentation shows it; texts that any query links are one group (union-find)."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=permutations)
    parent = list(range(len(texts)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for number, text in enumerate(texts):
        sketch = MinHash(num_perm=permutations)
        sketch.update_batch(word_shingles(text, words))
        for other in index.query(sketch):
            parent[root(number)] = root(other)
        index.insert(number, sketch)
    return [root(number) for number in range(len(texts))]


def word_shingles(text: str, words: int) -> list[bytes]:
    tokens = re.findall(r"\w+", text.lower())
    return [" ".join(tokens[i : i + words]).encode() for i in range(max(1, len(tokens) - words + 1))]
