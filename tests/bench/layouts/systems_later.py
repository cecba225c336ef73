"""Whole pages written after the extractor had been made to read the others: what it did at first sight is a test."""

from __future__ import annotations

from tests.bench.layouts.sheet import Sheet


def _around(sheet: Sheet, inner: str, *, menu: str = "menu", foot: str = "foot") -> str:
    return sheet.html(
        f'<div class="{menu}"><ul>{sheet.menu()}</ul></div>{inner}<div class="{foot}"><p>{sheet.foot()}</p></div>'
    )


def sections(sheet: Sheet) -> str:
    parts = "".join(f"<section><h2>{sheet.h()}</h2>{sheet.ps(number=2)}</section>" for _ in range(sheet.paragraphs))
    return _around(sheet, f"<main><h1>{sheet.title}</h1><p>{sheet.p(2)}</p>{parts}</main>")


def articles_as_sections(sheet: Sheet) -> str:
    parts = "".join(f"<article><h2>{sheet.h()}</h2>{sheet.ps(number=2)}</article>" for _ in range(sheet.paragraphs))
    return _around(sheet, f"<main><h1>{sheet.title}</h1><p>{sheet.p(2)}</p>{parts}</main>")


def short_lines(sheet: Sheet) -> str:
    """An interview in short lines, each a div."""
    lines = "".join(f"<div>{sheet.kept(sheet.prose.headline()[:60])}.</div>" for _ in range(4 + 2 * sheet.paragraphs))
    return _around(sheet, f"<div><h1>{sheet.title}</h1><div>{lines}</div></div>")


def poem(sheet: Sheet) -> str:
    verses = "".join(
        "<p>" + "<br>".join(sheet.kept(sheet.prose.headline()[:45]) for _ in range(4)) + "</p>"
        for _ in range(sheet.paragraphs + 1)
    )
    return _around(sheet, f"<div class=seite><h2>{sheet.title}</h2>{verses}</div>")


def broken_lines(sheet: Sheet) -> str:
    """One line break ends a paragraph, in a body without any."""
    text = "<br>\n".join(sheet.p(2) for _ in range(2 + sheet.paragraphs))
    return _around(sheet, f"<div><div><b>{sheet.title}</b></div><div>{text}</div></div>")


def aspnet(sheet: Sheet) -> str:
    """A form around the whole page."""
    return sheet.html(
        f'<form method="post" action="./x.aspx" id="aspnetForm"><input type="hidden" name="__VIEWSTATE" value="x"><div id='
        f'"ctl00_head"><ul>{sheet.menu()}</ul><input type="text" name="q"><input type="submit" value="Suche"></div><div id='
        f'"ctl00_MainContent"><div class="ms-rte-layoutszone-inner"><h1>{sheet.title}</h1>{sheet.ps("<div>{}</div>")}'
        f'</div></div><div id="ctl00_foot">{sheet.foot()}</div></form>'
    )


def rows(sheet: Sheet) -> str:
    """Every paragraph is a row of a table."""
    text = "".join(f'<tr><td class="text"><p>{sheet.p()}</p></td></tr>' for _ in range(sheet.paragraphs))
    return sheet.html(
        f'<table width=100%><tr><td>{sheet.menu("<a href=/{1}>{0}</a> | ")}</td></tr><tr><td><table><tr><td class="titel">'
        f"{sheet.title}</td></tr>{text}</table></td></tr><tr><td>{sheet.foot()}</td></tr></table>"
    )


def word(sheet: Sheet) -> str:
    text = sheet.ps('<p class=MsoNormal><span lang=DE style="font-size:11.0pt">{}<o:p></o:p></span></p>')
    return sheet.html(f"<div class=WordSection1><p class=MsoTitle>{sheet.title}</p>{text}</div>")


def plone(sheet: Sheet) -> str:
    return sheet.html(
        f'<div id="visual-portal-wrapper"><div id="portal-header"><ul id="portal-globalnav">{sheet.menu()}</ul></div><div id='
        f'"portal-columns"><div id="portal-column-content"><div id="viewlet-above-content"><div id="portal-breadcrumbs">Sie '
        f'sind hier: <a href="/">Startseite</a></div></div><div id="content"><h1 class="documentFirstHeading">{sheet.title}'
        f'</h1><div class="documentByLine"><span>erstellt von {sheet.out(sheet.author)}</span> — zuletzt geändert: '
        f'12.07.2019</div><div class="documentDescription description">{sheet.p(2)}</div><div id="content-core"><div id='
        f'"parent-fieldname-text">{sheet.ps()}</div></div></div><div class="documentActions"><ul><li><a href="/p">Drucken</a>'
        f'</li></ul></div></div><div id="portal-column-one"><dl class="portlet"><dt>Nachrichten</dt>'
        f'{sheet.links(4, "<dd><a href=/{1}>{0}</a></dd>")}</dl></div></div><div id="portal-footer">{sheet.foot()}</div></div>'
    )


