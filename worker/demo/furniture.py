"""What stands around a text on a news page: navigation, share bars, boxes that ask for something. Pure HTML strings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from worker.demo.content import Site, Story, Version, path_name


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a layout needs for one page."""

    site: Site
    story: Story
    version: Version
    base: str
    """`http://host:port`"""
    published: datetime
    updated: datetime | None
    related: tuple[tuple[str, str, str], ...]
    """Path, title and summary of other articles of the site."""

    @property
    def url(self) -> str:
        return self.base + self.story.path

    @property
    def shown_date(self) -> str:
        return self.published.strftime("%d.%m.%Y, %H:%M")


def navigation_links(site: Site) -> str:
    return "".join(f'<li><a href="/{path_name(name)}/">{escape(name)}</a></li>' for name in site.navigation)


def share_links(sheet: Sheet) -> str:
    links = (f'<li><a href="/share/{path_name(name)}">{escape(name)}</a></li>' for name in sheet.site.share)
    return "".join(links)


def teasers(sheet: Sheet, tag: str = "li") -> str:
    return "".join(
        f'<{tag}><a href="{path}"><span>{escape(title)}</span></a></{tag}>' for path, title, _ in sheet.related
    )


def teasers_with_summary(sheet: Sheet, css: str) -> str:
    return "".join(
        f'<div class="{css}"><a href="{path}"><div>{escape(title)}</div><div>{escape(summary)}</div></a></div>'
        for path, title, summary in sheet.related
    )


def box(sheet: Sheet, word: str, css: str, tag: str = "div") -> str:
    """One of the site's boxes (newsletter, cookies, donation, comments), with its link."""
    text = sheet.site.words.get(word, "")
    return (
        f'<{tag} class="{css}"><p>{escape(text)} <a href="/{word}">{escape(sheet.site.words["more"])}</a></p></{tag}>'
    )


def figure(sheet: Sheet) -> str:
    story = sheet.story
    if not story.caption:
        return ""
    return (
        f'<figure><img src="/img/{story.slug}.png" alt="{escape(story.caption)}">'
        f"<figcaption>{escape(story.caption)} <small>{escape(story.credit)}</small></figcaption></figure>"
    )


def head(sheet: Sheet, extra: str = "") -> str:
    """Meta data as a site of this kind states it; the layouts differ in what they add."""
    site, version = sheet.site, sheet.version
    declared = f'<meta charset="{site.charset}">' if not site.charset_in_header or site.charset == "utf-8" else ""
    updated = f'<meta property="article:modified_time" content="{sheet.updated.isoformat()}">' if sheet.updated else ""
    return (
        f"<head>{declared}<title>{escape(version.title)} | {escape(site.title)}</title>"
        f'<link rel="canonical" href="{sheet.url}">'
        f'<meta property="og:site_name" content="{escape(site.title)}">'
        f'<meta property="article:published_time" content="{sheet.published.isoformat()}">{updated}'
        f'<link rel="alternate" type="application/rss+xml" href="{site.feed_path}">{extra}</head>'
    )


def paragraphs(texts: Sequence[str], before: str = "<p>", after: str = "</p>") -> str:
    return "\n".join(f"{before}{escape(text)}{after}" for text in texts)
