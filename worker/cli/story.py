"""`story`: one story's timeline, and what two of its copies say differently."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from worker.cli.articles import find_article
from worker.cli.options import ID, archive_settings, article_reference, data_option, json_option
from worker.cli.terminal import ago, count, emit, indented, json_line, local, one_line, plain, results, say
from worker.errors import UsageError
from worker.index.documents import rfc3339
from worker.models import Article
from worker.timeline.story import Print, Timeline
from worker.timeline.words import Piece

if TYPE_CHECKING:
    from worker.wiring import Wiring

STYLES = {"same": "", "dropped": "red", "added": "green"}
MARKS = {"same": ("", ""), "dropped": ("[-", "-]"), "added": ("{+", "+}")}
SHOWN_AROUND = 12
"""Words of an unchanged passage that are shown before and after a change."""


@click.command()
@click.argument("reference", metavar="ID|URL")
@click.argument("copies", nargs=-1, metavar="[A [B]]")
@click.option(
    "--diff", "diff", is_flag=True, help="What copy B says otherwise than A, word by word; A alone: than the lead."
)
@json_option
@data_option
def story(reference: str, copies: tuple[str, ...], diff: bool, as_json: bool, data_dir: Path | None) -> None:
    """Show the timeline of a story: who printed it first, and what each copy changed.

    \b
      feedmill story https://example.org/news/1
      feedmill story 4f0c...e1 --diff 1 3

    The reference is a story's id, also one it had before it was merged, or any of its articles (id or URL).
    A and B are numbers of the list, ids, URLs, or `lead`.
    """
    from worker.timeline.story import by_reference, difference
    from worker.wiring import Wiring

    if diff and not 1 <= len(copies) <= 2:
        raise UsageError("--diff wants one copy (against the lead) or two: numbers of the list, ids, URLs, or `lead`")
    if copies and not diff:
        raise UsageError(f"what is to be done with {copies[0]}? `--diff {' '.join(copies)}` compares copies")
    with Wiring(archive_settings(data_dir, state=True)) as wiring:
        found = look_up(wiring, reference)
    if found is None:
        raise UsageError(f"no story and no article of the archive: {reference}; `feedmill stories` lists stories")
    compared: list[Print] = []
    for name in ("lead", *copies)[-2:] if diff else ():
        print_ = by_reference(found, *_as_known(name))
        if print_ is None:
            has = count(len(found.prints), "copy", "copies")
            raise UsageError(f"no copy {name} in this story of {has}; `feedmill story {found.id}` lists them")
        compared.append(print_)
    pieces = difference(compared[0].article, compared[1].article) if compared else []
    if as_json:
        emit(json_line(story_to_json(found, compared, pieces)))
    elif compared:
        print_difference(results(), compared, pieces)
    else:
        print_timeline(results(), found)
    if found.more:
        say(f"the first {len(found.prints):,} copies; {found.more:,} or more later ones are left out")


def look_up(wiring: Wiring, reference: str) -> Timeline | None:
    """Through the merges that Redis knows of; without Redis by the index alone, which lags seconds behind."""
    from redis.exceptions import RedisError

    from worker.timeline.read import read_story

    id_, _ = article_reference(reference)

    def now_called(story_id: str) -> str:
        try:
            return wiring.stories.current([story_id])[story_id].id
        except RedisError:
            return story_id

    wanted = id_ if ID.fullmatch(reference.strip().lower()) else ""

    def find() -> Article | None:
        article = find_article(wiring.index, reference)
        if article is None:
            with suppress(RedisError):
                known = wiring.aliases.article_of([id_]).get(id_)
                article = wiring.index.get(known) if known else None
        return article

    return read_story(wiring.index, wanted, now_called=now_called, find=find)


def _as_known(name: str) -> tuple[str, ...]:
    """An id or URL as documents have it; numbers and `lead` as they are."""
    if name == "lead" or (name.isdigit() and len(name) < 7):
        return (name,)
    return article_reference(name)


def story_to_json(found: Timeline, compared: Sequence[Print] = (), pieces: Sequence[Piece] = ()) -> dict[str, Any]:
    """`delay_s` counts from the first; `kept`, `added`, `dropped`: words, against the lead. `diff` only where asked."""
    rows = [
        {
            "number": each.number,
            "id": each.article.id,
            "url": each.article.url,
            "site": each.article.site,
            "title": each.article.title,
            "published_at": rfc3339(each.article.published_at),
            "first_seen_at": rfc3339(each.article.first_seen_at),
            "delay_s": each.delay_s,
            "is_lead": each is found.lead,
            "containment": each.article.story.containment,
            "duplicate_of": each.article.duplicate_of,
            "revision": each.article.revision,
            "word_count": each.article.word_count,
            "kept": each.change.kept,
            "added": each.change.added,
            "dropped": each.change.dropped,
        }
        for each in found.prints
    ]
    answer: dict[str, Any] = {
        "id": found.id,
        "title": found.lead.article.title,
        "lead": found.lead.article.id,
        "first": found.prints[0].article.id,
        "copies": len(found.prints) + found.more,
        "sites": found.sites,
        "timeline": rows,
    }
    if compared:
        answer["diff"] = {
            "from": compared[0].article.id,
            "to": compared[1].article.id,
            "pieces": [{"kind": piece.kind, "text": " ".join(piece.words)} for piece in pieces],
        }
    return answer


def print_timeline(console: Console, found: Timeline) -> None:
    first = found.prints[0]
    console.print(one_line(found.lead.article.title) or "(no title)", style="bold")
    printed = f"{count(len(found.prints) + found.more, 'copy', 'copies')} on {count(found.sites, 'site')}"
    console.print(f"story {found.id} · {printed} · first on {one_line(first.article.site)}", style="dim")
    for each in found.prints:
        article = each.article
        console.print()
        delay = f"+{ago(each.delay_s)}" if each.delay_s else "first"
        role = "lead" if each is found.lead else f"{article.story.containment:.0%} of the text shared"
        words = count(article.word_count, "word")
        line = f"{each.number:>3}  {local(article.published_at)}  {delay:<8}  {article.site}  {words}, {role}"
        console.print(plain(line), style="bold" if each is found.lead else "")
        indented(console, Text(one_line(article.title) or "(no title)"))
        if each is not found.lead:
            indented(console, Text(changed(each, found.lead), "dim"))
        console.print(f"    {one_line(article.url)}", style="blue", soft_wrap=True)


def changed(each: Print, lead: Print) -> str:
    """What the copy made of the lead, in words."""
    if not each.article.extraction.fulltext:
        return "only the feed's summary is known"
    change = each.change
    if not change.added and not change.dropped:
        text = "the lead word for word"
    else:
        text = (
            f"{change.kept_share:.0%} of the lead kept, {count(change.dropped, 'word')} of it dropped,"
            f" {count(change.added, 'word')} added ({change.added_share:.0%} of this text)"
        )
    if one_line(each.article.title).casefold() != one_line(lead.article.title).casefold():
        text += "; another headline"
    return text


def print_difference(console: Console, compared: Sequence[Print], pieces: Sequence[Piece]) -> None:
    from worker.timeline.words import change

    for mark, kind, each in zip(("---", "+++"), ("dropped", "added"), compared, strict=True):
        when = local(each.article.published_at)
        console.print(f"{mark} {each.number}  {one_line(each.article.site)}  {when}", style="bold")
        console.print(f"    {one_line(each.article.title) or '(no title)'}", style=STYLES[kind])
    sums = change(pieces)
    console.print(
        f"{count(sums.kept, 'word')} kept ({sums.kept_share:.0%}), {sums.dropped:,} dropped, {sums.added:,} added",
        style="dim",
    )
    console.print()
    console.print(diff_text(pieces) if pieces else Text("neither has a text of its own"))


def diff_text(pieces: Sequence[Piece]) -> Text:
    """Dropped words as [-so-], added ones as {+so+}, coloured on a terminal; long unchanged passages are shortened."""
    text = Text()
    for number, piece in enumerate(pieces):
        words = list(piece.words)
        if piece.kind == "same":
            words = shortened(words, before=number > 0, after=number < len(pieces) - 1)
        on, off = MARKS[piece.kind]
        text.append((" " if number else "") + on + " ".join(plain(word) for word in words) + off, STYLES[piece.kind])
    return text


def shortened(words: list[str], *, before: bool, after: bool) -> list[str]:
    """`before`, `after`: whether a change precedes, follows; only words near one are kept."""
    kept = SHOWN_AROUND * (before + after) or SHOWN_AROUND
    left_out = len(words) - kept
    if left_out <= SHOWN_AROUND:  # not worth a gap
        return words
    head = words[:SHOWN_AROUND] if before or not after else []
    tail = words[-SHOWN_AROUND:] if after else []
    return [*head, f"… {left_out:,} words …", *tail]