def liferay(sheet: Sheet) -> str:
    return sheet.html(
        f'<div id="wrapper"><header id="banner"><nav id="navigation"><ul>{sheet.menu()}</ul></nav></header><section id='
        f'"content"><div class="portlet-boundary"><section class="portlet"><div class="portlet-content"><div class='
        f'"portlet-body"><div class="journal-content-article"><h1>{sheet.title}</h1><div class="lead">{sheet.p(2)}</div>'
        f'<div class="bodytext">{sheet.ps()}</div></div></div></div></section></div><div class="portlet-boundary"><section '
        f'class="portlet"><div class="portlet-body"><h2>Weitere Meldungen</h2><ul>{sheet.links(4)}</ul></div></section></div>'
        f'</section><footer id="footer">{sheet.foot()}</footer></div>'
    )


def hubspot(sheet: Sheet) -> str:
    card = '<div class="post-item"><a href="/{1}"><h4>{0}</h4></a><a href="/{1}">Weiterlesen</a></div>'
    return sheet.html(
        f'<div class="header-container-wrapper"><ul>{sheet.menu()}</ul></div><div class="body-container-wrapper"><div class='
        f'"blog-section"><div class="section post-header"><h1><span id="hs_cos_wrapper_name">{sheet.title}</span></h1><p id='
        f'"hubspot-author_data">{sheet.say("Von", "By")} {sheet.out(sheet.author)} {sheet.date}</p></div><div class="section '
        f'post-body"><span id="hs_cos_wrapper_post_body" class="hs_cos_wrapper">{sheet.ps()}<h2>{sheet.h()}</h2>'
        f'{sheet.ps(number=2)}<div class="hs-cta-wrapper"><a href="/cta">{sheet.say("Jetzt Demo buchen", "Book a demo")}</a>'
        f'</div></span></div><p id="hubspot-topic_data">Themen: <a href="/t">Dorf</a></p></div><div class="related-posts">'
        f'{sheet.links(3, card)}</div></div><div class="footer-container-wrapper">{sheet.foot()}</div>'
    )


def substack(sheet: Sheet) -> str:
    box = (
        f'<div class="subscription-widget-wrap"><div class="subscription-widget"><div class="preamble"><p>{sheet.noise()}</p>'
        f'</div><form><input type="email"><button>Subscribe</button></form></div></div>'
    )
    return sheet.html(
        f'<div id="main"><div class="main-menu"><a href="/">Talbote</a></div><div class="single-post"><article class='
        f'"newsletter-post post"><div class="post-header"><h1 class="post-title">{sheet.title}</h1><h3 class="subtitle">'
        f'{sheet.prose.sentence()}</h3><div class="post-meta"><a href="/@x">{sheet.author}</a><div>Jul 12, 2019</div><div>'
        f'12</div><div><a href="#">Share</a></div></div></div><div><div class="available-content"><div class="body markup">'
        f'{sheet.ps(number=2)}{box}{sheet.ps()}<div class="footnote"><a id="footnote-1">1</a><div class="footnote-content">'
        f'<p>{sheet.p(1)}</p></div></div></div></div></div></article><div class="comments-section"><h4>Discussion</h4><div '
        f'class="comment"><div class="comment-body"><p>{sheet.noise(2)}</p></div></div></div></div></div>'
    )


def twoday(sheet: Sheet) -> str:
    reply = (
        f'<div class="comment"><div class="commentTitle">{sheet.prose.name()} - 12. Jul, 11:20</div><div class="commentContent">'
        f'{sheet.noise(2)}</div><div class="commentLinks"><a href="#r">antworten</a></div></div>'
    )
    return _around(
        sheet,
        f'<div id="content"><div class="story"><div class="storyDate">12 Juli 2019</div><div class="storyTitle"><h3>'
        f'{sheet.title}</h3></div><div class="storyContent">{"<br /><br />".join(sheet.p() for _ in range(sheet.paragraphs))}'
        f'</div><div class="storyLinks">{sheet.out(sheet.author)} - 12. Jul, 10:15 - Rubrik: <a href="/r">Alltag</a> - '
        f'<a href="#c">2 Kommentare</a> - <a href="#k">Kommentar verfassen</a></div></div>{reply}{reply}</div>',
    )


