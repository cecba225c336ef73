"""The article's text as paragraphs, and what every extractor's text is trimmed of at its edges. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from worker.extract import agencies, plain

MAX_CHARS = 500_000
_NOTE_CHARS = 500
_TAIL_SHARE = 0.25  # a longer rest behind the agency's credit is a second text, and stays


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    """Lines of it (items of a list, rows of a table, hard breaks) are parted by a line feed."""
    is_heading: bool = False


def joined(paragraphs: Iterable[Paragraph]) -> str:
    """The body: paragraphs parted by an empty line."""
    return "\n\n".join(paragraph.text for paragraph in paragraphs)


def trim(paragraphs: Sequence[Paragraph], title: str) -> list[Paragraph]:
    """Without the title repeated at the start, what follows an agency's sign-off, headings with nothing under them."""
    kept = list(capped(paragraphs))
    wanted = plain.key(title)
    start = 0
    while start < len(kept) and wanted and plain.key(kept[start].text) == wanted:
        start += 1
    del kept[:start]
    end = agencies.sign_off([paragraph.text for paragraph in kept])
    if end is not None:
        rest = sum(len(paragraph.text) for paragraph in kept[end + 1 :])
        if rest <= _TAIL_SHARE * sum(len(paragraph.text) for paragraph in kept):
            del kept[end + 1 :]
    while kept and kept[-1].is_heading:
        kept.pop()
    return kept


def without_note(paragraphs: Sequence[Paragraph], authors: Sequence[str]) -> list[Paragraph]:
    """Without a last paragraph that begins with the name of one of the article's authors: it is about them.

    One that goes on with a colon is what they say, in an interview.
    """
    kept = list(paragraphs)
    if len(kept) > 2 and len(kept[-1].text) <= _NOTE_CHARS:
        last = kept[-1].text
        name = next((name for name in authors if " " in name and last.startswith(name)), "")
        if name and not last.removeprefix(name).lstrip().startswith((":", "(")):
            kept.pop()
            while kept and kept[-1].is_heading:
                kept.pop()
    return kept


def capped(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """At most MAX_CHARS characters; the paragraph that goes over is cut."""
    room = MAX_CHARS
    for paragraph in paragraphs:
        if len(paragraph.text) > room:
            if room > 0:
                yield Paragraph(plain.block(paragraph.text[:room]), paragraph.is_heading)
            return
        room -= len(paragraph.text)
        yield paragraph
