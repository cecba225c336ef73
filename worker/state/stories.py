"""The `Stories` port: one atomic script decides story and revision of a document version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import xxhash

from worker.deduplicate.parameters import RULES, Rules
from worker.errors import Refuse
from worker.models import (
    Article,
    ArticleId,
    Assignment,
    Fingerprint,
    Kind,
    Placed,
    Reason,
    StoryNow,
    StoryRef,
    Taught,
    Trust,
    Unsettled,
)
from worker.state import codec
from worker.state.limits import Limits
from worker.state.scripts import Scripts

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ID_BYTES = 16
CHUNK = 500
NO_LEAD = bytes(16)


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
        answer = self._scripts.run(
            "assign",
            bytes.fromhex(article_id),
            self._epoch_ms,
            content,
            fingerprint.exact or b"",
            codec.to_ms(now),
            *_text_arguments(language, site, fingerprint),
            self._rules,
            _bytes(site),
        )
        if not answer:
            raise Refuse(Reason.ERASED)
        story, lead, revision, first_seen, unchanged, containment, digest, hint, provisional = answer
        lead_id = ArticleId(lead.hex())
        is_lead = lead_id == article_id
        return Assignment(
            story=StoryRef(story.hex(), is_lead, int(containment) / 1000),
            duplicate_of=None if is_lead else lead_id,
            revision=int(revision),
            unchanged=bool(unchanged),
            first_seen_at=codec.from_ms(int(first_seen)),
            is_digest=bool(digest),
            provisional=bool(provisional),
            merge_hint=hint.hex(),
        )

    def restore(
        self, article: Article, *, content: bytes, fingerprint: Fingerprint, trust: Trust = Trust.STATE
    ) -> None:
        self._scripts.run("restore", *self._taught(Taught(article, content, fingerprint), trust))

    def restore_all(self, given: Sequence[Taught]) -> None:
        if given:
            self._scripts.run_many("restore", [self._taught(each, Trust.STATE) for each in given])

    def _taught(self, given: Taught, trust: Trust) -> tuple[bytes | str | int, ...]:
        article, fingerprint = given.article, given.fingerprint
        lead = article.id if article.story.is_lead else article.duplicate_of or ""
        met = max(given.met or article.fetched_at, article.fetched_at, article.first_seen_at)
        return (
            bytes.fromhex(article.id),
            self._epoch_ms,
            given.content,
            fingerprint.exact or b"",
            bytes.fromhex(article.story.id),
            bytes.fromhex(lead),
            article.revision,
            codec.to_ms(article.first_seen_at),
            codec.to_ms(article.fetched_at),
            codec.to_ms(met),
            *_text_arguments(article.language, article.site, fingerprint),
            fingerprint.words or article.word_count,
            round(article.story.containment * 1000),
            "1" if article.kind is Kind.DIGEST else "0",
            trust.value,
            self._rules,
            _bytes(article.site),
        )

    def current(self, story_ids: Iterable[str]) -> Mapping[str, StoryNow]:
        wanted = list(dict.fromkeys(story_ids))
        found: dict[str, StoryNow] = {}
        for first in range(0, len(wanted), CHUNK):
            part = wanted[first : first + CHUNK]
            answer = self._scripts.run("stories", self._epoch_ms, *map(bytes.fromhex, part))
            for id_, story, lead in zip(part, answer[::2], answer[1::2], strict=True):
                vacant = lead == NO_LEAD
                found[id_] = StoryNow(story.hex(), ArticleId(lead.hex()) if lead and not vacant else None, vacant)
        return found

    def placed(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, Placed]:
        found: dict[ArticleId, Placed] = {}
        for first in range(0, len(ids), CHUNK):
            part = ids[first : first + CHUNK]
            answer = self._scripts.run("placed", self._epoch_ms, *map(bytes.fromhex, part))
            for number, id_ in enumerate(part):
                story, lead, containment, digest, provisional = answer[5 * number : 5 * number + 5]
                if story:
                    lead_id = ArticleId(lead.hex())
                    ref = StoryRef(story.hex(), lead_id == id_, int(containment) / 1000, bool(provisional))
                    found[id_] = Placed(ref, lead_id, bool(digest))
        return found

    def merge(self, story: str, other: str) -> tuple[str, str]:
        older, younger = self._scripts.run(
            "merge", self._epoch_ms, bytes.fromhex(story), bytes.fromhex(other), self._growth
        )
        return older.hex(), younger.hex()

    def set_lead(self, story: str, lead: Article) -> bool:
        done = self._scripts.run(
            "lead",
            self._epoch_ms,
            bytes.fromhex(story),
            bytes.fromhex(lead.id),
            lead.word_count,
            codec.to_ms(lead.first_seen_at),
            _bytes(lead.site),
        )
        return bool(done)

    def unsettled(self, limit: int) -> list[Unsettled]:
        answer = self._scripts.run("unsettled", limit)
        return [
            Unsettled(work[:_ID_BYTES].hex(), work[_ID_BYTES:].hex(), int(asked), int(waits) / 1000)
            for work, asked, waits in zip(answer[::3], answer[1::3], answer[2::3], strict=True)
        ]

    def settled(self, work: Unsettled) -> bool:
        return bool(self._scripts.run("settled", bytes.fromhex(work.story + work.other), work.asked_ms))


def named_text(given: Taught) -> list[bytes | str | int]:
    """The fields of a text that is to be decided again, as `rebuild_enlist.lua` takes them."""
    article, fingerprint = given.article, given.fingerprint
    names = ("language", "site", "sketch", "tau", "anchors", "segments", "facts", "words")
    rows: dict[str, bytes | str | int] = {
        "content": given.content,
        "exact": fingerprint.exact or b"",
        **dict(zip(names, _text_arguments(article.language, article.site, fingerprint), strict=True)),
    }
    return [part for row in rows.items() for part in row]


def _text_arguments(language: str, site: str, given: Fingerprint) -> tuple[bytes | str | int, ...]:
    known = _LANGUAGE.match(language.lower())
    return (
        known[0] if known else "-",
        xxhash.xxh32_digest(_bytes(site)),
        given.hashes,
        given.tau,
        given.anchors,
        given.segments,
        given.facts,
        given.words,
    )


def _bytes(site: str) -> bytes:
    return site.encode("utf-8", "surrogatepass")
