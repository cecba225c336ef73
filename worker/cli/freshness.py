"""`freshness`: how long articles take from their publication into the archive, and which feeds have fallen silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from worker.cli.options import archive_settings, data_option, json_option, local_now
from worker.cli.reasons import LEFT_OUT
from worker.cli.terminal import count, emit, json_line, local, one_line, results, say
from worker.errors import UsageError
from worker.index.documents import rfc3339
from worker.models import Freshness, NoLag, Quantiles
from worker.query.dates import read_since
from worker.schedule.explain import span
from worker.schedule.silence import Silence, silence_of_feed

if TYPE_CHECKING:
    from worker.wiring import Wiring

SHOWN = 40
URL_WIDTH = 58


@click.command()
@click.option(
    "--since",
    default="7d",
    show_default=True,
    metavar="AGE",
    help="Only articles first seen since: 7d, 12h, or a date such as 2026-01-31.",
)
@click.option("--feed", metavar="URL", help="Only this feed, by its URL as it was subscribed.")
@json_option
@data_option
def freshness(since: str, feed: str | None, as_json: bool, data_dir: Path | None) -> None:
    """How long articles take into the archive, per feed, slowest first.

    The time from an article's publication until it was found in the feed, fetched and indexed; half of the articles
    took at most p50, nineteen of twenty at most p95. Left out, and counted, is what says nothing about it: entries
    that stood in a feed before it was first read, dates that are missing, lie ahead or a week back, imports, later
    versions.
    Feeds that are silent against their own rhythm are named.
    """
    from worker.wiring import Wiring

    try:
        start = read_since(since, local_now()).start
    except ValueError:
        raise UsageError(f"--since {since}: neither an age (7d, 12h) nor a date (2026-01-31)") from None
    with Wiring(archive_settings(data_dir, state=True)) as wiring:
        silent = silent_feeds(wiring, feed)
        found = wiring.index.freshness(start, None if feed is None else [feed])
    if as_json:
        for one in found:
            emit(json_line(freshness_to_json(one, silent.get(one.feed))))
        named = {one.feed for one in found}
        for url, silence in silent.items():
            if url not in named:
                emit(json_line(freshness_to_json(Freshness(url, 0, 0, None, None, None, None, {}), silence)))
        return
    print_freshness(results(), found, silent)
    if not found[0].articles:
        say(f"no article was first seen since {local(start)}" + (f" in {feed}" if feed else ""))


def silent_feeds(wiring: Wiring, only: str | None = None) -> dict[str, Silence]:
    """URL -> its silence, of those that are flagged, the least probable first."""
    pace = wiring.pacer.pace()
    judged = ((feed.url, silence_of_feed(state, pace)) for feed, state, _ in wiring.feeds.all())
    flagged = [(url, silence) for url, silence in judged if silence and silence.flagged and only in (None, url)]
    return dict(sorted(flagged, key=lambda row: row[1].probability))


def silence_to_json(silence: Silence | None) -> dict[str, Any] | None:
    """Also of a pause that is not flagged; null where too little is known of the feed's rhythm."""
    if silence is None:
        return None
    return {
        "flagged": silence.flagged,
        "since": rfc3339(datetime.fromtimestamp(int(silence.since_s), UTC)),
        "for_s": round(silence.for_s),
        "expected_entries": round(silence.expected, 2),
        "probability": float(f"{silence.probability:.3g}"),
    }


def silence_in_words(silence: Silence) -> str:
    """For example: silent for 3 d, in which its rhythm expects about 41 entries."""
    return f"silent for {span(silence.for_s)}, in which its rhythm expects about {silence.expected:.0f} entries"


def freshness_to_json(one: Freshness, silence: Silence | None) -> dict[str, Any]:
    return {
        "feed": one.feed or None,
        "articles": one.articles,
        "measured": one.measured,
        "found": _quantiles(one.found),
        "fetched": _quantiles(one.fetched),
        "indexed": _quantiles(one.indexed),
        "total": _quantiles(one.total),
        "left_out": {reason.value: one.left_out[reason] for reason in NoLag if one.left_out.get(reason)},
        "silence": silence_to_json(silence),
    }


def _quantiles(value: Quantiles | None) -> dict[str, float] | None:
    return {"p50_s": value.p50_s, "p95_s": value.p95_s} if value else None


def print_freshness(console: Console, found: list[Freshness], silent: Mapping[str, Silence]) -> None:
    """A line per feed: articles, then p50 and p95 of each part of the way."""
    everything, *each = found
    if everything.articles:
        head = f"{'articles':>8}{'measured':>10}{'found':>18}{'fetched':>18}{'indexed':>18}{'in all':>18}  feed"
        console.print(head, style="bold")
        console.print(f"{'':18}" + f"{'p50 / p95':>18}" * 4)
        for one in (everything, *each[:SHOWN]):
            parts = "".join(f"{_pair(part):>18}" for part in (one.found, one.fetched, one.indexed, one.total))
            name = one_line(one.feed, URL_WIDTH) if one.feed else "all feeds"
            flag = "  (silent)" if one.feed in silent else ""
            console.print(f"{one.articles:>8,}{one.measured:>10,}{parts}  {name}{flag}")
        if len(each) > SHOWN:
            console.print(f"{count(len(each) - SHOWN, 'feed')} more; --json has all")
        for reason in NoLag:
            if number := everything.left_out.get(reason):
                console.print(f"left out: {number:,} {LEFT_OUT[reason]}")
    for url, silence in silent.items():
        console.print(f"{one_line(url)}: {silence_in_words(silence)}")


def _pair(value: Quantiles | None) -> str:
    return f"{span(value.p50_s)} / {span(value.p95_s)}" if value else "-"
