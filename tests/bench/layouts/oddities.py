"""Whole pages of older or odder make: tables, line breaks, forums, converted print, lists of messages, wikis."""

from __future__ import annotations

import textwrap

from tests.bench.layouts.sheet import Sheet


def font_table(sheet: Sheet) -> str:
    """The web of 1999."""
    text = "<br><br>\n".join(f'<font face="Arial" size="2">{sheet.p()}</font>' for _ in range(sheet.paragraphs))
    return sheet.html(
        f'<table width="760" border="0"><tr><td colspan="2"><img src="logo.gif"></td></tr><tr><td width="150" valign="top">'
        f'{sheet.menu("<font size=1><a href={1}.htm>{0}</a></font><br>")}</td><td><center><font size="5"><b>{sheet.title}</b>'
        f'</font></center><br>{text}<br><br><font size="1"><a href="#top">{sheet.say("nach oben", "top")}</a></font></td></tr>'
        f'<tr><td></td><td><font size="1">{sheet.foot()}</font></td></tr></table>',
        attributes=' bgcolor="#FFFFFF"',
    )


def one_cell(sheet: Sheet) -> str:
    """A cell holds the text as bare text with line breaks for paragraphs."""
    text = "<br><br>".join(sheet.p() for _ in range(sheet.paragraphs))
    return sheet.html(
        f'<table><tr><td class="nav">{sheet.menu("<a href={1}.htm>{0}</a><br>")}</td><td class="text"><h2>{sheet.title}</h2>'
        f"{text}</td><td class=right><b>Mehr</b><br>{sheet.links(3, '<a href={1}>{0}</a><br>')}</td></tr></table>"
    )


def bare_body(sheet: Sheet) -> str:
    """Text directly in the body."""
    text = "<p>".join(sheet.p() for _ in range(sheet.paragraphs))
    return sheet.html(f"<h1>{sheet.title}</h1>{text}<hr><address>{sheet.author}, 1999</address>")


def cells_as_rows(sheet: Sheet) -> str:
    """A time-table of longer texts: a label and a text per row."""
    rows = "".join(f"<tr><td>{1990 + at}</td><td>{sheet.p(2)}</td></tr>" for at in range(max(4, sheet.paragraphs)))
    return sheet.html(
        f"<div>{sheet.menu('<a href=/{1}>{0}</a> ')}</div><h1>{sheet.title}</h1><p>{sheet.p(2)}</p><table>{rows}</table>"
        f"<div>{sheet.foot()}</div>"
    )


def data_in_text(sheet: Sheet) -> str:
    cell = sheet.kept
    rows = "".join(f"<tr><td>{cell(f'Posten{at} gesamt')}</td><td>{at * 17} Fr.</td></tr>" for at in range(5))
    return sheet.html(
        f"<nav>{sheet.menu('<a href=/{1}>{0}</a>')}</nav><main><h1>{sheet.title}</h1>{sheet.ps()}<table><thead><tr><th>Posten"
        f"</th><th>Betrag</th></tr></thead><tbody>{rows}</tbody></table><p>{sheet.p(2)}</p></main><footer>{sheet.noise()}"
        f"</footer>"
    )


def pdf_lines(sheet: Sheet) -> str:
    """Converted from print: a positioned element per line of the page."""
    html, top = "", 80
    for _ in range(sheet.paragraphs):
        text = sheet.prose.paragraph(3)
        sheet.keep.append(text[:60])
        for line in textwrap.wrap(text, 80):
            html += f'<p style="position:absolute;top:{top}px;left:90px;white-space:nowrap" class="ft02">{line}</p>\n'
            top += 16
    sheet.keep[:] = [textwrap.wrap(text, 40)[0] for text in sheet.keep]
    return sheet.html(
        f'<div id="page1-div" style="position:relative;width:892px"><p class="ft00"><b>{sheet.title}</b></p>{html}</div>'
    )


def preformatted(sheet: Sheet) -> str:
    """A mailing list's archive."""
    text = "\n\n".join(textwrap.fill(sheet.p(), 72) for _ in range(sheet.paragraphs))
    return sheet.html(
        f'<h1>[announce] {sheet.title}</h1><b>{sheet.author}</b> <a href="mailto:x">x at example.org</a><br><i>Fri Jul 12 '
        f'10:15:00 CEST 2019</i><p><ul><li>Previous message: <a href="1.html">{sheet.other()}</a></li><li>Next message: '
        f'<a href="2.html">{sheet.other()}</a></li></ul><hr><!--beginarticle--><pre>{text}</pre><!--endarticle--><hr>'
        f'<a href="/list">More information about the announce mailing list</a>'
    )


def _posts(sheet: Sheet, one: str, number: int = 3) -> str:
    return "".join(one.format(sheet.prose.name(), at, sheet.noise(3)) for at in range(number))


