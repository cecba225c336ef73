"""`extract`: pages from disk, as a worker extracts them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from worker.cli.options import data_option, load_settings
from worker.cli.reasons import REASONS
from worker.cli.terminal import emit, json_line, one_line, plain, results, say
from worker.errors import InputError, Quarantine, Refuse, UsageError
from worker.models import Extracted, Reason
from worker.ports import Sandbox
from worker.settings import Settings
from worker.urls import clean_url


@click.command()
@click.argument("files", metavar="FILE|-...", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--url", default="", help="The page's address: resolves links, helps to find dates. For one page only.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object per page, in the order given.")
@data_option
def extract(files: Sequence[Path], url: str, as_json: bool, data_dir: Path | None) -> int:
    """Extract pages from disk exactly as a worker would.

    Same code, same limits, same killable child.
    `-` reads one page from stdin. With --json each line has `file`, the article's fields, and `reason` and `detail`
    where the page is refused; its text stays in the line. Exit code 1 when a page broke its limits.
    """
    settings = load_settings(data_dir)
    if url and len(files) > 1:
        raise UsageError("--url goes with one page, not with several")
    if sum(str(file) == "-" for file in files) > 1:
        raise UsageError("`-` can be read once only")
    for file in files:
        if str(file) != "-" and not file.is_file():
            raise InputError(f"{file} is not a file that can be read")
    if url:
        try:
            url = clean_url(url)
        except Refuse:
            raise UsageError(f"--url is no http(s) URL: {url}") from None
    return asyncio.run(_extract_all(files, url, as_json, settings))


async def _extract_all(files: Sequence[Path], url: str, as_json: bool, settings: Settings) -> int:
    broken = 0
    async for line in lines(files, url, settings):
        broken += line["reason"] in (Reason.EXTRACT_TIMEOUT, Reason.EXTRACT_MEMORY, Reason.EXTRACT_CRASHED)
        if as_json:
            emit(json_line(line))
        else:
            print_page(line)
    if broken:
        say(f"feedmill: {broken} of {len(files)} pages broke their limits of time or memory")
    return 1 if broken else 0


async def lines(files: Sequence[Path], url: str, settings: Settings) -> AsyncIterator[dict[str, Any]]:
    """One JSON object per page, in order. A page that breaks its limits gets its reason, the others go on."""
    from worker.extract.disk import to_line
    from worker.wiring import Wiring

    with Wiring(settings) as wiring:
        sandbox = wiring.sandbox()
        try:
            for file in files:
                body = _read(file, settings.net.max_decoded_bytes)
                found = await _extract_page(sandbox, body, url, settings)
                yield to_line(found, url=url, filename=str(file))
        finally:
            await sandbox.close()


async def _extract_page(sandbox: Sandbox, body: bytes, url: str, settings: Settings) -> Extracted:
    """As the extract stage asks the sandbox, its second try included; but the text of a refused page is kept."""
    from worker.extract.stage import FUNCTION
    from worker.extract.values import extracted_from_json

    options = settings.extract
    argument = {
        "url": url,
        "min_words": options.min_words,
        "method": options.method,
        "now": datetime.now(UTC).isoformat(),
    }
    try:
        answer = await sandbox.call(FUNCTION, argument, body)
    except Quarantine:
        try:
            answer = await sandbox.call(FUNCTION, argument, body)
        except Quarantine as error:
            return Extracted(reason=error.reason, detail=error.detail, fulltext=False)
    return extracted_from_json(answer)


def _read(file: Path, limit: int) -> bytes:
    try:
        if str(file) == "-":
            body = sys.stdin.buffer.read(limit + 1)
        else:
            with file.open("rb") as stream:
                body = stream.read(limit + 1)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    if len(body) > limit:
        raise InputError(f"{file} is larger than FEEDMILL_NET__MAX_DECODED_BYTES ({limit:,})")
    return body


def print_page(line: dict[str, Any]) -> None:
    console = results()
    console.print(one_line(line["title"]) or "(no title)", style="bold")
    source = f" ({line['published_at_source']}, {line['published_at_precision']})" if line["published_at"] else ""
    facts = [
        line["file"],
        f"{line['published_at'] or ''}{source}",
        line["language"],
        f"{line['word_count']} words",
        ", ".join((*line["authors"], *line["agencies"])),
        line["section"],
        "paywall" if line["paywall"] else "",
    ]
    console.print(one_line(" · ".join(fact for fact in facts if fact)), style="dim")
    if line["reason"]:
        console.print(f"refused: {line['reason']}: {REASONS[Reason(line['reason'])]}", style="yellow")
    if line["body"]:
        console.print()
        console.print(plain(line["body"]))
    console.print()
