"""What stands at the edges of an article's text and is none of it: names, dates, counters, sharing, notes on authors.

By place and shape; the words known here are those that every site uses: "by", names of networks, "print".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from worker.extract import shown
from worker.extract.clear import PROSE, SENTENCE
from worker.extract.rooms import Block, Layout

_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_ORPHAN = 60
_BYLINE_WEIGHT = 100
_NOTE_WEIGHT = 400
_NOTES = 2
_SAME_HEADINGS = 2
_OFTEN = 3
ENDS = re.compile(r"[.!?…:;»«”“\"')\]。！？」』؟।]\s*$")
_DATE = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b|\b(?:19|20)\d\d-\d\d-\d\d\b", re.A)
_BY = re.compile(
    r"^(?:(?:(?:[Gg]eschrieben|[Vv]erfasst|[Ee]ingestellt|[Vv]eröffentlicht|[Ee]rstellt|[Gg]epostet) )?[Vv]on"
    r"|(?:(?:[Ww]ritten|[Pp]osted|[Pp]ublished|[Ss]ubmitted) )?[Bb]y|(?:(?:[ÉéEe]crit|[Pp]ublié|[Rr]édigé) )?[Pp]ar"
    r"|(?:[Ss]critto|[Pp]ubblicato) da|(?:(?:[Ee]scrito|[Pp]ublicado) )?[Pp]or|[Dd]i|[Tt]ext[eo]?|[Tt]esto"
    r"|[Aa]utor(?:in|en|e)?|[Aa]uthors?|[Aa]uteurs?|VON|BY|PAR|DI|POR):?"
    r" +[^\W\d_a-zß-ÿ]\S*(?: +\S+){0,12}$"
)
_RIGHTS = re.compile(r"^\W{0,3}(?:©|\([cC]\)\s|[Cc]opyright\b|&copy;)")
_RIGHTS_WEIGHT = 300
_ABOUT = re.compile(
    r"(?:über|zu|zum|zur|von)\s?(?:den|die|der|unsere[nr]?)? ?(?:autor(?:in|en|innen|\*in)?|verfasser(?:in|s)?|person)"
    r"|about (?:the |our )?(?:authors?|writer)|[àa] propos (?:de l['’]|des )auteure?s?"
    r"|(?:sull['’]|l['’]|sugli )autor[ei]"
    r"|(?:sobre (?:el|la|los) )autor(?:a|es)?",
    re.I,
)
_ABOUT_PROSES = 3
_SHARING = frozenset(
    """
    facebook whatsapp twitter x linkedin xing telegram pinterest reddit tumblr threema signal instagram bluesky
    mastodon flipboard pocket tiktok youtube messenger snapchat e-mail email mail sms link url rss
    teilen drucken merken senden mailen twittern posten speichern kopieren vorlesen weiterleiten per auf via
    share print save send tweet pin copy on
    partager imprimer envoyer enregistrer sur copier le lien condividi stampa invia salva su copia compartir imprimir
    enviar guardar en copiar
    """.split()  # noqa: SIM905
)
_PEOPLE = frozenset({
    "author", "authors", "autor", "autoren", "autorin", "auteur", "auteurs", "autore", "autori", "autores", "staff",
    "people", "person", "personen", "profile", "profiles", "profil", "team", "redaktion", "redaction", "redazione",
    "redaccion", "contributor", "contributors", "journalist", "journalists", "journalisten", "writer", "writers", "by",
})  # fmt: skip


def outside(layout: Layout, masses: Sequence[float], kept: Sequence[int], tables: Iterable[int]) -> set[int]:
    """Blocks of `kept` before the first prose, behind the last, and between a lead and the text, that are no text."""
    blocks = layout.blocks
    rights = _rights(layout, masses, kept)
    kept = [index for index in kept if index not in rights]
    proses = [index for index in kept if masses[index] and _is_prose(blocks[index], masses[index])]
    if not proses:
        return rights
    in_tables = frozenset(tables)
    found = (
        rights | _notes(blocks, proses) | _about_author(blocks, kept, proses) | _often(blocks, masses, kept, in_tables)
    )
    headings = Counter(blocks[index].tag for index in kept if index > proses[0])
    before = -1
    for index in reversed(kept):
        block, follows = blocks[index], before
        before = index
        if index in in_tables or proses[0] <= index <= proses[-1]:
            continue
        if _is_sharing(block.text):
            found.add(index)
            continue
        if block.tag == "li":
            continue
        if follows == proses[0] and block.tag in _HEADINGS and headings[block.tag] >= _SAME_HEADINGS:
            continue  # the first of several sections
        is_label = block.weight < _ORPHAN and not ENDS.search(block.text)
        if is_label or (index < proses[0] and (_is_dated(block) or _is_byline(block))):
            found.add(index)
    return found | _under_lead(blocks, kept, proses)


def _rights(layout: Layout, masses: Sequence[float], kept: Sequence[int]) -> set[int]:
    """Who holds the rights: a short line wherever it stands (a picture's), a longer one in another room than the text's
    last paragraph (the page's)."""
    blocks = layout.blocks
    found = {index for index in kept if blocks[index].weight < _ORPHAN and _RIGHTS.match(blocks[index].text)}
    last = next((index for index in reversed(kept) if index not in found), -1)
    if last >= 0 and blocks[last].weight < _RIGHTS_WEIGHT and _RIGHTS.match(blocks[last].text):
        before = next((index for index in reversed(kept) if index < last and masses[index]), -1)
        if before < 0 or _place(layout, before) != _place(layout, last):
            found.add(last)
    return found


def _place(layout: Layout, index: int) -> int:
    room = layout.rooms[layout.blocks[index].room]
    return room.parent if room.tag == "p" else layout.blocks[index].room


def _is_prose(block: Block, mass: float) -> bool:
    if _is_byline(block) or (not SENTENCE.search(block.text) and _is_dated(block)):
        return False
    return mass >= PROSE or SENTENCE.search(block.text) is not None


def _is_dated(block: Block) -> bool:
    return block.weight < 2 * _ORPHAN and (
        block.timed or _DATE.search(block.text) is not None or shown.names_day(block.text)
    )


def _is_byline(block: Block) -> bool:
    return (
        block.weight < _BYLINE_WEIGHT
        and not block.text.endswith((".", "!", "?"))
        and _BY.search(block.text) is not None
    )


def _is_sharing(text: str) -> bool:
    if len(text) > _ORPHAN:
        return False
    words = re.findall(r"[\w-]+", text.casefold())
    return bool(words) and all(word in _SHARING for word in words)


def _under_lead(blocks: Sequence[Block], kept: Sequence[int], proses: Sequence[int]) -> set[int]:
    """Name, date and reading time that stand between the lead and the text, where such lines stand nowhere else."""
    if len(proses) < 2:
        return set()
    gap = [index for index in kept if proses[0] < index < proses[1]]
    signed = [index for index in gap if _is_byline(blocks[index]) or _is_dated(blocks[index])]
    if not signed or any(_is_dated(blocks[index]) for index in kept if proses[1] < index < proses[-1]):
        return set()
    return {
        index for index in gap
        if blocks[index].tag not in _HEADINGS and blocks[index].weight < 2 * _ORPHAN
        and (index in signed or not ENDS.search(blocks[index].text))
    }  # fmt: skip


def _notes(blocks: Sequence[Block], proses: Sequence[int]) -> set[int]:
    """At the end: who wrote this, beginning with a link to all that they wrote."""
    found: set[int] = set()
    for index in reversed(proses[1:][-_NOTES:]):
        block = blocks[index]
        if not (block.opens and block.weight < _NOTE_WEIGHT and _is_persons(block.href)):
            break
        found.add(index)
    return found


def _about_author(blocks: Sequence[Block], kept: Sequence[int], proses: Sequence[int]) -> set[int]:
    """At the end: what stands under a heading that says it is about the author."""
    if len(proses) < 2:
        return set()
    among = frozenset(proses[-_ABOUT_PROSES - 1 :])
    found: set[int] = set()
    few = 0
    for index in reversed(kept):
        block = blocks[index]
        few += index in among
        if few > _ABOUT_PROSES or index <= proses[0]:
            break
        found.add(index)
        if block.weight < _ORPHAN and _ABOUT.fullmatch(block.text.strip(" :")):
            return found
        if block.tag in _HEADINGS:
            break
    return set()


def _is_persons(href: str) -> bool:
    try:
        path = urlsplit(href[:1000]).path.lower()
    except ValueError:
        return False
    return not _PEOPLE.isdisjoint(re.split(r"[/_-]", path)[:-1])


def _often(blocks: Sequence[Block], masses: Sequence[float], kept: Sequence[int], tables: frozenset[int]) -> set[int]:
    """The same short label again and again: a mark of advertising, a counter, a button that is none."""
    labels = [
        index for index in kept
        if not masses[index] and index not in tables and blocks[index].tag in ("div", "span", "section")
        and blocks[index].weight < _ORPHAN and not blocks[index].bold and not ENDS.search(blocks[index].text)
    ]  # fmt: skip
    times = Counter(blocks[index].text for index in labels)
    return {index for index in labels if times[blocks[index].text] >= _OFTEN}
