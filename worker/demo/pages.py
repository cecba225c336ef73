"""Bodies of everything that is not a feed: article pages in their site's layout, and the pages that are no articles."""

from __future__ import annotations

import base64
import textwrap
from html import escape

from worker.demo.content import Case, Site
from worker.demo.furniture import Sheet, box, head, navigation_links, paragraphs
from worker.demo.layouts import LAYOUTS

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""What every image of the newsroom is: a PNG of one pixel."""


def article_page(sheet: Sheet) -> str:
    """The page as HTML text; `encode` makes bytes of it."""
    if sheet.story.case is Case.LOGIN:
        return login_wall(sheet)
    return LAYOUTS[sheet.site.layout](sheet)


def login_wall(sheet: Sheet) -> str:
    """The first sentences, then a form that asks for a password."""
    site, version = sheet.site, sheet.version
    script = '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", \
"isAccessibleForFree": false}</script>'
    return (
        f'<!doctype html><html lang="{site.language}">{head(sheet, script)}<body>'
        f'<div class="topbar"><ul class="menu">{navigation_links(site)}</ul></div>'
        f'<section class="article-page"><h1>{escape(version.title)}</h1>'
        f'<div class="article-body paywalled">{paragraphs(version.paragraphs)}</div>'
        f'<div class="paywall"><h2>{escape(site.words["login"])}</h2><form method="post" action="/login">'
        '<input type="email" name="user"><input type="password" name="password">'
        f'<button type="submit">{escape(site.words["login_button"])}</button></form></div></section>'
        f"{box(sheet, 'imprint', 'footer')}</body></html>"
    )


def front_page(site: Site) -> str:
    """Lists the newest articles and names the feed, so that autodiscovery can be tried."""
    kind = {"atom": "application/atom+xml", "json": "application/feed+json"}.get(site.feed, "application/rss+xml")
    items = "".join(f'<li><a href="{story.path}">{escape(story.first.title)}</a></li>' for story in site.stories[:30])
    return (
        f'<!doctype html><html lang="{site.language}"><head><meta charset="{site.charset}">'
        f"<title>{escape(site.title)}</title>"
        f'<link rel="alternate" type="{kind}" title="{escape(site.title)}" href="{site.feed_path}"></head>'
        f"<body><h1>{escape(site.title)}</h1><ul>{items}</ul></body></html>"
    )


def not_found(site: Site) -> str:
    return (
        f'<!doctype html><html lang="{site.language}"><head><meta charset="{site.charset}">'
        f"<title>404</title></head><body><h1>{escape(site.words['not_found'])}</h1></body></html>"
    )


def pdf(title: str, text: str) -> bytes:
    """A small valid PDF of one page (ISO 32000), one built-in font."""
    lines = [title, "", *textwrap.wrap(text, 80)]
    shown = " ".join(f"({_pdf_text(line)}) Tj T*" for line in lines)
    content = f"BT /F1 12 Tf 14 TL 50 780 Td {shown} ET".encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, thing in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _pdf_text(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def encode(text: str, charset: str) -> bytes:
    """Bytes as the site sends them. A page that says iso-8859-1 is written in windows-1252, as on the real web."""
    codec = "cp1252" if charset in ("iso-8859-1", "windows-1252") else charset
    return text.encode(codec, "xmlcharrefreplace")
