"""One page: bytes -> `Extracted`. Pure; runs inside the killable child, which calls `run`.

Never raises on what a page holds, but for MemoryError and RecursionError: those are the sandbox's to report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lxml.etree import _Element

from worker.extract import (
    agencies,
    authors,
    captions,
    cascade,
    charset,
    dates,
    judge,
    language,
    markup,
    meta,
    own,
    plain,
    rooms,
    sniff,
)
from worker.extract.cascade import Found
from worker.extract.jsonld import LinkedData, read
from worker.extract.paragraphs import joined
from worker.extract.values import extracted_from_json, extracted_to_json
from worker.models import Extracted, Reason

__all__ = ["extract", "extracted_from_json", "extracted_to_json", "run"]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a page before it is read."""

    url: str
    feed_title: str
    feed_time: datetime | None
    """The feed's publication time of this article."""
    min_words: int
    method: str
    """`cascade` or `trafilatura`."""


@dataclass(frozen=True, slots=True)
class _Head:
    """Everything but the body."""

    linked: LinkedData
    signs: judge.Signs
    language: str
    """As declared."""


def prepare() -> None:
    """Load the language model: the sandbox calls this before it forbids writing files, which the loader does."""
    language.identify("A sentence that is long enough for the model to be asked about it at all, and so to be loaded.")


def run(argument: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """The sandbox's entry. `argument`: url, content_type, feed_title, feed_summary, feed_time (RFC 3339 or null),
    min_words, method, now (RFC 3339); `min_words` and `now` must be there.

    Where the page is no article the feed's words are kept, so the language is theirs.
    """
    feed_time = argument.get("feed_time")
    found = extract(
        body,
        content_type=argument.get("content_type", ""),
        url=argument.get("url", ""),
        feed_title=argument.get("feed_title", ""),
        feed_time=datetime.fromisoformat(feed_time) if feed_time else None,
        min_words=argument["min_words"],
        method=argument.get("method", cascade.CASCADE),
        now=datetime.fromisoformat(argument["now"]),
    )
    if found.reason is not None:
        kept = f"{argument.get('feed_title', '')} {argument.get('feed_summary', '')}"
        found = replace(found, language=language.identify(kept, found.language))
    return extracted_to_json(found)


def extract(
    body: bytes,
    *,
    content_type: str = "",
    url: str = "",
    feed_title: str = "",
    feed_time: datetime | None = None,
    min_words: int = 40,
    method: str = cascade.CASCADE,
    now: datetime,
) -> Extracted:
    """What the page gives. With a `reason` it is no article; `body` then holds the text that was found all the same."""
    what = sniff.sniff(body, content_type)
    if what == sniff.EMPTY:
        return _refused(Reason.EMPTY, "no bytes" if not body else "only white space")
    if what != sniff.HTML:
        return _refused(Reason.NOT_HTML, what)
    if len(body) > sniff.MAX_HTML_BYTES:
        return _refused(Reason.TOO_LARGE, f"{len(body)} bytes of HTML, at most {sniff.MAX_HTML_BYTES}")
    text, _ = charset.decode(body, content_type)
    source, text = text, markup.lightened(text)
    if problem := sniff.over_limits(text):
        return _refused(Reason.TOO_LARGE, problem)
    tree, is_cut = markup.parse_page(text)
    if tree is None:
        return _refused(Reason.EMPTY, "no elements")
    found = _from_tree(source, text, tree, _Known(url, feed_title, feed_time, min_words, method), now)
    if not is_cut:
        return found
    lost = f"markup deeper than {markup.MAX_DEPTH} levels is lost"
    return replace(found, detail=f"{found.detail}; {lost}" if found.detail else lost)


def _from_tree(source: str, text: str, tree: _Element, known: _Known, now: datetime) -> Extracted:
    found = meta.tags(tree)
    linked = read(tree)
    layout = rooms.read(tree)
    shown = captions.collect(layout)
    title = meta.title(tree, found, linked, known.feed_title)
    declared = meta.declared_language(tree, found)
    people, wires = authors.find(
        tree, layout.bylines, found, linked, [*meta.site_names(found, linked), meta.host_name(known.url)]
    )
    headline = own.headline_of(layout, title)
    canonical = meta.canonical(tree, known.url)
    place = known.url or canonical
    clues = dates.Clues(
        tree=tree, meta=found, linked=linked, layout=layout, headline=headline, url=place,
        language=language.normalise(declared), feed=known.feed_time,
    )  # fmt: skip
    published = dates.published(clues, text, now)
    fields = Extracted(
        title=title,
        summary=meta.summary(found, linked, layout.standfirsts),
        section=meta.section(source, layout, headline, found, linked, place),
        tags=meta.keywords(found, linked),
        image=meta.image(found, linked, known.url, captions.first_image(layout)),
        canonical_url=canonical,
        captions=shown,
        authors=people,
        agencies=wires,
        published_at=published,
        published_at_source="page" if published else "",
        updated_at=dates.modified(clues, published, now),
    )
    # An article about an error is called so in the feed too.
    unexpected = title if plain.key(title) != plain.key(known.feed_title) else ""
    signs = judge.look(tree, layout, found, linked, known.url, unexpected, len(shown))
    head = _Head(linked, signs, declared)
    read_by = cascade.baseline if known.method == cascade.TRAFILATURA else cascade.find
    return _judged(fields, read_by(text, layout, title, linked), head, known)


def _judged(fields: Extracted, found: Found, head: _Head, known: _Known) -> Extracted:
    text = joined(found.paragraphs)
    words = plain.words(text)
    reason, detail = judge.refuse(head.signs, words, known.min_words)
    sure = found.agreement
    if sure is None:
        sure = judge.quality(found.paragraphs, fields.title, fields.summary, head.linked, head.signs)
    return replace(
        fields,
        body=text,
        agencies=agencies.of_body([item.text for item in found.paragraphs]) or fields.agencies,
        language=language.identify(text or f"{fields.title} {fields.summary}", head.language),
        kind=judge.kind(head.signs, head.linked, words),
        method=found.method,
        quality=round(sure if reason is None else min(sure, 0.2), 3),
        reason=reason,
        detail=detail,
        fulltext=reason is None,
    )


def _refused(reason: Reason, detail: str) -> Extracted:
    return Extracted(reason=reason, detail=detail, fulltext=False)
