"""`poll`: a dry run of one feed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from worker.cli.options import data_option, json_option, load_settings, without_scheme
from worker.cli.reasons import REASONS
from worker.cli.terminal import ago, count, emit, json_line, local, one_line, results, say
from worker.errors import InputError, StageError
from worker.models import Entry, Page, ParsedFeed, Reason
from worker.settings import Settings
from worker.urls import clean_url

if TYPE_CHECKING:
    from worker.ports import Downloader, Sandbox

FUNCTION = "parse_feed"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):/")
NOWHERE = "https://feed.invalid/"
"""Base of relative links in a file: they stay recognisable, and are never requested."""

OF_A_FEED: Mapping[Reason, str] = {
    Reason.NOT_A_FEED: "This is no RSS, Atom or JSON feed; a site's page often names its feed in a "
    '<link rel="alternate"> of its head.',
    Reason.GONE: "Nothing is there any more (410): the feed was taken away, or has moved.",
    Reason.CLIENT_ERROR: "The server says that there is nothing to get under this address (4xx); is it spelt right?",
    Reason.FORBIDDEN: "The site denies this address (401, 402, 403, 451); setting FEEDMILL_NET__CONTACT helps "
    "operators to trust us.",
    Reason.URL_INVALID: "This is no usable URL.",
}
"""Where the general sentence speaks of an article, or advises what was just done."""


@click.command()
@click.argument("source", metavar="URL|FILE")
@json_option
@data_option
def poll(source: str, as_json: bool, data_dir: Path | None) -> int:
    """Show what a feed would give now: a dry run that stores nothing.

    With --json, one entry per line: id, url, title, summary, published_at, updated_at, authors, tags, image.
    A URL is asked once, as a worker would ask; a file is only read. Exit code 1 when there is no feed.
    """
    settings = load_settings(data_dir)
    try:
        page, parsed = asyncio.run(read(source, settings))
    except StageError as error:
        detail = f" ({error.detail})" if error.detail else ""
        say(f"feedmill: {source}: {error.reason.value}{detail}: {OF_A_FEED.get(error.reason, REASONS[error.reason])}")
        return 1
    _print(page, parsed, as_json)
    return 0


async def read(source: str, settings: Settings) -> tuple[Page, ParsedFeed]:
    """Bytes of a file or of one polite request, parsed in the sandbox as a worker does. Raises StageError."""
    from worker.poll.answer import refuse_other_than_feed
    from worker.poll.parse import parsed_from_json
    from worker.wiring import Wiring

    with Wiring(settings) as wiring:
        if is_url(source):
            downloader: Downloader = wiring.downloader()
            try:
                url = clean_url(source)
                answer = await downloader.get(url, deadline_s=settings.net.feed_deadline_s)
                refuse_other_than_feed(answer, asked_if_changed=False, now=datetime.now(UTC))
                page = answer.page
            finally:
                await downloader.close()
        else:
            page = _from_file(Path(source), settings.net.max_decoded_bytes)
        sandbox: Sandbox = wiring.sandbox()
        try:
            argument = {"url": page.url, "content_type": page.content_type, "now": datetime.now(UTC).isoformat()}
            return page, parsed_from_json(await sandbox.call(FUNCTION, argument, page.body))
        finally:
            await sandbox.close()


def is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _from_file(path: Path, limit: int) -> Page:
    if not path.exists():
        source = str(path)
        if scheme := _SCHEME.match(source):
            raise InputError(f"{scheme[1]}: is not supported: a feed's URL begins with http:// or https://")
        if "/" in source and (meant := without_scheme(source)):
            raise InputError(f"there is no file {source}; for a URL, http:// or https:// is missing: {meant}")
    try:
        with path.open("rb") as file:
            body = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"neither an http(s) URL nor a file that can be read: {path} ({error.strerror})") from None
    if len(body) > limit:
        raise InputError(f"{path} is larger than FEEDMILL_NET__MAX_DECODED_BYTES ({limit:,})")
    return Page(url=NOWHERE, body=body)


def _print(page: Page, parsed: ParsedFeed, as_json: bool) -> None:
    from worker.poll.wire import entry_to_json

    for entry in parsed.entries:
        if as_json:
            emit(json_line(entry_to_json(entry)))
        else:
            print_entry(results(), entry)
    say(summary(page, parsed))
    for rejected in parsed.rejected[:20]:
        say(f"not usable: {one_line(rejected.title or rejected.id or '(no title)', 80)}: {REASONS[rejected.reason]}")


def print_entry(console: Console, entry: Entry) -> None:
    console.print(one_line(entry.title) or "(no title)", style="bold")
    date = local(entry.published_at or entry.updated_at)
    authors = f" · {one_line(', '.join(entry.authors))}" if entry.authors else ""
    console.print(f"    {date}{authors}", style="dim")
    if entry.summary:
        console.print(f"    {one_line(entry.summary, 300)}")
    console.print(f"    {one_line(entry.url)}", style="blue")


def summary(page: Page, parsed: ParsedFeed) -> str:
    """What is worth knowing about the feed as a whole, in one line."""
    parts = [count(len(parsed.entries), "entry", "entries"), f"“{one_line(parsed.title)}”" if parsed.title else ""]
    parts += [f"language {parsed.language}" if parsed.language else ""]
    parts += [f"a sitemap index; its newest: {' '.join(parsed.children)}" if parsed.children else ""]
    parts += [f"asks for {ago(parsed.ttl_s)} between polls" if parsed.ttl_s else ""]
    parts += [f"{parsed.truncated:,} more cut off" if parsed.truncated else ""]
    parts += ["not well-formed; what could be read is shown" if parsed.malformed else ""]
    parts += [f"permanently moved to {page.url}: subscribe to that" if page.permanent else ""]
    return ", ".join(part for part in parts if part)
