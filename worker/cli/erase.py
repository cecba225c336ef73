"""`erase`: articles and whole domains taken out for good, and kept away."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from worker.cli.options import archive_settings, data_option, json_option
from worker.cli.terminal import count, emit, json_line, local, one_line, results, say
from worker.erasing.request import Request, request
from worker.errors import UsageError
from worker.index.erased import hashes_of, tombstone_to_json
from worker.models import Tombstone, TombstoneKind

if TYPE_CHECKING:
    from worker.erasing.erase import Erased, Erasing
    from worker.erasing.find import Found

SHOWN = 10
NOTE_CHARS = 500


@click.command()
@click.option("--url", "urls", multiple=True, metavar="URL|ID", help="An article, by any of its addresses. Repeatable.")
@click.option(
    "--domain", "domains", multiple=True, metavar="HOST", help="All of a site and what is below it. Repeatable."
)
@click.option("--note", default="", metavar="TEXT", help="Why; kept with the tombstone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.option("--undo", is_flag=True, help="Let what was erased come again; nothing comes back by itself.")
@click.option("--list", "listing", is_flag=True, help="What was erased, newest first.")
@json_option
@data_option
def erase(
    urls: tuple[str, ...],
    domains: tuple[str, ...],
    note: str,
    yes: bool,
    dry_run: bool,
    undo: bool,
    listing: bool,
    as_json: bool,
    data_dir: Path | None,
) -> int:
    """Erase articles or whole domains everywhere, for good, and keep them away.

    Out of the index, the events, stories, queues, the outbox, the memory of addresses and texts; of a domain also its
    feeds, its furniture, its robots.txt. Shows what goes, asks, erases, and looks for it again everywhere. What was
    killed on the way is finished by running it again. Copies on other sites stay, and are named.
    """
    from worker.wiring import Wiring

    if len(note) > NOTE_CHARS:
        raise UsageError(f"--note may have {NOTE_CHARS} characters")
    if listing and (urls or domains or undo):
        raise UsageError("--list takes nothing else")
    if not listing and not (urls or domains):
        raise UsageError("name what is to go: --url URL or --domain HOST; --list shows what was erased")
    wanted = request(urls, domains, note)
    with Wiring(archive_settings(data_dir, state=not listing)) as wiring:
        if listing:
            return show_list(wiring.index.tombstones(), as_json)
        if undo:
            return let_come(wiring.erasing(), wanted)
        return run(wiring.erasing(), wanted, ask=not yes, dry_run=dry_run, as_json=as_json)


def run(parts: Erasing, wanted: Request, *, ask: bool, dry_run: bool, as_json: bool) -> int:
    from worker.erasing.erase import counted
    from worker.erasing.erase import erase as erase_all

    found = parts.find(wanted)
    held = counted(parts, found.sought)
    if not as_json:
        show_plan(results(), wanted, found, held)
    if dry_run:
        if as_json:
            emit(json_line({"held": held, **_found_json(found)}))
        return 0
    if ask:
        if not sys.stdin.isatty():
            raise UsageError("nobody is there to be asked; --yes erases without asking, --dry-run only looks")
        if not click.confirm("Erase this? It cannot be brought back.", err=True):
            say("nothing was erased")
            return 1
    done = erase_all(parts, wanted, found, say)
    if as_json:
        emit(json_line(_done_json(found, done)))
    else:
        show_done(results(), done)
    for problem in done.problems:
        say(f"feedmill: {problem}")
    if any(line.left for line in done.lines):
        say("feedmill: something is left; run the command again")
    return 0 if done.done else 1


def show_plan(console: Console, wanted: Request, found: Found, held: Mapping[str, int]) -> None:
    if not any(held.values()):
        console.print("Nothing of it is here; it is kept away from now on.")
        return
    if found.number:
        console.print(f"{count(found.number, 'article')}:", style="bold")
    for document in found.documents[:SHOWN]:
        console.print(f"  {one_line(document.title, 100) or '(no title)'}")
        console.print(f"    {one_line(document.url)}", style="blue")
        for alias in document.aliases:
            console.print(f"    also {one_line(alias)}", style="dim")
    if found.number > SHOWN:
        console.print(f"  … and {found.number - SHOWN:,} more")
    for domain in wanted.domains:
        console.print(f"Everything of {domain} and below it.")
    console.print("Held: " + ", ".join(f"{place} {number:,}" for place, number in held.items() if number))
    if found.copies:
        console.print(f"{count(len(found.copies), 'copy', 'copies')} elsewhere that stay:")
        for document in found.copies[:SHOWN]:
            console.print(f"  {one_line(document.url)}", style="dim")
        if len(found.copies) > SHOWN:
            console.print(f"  … and {len(found.copies) - SHOWN:,} more")


def show_done(console: Console, done: Erased) -> None:
    console.print(f"{'place':<18}{'erased':>8}{'left':>8}", style="bold")
    told = [line for line in done.lines if line.erased or line.left]
    for line in told:
        console.print(f"{line.place:<18}{line.erased:>8,}{line.left:>8,}")
    nothing = [line.place for line in done.lines if line not in told]
    console.print(f"Searched as well, and there was nothing: {', '.join(nothing)}.")
    hashes = sum(len(each.hashes) for each in done.tombstones)
    domains = [each.domain for each in done.tombstones if each.domain]
    kept = [*([count(hashes, "hash", "hashes")] if hashes else []), *domains]
    left = sum(line.left for line in done.lines)
    console.print(f"{'Nothing is left' if not left else f'{left:,} left'}; kept away: {', '.join(kept)}.")


def show_list(tombstones: Sequence[Tombstone], as_json: bool) -> int:
    if as_json:
        for each in tombstones:
            emit(json_line(tombstone_to_json(each)))
        return 0
    console = results()
    for each in tombstones:
        what = each.domain or f"article {each.id}"
        note = f"  {one_line(each.note, 200)}" if each.note else ""
        console.print(f"{local(each.erased_at)}  {what}{note}")
    say(count(len(tombstones), "erasure"))
    return 0


def let_come(parts: Erasing, wanted: Request) -> int:
    from worker.erasing.erase import let_come as exhume

    keys = {f"domain:{domain}" for domain in wanted.domains}
    found = [each for each in parts.index.tombstones(list(wanted.domains)) if each.id in keys] if keys else []
    hashes = {key for named in wanted.articles for key in (named.id, *hashes_of(named.url))}
    found += [each for each in parts.index.tombstones(hashes) if each.kind is TombstoneKind.URL] if hashes else []
    if not found:
        say("feedmill: nothing of it was erased; `feedmill erase --list` shows what was")
        return 1
    exhume(parts, found)
    for each in found:
        say(f"{each.domain or f'article {each.id}'} may come again")
    say("nothing comes back by itself: feeds bring it when they change, an import at once")
    if any(each.domain for each in found):
        say("its feeds are to be subscribed to again: `feedmill feeds add URL`")
    return 0


def _found_json(found: Found) -> dict[str, Any]:
    return {
        "articles": found.number,
        "urls": [document.url for document in found.documents],
        "copies": [{"id": copy.id, "url": copy.url, "site": copy.site} for copy in found.copies],
    }


def _done_json(found: Found, done: Erased) -> dict[str, Any]:
    return {
        "done": done.done,
        "erased": {line.place: line.erased for line in done.lines},
        "left": {line.place: line.left for line in done.lines},
        "problems": list(done.problems),
        "tombstones": [tombstone_to_json(each) for each in done.tombstones],
        **_found_json(found),
    }
