"""Article <-> the rows that hold it. Pure."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.errors import IndexUnavailable
from worker.index.documents import article_from_json, article_to_json, event_from_json, event_to_json
from worker.models import Article, Event
from worker.stores.analysis import analysis_of, fold_word, stem_word, stems
from worker.stores.cjk import CODE as CJK
from worker.stores.words import lower, words

FTS_COLUMNS = (
    "folded_title",
    "folded_summary",
    "folded_body",
    "stems_title",
    "stems_summary",
    "stems_body",
)
LABELS = ("authors", "tags", "agencies", "aliases", "canonical_url", "story.provisional")
"""Fields with several values, or mostly none: rows of `label`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded down, by integers: floats would be off by one now and then."""
    return (moment - _EPOCH) // _MILLISECOND


def moment_of(value: int) -> datetime:
    return _EPOCH + value * _MILLISECOND


def pack(article: Article) -> bytes:
    """The whole document. Raises ValueError on what JSON cannot hold (lone surrogates, NaN)."""
    text = json.dumps(article_to_json(article), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8"), 6)


def unpack(document: bytes) -> Article:
    try:
        return article_from_json(json.loads(zlib.decompress(document)))
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise IndexUnavailable(f"a stored document is damaged: {error}") from error


def pack_event(event: Event) -> str:
    """ASCII: an event must never be refused for what a page put into its title."""
    return json.dumps(event_to_json(event), separators=(",", ":"))


def unpack_event(line: str) -> Event:
    try:
        return event_from_json(json.loads(line))
    except (ValueError, KeyError, TypeError) as error:
        raise IndexUnavailable(f"a stored event is damaged: {error}") from error


def stem_prefix(analysis: str) -> str:
    """Stands before every stem in the index, so that two languages never share one."""
    return analysis + ":"


def fts_row(article: Article) -> tuple[str, ...]:
    """The analysed texts in the order of FTS_COLUMNS."""
    texts = [words(text) for text in (article.title, article.summary, article.body)]
    analysis = analysis_of(article.language)
    folded = [" ".join([fold_word(word) for word in text]) for text in texts]
    if not analysis:
        return (*folded, "", "", "")
    prefix = stem_prefix(analysis)
    if analysis == CJK:
        terms = [stems(text, analysis) for text in (article.title, article.summary, article.body)]
    else:
        terms = [[stem_word(word, analysis) for word in text] for text in texts]
    return (*folded, *(" ".join([prefix + term for term in text]) for text in terms))


def doc_row(rid: int, article: Article) -> tuple[Any, ...]:
    """In the order of the table's columns; words in lower case, as `Equals` compares them."""
    return (
        rid,
        article.id,
        article.version,
        lower(article.url),
        lower(article.site),
        lower(article.feed),
        lower(article.language),
        lower(article.published_at_source),
        lower(article.section),
        article.kind.value,
        article.story.id,
        article.duplicate_of or "",
        lower(article.extraction.method),
        article.story.is_lead,
        article.extraction.fulltext,
        article.word_count,
        article.revision,
        article.story.containment,
        article.extraction.quality,
        milliseconds(article.published_at),
        milliseconds(article.first_seen_at),
        milliseconds(article.fetched_at),
        milliseconds(article.indexed_at) if article.indexed_at else None,
    )


def label_rows(rid: int, article: Article) -> list[tuple[str, str, int]]:
    values = {
        "authors": article.authors,
        "tags": article.tags,
        "agencies": article.agencies,
        "aliases": article.aliases,
        "canonical_url": (article.canonical_url,) if article.canonical_url else (),
        "story.provisional": ("true",) if article.story.provisional else (),
    }
    return [(field, value, rid) for field in LABELS for value in {lower(text) for text in values[field]}]
