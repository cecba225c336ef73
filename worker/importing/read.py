"""One line of an import, checked field by field. Pure: the line's own words, nothing looked up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.errors import Refuse
from worker.extract import plain
from worker.extract.language import identify, normalise
from worker.extract.meta import MAX_NAME, MAX_SUMMARY, MAX_TITLE
from worker.index.documents import article_from_json, article_to_json, parse_time
from worker.models import Article, Caption, DateSource, Extracted, Kind
from worker.urls import clean_url

MAX_BODY_CHARS = 500_000
MAX_TEXT_CHARS = 10_000
MAX_LIST = 50
MAX_ITEM_CHARS = 1000
# Our own bodies are capped by paragraph; a page has at most 50,000 tags, and each may stand for an empty line.
MAX_OWN_BODY_CHARS = MAX_BODY_CHARS + 2 * 50_000
METHOD = "import"

_ID = re.compile(r"[0-9a-f]{32}")
_MARK = re.compile(r"[0-9a-f]{16}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_GAP = re.compile(r"\n[^\S\n]*\n\s*")
_OLDEST = datetime(1600, 1, 1, tzinfo=UTC)  # the first newspaper is of 1605
_OLDEST_OWN = datetime(2000, 1, 1, tzinfo=UTC)  # our own times: versions are counted from them
_OURS = frozenset({"id", "story", "extraction", "first_seen_at", "fetched_at", "revision"})
"""Fields that only an export of ours has together."""


def _is_text(value: object, limit: int = MAX_TEXT_CHARS) -> bool:
    return isinstance(value, str) and len(value) <= limit


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MAX_LIST and all(_is_text(item, MAX_ITEM_CHARS) for item in value)


def _is_caption(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(value.get(name), MAX_ITEM_CHARS) for name in ("text", "credit"))


def _are_captions(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MAX_LIST and all(map(_is_caption, value))


def _is_language(value: object) -> bool:
    return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None


def _are_marks(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, str) and _MARK.fullmatch(item) is not None for item in value
    )


def _are_urls(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MAX_LIST and all(_is_text(item) for item in value)


Shape = tuple[str, Callable[[object], bool]]
_TEXT = f"a text of at most {MAX_TEXT_CHARS:,} characters"
_SHAPE: dict[str, Shape] = {
    **dict.fromkeys(("id", "story.id"), ("32 hex digits", _is_id)),
    "duplicate_of": ("32 hex digits or null", lambda value: value is None or _is_id(value)),
    **dict.fromkeys(("url", "site", "feed", "title", "summary", "section"), (_TEXT, _is_text)),
    **dict.fromkeys(("published_at_source", "kind", "extraction.method"), (_TEXT, _is_text)),
    "body": (
        f"a text of at most {MAX_OWN_BODY_CHARS:,} characters",
        lambda value: _is_text(value, MAX_OWN_BODY_CHARS),
    ),
    "language": ("a language's two letters, or empty", _is_language),
    **dict.fromkeys(
        ("published_at", "first_seen_at", "fetched_at"), ("a time", lambda value: bool(value) and _is_text(value))
    ),
    **dict.fromkeys(("image", "indexed_at"), (f"{_TEXT} or null", lambda value: value is None or _is_text(value))),
    **dict.fromkeys(
        ("authors", "tags", "agencies"),
        (f"a list of texts (at most {MAX_LIST}, of {MAX_ITEM_CHARS:,} characters each)", _are_texts),
    ),
    "captions": (f"a list of objects with text and credit (at most {MAX_LIST})", _are_captions),
    **dict.fromkeys(("word_count", "revision"), ("a whole number", _is_count)),
    **dict.fromkeys(("story.containment", "extraction.quality"), ("a number from 0 to 1", _is_share)),
    **dict.fromkeys(("story.is_lead", "extraction.fulltext"), ("true or false", _is_flag)),
}
"""Every field of our own documents, and what it must be."""


class BadLineError(Exception):
    """The message says which field and why, in words for the person who made the file."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """An article from elsewhere: what its line says, cleaned as a page's fields are."""

    url: str
    extracted: Extracted
    fetched_at: datetime | None


