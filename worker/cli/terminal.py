"""What leaves the program: results to stdout, everything else to stderr, and nothing that steers a terminal.

Titles and texts come from strangers. `plain` is applied to every one of them before it is printed; JSON lines carry
the same characters escaped, so that a program reads the exact text and a terminal stays as it is.
"""

from __future__ import annotations

import errno
import json
import re
import sys
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

MARK_ON, MARK_OFF = "\x01", "\x02"

# Tab and line feed are layout; every other C0, DEL and C1 character can be (part of) an escape sequence.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Embeddings, overrides and isolates reorder what a reader sees; the harmless marks (LRM, RLM, ALM) stay.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE_SEPARATORS = re.compile("[\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_JSON_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` without the power to move a cursor, colour, retitle or reorder: such characters become U+FFFD or go."""
    text = _LINE_SEPARATORS.sub("\n", text.replace("\r\n", "\n"))
    return _SURROGATES.sub("\ufffd", _CONTROL.sub("\ufffd", _BIDI.sub("", text)))


def one_line(text: str, limit: int = 0) -> str:
    """`plain`, with all white space folded to single blanks; cut to `limit` characters when that is above 0."""
    folded = " ".join(plain(text).split())
    return folded[: limit - 1].rstrip() + "…" if 0 < limit < len(folded) else folded


def marked(text: str, style: str) -> Text:
    """A snippet as rich text: what stands between U+0001 and U+0002 in `style`, the rest plain."""
    result = Text()
    for number, part in enumerate(re.split(f"[{MARK_ON}{MARK_OFF}]", text)):
        cleaned = _SURROGATES.sub("\ufffd", _CONTROL.sub("\ufffd", _BIDI.sub("", part)))
        result.append(re.sub(r"\s+", " ", cleaned), style if number % 2 else "")
    return result


def as_html(snippet: str) -> str:
    """A snippet for programs: HTML, the matches in `<em>`, everything else escaped."""
    text = snippet.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace(MARK_ON, "<em>").replace(MARK_OFF, "</em>")


def json_line(data: Any) -> str:
    """Compact JSON on one line; characters that would steer a terminal are written as \\u escapes."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return _JSON_UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def emit(line: str) -> None:
    """One line of a result."""
    click.echo(line)


def say(message: str) -> None:
    """One line that is not a result: progress, counts, advice."""
    click.echo(plain(message), err=True)


class _Results(Console):
    def on_broken_pipe(self) -> None:
        """Rich would end the process with exit code 1; here a reader that has enough is no failure (see main.py)."""
        raise BrokenPipeError(errno.EPIPE, "the reader has enough")


def results() -> Console:
    """Where a person reads results: styled on a terminal, bare text elsewhere; long lines are never cut."""
    return _Results(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def indented(console: Console, text: Text) -> None:
    """Four blanks in front: wrapped as a block on a terminal, one unbroken line elsewhere (grep reads lines)."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, 4)), soft_wrap=False)
    else:
        console.print(Text("    ").append_text(text), soft_wrap=True)


def local(moment: datetime | None) -> str:
    """Minutes, in the reader's own time zone; `-` when there is none."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else "-"


def ago(seconds: float) -> str:
    """A duration in the one unit that a person would use: 8 s, 12 min, 5 h, 3 d."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"


def count(number: int, one: str, many: str = "") -> str:
    """`1 article`, `2,000 articles`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