def ezpublish(sheet: Sheet) -> str:
    return _around(
        sheet,
        f'<div class="border-box"><div class="content-view-full"><div class="class-article"><div class="attribute-header">'
        f'<h1>{sheet.title}</h1></div><div class="attribute-byline"><p class="date">(12/07/2019 10:15)</p></div><div class='
        f'"attribute-short"><p><b>{sheet.p(2)}</b></p></div><div class="attribute-long">{sheet.ps()}</div></div></div></div>',
    )


def webflow(sheet: Sheet) -> str:
    return sheet.html(
        f'<div class="navbar w-nav"><nav class="w-nav-menu">{sheet.menu("<a class=nav-link href=/{1}>{0}</a>")}</nav></div>'
        f'<div class="section"><div class="container w-container"><h1 class="heading-3">{sheet.title}</h1><div class='
        f'"text-block-4">{sheet.out(sheet.date)}</div><div class="rich-text-block w-richtext">{sheet.ps()}<h3>{sheet.h()}</h3>'
        f'{sheet.ps(number=2)}<ul role="list"><li>{sheet.p(1)}</li><li>{sheet.p(1)}</li></ul></div></div></div><div class='
        f'"section cta"><h2>{sheet.noise()}</h2><a class="button w-button" href="/k">Kontakt</a></div><div class="footer-2">'
        f"{sheet.foot()}</div>"
    )


def roundup(sheet: Sheet) -> str:
    """A blog's links of the week: each with what the author says about it."""
    items = "".join(
        f'<li><a href="https://other{at}.example.net/x">{sheet.prose.headline()}</a>: {sheet.p(2)}</li>'
        for at in range(max(4, sheet.paragraphs))
    )
    return _around(sheet, f'<div class="post"><h2>{sheet.title}</h2><div class="entry"><p>{sheet.p(1)}</p><ul>{items}</ul>'
                          f"</div></div>")  # fmt: skip


def podcast(sheet: Sheet) -> str:
    notes = "".join(f"<li>00:0{at} {sheet.kept(sheet.prose.headline())}</li>" for at in range(5))
    return _around(
        sheet,
        f'<main><article><h1>{sheet.title}</h1><div class="player"><audio></audio><a href="/x.mp3">Download</a></div>'
        f"{sheet.ps()}<h3>Shownotes</h3><ul>{notes}</ul></article></main>",
    )


def event(sheet: Sheet) -> str:
    return _around(
        sheet,
        f'<div class="veranstaltung"><h1>{sheet.title}</h1><table><tr><th>Datum</th><td>12.07.2019</td></tr><tr><th>Ort</th>'
        f"<td>{sheet.kept('Mehrzweckhalle Altkirch')}</td></tr></table>{sheet.ps()}<p>Eintritt frei.</p></div>",
    )


def product_test(sheet: Sheet) -> str:
    def items() -> str:
        return "".join(f"<li>{sheet.kept(sheet.prose.headline()[:40])}</li>" for _ in range(3))

    return _around(
        sheet,
        f'<article><h1>{sheet.title}</h1>{sheet.ps()}<div class="pro-contra"><div class="pro"><h4>Pro</h4><ul>{items()}</ul>'
        f'</div><div class="contra"><h4>Contra</h4><ul>{items()}</ul></div></div><h2>Fazit</h2><p>{sheet.p()}</p></article>',
    )


def faq(sheet: Sheet) -> str:
    items = "".join(
        f'<div itemscope itemprop="mainEntity" itemtype="https://schema.org/Question"><h3 itemprop="name">{sheet.h()}?</h3>'
        f'<div itemscope itemprop="acceptedAnswer" itemtype="https://schema.org/Answer"><div itemprop="text">{sheet.p(2)}'
        f"</div></div></div>"
        for _ in range(max(3, sheet.paragraphs))
    )
    return _around(sheet, f"<main><h1>{sheet.title}</h1>{items}</main>")


