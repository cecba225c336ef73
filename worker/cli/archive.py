"""`export` and `import`: the archive as JSON Lines."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from worker.cli.options import archive_settings, data_option, load_settings, local_now
from worker.cli.terminal import count, emit, json_line, say
from worker.errors import IndexUnavailable, InputError, ServerError
from worker.index.documents import article_to_json
from worker.query.ast import And, Everything, Node

if TYPE_CHECKING:
    from worker.wiring import Wiring

MAX_LINE_BYTES = 32 << 20
SHOWN_PROBLEMS = 20
DRAIN_EVERY = 500
REPORT_S = 2.0
# Somebody else may hold the last documents of the outbox (a worker that was killed: its share comes back in a minute).
PATIENCE_S = 90.0


@click.command()
@click.argument("query", nargs=-1)
@click.option("--since", metavar="AGE", help="Only articles published since: 7d, 12h, or a date such as 2026-01-31.")
@data_option
def export(query: tuple[str, ...], since: str | None, data_dir: Path | None) -> None:
    """Write every article, or those that match, as JSON Lines to stdout.

    Oldest first seen first, one document per line, copies included; safe while others write. `feedmill import` takes
    the same lines. For what came in since the last export, ask for `first_seen_at:[2026-01-31 TO *]`.
    """
    from worker.query.parse import parse
    from worker.wiring import Wiring

    settings = archive_settings(data_dir)
    now = local_now()
    parts: list[Node] = [parse(" ".join(query), now)] if query else []
    if since is not None:
        parts.append(parse(f"since:{since}", now))
    node = And(tuple(parts)) if len(parts) > 1 else parts[0] if parts else Everything()
    number = 0
    with Wiring(settings) as wiring:
        with suppress(IndexUnavailable, ServerError):  # a key that may only read may not refresh
            wiring.index.refresh()
        for article in wiring.index.scan(node):
            emit(json_line(article_to_json(article)))
            number += 1
    say(f"{count(number, 'article')} exported")


@click.command("import")
@click.argument("file", metavar="FILE|-", type=click.Path(path_type=Path, allow_dash=True))
@data_option
def import_(file: Path, data_dir: Path | None) -> int:
    """Take articles from JSON Lines into the archive.

    Each line is an object with at least url, title and body.
    Lines of `feedmill export` come back as the same documents. Others go through deduplication as fetched articles do.
    Importing twice changes nothing, so an interrupted import is resumed by starting it again.
    Exit code 1 when a line was refused (said which and why) or the index did not answer.
    """
    from worker.importing.take import Outcome, import_lines
    from worker.wiring import Wiring, utc_now

    settings = load_settings(data_dir)
    outcomes: Counter[Outcome] = Counter()
    report_at = time.monotonic() + REPORT_S
    with _open(file) as stream, Wiring(settings) as wiring:
        wiring.index.setup()
        done = import_lines(
            _lines(stream),
            index=wiring.index,
            stories=wiring.stories,
            outbox=wiring.outbox,
            clock=utc_now,
            aliases=wiring.aliases,
        )
        for result in done:
            outcomes[result.outcome] += 1
            if result.outcome is Outcome.REFUSED and outcomes[Outcome.REFUSED] <= SHOWN_PROBLEMS:
                say(f"line {result.line}: {result.problem}")
            total = sum(outcomes.values())
            if total % DRAIN_EVERY == 0:
                drain(wiring, below=DRAIN_EVERY)
            if time.monotonic() >= report_at:
                say(count(total, "line"))
                report_at = time.monotonic() + REPORT_S
        drained = drain(wiring, below=1)
        if drained:
            settle(wiring)
            wiring.index.refresh()  # what was imported is found from now on
    say(
        f"{outcomes[Outcome.TAKEN]:,} imported, {outcomes[Outcome.KNOWN]:,} known already,"
        f" {outcomes[Outcome.REFUSED]:,} refused"
    )
    return 0 if drained and not outcomes[Outcome.REFUSED] else 1


def drain(wiring: Wiring, *, below: int) -> bool:
    """Index what waits in the outbox until fewer than `below` documents are left; False when they do not go."""
    consumer = f"import-{time.time_ns():x}"
    idle_since = time.monotonic()
    while wiring.outbox.size()[0] >= below:
        try:
            done = wiring.write_batch(consumer)
        except IndexUnavailable as error:
            say(f"feedmill: the index does not answer ({error}); what was read waits in the outbox for a worker")
            return False
        if done.taken > done.retried:
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since > PATIENCE_S:
            left = wiring.outbox.size()[0]
            say(f"feedmill: {count(left, 'document')} still in the outbox; a worker will index them")
            return False
        else:
            time.sleep(0.2)
    return True


def settle(wiring: Wiring) -> None:
    """Bring the documents of merged stories into line; what cannot be done now is left to a worker."""
    from worker.deduplicate.parameters import RULES
    from worker.index.stories import settle_stories

    try:
        done = 1
        while done:
            done = settle_stories(
                wiring.stories, wiring.index, wiring.outbox, limit=100, lead_growth=RULES.lead_growth,
                changed=wiring.story_changed,
            ).done  # fmt: skip
    except IndexUnavailable as error:
        say(f"feedmill: the index does not answer ({error}); stories are settled by a worker later")


def _open(file: Path) -> AbstractContextManager[IO[bytes]]:
    if str(file) == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return file.open("rb")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines as bytes; one longer than MAX_LINE_BYTES comes cut: it is refused then, and never held in memory."""
    while line := stream.readline(MAX_LINE_BYTES):
        yield line
        while not line.endswith(b"\n") and len(line) == MAX_LINE_BYTES:
            line = stream.readline(MAX_LINE_BYTES)
