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
    header,
    judge,
    language,
    markup,
    meta,
    mojibake,
    noindex,
    own,
    plain,
    quality,
    rooms,
    sniff,
    survey,
)
from worker.extract.cascade import Found
from worker.extract.jsonld import LinkedData, read
from worker.extract.paragraphs import joined, without_note
from worker.extract.values import extracted_from_json, extracted_to_json
from worker.extract.zones import Site
from worker.models import Caption, Extracted, Kind, Precision, Reason

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
    min_words, method, now (RFC 3339), agent (our name to robots; empty: what the page says to them is not heeded),
    noindex (what the answer's header says of that kind); `min_words` and `now` must be there.

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
        agent=argument.get("agent", ""),
        forbidden=argument.get("noindex", ""),
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
    agent: str = "",
    forbidden: str = "",
) -> Extracted:
    """What the page gives. With a `reason` it is no article; `body` then holds the text that was found all the same."""
    if forbidden:
        return _refused(Reason.NOINDEX, forbidden)
    what = sniff.sniff(body, content_type)
    if what == sniff.EMPTY:
        return _refused(Reason.EMPTY, "no bytes" if not body else "only white space")
    if what != sniff.HTML:
        return _refused(Reason.NOT_HTML, what)
    if len(body) > sniff.MAX_HTML_BYTES:
        return _refused(Reason.TOO_LARGE, f"{len(body)} bytes of HTML, at most {sniff.MAX_HTML_BYTES}")
    source, _ = charset.read(body, content_type)
    text = markup.lightened(source)
    data = text.encode("utf-8", "ignore")
    if mojibake.is_suspect(data):
        text = mojibake.mended(text)
        data = text.encode("utf-8", "ignore")
    if problem := sniff.over_limits(text):
        return _refused(Reason.TOO_LARGE, problem)
    tree, is_cut = markup.parse_page(data)
    if tree is None:
        return _refused(Reason.EMPTY, "no elements")
    if agent and (said := noindex.of_page(tree, agent)):
        return _refused(Reason.NOINDEX, said)
    found = _from_tree(source, text, tree, _Known(url, feed_title, feed_time, min_words, method), now)
    if not is_cut:
        return found
    lost = f"markup deeper than {markup.MAX_DEPTH} levels is lost"
    return replace(found, detail=f"{found.detail}; {lost}" if found.detail else lost)


def _from_tree(source: str, text: str, tree: _Element, known: _Known, now: datetime) -> Extracted:
    found = meta.tags(tree)
    linked = read(tree, known.url)
    layout = rooms.read(tree, known.url or meta.canonical(tree, known.url))
    shown = captions.collect(layout)
    title = meta.title(tree, found, linked, known.feed_title, known.url)
    declared = meta.declared_language(tree, found)
    headline = own.headline_of(layout, title)
    canonical = meta.canonical(tree, known.url)
    place = known.url or canonical
    read_by = cascade.baseline if known.method == cascade.TRAFILATURA else cascade.find
    seen = survey.read(layout, title)
    taken = read_by(text, layout, title, linked, seen)
    around = header.find(layout, headline, taken.paragraphs)
    sites = [*meta.site_names(found, linked), meta.host_name(known.url)]
    items = markup.items(tree, text)
    people, wires = authors.find(tree, items, around, found, linked, sites)
    taken = replace(taken, paragraphs=authors.without_byline(taken.paragraphs, sites))
    clues = dates.Clues(tree, items, found, linked, around, Site(place, declared, known.feed_time))
    published = dates.published(clues, text, now)
    fields = Extracted(
        title=title,
        summary=meta.summary(found, linked, layout.standfirsts, meta.subtitle(layout, headline)),
        section=meta.section(source, layout, headline, found, linked, place),
        tags=meta.keywords(found, linked),
        image=meta.image(found, linked, known.url) or meta.link(captions.first_image(layout), known.url),
        canonical_url=canonical,
        origin_url=meta.origin(tree, known.url),
        captions=shown,
        authors=people,
        agencies=(*wires, *agencies.of_lines(around.lines())),
        published_at=published.moment if published else None,
        published_at_source=published.source if published else None,
        published_at_precision=published.precision if published else Precision.TIME,
        updated_at=dates.modified(clues, published, now),
    )
    # An article about an error is called so in the feed too.
    announced = bool(title) and plain.key(title) == plain.key(known.feed_title)
    unexpected = None if announced else title
    signs = judge.look(tree, layout, found, linked, seen, unexpected, max(len(shown), captions.slides(layout)))
    head = _Head(linked, signs, declared)
    return _judged(fields, taken, head, known)


def _judged(fields: Extracted, found: Found, head: _Head, known: _Known) -> Extracted:
    paragraphs = without_note(found.paragraphs, fields.authors)
    text = joined(paragraphs)
    words = plain.words(text)
    reason, detail = judge.refuse(head.signs, words, known.min_words)
    kind = judge.kind(head.signs, words) if reason is None else judge.refused_kind(reason, head.signs)
    if reason is None and words < known.min_words:
        kind = judge.short_kind(head.signs, words)
        text = _what_it_has(text, found.method, kind, fields.captions)
    sure = found.agreement
    if sure is None:
        sure = quality.of_one_reading(paragraphs, fields.title, fields.summary, head.linked, head.signs)
    sure = quality.doubted(sure, head.signs, words, known.min_words) if text else 0.0
    return replace(
        fields,
        body=text,
        agencies=tuple(dict.fromkeys((*agencies.of_body([item.text for item in paragraphs]), *fields.agencies))),
        language=language.identify(text or f"{fields.title} {fields.summary}", head.language),
        kind=kind,
        paywall=head.signs.locked,
        method=found.method,
        quality=round(sure if reason is None else min(sure, quality.REFUSED), 3),
        reason=reason,
        detail=detail,
        fulltext=reason is None and bool(text),
    )


def _what_it_has(text: str, method: str, kind: Kind, shown: tuple[Caption, ...]) -> str:
    """The little text of a gallery, a video, a teaser: a gallery's are its captions; another reading's is the menu."""
    if kind is Kind.GALLERY and shown:
        return "\n\n".join(caption.text for caption in shown if caption.text)
    return "" if method == cascade.TRAFILATURA else text


def _refused(reason: Reason, detail: str) -> Extracted:
    return Extracted(reason=reason, detail=detail, fulltext=False)
