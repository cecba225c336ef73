"""The `Stories` port: one atomic script decides story and revision of a document version."""

from __future__ import annotations

from datetime import datetime, timedelta

from worker.models import Article, ArticleId, Assignment, StoryRef
from worker.state import codec
from worker.state.frontier import Limits
from worker.state.scripts import Scripts

# A story takes in exact copies for 4 to 8 days after its last one: restoring an older document must not reopen it.
EXACT_WINDOW = timedelta(days=8)


class RedisStories:
    def __init__(self, scripts: Scripts, limits: Limits) -> None:
        self._scripts = scripts
        self._epoch_ms = limits.epoch_ms

    def assign(
        self,
        article_id: ArticleId,
        *,
        site: str,
        language: str,
        content: bytes,
        exact: bytes | None,
        now: datetime,
        is_new_text: bool = True,
    ) -> Assignment:
        """Exact texts only: `site`, `language` and `is_new_text` decide nothing yet."""
        raw = bytes.fromhex(article_id)
        story, revision, first_seen, unchanged = self._scripts.run(
            "assign", raw, self._epoch_ms, content, exact or b"", codec.to_ms(now)
        )
        is_lead = story == raw
        lead = ArticleId(story.hex())
        return Assignment(
            story=StoryRef(lead, is_lead, 1.0),
            duplicate_of=None if is_lead else lead,
            revision=int(revision),
            unchanged=bool(unchanged),
            first_seen_at=codec.from_ms(int(first_seen)),
        )

    def restore(self, article: Article, *, content: bytes, exact: bytes | None) -> None:
        self._scripts.run(
            "restore",
            bytes.fromhex(article.id),
            self._epoch_ms,
            content,
            exact or b"",
            bytes.fromhex(article.story.id),
            article.revision,
            codec.to_ms(article.first_seen_at),
            "1" if article.first_seen_at > self._scripts.now() - EXACT_WINDOW else "0",
        )
