"""`stories`: which stories were printed most."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from worker.cli.options import archive_settings, data_option, json_option, local_now
from worker.cli.terminal import count, emit, indented, json_line, local, one_line, results, say
from worker.errors import UsageError
from worker.index.documents import rfc3339
from worker.models import Article, StorySize
from worker.query.ast import And, Between, Equals, Node

MOST = 1000


@click.command()
@click.option(
    "--since",
    metavar="AGE",
    default="24h",
    show_default=True,
    help="Counting what was published since: 24h, 7d, or a date such as 2026-01-31.",
)
@click.option("--language", metavar="CODE", help="Only articles in this language, such as de.")
@click.option("--limit", type=click.IntRange(1, MOST), default=20, show_default=True, help="Most stories to list.")
@json_option
@data_option
def stories(since: str, language: str | None, limit: int, as_json: bool, data_dir: Path | None) -> None:
    """List the largest stories: printed most often, then on most sites.

    Counted are the articles published since then; a story that was printed once is none. `feedmill story ID` shows
    who printed one first, and who changed what.
    """
    from worker.query.dates import read_since
    from worker.timeline.read import leads
    from worker.wiring import Wiring

    settings = archive_settings(data_dir)
    try:
        asked: list[Node] = [Between("published_at", low=read_since(since.strip(), local_now()).start)]
    except ValueError:
        raise UsageError(f"--since {since}: no time; write 24h, 7d, 2026-01-31 or 2026-01-31T18:00") from None
    if language is not None:
        asked.append(_language(language))
    with Wiring(settings) as wiring:
        found = wiring.index.largest_stories(And(tuple(asked)), limit)
        leading = leads(wiring.index, found) if found else {}
    if as_json:
        for story in found:
            emit(json_line(story_to_json(story, leading.get(story.id))))
    else:
        print_stories(results(), found, leading)
    listed = "the largest, there may be more" if len(found) == limit else ""
    say(f"{count(len(found), 'story', 'stories')} in several copies since {since}{listed and f' ({listed})'}")


def _language(code: str) -> Node:
    code = code.strip().lower()
    if not (code.isascii() and code.isalpha() and 2 <= len(code) <= 3):
        raise UsageError(f"--language {code}: no language code; write de, en, fr, ...")
    return Equals("language", code)


def story_to_json(story: StorySize, lead: Article | None) -> dict[str, Any]:
    return {
        "id": story.id,
        "copies": story.copies,
        "sites": story.sites,
        "first_at": rfc3339(story.first_at),
        "title": lead.title if lead else "",
        "language": lead.language if lead else "",
        "lead": lead.id if lead else None,
        "url": lead.url if lead else None,
        "site": lead.site if lead else None,
    }


def print_stories(console: Console, found: list[StorySize], leading: Mapping[str, Article]) -> None:
    for story in found:
        lead = leading.get(story.id)
        console.print((one_line(lead.title) if lead else "") or "(no title)", style="bold")
        copies = f"{count(story.copies, 'copy', 'copies')} on {count(story.sites, 'site')}"
        facts = [copies, f"first {local(story.first_at)}", *((lead.language or "?", lead.site) if lead else ())]
        indented(console, Text(one_line(" · ".join(fact for fact in facts if fact)), "dim"))
        console.print(f"    feedmill story {story.id}", style="blue", soft_wrap=True)
        console.print()
