"""How the sites build an article page: from clean HTML5 to div soup and tables. One function per kind, pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape

from worker.demo.content import Case
from worker.demo.furniture import (
    Sheet,
    box,
    figure,
    head,
    navigation_links,
    paragraphs,
    share_links,
    teasers,
    teasers_with_summary,
)

_APPEALS = ("newsletter", "donation", "comments")


def semantic(sheet: Sheet) -> str:
    """HTML5 as it is meant: header, nav, article, aside, footer."""
    site, story, version = sheet.site, sheet.story, sheet.version
    tags = "".join(f"<li><a href='/tag'>{escape(tag)}</a></li>" for tag in story.tags)
    extra = f'<meta name="author" content="{escape(story.author)}">' if story.author else ""
    extra += f'<meta name="description" content="{escape(version.summary)}">'
    extra += f'<meta property="article:section" content="{escape(story.section)}">'
    return (
        f'<!doctype html><html lang="{site.language}">{head(sheet, extra)}<body>'
        f"<header><a href='/'>{escape(site.title)}</a><nav><ul>{navigation_links(site)}</ul></nav></header>"
        f"<main><header><h1>{escape(version.title)}</h1>"
        f'<p class="byline">{escape(story.author)}</p>'
        f'<time datetime="{sheet.published.isoformat()}">{sheet.shown_date}</time></header>'
        f"<article>{figure(sheet)}\n{paragraphs(version.paragraphs)}\n"
        f'<footer><ul class="tags">{tags}</ul><ul class="share">{share_links(sheet)}</ul></footer></article>'
        f"{box(sheet, 'newsletter', 'newsletter', 'aside')}"
        f'<aside class="related"><h2>{escape(site.words["related"])}</h2><ul>{teasers(sheet)}</ul></aside></main>'
        f"<footer>{box(sheet, 'imprint', 'imprint')}</footer>{box(sheet, 'cookies', 'cookie-banner')}</body></html>"
    )


def soup(sheet: Sheet) -> str:
    """Nothing but div and span with class names made by a build tool; paragraphs are divs too.

    What the site asks of its readers stands among them, in every text (agency texts run without a break, it follows
    them), in divs of the same make and without a link: only that it comes back tells it from the text.
    """
    site, story, version = sheet.site, sheet.story, sheet.version
    appeals = {word: f'<div class="sc-t4d1b">{escape(site.words.get(word, ""))}</div>' for word in _APPEALS}
    texts = [f'<div class="sc-t4d1b">{escape(text)}</div>' for text in version.paragraphs]
    if story.caption:
        texts.insert(
            1,
            f'<div class="sc-m1d00"><span><img src="/img/{story.slug}.png" alt="{escape(story.caption)}"></span>'
            f'<div>{escape(story.caption)}<span class="sc-n1eef">{escape(story.credit)}</span></div></div>',
        )
    if not story.wire:
        texts.insert(2, appeals["newsletter"])
    if story.case is Case.BOILERPLATE:
        texts.insert(4, f'<div class="sc-q2277">{teasers_with_summary(sheet, "sc-v9ab0")}</div>')
    texts += [appeals["donation"], appeals["comments"]]
    navigation = navigation_links(site).replace("<li>", "<div>").replace("</li>", "</div>")
    share = share_links(sheet).replace("<li>", "<span>").replace("</li>", "</span>")
    return (
        f'<!DOCTYPE html><html lang="{site.language}">{head(sheet)}<body>'
        f"{box(sheet, 'cookies', 'sc-c0001')}"
        f'<div class="sc-a5ccd"><a href="/">{escape(site.title)}</a><div class="sc-c9aab">{navigation}</div></div>'
        f'<div class="sc-ed889"><div class="sc-ff778"><h1>{escape(version.title)}</h1>'
        f'<div class="sc-g1166"><span>{sheet.shown_date}</span><span>{escape(story.author)}</span></div>'
        f'<div class="sc-k1733">{share}</div></div>\n<div class="sc-k1922">\n' + "\n".join(texts) + "\n</div></div>"
        f'<div class="sc-p22cc"><div>{escape(site.words["related"])}</div>{teasers(sheet, "div")}</div>'
        f'<div class="sc-z99ff">{box(sheet, "imprint", "sc-z99fe")}</div></body></html>'
    )


def table(sheet: Sheet) -> str:
    """A page of 2003 that was never rebuilt: a table for the columns, fonts for the headings."""
    site, story, version = sheet.site, sheet.story, sheet.version
    navigation = navigation_links(site).replace("<li>", "<tr><td>").replace("</li>", "</td></tr>")
    picture = f'<img src="/img/{story.slug}.png" alt=""><br><i>{escape(story.caption)}</i>' if story.caption else ""
    return (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"><html lang="'
        f'{site.language}">{head(sheet)}<body bgcolor="#ffffff">'
        f'<table width="980" cellpadding="4"><tr><td colspan="3"><font size="6">{escape(site.title)}</font></td></tr>'
        f'<tr valign="top"><td width="140"><table>{navigation}</table></td>'
        f'<td width="620" class="content"><h1>{escape(version.title)}</h1>'
        f'<font size="1">{escape(story.author)}, {sheet.shown_date}</font>{picture}'
        f'<div class="article-text">\n{paragraphs(version.paragraphs)}\n</div></td>'
        f'<td width="220"><b>{escape(site.words["related"])}</b><ul>{teasers(sheet)}</ul>'
        f"{box(sheet, 'newsletter', 'box')}</td></tr>"
        f'<tr><td colspan="3">{box(sheet, "imprint", "foot")}</td></tr></table></body></html>'
    )


def json_ld(sheet: Sheet) -> str:
    """Meta data for search engines in JSON-LD; the page itself is made of sections with classes."""
    site, story, version = sheet.site, sheet.story, sheet.version
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": version.title,
        "description": version.summary,
        "datePublished": sheet.published.isoformat(),
        "dateModified": (sheet.updated or sheet.published).isoformat(),
        "author": [{"@type": "Person", "name": story.author}] if story.author else [],
        "publisher": {"@type": "NewsMediaOrganization", "name": site.title},
        "articleSection": story.section,
        "keywords": list(story.tags),
        "mainEntityOfPage": sheet.url,
    }
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    script = f'<script type="application/ld+json">{text}</script>'
    return (
        f'<!doctype html><html lang="{site.language}">'
        f"{head(sheet, script)}<body>"
        f'<div class="topbar"><a href="/">{escape(site.title)}</a><ul class="menu">{navigation_links(site)}</ul></div>'
        f'<section class="article-page"><h1 class="headline">{escape(version.title)}</h1>'
        f'<div class="article-meta"><span class="author">{escape(story.author)}</span> '
        f'<span class="date">{sheet.shown_date}</span></div>{figure(sheet)}'
        f'<div class="article-body">\n{paragraphs(version.paragraphs)}\n</div>'
        f'<ul class="share-buttons">{share_links(sheet)}</ul></section>'
        f'<section class="related-articles"><h3>{escape(site.words["related"])}</h3><ul>{teasers(sheet)}</ul></section>'
        f'{box(sheet, "newsletter", "newsletter-signup")}<div class="footer">{box(sheet, "imprint", "imprint")}</div>'
        "</body></html>"
    )


def amp(sheet: Sheet) -> str:
    """Custom elements in place of scripts, as pages for phones were made."""
    site, story, version = sheet.site, sheet.story, sheet.version
    picture = (
        f'<amp-img src="/img/{story.slug}.png" width="640" height="360" alt="{escape(story.caption)}"></amp-img>'
        f'<p class="caption">{escape(story.caption)} {escape(story.credit)}</p>'
    )
    return (
        f'<!doctype html><html amp lang="{site.language}">{head(sheet)}<body>'
        f'<amp-sidebar id="menu" layout="nodisplay"><ul>{navigation_links(site)}</ul></amp-sidebar>'
        f'<header class="bar"><a href="/">{escape(site.title)}</a></header>'
        f'<article class="post"><h1>{escape(version.title)}</h1>'
        f'<div class="meta">{escape(story.author)} · {sheet.shown_date}</div>{picture if story.caption else ""}\n'
        f"{paragraphs(version.paragraphs)}\n"
        f'<div class="social"><ul>{share_links(sheet)}</ul></div></article>'
        f'<amp-user-notification id="consent" layout="nodisplay">{box(sheet, "cookies", "consent")}'
        f'</amp-user-notification><footer><ul class="more">{teasers(sheet)}</ul>'
        f"{box(sheet, 'imprint', 'imprint')}</footer></body></html>"
    )


def microdata(sheet: Sheet) -> str:
    """schema.org in attributes, inside containers of a content management system."""
    site, story, version = sheet.site, sheet.story, sheet.version
    return (
        f'<!doctype html><html lang="{site.language}">{head(sheet)}<body class="node-article">'
        f'<div id="menu"><ul>{navigation_links(site)}</ul></div>'
        '<div id="content" itemscope itemtype="https://schema.org/NewsArticle">'
        f'<h1 itemprop="headline">{escape(version.title)}</h1>'
        f'<p class="submitted">{escape(site.words["by"])} <span itemprop="author">{escape(story.author)}</span>, '
        f'<time itemprop="datePublished" datetime="{sheet.published.isoformat()}">{sheet.shown_date}</time></p>'
        f'{figure(sheet)}<div itemprop="articleBody" class="field-body">\n{paragraphs(version.paragraphs)}\n</div>'
        f'<ul class="share">{share_links(sheet)}</ul></div>'
        f'{box(sheet, "comments", "comments")}<div id="sidebar"><h3>{escape(site.words["related"])}</h3>'
        f"<ul>{teasers(sheet)}</ul>{box(sheet, 'newsletter', 'block-newsletter')}</div>"
        f'<div id="footer">{box(sheet, "imprint", "imprint")}</div></body></html>'
    )


def breaks(sheet: Sheet) -> str:
    """No paragraphs at all: one container, two line breaks between thoughts."""
    site, story, version = sheet.site, sheet.story, sheet.version
    text = "<br><br>\n".join(escape(paragraph) for paragraph in version.paragraphs)
    return (
        f'<!doctype html><html lang="{site.language}">{head(sheet)}<body>'
        f'<div class="testata"><a href="/">{escape(site.title)}</a><ul class="menu">{navigation_links(site)}</ul></div>'
        f'<div class="articolo"><h1>{escape(version.title)}</h1>'
        f'<div class="firma">{escape(story.author)}, {sheet.shown_date}</div>{figure(sheet)}'
        f'<div class="testo">\n{text}\n</div></div>'
        f'<div class="sidebar"><h4>{escape(site.words["related"])}</h4><ul>{teasers(sheet)}</ul></div>'
        f'<div class="footer">{box(sheet, "cookies", "cookie")}{box(sheet, "imprint", "imprint")}</div></body></html>'
    )


LAYOUTS: dict[str, Callable[[Sheet], str]] = {
    "semantic": semantic,
    "soup": soup,
    "table": table,
    "json_ld": json_ld,
    "amp": amp,
    "microdata": microdata,
    "breaks": breaks,
}
