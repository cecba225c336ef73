"""`show`: one article of the archive, and how a person's reference to it is resolved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from worker.cli.options import archive_settings, article_reference, data_option, json_option
from worker.cli.terminal import count, emit, json_line, local, one_line, plain, results, say
from worker.index.compose import FOUND_AT, SAME_AS
from worker.index.documents import article_to_json
from worker.models import Article, ArticleId, DateSource, Event, Precision
from worker.ports import ArticleIndex
from worker.query.ast import Equals, Search
from worker.urls import article_id, canonical_url


@click.command()
@click.argument("reference", metavar="URL|ID")
@json_option
@data_option
def show(reference: str, as_json: bool, data_dir: Path | None) -> int:
    """Show one article: its text and everything known about it.

    The reference is the article's URL (tracking parameters do not matter) or its id.
    Exit code 1 when the archive does not hold it; `feedmill explain URL` then says why.
    """
    from worker.wiring import Wiring

    with Wiring(archive_settings(data_dir)) as wiring:
        article = find_article(wiring.index, reference)
    if article is None:
        say(f"feedmill: not in the archive: {reference}; `feedmill explain` says why")
        return 1
    if as_json:
        emit(json_line(article_to_json(article)))
    else:
        print_article(article)
    return 0


def find_article(index: ArticleIndex, reference: str) -> Article | None:
    """By id; by the URL it was found at, or another one that leads to it; else as the URL's last outcome tells."""
    id_, url = article_reference(reference)
    article = index.get(id_)
    if article is None and url:
        article = _found(index, Equals("url", url)) or _found(index, Equals("aliases", canonical_url(url)))
    return article or told_by(index, index.events(id_))


def told_by(index: ArticleIndex, events: Sequence[Event]) -> Article | None:
    """Where the newest outcome says that the article is, when it has another id than the URL that was offered."""
    detail = events[0].detail if events else ""
    if detail.startswith(SAME_AS):
        return index.get(ArticleId(detail.removeprefix(SAME_AS)))
    if detail.startswith(FOUND_AT):
        url = detail.removeprefix(FOUND_AT)
        return index.get(article_id(url)) or _found(index, Equals("url", url))
    return None


def _found(index: ArticleIndex, query: Equals) -> Article | None:
    page = index.search(Search(query, limit=1, collapse=False, highlight=False))
    return page.hits[0].article if page.hits else None


def print_article(article: Article) -> None:
    console = results()
    console.print(one_line(article.title) or "(no title)", style="bold")
    console.print(one_line(article.url), style="blue")
    console.print()
    for name, value in facts(article):
        console.print(f"{name:<12}{value}")
    text = article.body if article.extraction.fulltext else article.summary
    if text:
        console.print()
        console.print(plain(text))
    for caption in article.captions:
        credit = f" ({one_line(caption.credit)})" if caption.credit else ""
        console.print(f"[image] {one_line(caption.text)}{credit}", style="dim")


SOURCES = {
    DateSource.FEED: "the feed says",
    DateSource.JSON_LD: "the page's linked data say",
    DateSource.META: "the page's meta tags say",
    DateSource.TIME: "marked up on the page",
    DateSource.TEXT: "shown at the headline",
    DateSource.HTMLDATE: "found in the page's address or markup",
    DateSource.FIRST_SEEN: "nobody says; when it was first offered",
    DateSource.IMPORT: "the import says",
    DateSource.PAGE: "the page says",
}
"""In words; a test holds the two together."""


def published(article: Article) -> str:
    """In the reader's zone; where only the day is known, the day as it was written, whose hours mean nothing."""
    if article.published_at_precision is Precision.DAY:
        return article.published_at.strftime("%Y-%m-%d")
    return local(article.published_at)


def facts(article: Article) -> list[tuple[str, str]]:
    """What is worth a line, in the order of interest; empty fields are left out."""
    shared = f", {article.story.containment:.0%} of the text shared"
    standing = ", provisional while Redis is rebuilt" if article.story.provisional else ""
    story = "leads it" if article.story.is_lead else f"copy of {article.duplicate_of or article.story.id}{shared}"
    source = article.extraction.method if article.extraction.fulltext else "feed summary only"
    rows = [
        ("published", f"{published(article)} ({SOURCES[article.published_at_source]})"),
        ("changed", local(article.updated_at) if article.updated_at else ""),
        ("site", article.site),
        ("authors", ", ".join(article.authors)),
        ("language", article.language),
        ("section", article.section),
        ("tags", ", ".join(article.tags)),
        ("agencies", ", ".join(article.agencies)),
        ("kind", f"{article.kind.value}, behind a paywall" if article.paywall else article.kind.value),
        ("words", f"{article.word_count:,}"),
        ("text", f"{source}, quality {article.extraction.quality:.2f}"),
        ("story", f"{article.story.id} ({story}{standing})"),
        ("revision", count(article.revision, "version") if article.revision > 1 else ""),
        ("canonical", article.canonical_url),
        ("also at", ", ".join(article.aliases)),
        ("image", article.image),
        ("first seen", local(article.first_seen_at)),
        ("fetched", local(article.fetched_at)),
        ("indexed", local(article.indexed_at)),
        ("feed", article.feed),
        ("id", article.id),
    ]
    return [(name, one_line(value)) for name, value in rows if value]