def about_the_author(sheet: Sheet) -> str:
    about = sheet.say("Über den Autor", "About the author")
    return _around(
        sheet,
        f'<div class="beitrag"><h1>{sheet.title}</h1>{sheet.ps()}<div class="box"><h3>{sheet.out(about)}</h3><p>'
        f"{sheet.noise(2)}</p></div></div>",
    )


def columns(sheet: Sheet) -> str:
    """A grid: the text goes on in the next row, a column of teasers beside each."""

    def row(text: str) -> str:
        side = sheet.links(2, "<div><a href=/{1}><img src=x></a><a href=/{1}>{0}</a></div>")
        return f'<div class="row"><div class="col-8">{text}</div><div class="col-4">{side}</div></div>'

    return _around(
        sheet,
        f'<div class="grid"><div class="row"><div class="col-12"><h1>{sheet.title}</h1></div></div>{row(sheet.ps(number=3))}'
        f"{row(sheet.ps(number=3))}{row(f'<h2>{sheet.h()}</h2>' + sheet.ps(number=2))}</div>",
    )


def pictures_between(sheet: Sheet) -> str:
    one = '<div class="bild"><img src="{0}.jpg" alt="x"><div class="text">{1}</div></div><p>{2}</p>'
    text = "".join(one.format(at, sheet.out(sheet.prose.headline()), sheet.p()) for at in range(1 + sheet.paragraphs))
    return _around(sheet, f"<div><h1>{sheet.title}</h1><div>{text}</div></div>")


def dialogue(sheet: Sheet) -> str:
    turns = "".join(f"<dt>{sheet.prose.headline()}?</dt><dd>{sheet.p(2)}</dd>" for _ in range(2 + sheet.paragraphs))
    return _around(sheet, f"<article><h1>{sheet.title}</h1><p>{sheet.p(1)}</p><dl>{turns}</dl></article>")


def rated_comments(sheet: Sheet) -> str:
    """More comments than text; each in several boxes, of which the one with its text is named so."""
    one = (
        '<div class="borde"><div class="sf_comment"><p class="sf_comment_info">Hace {0} minutos</p></div><div class='
        '"sf_comment_text"><p>{1}</p></div><div class="sf_comment_rating">3 <a href="#">mas</a></div></div>'
    )
    said = "".join(one.format(at, sheet.noise(3)) for at in range(9))
    return _around(
        sheet, f"<article><h1>{sheet.title}</h1><div>{sheet.ps()}</div></article><div class=box>{said}</div>"
    )


def long_byline(sheet: Sheet) -> str:
    """Who and when, in two lines of one box, longer than a label."""
    return _around(
        sheet,
        f'<div class="wrapper"><h1>{sheet.title}</h1><div><div><span>Newsdesk</span><br>{sheet.say("am", "on")} '
        f"{sheet.out(sheet.date)} {sheet.say('um 13:06 Uhr, geändert', 'at 12:06 PM, updated')} {sheet.date} 13:10</div>"
        f'</div><div class="x">{sheet.ps()}</div></div>',
    )


def notice(sheet: Sheet) -> str:
    """A club's notice: three sentences, then its address."""
    return sheet.html(
        f'<div id="navi">{sheet.menu("<a href=/{1}>{0}</a><br>")}</div><div id="inhalt"><h2>{sheet.title}</h2><p>{sheet.p(1)}'
        f'</p><p>{sheet.p(1)}</p><p>{sheet.p(1)}</p></div><div id="rechts"><h3>Termine</h3><ul>{sheet.links(4)}</ul></div>'
        f'<div id="fuss">{sheet.foot()}</div>'
    )


LATER_SYSTEMS = {
    "sections": sections, "articles_as_sections": articles_as_sections, "short_lines": short_lines, "poem": poem,
    "broken_lines": broken_lines, "aspnet": aspnet, "rows": rows, "word": word, "plone": plone, "liferay": liferay,
    "hubspot": hubspot, "substack": substack, "twoday": twoday, "ezpublish": ezpublish, "webflow": webflow,
    "roundup": roundup, "podcast": podcast, "event": event, "product_test": product_test, "faq": faq,
    "about_the_author": about_the_author, "columns": columns, "pictures_between": pictures_between,
    "dialogue": dialogue, "notice": notice, "rated_comments": rated_comments, "long_byline": long_byline,
}  # fmt: skip
