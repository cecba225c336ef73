"""The `Furniture` port: per site, the blocks that several stories have in common. Bounds and expiry are in `lua/`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.extract.furniture import title_sketch
from worker.models import ArticleId, Block, CleaningJob, Lesson
from worker.state import codec
from worker.state.limits import Limits
from worker.state.scripts import Scripts, ms, text

VOTER_BYTES = 4
"""Of a story's id: two stories of one site are taken for one in four thousand million; that only delays."""
KNOWN_SHARE = 8


@dataclass(frozen=True, slots=True)
class FurnitureLimits:
    """The settings of the same names. `lease_s`: a share of a cleaning whose worker died is done again after this."""

    stories: int
    max_blocks: int
    days: int
    gather_s: float
    lease_s: float = 120.0


class RedisFurniture:
    """One script per call; safe for any number of processes at once."""

    def __init__(self, scripts: Scripts, limits: Limits, furniture: FurnitureLimits) -> None:
        self._scripts = scripts
        self._epoch_ms = limits.epoch_ms
        self._limits = furniture

    def look(self, site: str, marks: Sequence[bytes]) -> dict[bytes, int]:
        if not marks:
            return {}
        serials = self._scripts.run("furniture_look", site, *marks)
        return {mark: int(serial) for mark, serial in zip(marks, serials, strict=True) if serial}

    def learn(
        self,
        site: str,
        *,
        article: ArticleId | None = None,
        story: str,
        title: str,
        fetched_at: datetime,
        blocks: Sequence[Block],
        known: Collection[bytes],
    ) -> int:
        return self.learn_all([Lesson(site, story, title, fetched_at, tuple(blocks), frozenset(known))])

    def learn_all(self, lessons: Sequence[Lesson]) -> int:
        calls = [self._arguments(lesson) for lesson in lessons if lesson.blocks]
        return sum(map(int, self._scripts.run_many("furniture_learn", calls))) if calls else 0

    def _arguments(self, lesson: Lesson) -> tuple[bytes | int | str, ...]:
        limits = self._limits
        rows: list[bytes | int | str] = []
        for block in lesson.blocks:
            rows += (block.mark, block.words, "1" if block.mark in lesson.known else "0")
        return (
            lesson.site,
            bytes.fromhex(lesson.story)[:VOTER_BYTES],
            title_sketch(lesson.title),
            codec.to_ms(lesson.fetched_at),
            limits.stories,
            max(1, limits.max_blocks // 2),
            max(1, limits.max_blocks // 2 // KNOWN_SHARE),
            ms(limits.days * 86400 / 2),
            ms(limits.gather_s),
            bytes.fromhex(lesson.article or ""),
            *rows,
        )

    def settle(self, article_id: ArticleId, *, content: bytes, earlier: Callable[[], Sequence[bytes]]) -> bool:
        raw = bytes.fromhex(article_id)
        if not self._scripts.run("furniture_settle", raw, self._epoch_ms, content):
            return False
        return bool(self._scripts.run("furniture_settle", raw, self._epoch_ms, content, *earlier()))

    def claim(self) -> CleaningJob | None:
        token = secrets.token_hex(8)
        row = self._scripts.run("furniture_claim", token, ms(self._limits.lease_s))
        if not row:
            return None
        site, since, cursor, serial = row
        return CleaningJob(text(site), token, codec.from_ms(int(since)), codec.from_ms(int(cursor)), int(serial))

    def done(self, job: CleaningJob, cursor: datetime | None) -> bool:
        at = "" if cursor is None else codec.to_ms(cursor)
        return bool(self._scripts.run("furniture_done", job.site, job.token, at, job.serial))

    def pending(self) -> int:
        client: Any = self._scripts.client
        return int(client.zcard(self._scripts.key("furniture:dirty")))
