"""What lies in the outbox: an event and perhaps its document, as compressed JSON. Pure."""

from __future__ import annotations

from typing import Any

import zstandard

from worker.index.documents import article_from_json, article_to_json, event_from_json, event_to_json
from worker.models import Article, Event
from worker.state import codec

# A body is at most a few hundred kB; what unpacks to more than this was not written by us.
MOST_BYTES = 64 << 20


def seal(event: Event, article: Article | None) -> bytes:
    value: dict[str, Any] = {"event": event_to_json(event)}
    if article is not None:
        value["article"] = article_to_json(article)
    return zstandard.ZstdCompressor(level=3).compress(codec.dumps(value))


def unseal(payload: bytes) -> tuple[Event, Article | None]:
    value = codec.loads(zstandard.ZstdDecompressor().decompress(payload, max_output_size=MOST_BYTES))
    article = value.get("article")
    return event_from_json(value["event"]), article_from_json(article) if article is not None else None


def document_arguments(article: Article | None, epoch_ms: int) -> tuple[bytes | str | int, ...]:
    """What the scripts need to note that this version is on its way; ('',) for an event alone."""
    if article is None:
        return ("",)
    return (bytes.fromhex(article.id), epoch_ms, article.revision)
