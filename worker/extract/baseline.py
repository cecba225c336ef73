"""trafilatura: the whole extraction where it is set, the third opinion where ours and the second one disagree.

Imported when it is first needed: with its libraries it costs a fresh process half a second, and few pages need it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from lxml.etree import _Element, iterwalk
from trafilatura import bare_extraction

from worker.extract import captions, markup, plain
from worker.extract.paragraphs import Paragraph, trim

# A page that trafilatura finds nothing in is a result here, not a warning on somebody's terminal.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

_BLOCKS = frozenset({"p", "head", "quote", "code", "div"})
_COMPOUNDS = frozenset({"list", "table"})
_LINES = frozenset({"item", "row", "lb", "p", "head", "quote"})


def find(text: str, title: str, *, precision: bool) -> list[Paragraph]:
    """Paragraphs in page order, [] when there is no article text.

    `precision`: best F1 of trafilatura's modes on news; its balanced mode loses less on other pages. Never its fast
    one, which keeps the whole page of one that is made of divs only. It is given a tree, not bytes: those it would try
    to decompress and decode by its own rules.
    """
    tree = markup.parse_for_libraries(text)
    if tree is None:
        return []
    markup.prune(tree)
    captions.cut_loose(tree)
    try:
        document = bare_extraction(
            tree, favor_precision=precision, include_comments=False, include_tables=True, with_metadata=False
        )
    except (MemoryError, RecursionError):
        raise
    except Exception:  # a library on hostile input: no text is an answer (reason `empty`), an exception is not
        return []
    if document is None or isinstance(document, dict) or document.body is None:
        return []
    return trim(list(_paragraphs(document.body)), title)


def _paragraphs(body: _Element) -> Iterator[Paragraph]:
    """One per block; items of a list, rows of a table and hard line breaks are lines of one paragraph.

    trafilatura nests paragraphs where a page is made of divs only, so blocks are told apart at every depth.
    """
    parts: list[str] = []
    kind = inside = 0  # depth in heading elements; in lists and tables

    def flush() -> Iterator[Paragraph]:
        if text := plain.block("".join(parts)):
            yield Paragraph(text, kind > 0)
        parts.clear()

    for event, node in iterwalk(body, events=("start", "end")):
        starts = event == "start"
        compound = node.tag in _COMPOUNDS
        if (node.tag in _BLOCKS or compound) and not inside:
            yield from flush()
        elif node.tag in _LINES and (starts or node.tag != "lb"):
            parts.append("\n")
        elif node.tag == "cell":
            parts.append(" ")
        step = 1 if starts else -1
        kind += step * (node.tag == "head")
        inside += step * compound
        if not starts and compound and not inside:
            yield from flush()
        text = node.text if starts else node.tail
        if text and (starts or node is not body):
            parts.append(text)
    yield from flush()
