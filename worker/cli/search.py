"""`search`: the archive by words, for people and for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from worker.cli.articles import published
from worker.cli.options import archive_settings, data_option, json_option, local_now
from worker.cli.terminal import as_html, count, emit, indented, json_line, marked, one_line, results, say
from worker.index.documents import article_to_json
from worker.models import Hit, SearchPage
from worker.query.ast import Search, Sort

EXACT_TOTAL = 10_000
NAMED_SITES = 4


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Most hits to print.")
@click.option("--offset", type=click.IntRange(0, 9_999), default=0, help="So many hits are left out: the next page.")
@click.option(
    "--sort",
    type=click.Choice(["newest", "best"]),
    default="newest",
    show_default=True,
    help="Newest published first, or best match first.",
)
@click.option(
    "--no-collapse", "--all", "no_collapse", is_flag=True, help="Show every copy of a story, not one hit per story."
)
@json_option
@data_option
def search(
    query: tuple[str, ...], limit: int, offset: int, sort: Sort, no_collapse: bool, as_json: bool, data_dir: Path | None
) -> None:
    """Search title, summary and body in Lucene syntax.

    \b
      feedmill search 'lawrow AND kim lang:de since:7d'
      feedmill search '"climate summit" -sport' --sort best
      feedmill search 'title:wahl* site:example.org' --json

    Several words must all occur. A query that begins with `-` goes behind `--`. The fields are in docs/cli.md.
    """
    from worker.query.parse import parse
    from worker.wiring import Wiring

    settings = archive_settings(data_dir)
    node = parse(" ".join(query), local_now())
    request = Search(node, sort=sort, limit=limit, offset=offset, collapse=not no_collapse)
    with Wiring(settings) as wiring:
        page = wiring.index.search(request)
        if as_json:
            for hit in page.hits:
                emit(json_line(hit_to_json(hit)))
        else:
            print_page(results(), page)
    say(summary(page))


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """The document shape plus `score`, `snippet` (HTML: escaped text, matches in <em>), `copies` and `sites`."""
    return {
        **article_to_json(hit.article),
        "score": hit.score,
        "snippet": as_html(hit.snippet),
        "copies": hit.copies,
        "sites": hit.sites,
    }


def summary(page: SearchPage) -> str:
    if not page.total:
        return "nothing matches"
    shown = f", {len(page.hits):,} shown" if len(page.hits) < page.total else ""
    if page.total >= EXACT_TOTAL:
        return f"{EXACT_TOTAL:,} or more articles match{shown}"
    return f"{count(page.total, 'article matches', 'articles match')}{shown}"


def print_page(console: Console, page: SearchPage) -> None:
    for hit in page.hits:
        print_hit(console, hit)


def print_hit(console: Console, hit: Hit) -> None:
    article = hit.article
    console.print(one_line(article.title) or "(no title)", style="bold")
    line = [article.site, published(article), article.language or "?"]
    if hit.copies > 1:
        line.append(f"and {count(hit.copies - 1, 'copy', 'copies')} on {where(hit)}")
    indented(console, Text(one_line(" · ".join(line)), "dim"))
    snippet = marked(hit.snippet, "bold yellow")
    if snippet.plain.strip():
        indented(console, snippet)
    console.print(f"    {one_line(article.url)}", style="blue", soft_wrap=True)  # one line, so that it can be clicked
    console.print()


def where(hit: Hit) -> str:
    """`a.example, b.example (3 sites)`; all copies may be on one."""
    others = [site for site in hit.named_sites if site != hit.article.site][:NAMED_SITES]
    if hit.sites == 1 or not others:
        return "the same site"
    more = ", …" if hit.sites > len(others) + 1 else ""
    return f"{', '.join(others)}{more} ({hit.sites:,} sites)"
