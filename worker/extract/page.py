"""One page: bytes -> `Extracted`. Pure; runs inside the killable child, which calls `run`.

Never raises on what a page holds, but for MemoryError and RecursionError: those are the sandbox's to report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import lxml.html

from worker.extract import agencies, body, captions, charset, dates, jsonld, judge, language, markup, meta, plain, sniff
from worker.extract.body import Paragraph
from worker.extract.jsonld import LinkedData, read
from worker.extract.values import extracted_from_json, extracted_to_json
from worker.models import Extracted, Reason

__all__ = ["extract", "extracted_from_json", "extracted_to_json", "run"]

TRAFILATURA = "trafilatura"
LINKED_DATA = "linked_data"
_RESCUE_CHARS = 600  # shorter articleBody values are teasers more often than texts (measured: 4 of 16)


@dataclass(frozen=True, slots=True)
class _Head:
    """Everything but the body, read before the tree is cut."""

    meta: Mapping[str, str]
    linked: LinkedData
    signs: judge.Signs


def prepare() -> None:
    """Load the language model: the sandbox calls this before it forbids writing files, which the loader does."""
    language.identify("A sentence that is long enough for the model to be asked about it at all, and so to be loaded.")


def run(argument: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """The sandbox's entry. `argument`: url, content_type, feed_title, feed_summary, min_words, now (RFC 3339).

    Where the page is no article the feed's words are kept, so the language is theirs.
    """
    found = extract(
        body,
        content_type=argument.get("content_type", ""),
        url=argument.get("url", ""),
        feed_title=argument.get("feed_title", ""),
        min_words=argument["min_words"],
        now=datetime.fromisoformat(argument["now"]),
    )
    if found.reason is not None:
        kept = f"{argument.get('feed_title', '')} {argument.get('feed_summary', '')}"
        found = replace(found, language=language.identify(kept, found.language))
    return extracted_to_json(found)


def extract(
    body: bytes, *, content_type: str = "", url: str = "", feed_title: str = "", min_words: int = 40, now: datetime
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
    if problem := sniff.over_limits(text):
        return _refused(Reason.TOO_LARGE, problem)
    tree, is_cut = markup.parse_page(text)
    if tree is None:
        return _refused(Reason.EMPTY, "no elements")
    found = _from_tree(tree, url, feed_title, min_words, now)
    if not is_cut:
        return found
    lost = f"markup deeper than {markup.MAX_DEPTH} levels is lost"
    return replace(found, detail=f"{found.detail}; {lost}" if found.detail else lost)


def _from_tree(tree: lxml.html.HtmlElement, url: str, feed_title: str, min_words: int, now: datetime) -> Extracted:
    found = meta.tags(tree)
    linked = read(tree)
    shown = captions.collect(tree)
    head = _Head(found, linked, judge.look(tree, found, linked, url, len(shown)))
    title = meta.title(tree, found, linked, feed_title)
    fields = Extracted(
        title=title,
        summary=meta.summary(found, linked),
        section=meta.section(found, linked),
        tags=meta.keywords(found, linked),
        image=meta.image(found, linked, url),
        canonical_url=meta.canonical(tree, url),
        captions=shown,
    )
    declared = meta.declared_language(tree, found)
    markup.prune(tree)
    people, wires = meta.authors(tree, found, linked)
    published = dates.published(tree, found, linked, url, now)
    captions.cut_loose(tree)
    paragraphs, method = _body(tree, title, linked)
    return _judged(
        replace(
            fields,
            authors=people,
            agencies=agencies.of_body([item.text for item in paragraphs]) or wires,
            published_at=published,
            published_at_source="page" if published else "",
            updated_at=dates.modified(found, linked, published, now),
            method=method,
        ),
        paragraphs,
        head,
        declared,
        min_words,
    )


def _judged(fields: Extracted, paragraphs: list[Paragraph], head: _Head, declared: str, min_words: int) -> Extracted:
    text = "\n\n".join(item.text for item in paragraphs)
    words = plain.words(text)
    reason, detail = judge.refuse(head.signs, words, min_words)
    sure = judge.quality(paragraphs, fields.title, fields.summary, head.linked, head.signs)
    return replace(
        fields,
        body=text,
        language=language.identify(text or f"{fields.title} {fields.summary}", declared),
        kind=judge.kind(head.signs, head.linked, words),
        quality=sure if reason is None else min(sure, 0.2),
        reason=reason,
        detail=detail,
        fulltext=reason is None,
    )


def _body(tree: lxml.html.HtmlElement, title: str, linked: LinkedData) -> tuple[list[Paragraph], str]:
    """The text in the markup; where that gives next to nothing, the text in the linked data, if it is a whole one."""
    paragraphs = body.find(tree, title)
    claimed = jsonld.text(linked.article.get("articleBody"))[: body.MAX_CHARS]
    if len(claimed) > _RESCUE_CHARS and sum(len(item.text) for item in paragraphs) * 3 < len(claimed):
        parts = [plain.block(part) for part in _unmarked(claimed).split("\n")]
        return body.trim([Paragraph(part) for part in parts if part], title), LINKED_DATA
    return paragraphs, TRAFILATURA


def _unmarked(claimed: str) -> str:
    """Some sites put markup into articleBody."""
    if "<" not in claimed:
        return claimed
    tree = markup.parse(claimed)
    if tree is None:
        return ""
    for element in tree.iter("p", "br", "div", "li", "h2", "h3"):
        element.tail = "\n" + (element.tail or "")
    return str(tree.text_content())


def _refused(reason: Reason, detail: str) -> Extracted:
    return Extracted(reason=reason, detail=detail, fulltext=False)