def phpbb(sheet: Sheet) -> str:
    """The first post is the article; what others answered is not."""
    one = (
        '<div id="p{1}" class="post has-profile bg2"><div class="inner"><dl class="postprofile"><dt><a href="/u">{0}</a></dt>'
        '<dd>Beiträge: 1{1}4</dd></dl><div class="postbody"><h3><a href="#p{1}">Re: Frage</a></h3><p class="author">von '
        '<a href="/u">{0}</a> » 12.07.2019, 10:1{1}</p><div class="content">{2}</div></div></div></div>'
    )
    first = "<br><br>".join(sheet.p() for _ in range(max(2, sheet.paragraphs // 2)))
    return sheet.html(
        f'<div id="wrap"><div id="page-header"><ul class="linklist">{sheet.menu()}</ul></div><div id="page-body"><h2 class='
        f'"topic-title"><a href="/t">{sheet.title}</a></h2><div id="p9" class="post has-profile bg1"><div class="inner">'
        f'<dl class="postprofile"><dt><a href="/u">{sheet.author}</a></dt><dd>Beiträge: 12</dd></dl><div class="postbody">'
        f'<h3 class="first"><a href="#p9">{sheet.title}</a></h3><p class="author">von <a href="/u">{sheet.author}</a> » '
        f'12.07.2019, 10:00</p><div class="content">{first}</div></div></div></div>{_posts(sheet, one)}</div><div id='
        f'"page-footer">{sheet.noise()}</div></div>'
    )


def discourse(sheet: Sheet) -> str:
    one = (
        '<div itemprop="comment" itemscope itemtype="http://schema.org/Comment" class="topic-body crawler-post"><div class='
        '"crawler-post-meta"><span class="creator" itemprop="author"><a href="/u">{0}</a></span> <span>July 12, 2019</span>'
        '</div><div class="post" itemprop="text"><p>{2}</p></div></div>'
    )
    return sheet.html(
        f'<header><a href="/">Talforum</a></header><div id="main-outlet" class="wrap"><div id="topic-title"><h1><a href="/t">'
        f'{sheet.title}</a></h1></div><div itemscope itemtype="http://schema.org/DiscussionForumPosting"><div class='
        f'"topic-body crawler-post"><div class="crawler-post-meta"><span class="creator"><a href="/u">{sheet.author}</a></span>'
        f'</div><div class="post" itemprop="text">{sheet.ps()}</div></div>{_posts(sheet, one)}</div></div>'
    )


def question_site(sheet: Sheet) -> str:
    one = (
        '<div class="answer"><div class="votecell">{1}</div><div class="answercell"><div class="js-post-body"><p>{2}</p></div>'
        '<div class="user-details"><a href="/users/1/x">{0}</a></div></div></div>'
    )
    return sheet.html(
        f'<header class="top-bar"><ol>{sheet.menu()}</ol></header><div id="content"><div id="question-header"><h1><a href="/q">'
        f'{sheet.title}</a></h1></div><div id="mainbar"><div class="question" id="question"><div class="post-layout"><div '
        f'class="votecell">7</div><div class="postcell"><div class="s-prose js-post-body">{sheet.ps()}</div><div class='
        f'"post-taglist"><a href="/t">dorf</a></div></div></div></div><div id="answers"><h2>3 Answers</h2>{_posts(sheet, one)}'
        f'</div></div><div id="sidebar"><h4>Related</h4>{sheet.links(4, "<div><a href=/{1}>{0}</a></div>")}</div></div>'
    )


def mediawiki(sheet: Sheet) -> str:
    parts = "".join(
        f'<h2><span class="mw-headline" id="a{at}">{sheet.h()}</span><span class="mw-editsection">[<a href="/e">'
        f"{sheet.say('Bearbeiten', 'edit')}</a>]</span></h2>{sheet.ps(number=2)}"
        for at in range(3)
    )
    return sheet.html(
        f'<div id="content" class="mw-body" role="main"><h1 id="firstHeading">{sheet.title}</h1><div id="bodyContent"><div id='
        f'"siteSub">{sheet.out("aus dem Talwiki, der freien Enzyklopädie")}</div><div id="mw-content-text"><div class='
        f'"mw-parser-output">{sheet.ps()}<div id="toc" class="toc"><h2>{sheet.say("Inhaltsverzeichnis", "Contents")}</h2><ul>'
        f'<li><a href="#a0">1 Lage</a></li></ul></div>{parts}</div></div><div id="catlinks">Kategorie: <a href="/k">Dorf</a>'
        f'</div></div></div><div id="mw-navigation"><ul>{sheet.menu()}</ul></div><div id="footer"><ul><li>{sheet.noise()}</li>'
        f"</ul></div>"
    )


def dokuwiki(sheet: Sheet) -> str:
    return sheet.html(
        f'<div id="dokuwiki__site"><div id="dokuwiki__header"><ul>{sheet.menu()}</ul></div><div id="dokuwiki__content"><div '
        f'class="page group"><h1 class="sectionedit1" id="t">{sheet.title}</h1><div class="level1">{sheet.ps()}</div><h2>'
        f'{sheet.h()}</h2><div class="level2">{sheet.ps(number=2)}</div><h3>{sheet.h()}</h3><div class="level3"><ul><li class='
        f'"level1"><div class="li">{sheet.p(1)}</div></li><li class="level1"><div class="li">{sheet.p(1)}</div></li></ul></div>'
        f'</div><div class="docInfo">{sheet.out("start.txt · Zuletzt geändert")}: 2019/07/12 10:15</div></div></div>'
    )


def law(sheet: Sheet) -> str:
    parts = "".join(
        f'<div class="jnnorm"><h3><span class="jnenbez">§ {at}</span> <span class="jnentitel">{sheet.h()}</span></h3><div class='
        f'"jurAbsatz">(1) {sheet.p(2)}</div><div class="jurAbsatz">(2) {sheet.p(1)}</div></div>'
        for at in range(1, max(3, sheet.paragraphs // 2))
    )
    return sheet.html(f'<div id="container"><div id="paddingLR12"><h1>{sheet.title}</h1>{parts}</div><div>{sheet.foot()}</div>'
                      f"</div>")  # fmt: skip


def lead_above(sheet: Sheet) -> str:
    """Text before the headline, a lead in a heading, spans for paragraphs."""
    return sheet.html(
        f'<div class="kopf">{sheet.menu("<a href=/{1}>{0}</a>")}</div><div class="seite"><div class="spalte"><div class='
        f'"dach">Region</div><h1>{sheet.title}</h1><h2>{sheet.p(2)}</h2><div class="autor">{sheet.say("Von", "By")} '
        f'{sheet.out(sheet.author)}</div>{sheet.ps("<div class=absatz><span>{}</span></div>")}</div><div class="spalte2">'
        f"{sheet.links(4, '<div class=kasten><a href=/{1}>{0}</a></div>')}</div></div>"
    )


def pages_of_many(sheet: Sheet) -> str:
    toc = sheet.links(4, '<li><a href="/artikel-12/seite-{1}">{0}</a></li>')
    return sheet.html(
        f'<div class="nav">{sheet.menu("<a href=/{1}>{0}</a>")}</div><article><h1>{sheet.title}</h1><div class="inhalt"><h4>'
        f'{sheet.say("Inhalt", "Contents")}</h4><ol>{toc}</ol></div>{sheet.ps()}<div class="seiten"><a href="?page=1">1</a> '
        f'<a href="?page=2">2</a> <a href="?page=2">{sheet.say("Nächste Seite", "Next page")}</a></div></article><div>'
        f"{sheet.foot()}</div>"
    )


def quotes_as_text(sheet: Sheet) -> str:
    """A letter or speech in one long quotation."""
    return sheet.html(
        f"<div>{sheet.menu('<a href=/{1}>{0}</a> ')}</div><article><h1>{sheet.title}</h1><p>{sheet.p(1)}</p><blockquote>"
        f"{sheet.ps()}</blockquote><p>{sheet.p(1)}</p></article><div>{sheet.foot()}</div>"
    )


def speech(sheet: Sheet) -> str:
    """Minutes: short turns, each with its speaker."""
    turns = "".join(f"<p><b>{sheet.prose.name()}:</b> {sheet.p(1)}</p>" for _ in range(2 * sheet.paragraphs))
    return sheet.html(
        f"<div>{sheet.menu('<a href=/{1}>{0}</a> ')}</div><h1>{sheet.title}</h1>{turns}<p>{sheet.p(1)}</p>"
    )


def very_short(sheet: Sheet) -> str:
    """Two sentences, under a long sidebar and a long footer."""
    boxes = "".join(
        f"<div class=kasten><h3>{sheet.other()}</h3><p>{sheet.noise(2)}</p><a href=/{at}>mehr</a></div>"
        for at in range(5)
    )
    return sheet.html(
        f"<ul>{sheet.menu()}</ul><div id=mitte><h1>{sheet.title}</h1><p>{sheet.p(2)}</p></div><div id=rechts>{boxes}</div>"
        f"<div id=unten><p>{sheet.foot()}</p></div>"
    )


def shadowed(sheet: Sheet) -> str:
    """A wrapper that bears names of what is beside: the text all the same."""
    return sheet.html(
        f'<div class="header-banner"><ul>{sheet.menu()}</ul></div><div class="has-sidebar sidebar-right ad-free"><div class='
        f'"comments-off related-on share"><div class="teaser-page"><h1>{sheet.title}</h1>{sheet.ps()}</div></div></div>'
        f'<div class="footer">{sheet.noise()}</div>'
    )


ODDITIES = {
    "font_table": font_table, "one_cell": one_cell, "bare_body": bare_body, "cells_as_rows": cells_as_rows,
    "data_in_text": data_in_text, "pdf_lines": pdf_lines, "preformatted": preformatted, "phpbb": phpbb,
    "discourse": discourse, "question_site": question_site, "mediawiki": mediawiki, "dokuwiki": dokuwiki, "law": law,
    "lead_above": lead_above, "pages_of_many": pages_of_many, "quotes_as_text": quotes_as_text, "speech": speech,
    "very_short": very_short, "shadowed": shadowed,
}  # fmt: skip
