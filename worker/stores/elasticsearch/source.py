"""Article <-> `_source`: the one document shape, with the text in the fields of its language. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from worker.index.documents import article_from_json, article_to_json
from worker.models import Article
from worker.stores.analysis import analysis_of

TEXT_FIELDS = ("title", "summary", "body")


def text_field(field: str, language: str) -> str:
    """Where the text of a document in `language` (a code such as `de` or `de-CH`) is kept."""
    code = analysis_of(language)
    return f"{field}_{code}" if code else field


def to_source(article: Article) -> dict[str, Any]:
    source = article_to_json(article)
    return {text_field(key, article.language) if key in TEXT_FIELDS else key: value for key, value in source.items()}


def from_source(source: Mapping[str, Any]) -> Article:
    """The inverse; raises KeyError, TypeError or ValueError on a document that is not ours."""
    own = {field: text_field(field, source["language"]) for field in TEXT_FIELDS}
    # Written before its language had an analysis of its own: the text is in the base field.
    texts = {field: source[own[field] if own[field] in source else field] for field in TEXT_FIELDS}
    return article_from_json({**source, **texts})


def to_line(value: Mapping[str, Any]) -> bytes:
    """One line of a bulk request. Raises ValueError on what JSON cannot hold (NaN, lone surrogates)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