def read_line(raw: bytes, now: datetime) -> Article | Foreign:
    """A document of our own export as it was, or an article from elsewhere. Raises BadLineError and nothing else."""
    try:
        data = json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeDecodeError:
        raise BadLineError("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadLineError("it is not JSON") from None
    if not isinstance(data, dict):
        raise BadLineError("it is no JSON object")
    if data.keys() >= _OURS:
        return _document(data, now)
    return _foreign(data, now)


def _document(data: Mapping[str, Any], now: datetime) -> Article:
    """Every field must be there and of its type; then it is taken as it stands."""
    for path, (wanted, fits) in _SHAPE.items():
        value: Any = data
        for name in path.split("."):
            if not isinstance(value, dict) or name not in value:
                raise BadLineError(f"it looks like an export of ours, but {path} is missing")
            value = value[name]
        if not fits(value):
            raise BadLineError(f"it looks like an export of ours, but {path} is not {wanted}")
    if not _are_marks(data["extraction"].get("cut", [])):  # exports of 0.1 and earlier have none
        raise BadLineError("it looks like an export of ours, but extraction.cut is not a list of 16 hex digits each")
    if not isinstance(data.get("paywall", False), bool):
        raise BadLineError("it looks like an export of ours, but paywall is not true or false")
    if not (_is_text(data.get("canonical_url", "")) and _are_urls(data.get("aliases", []))):
        raise BadLineError(
            f"it looks like an export of ours, but canonical_url is not {_TEXT}, or aliases no list of such"
        )
    for field in ("published_at", "updated_at", "first_seen_at", "fetched_at", "indexed_at"):
        _time(data, field, now, oldest=_OLDEST if field in ("published_at", "updated_at") else _OLDEST_OWN)
    _url(data)
    try:
        article = article_from_json(data)
        json.dumps(article_to_json(article), ensure_ascii=False).encode()  # lone surrogates
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadLineError(f"it looks like an export of ours, but is damaged: {error}") from None
    return article


def _foreign(data: Mapping[str, Any], now: datetime) -> Foreign:
    missing = [field for field in ("url", "title", "body") if field not in data]
    if missing:
        raise BadLineError(f"{', '.join(missing)} missing; at least url, title and body are wanted")
    title = plain.line(_text(data, "title"), MAX_TITLE)
    body = "\n\n".join(filter(None, map(plain.block, _GAP.split(_text(data, "body", MAX_BODY_CHARS)))))
    summary = plain.line(_text(data, "summary"), MAX_SUMMARY)
    if len(body) > MAX_OWN_BODY_CHARS:  # in its normal form; an export of it must come back
        raise BadLineError(f"body: longer than {MAX_BODY_CHARS:,} characters")
    if not (title or body):
        raise BadLineError("title and body are both empty")
    published_at = _time(data, "published_at", now)
    language = normalise(_text(data, "language")) or identify(body or f"{title} {summary}")
    return Foreign(
        url=_url(data),
        extracted=Extracted(
            title=title,
            summary=summary,
            body=body,
            language=language,
            published_at=published_at,
            published_at_source=DateSource.IMPORT if published_at else None,
            authors=_list(data, "authors"),
            section=plain.line(_text(data, "section"), MAX_NAME),
            tags=_list(data, "tags"),
            agencies=_list(data, "agencies"),
            image=_image(data),
            captions=_captions(data),
            kind=_kind(data),
            method=METHOD,
            quality=1.0 if body else 0.0,
            fulltext=bool(body),
        ),
        fetched_at=_time(data, "fetched_at", now, _OLDEST_OWN),
    )


def _url(data: Mapping[str, Any]) -> str:
    try:
        return clean_url(_text(data, "url"))
    except Refuse as refused:
        detail = f" ({refused.detail})" if refused.detail else ""
        raise BadLineError(f"url: {refused.reason.value}{detail}; an absolute http(s) URL is wanted") from None


def _text(data: Mapping[str, Any], field: str, limit: int = MAX_TEXT_CHARS) -> str:
    value = data.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadLineError(f"{field}: a text is wanted")
    if len(value) > limit:
        raise BadLineError(f"{field}: longer than {limit:,} characters")
    return value


def _time(data: Mapping[str, Any], field: str, now: datetime, oldest: datetime = _OLDEST) -> datetime | None:
    text = _text(data, field).strip()
    if not text:
        return None
    try:
        moment = parse_time(text)
        if moment > now + timedelta(days=1):
            raise BadLineError(f"{field}: it lies in the future ({text[:40]})")
        if moment < oldest:
            raise BadLineError(f"{field}: it lies before {oldest.year} ({text[:40]})")
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadLineError(f"{field}: a time such as 2026-01-31T12:00:00Z is wanted, not {text[:40]!r}") from None
    return moment


def _list(data: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = data.get(field) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadLineError(f"{field}: a list of texts is wanted")
    return tuple(dict.fromkeys(filter(None, (plain.line(item, MAX_NAME) for item in value[:MAX_LIST]))))


def _image(data: Mapping[str, Any]) -> str:
    raw = _text(data, "image")
    try:
        return clean_url(raw) if raw else ""
    except Refuse:
        raise BadLineError("image: an absolute http(s) URL is wanted") from None


def _captions(data: Mapping[str, Any]) -> tuple[Caption, ...]:
    value = data.get("captions") or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadLineError("captions: a list of objects with text and credit is wanted")
    rows = (
        (plain.line(_text(item, "text"), MAX_TITLE), plain.line(_text(item, "credit"), 200))
        for item in value[:MAX_LIST]
    )
    return tuple(Caption(text, credit) for text, credit in rows if text or credit)


def _kind(data: Mapping[str, Any]) -> Kind:
    try:
        return Kind(_text(data, "kind") or Kind.ARTICLE)
    except ValueError:
        raise BadLineError(f"kind: one of {', '.join(Kind)} is wanted") from None
