"""`feeds log`: what a feed's server was asked, when and why; to be pasted into an answer to its operator."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from worker.cli.feeds_find import ids_of, no_such
from worker.cli.options import data_option, json_option, load_settings
from worker.cli.terminal import count, emit, json_line, one_line, results, say
from worker.index.documents import rfc3339
from worker.models import Asked
from worker.schedule.explain import span, why_in_words

if TYPE_CHECKING:
    from datetime import datetime


@click.command()
@click.argument("reference", metavar="URL|ID")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="So many of the newest.")
@json_option
@data_option
def log(reference: str, limit: int, as_json: bool, data_dir: Path | None) -> int:
    """Show the last polls of a feed, oldest first: what was asked and why, what was answered, what followed.

    Times are in UTC, so that a server's operator can compare them with a log there. Works for 30 days after a feed was
    unsubscribed. Exit code 1 when nothing is known of such a feed.
    """
    from worker.wiring import Wiring

    settings = load_settings(data_dir)
    with Wiring(settings) as wiring:
        ids = wiring.feeds.known_as(ids_of(reference))
        known = next((each for each in ids if wiring.feeds.get(each) is not None), None)
        polls = next((found for each in ids if (found := wiring.feeds.log(each))), [])
    if known is None and not polls:
        return no_such(reference)
    shown = polls[-limit:]
    if as_json:
        for asked in shown:
            emit(json_line(asked_to_json(asked)))
        return 0
    if shown:
        console = results()
        console.print(one_line(shown[-1].url), style="bold")
        console.print(f"asked as: {settings.user_agent}")
        for asked in shown:
            print_asked(console, asked)
    say(f"{count(len(shown), 'poll')} of {len(polls):,} that are remembered, times in UTC" if polls else "never polled")
    return 0


def asked_to_json(asked: Asked) -> dict[str, Any]:
    got = asked.answered
    return {
        "at": rfc3339(asked.at),
        "why": asked.why,
        "url": asked.url,
        "conditional": asked.conditional,
        "if_none_match": asked.etag or None,
        "if_modified_since": asked.last_modified or None,
        "further": list(asked.further),
        "status": got.status or None,
        "bytes": got.received,
        "etag": got.etag or None,
        "last_modified": got.last_modified or None,
        "retry_after_s": got.retry_after_s,
        "reason": asked.reason.value if asked.reason else None,
        "detail": asked.detail,
        "entries": asked.entries,
        "new": asked.new,
        "took_ms": asked.took_ms,
        "next_at": rfc3339(asked.next_at) if asked.next_at else None,
        "next_why": asked.next_why or None,
    }


def print_asked(console: Console, asked: Asked) -> None:
    got = asked.answered
    console.print()
    console.print(f"{_utc(asked.at)}  GET {one_line(asked.url)}", style="bold")
    console.print(f"    why       {why_in_words(asked.why)}")
    sent = [("If-None-Match", asked.etag), ("If-Modified-Since", asked.last_modified)]
    for name, value in [each for each in sent if each[1]] or [("no validators", "in full")]:
        console.print(f"    sent      {name}: {one_line(value)}")
    for url in asked.further:
        console.print(f"    then      GET {one_line(url)}")
    if asked.reason is None:
        console.print("    answered  not known: it is being asked now, or the worker that asked has died")
        return
    console.print(f"    answered  {_status(got.status)}, {got.received:,} bytes, done after {asked.took_ms:,} ms")
    for name, value in (("ETag", got.etag), ("Last-Modified", got.last_modified)):
        if value:
            console.print(f"    answered  {name}: {one_line(value)}")
    if got.retry_after_s is not None:
        console.print(f"    answered  Retry-After: {span(got.retry_after_s)}")
    detail = f" ({one_line(asked.detail, 200)})" if asked.detail else ""
    news = f", {count(asked.entries, 'entry', 'entries')}, {asked.new:,} new" if asked.entries else ""
    console.print(f"    outcome   {asked.reason.value}{detail}{news}")
    if asked.next_at is not None:
        wait = span((asked.next_at - asked.at).total_seconds())
        console.print(f"    next      {_utc(asked.next_at)}, {wait} later: {why_in_words(asked.next_why)}")


def _status(status: int) -> str:
    if not status:
        return "nothing"
    phrase = next((each.phrase for each in HTTPStatus if each == status), "")
    return f"{status} {phrase}".strip()


def _utc(moment: datetime) -> str:
    return rfc3339(moment).replace("T", " ").partition(".")[0].removesuffix("Z")
