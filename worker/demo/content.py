"""Reads the sample newsroom's data files (`sites/`): what each site prints, before any page or feed is made of it.

A site is a folder with `site.yaml` and one file per article: YAML front matter between `---` lines, then paragraphs
separated by blank lines. `NAME.update.md` is the second version of `NAME.md`. Agency texts that several sites print
lie once in `sites/wire/`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml


class Case(StrEnum):
    """What is particular about an article of the newsroom; most are plain."""

    ARTICLE = "article"
    UPDATE = "update"
    """Its text and title change when the update is applied."""
    BOILERPLATE = "boilerplate"
    """More furniture than text, some of it in the middle of the text."""
    REDIRECT = "redirect"
    """The feed names an old path that answers 301."""
    GONE = "gone"
    PDF = "pdf"
    LOGIN = "login"
    SHORT = "short"
    ROBOTS = "robots"
    """Below a path that robots.txt disallows; served all the same, so that a request for it shows in the statistics."""


@dataclass(frozen=True, slots=True)
class Version:
    """One wording of an article."""

    title: str
    summary: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One article as one site prints it. `hours` is its age when the newsroom opens."""

    slug: str
    path: str
    old_path: str
    """What the feed links to; differs from `path` only for a redirect."""
    case: Case
    hours: float
    author: str
    section: str
    tags: tuple[str, ...]
    caption: str
    credit: str
    wire: str
    """Name of the agency text it prints, else empty."""
    shortened: bool
    """Prints only the beginning of the agency text."""
    agencies: tuple[str, ...]
    first: Version
    second: Version | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A virtual host: how it makes its pages and its feed, and the words of its furniture."""

    host: str
    title: str
    language: str
    utc_offset_h: int
    layout: str
    feed: str
    """rss, atom, rdf or json."""
    feed_path: str
    charset: str
    charset_in_header: bool
    validators: str
    """both, etag or date: which of ETag and Last-Modified the site sends."""
    gzip: bool
    slow: bool
    tracked_links: bool
    """The feed's links carry utm parameters, as many do."""
    robots: str
    navigation: tuple[str, ...]
    words: Mapping[str, str]
    share: tuple[str, ...]
    stories: tuple[Story, ...]


def load_sites() -> tuple[Site, ...]:
    """Every bundled site with its articles, newest first, sites in order of their names."""
    root = files("worker.demo").joinpath("sites")
    folders = sorted((entry for entry in root.iterdir() if entry.is_dir()), key=lambda entry: entry.name)
    wires = {file.name.removesuffix(".md"): _read(file) for file in root.joinpath("wire").iterdir()}
    return tuple(_site(folder, wires) for folder in folders if folder.joinpath("site.yaml").is_file())


def _site(folder: Traversable, wires: Mapping[str, tuple[dict[str, Any], tuple[str, ...]]]) -> Site:
    plan = yaml.safe_load(folder.joinpath("site.yaml").read_text("utf-8"))
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".md"))
    stories = [
        _story(folder, name.removesuffix(".md"), plan["path"], wires)
        for name in names
        if not name.endswith(".update.md")
    ]
    return Site(
        host=f"{folder.name}.localhost",
        title=plan["title"],
        language=plan["language"],
        utc_offset_h=plan.get("utc_offset_h", 1),
        layout=plan["layout"],
        feed=plan["feed"],
        feed_path=plan["feed_path"],
        charset=plan.get("charset", "utf-8"),
        charset_in_header=plan.get("charset_in_header", True),
        validators=plan.get("validators", "both"),
        gzip=plan.get("gzip", False),
        slow=plan.get("slow", False),
        tracked_links=plan.get("tracked_links", False),
        robots=plan.get("robots", ""),
        navigation=tuple(plan["navigation"]),
        words=plan["words"],
        share=tuple(plan["share"]),
        stories=tuple(sorted(stories, key=lambda story: story.hours)),
    )


def _story(
    folder: Traversable, slug: str, pattern: str, wires: Mapping[str, tuple[dict[str, Any], tuple[str, ...]]]
) -> Story:
    meta, paragraphs = _read(folder.joinpath(f"{slug}.md"))
    agencies: Sequence[str] = ()
    wire = meta.get("wire", "")
    keep = meta.get("keep_paragraphs", 0)
    if wire:
        wire_meta, paragraphs = wires[wire]
        agencies = wire_meta["agencies"]
        if keep:  # desks cut from the end and sign again
            paragraphs = (*paragraphs[: keep - 1], f"{paragraphs[keep - 1]} {wire_meta['credit']}")
    section = meta["section"]
    path = meta.get("path") or pattern.format(section=path_name(section), slug=slug)
    second = folder.joinpath(f"{slug}.update.md")
    return Story(
        slug=slug,
        path=path,
        old_path=meta.get("old_path", path),
        case=Case(meta.get("case", "article")),
        hours=float(meta["hours"]),
        author=meta.get("author", ""),
        section=section,
        tags=tuple(meta.get("tags", ())),
        caption=meta.get("caption", ""),
        credit=meta.get("credit", ""),
        wire=wire,
        shortened=bool(keep),
        agencies=tuple(agencies),
        first=_version(meta, paragraphs),
        second=_version(*_read(second)) if second.is_file() else None,
    )


def _version(meta: Mapping[str, Any], paragraphs: Sequence[str]) -> Version:
    return Version(meta["title"], meta["summary"], tuple(paragraphs))


def _read(file: Traversable) -> tuple[dict[str, Any], tuple[str, ...]]:
    _, front, text = file.read_text("utf-8").split("---\n", 2)
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return yaml.safe_load(front), tuple(part for part in paragraphs if part)


def path_name(section: str) -> str:
    """A section's name as it stands in paths: lower-case ASCII."""
    plain = section.lower().translate(str.maketrans("äöüàéèêô &", "aouaeeeo--"))
    return "".join(letter for letter in plain if letter.isascii() and (letter.isalnum() or letter == "-"))
