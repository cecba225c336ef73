"""`show`: one article of the archive, and how a person's reference to it is resolved."""

from __future__ import annotations

from pathlib import Path

import click

from worker.cli.options import archive_settings, article_reference, data_option, json_option
from worker.cli.terminal import count, emit, json_line, local, one_line, plain, results, say
from worker.index.documents import article_to_json
from worker.models import Article
from worker.ports import ArticleIndex
from worker.query.ast import Equals, Search


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
    """By id; else by the URL it was offered under; else by the URL it was finally found at (redirects)."""
    article_id, url = article_reference(reference)
    article = index.get(article_id)
    if article is None and url:
        page = index.search(Search(Equals("url", url), limit=1, collapse=False, highlight=False))
        article = page.hits[0].article if page.hits else None
    return article


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


def facts(article: Article) -> list[tuple[str, str]]:
    """What is worth a line, in the order of interest; empty fields are left out."""
    shared = f", {article.story.containment:.0%} of the text shared"
    story = "leads it" if article.story.is_lead else f"copy of {article.duplicate_of or article.story.id}{shared}"
    source = article.extraction.method if article.extraction.fulltext else "feed summary only"
    rows = [
        ("published", f"{local(article.published_at)} (from {article.published_at_source})"),
        ("site", article.site),
        ("authors", ", ".join(article.authors)),
        ("language", article.language),
        ("section", article.section),
        ("tags", ", ".join(article.tags)),
        ("agencies", ", ".join(article.agencies)),
        ("kind", article.kind.value),
        ("words", f"{article.word_count:,}"),
        ("text", f"{source}, quality {article.extraction.quality:.2f}"),
        ("story", f"{article.story.id} ({story})"),
        ("revision", count(article.revision, "version") if article.revision > 1 else ""),
        ("image", article.image),
        ("first seen", local(article.first_seen_at)),
        ("fetched", local(article.fetched_at)),
        ("indexed", local(article.indexed_at)),
        ("feed", article.feed),
        ("id", article.id),
    ]
    return [(name, one_line(value)) for name, value in rows if value]
