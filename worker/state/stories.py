"""The `Stories` port: one atomic script decides story and revision of a document version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

import xxhash

from worker.deduplicate.parameters import RULES, Rules
from worker.models import Article, ArticleId, Assignment, Fingerprint, Kind, StoryNow, StoryRef, Unsettled
from worker.state import codec
from worker.state.frontier import Limits
from worker.state.scripts import Scripts

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ID_BYTES = 16
CHUNK = 500


class RedisStories:
    def __init__(self, scripts: Scripts, limits: Limits, rules: Rules = RULES) -> None:
        self._scripts = scripts
        self._epoch_ms = limits.epoch_ms
        self._growth = rules.lead_growth
        self._rules = json.dumps(asdict(rules), separators=(",", ":"))

    def assign(
        self,
        article_id: ArticleId,
        *,
        site: str,
        language: str,
        content: bytes,
        fingerprint: Fingerprint,
        now: datetime,
    ) -> Assignment:
        story, lead, revision, first_seen, unchanged, containment, digest, hint = self._scripts.run(
            "assign",
            bytes.fromhex(article_id),
            self._epoch_ms,
            content,
            fingerprint.exact or b"",
            codec.to_ms(now),
            *_text_arguments(language, site, fingerprint),
            self._rules,
        )
        lead_id = ArticleId(lead.hex())
        is_lead = lead_id == article_id
        return Assignment(
            story=StoryRef(story.hex(), is_lead, int(containment) / 1000),
            duplicate_of=None if is_lead else lead_id,
            revision=int(revision),
            unchanged=bool(unchanged),
            first_seen_at=codec.from_ms(int(first_seen)),
            is_digest=bool(digest),
            merge_hint=hint.hex(),
        )

    def restore(self, article: Article, *, content: bytes, fingerprint: Fingerprint) -> None:
        self._scripts.run(
            "restore",
            bytes.fromhex(article.id),
            self._epoch_ms,
            content,
            fingerprint.exact or b"",
            bytes.fromhex(article.story.id),
            article.revision,
            codec.to_ms(article.first_seen_at),
            *_text_arguments(article.language, article.site, fingerprint),
            round(article.story.containment * 1000),
            "1" if article.story.is_lead else "0",
            "1" if article.kind is Kind.DIGEST else "0",
            self._rules,
        )

    def current(self, story_ids: Iterable[str]) -> Mapping[str, StoryNow]:
        wanted = list(dict.fromkeys(story_ids))
        found: dict[str, StoryNow] = {}
        for first in range(0, len(wanted), CHUNK):
            part = wanted[first : first + CHUNK]
            answer = self._scripts.run("stories", self._epoch_ms, *map(bytes.fromhex, part))
            for id_, story, lead in zip(part, answer[::2], answer[1::2], strict=True):
                found[id_] = StoryNow(story.hex(), ArticleId(lead.hex()) if lead else None)
        return found

    def merge(self, story: str, other: str) -> tuple[str, str]:
        older, younger = self._scripts.run(
            "merge", self._epoch_ms, bytes.fromhex(story), bytes.fromhex(other), self._growth
        )
        return older.hex(), younger.hex()

    def set_lead(self, story: str, lead: Article) -> None:
        self._scripts.run(
            "lead",
            self._epoch_ms,
            bytes.fromhex(story),
            bytes.fromhex(lead.id),
            lead.word_count,
            codec.to_ms(lead.first_seen_at),
        )

    def unsettled(self, limit: int) -> list[Unsettled]:
        answer = self._scripts.run("unsettled", limit)
        return [
            Unsettled(work[:_ID_BYTES].hex(), work[_ID_BYTES:].hex(), int(asked), int(waits) / 1000)
            for work, asked, waits in zip(answer[::3], answer[1::3], answer[2::3], strict=True)
        ]

    def settled(self, work: Unsettled) -> bool:
        return bool(self._scripts.run("settled", bytes.fromhex(work.story + work.other), work.asked_ms))


def _text_arguments(language: str, site: str, given: Fingerprint) -> tuple[bytes | str | int, ...]:
    known = _LANGUAGE.match(language.lower())
    return (
        known[0] if known else "-",
        xxhash.xxh32_digest(site.encode("utf-8", "surrogatepass")),
        given.hashes,
        given.tau,
        given.anchors,
        given.segments,
        given.facts,
        given.words,
    )
