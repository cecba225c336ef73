"""`search`: the archive by words, for people and for programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from worker.cli.options import archive_settings, data_option, json_option, local_now
from worker.cli.terminal import as_html, count, emit, indented, json_line, local, marked, one_line, results, say
from worker.index.documents import article_to_json
from worker.models import Hit, SearchPage
from worker.ports import ArticleIndex
from worker.query.ast import And, Equals, Search, Sort

EXACT_TOTAL = 10_000
NAMED_COPIES = 4


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Most hits to print.")
@click.option(
    "--sort",
    type=click.Choice(["newest", "best"]),
    default="newest",
    show_default=True,
    help="Newest published first, or best match first.",
)
@click.option("--no-collapse", is_flag=True, help="Show every copy of a story, not one hit per story.")
@json_option
@data_option
def search(
    query: tuple[str, ...], limit: int, sort: Sort, no_collapse: bool, as_json: bool, data_dir: Path | None
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
    request = Search(node, sort=sort, limit=limit, collapse=not no_collapse)
    with Wiring(settings) as wiring:
        page = wiring.index.search(request)
        if as_json:
            for hit in page.hits:
                emit(json_line(hit_to_json(hit)))
        else:
            print_page(results(), page, wiring.index, request)
    say(summary(page))


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """The document shape plus `score`, `snippet` (HTML: escaped text, matches in <em>) and `copies`."""
    return {**article_to_json(hit.article), "score": hit.score, "snippet": as_html(hit.snippet), "copies": hit.copies}


def summary(page: SearchPage) -> str:
    if not page.total:
        return "nothing matches"
    shown = f", {len(page.hits):,} shown" if len(page.hits) < page.total else ""
    if page.total >= EXACT_TOTAL:
        return f"{EXACT_TOTAL:,} or more articles match{shown}"
    return f"{count(page.total, 'article matches', 'articles match')}{shown}"


def print_page(console: Console, page: SearchPage, index: ArticleIndex, request: Search) -> None:
    for hit in page.hits:
        copies = other_sites(index, request, hit) if request.collapse and hit.copies > 1 else []
        print_hit(console, hit, copies)


def other_sites(index: ArticleIndex, request: Search, hit: Hit) -> list[str]:
    """Sites of the matching copies behind a collapsed hit, the first few; one more query, by story id."""
    behind = And((request.query, Equals("story.id", hit.article.story.id)))
    page = index.search(replace(request, query=behind, collapse=False, highlight=False, limit=NAMED_COPIES + 1))
    sites = [other.article.site for other in page.hits if other.article.id != hit.article.id]
    return list(dict.fromkeys(sites))[:NAMED_COPIES]


def print_hit(console: Console, hit: Hit, sites: list[str]) -> None:
    article = hit.article
    console.print(one_line(article.title) or "(no title)", style="bold")
    line = [article.site, local(article.published_at), article.language or "?"]
    if hit.copies > 1:
        where = f" on {', '.join(sites)}" if sites else ""
        line.append(f"and {count(hit.copies - 1, 'copy', 'copies')}{where}")
    indented(console, Text(one_line(" · ".join(line)), "dim"))
    snippet = marked(hit.snippet, "bold yellow")
    if snippet.plain.strip():
        indented(console, snippet)
    console.print(f"    {one_line(article.url)}", style="blue", soft_wrap=True)  # one line, so that it can be clicked
    console.print()
