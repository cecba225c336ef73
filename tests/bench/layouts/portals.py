"""Whole pages as content systems of papers, offices, associations and shops make them."""

from __future__ import annotations

from tests.bench.layouts.sheet import Sheet


def _page(sheet: Sheet, text: str, *, behind: str = "", before: str = "") -> str:
    """Header, menu, text, footer without any name that helps."""
    return sheet.html(
        f'<div id="top"><ul>{sheet.menu()}</ul></div>{before}<div id="inhalt">{text}</div>{behind}'
        f"<div id=unten><p>{sheet.foot()}</p></div>"
    )


def typo3_fluid(sheet: Sheet) -> str:
    def frame(at: int, inner: str) -> str:
        return (
            f'<div id="c{at}" class="frame frame-default frame-type-textpic frame-layout-0"><div class="ce-textpic '
            f'ce-right ce-intext"><div class="ce-bodytext">{inner}</div></div></div>'
        )

    text = "".join(frame(at, f"<p>{sheet.p()}</p>") for at in range(sheet.paragraphs))
    head = f'<header><h2 class="">{sheet.h()}</h2></header>'
    return sheet.html(
        f'<nav class="main"><ul>{sheet.menu()}</ul></nav><div class="breadcrumb"><a href="/">Start</a> &gt; Aktuelles</div>'
        f'<div class="main-content"><!--TYPO3SEARCH_begin--><h1>{sheet.title}</h1>{text}{frame(90, head)}'
        f'{frame(91, f"<p>{sheet.p()}</p>")}<!--TYPO3SEARCH_end--></div><div class="kontakt"><h3>Ansprechpartner</h3><p>'
        f"{sheet.author}<br>Tel. 030 123456<br>E-Mail: presse(at)example.org</p></div><footer><p>{sheet.noise()}</p></footer>"
    )


def typo3_news(sheet: Sheet) -> str:
    related = sheet.links(3, '<li><span class="news-related-date">01.07.2019</span> <a href="/{1}">{0}</a></li>')
    return sheet.html(
        f'<div id="navi"><ul>{sheet.menu()}</ul></div><div id="content"><div class="news news-single"><div class='
        f'"article" itemscope itemtype="http://schema.org/Article"><div class="header"><h3 itemprop="headline">'
        f'{sheet.title}</h3></div><div class="footer"><p><span class="news-list-date"><time>{sheet.date}</time></span>'
        f'<span class="news-list-category">Presse</span></p></div><div class="teaser-text" itemprop="description"><p>'
        f'{sheet.p(2)}</p></div><div class="news-img-wrap"><img src="x.jpg"><p class="news-img-caption">{sheet.noise()}</p>'
        f'</div><div class="news-text-wrap" itemprop="articleBody">{sheet.ps("<p class=bodytext>{}</p>")}</div>'
        f'<div class="news-backlink-wrap"><a href="/news">{sheet.say("Zurück", "Back")}</a></div><div class='
        f'"news-related-wrap"><h4>{sheet.say("Verwandte Nachrichten", "Related news")}</h4><ul>{related}</ul></div></div>'
        f'</div></div><div id="fuss">{sheet.noise()}</div>'
    )


def typo3_old(sheet: Sheet) -> str:
    """tt_news and css_styled_content."""
    text = sheet.ps('<p class="bodytext">{}</p>')
    return sheet.html(
        f'<div id="col1"><ul>{sheet.menu()}</ul></div><div id="col3"><div id="c12" class="csc-default"><div class='
        f'"news-single-item"><div class="news-single-timedata">12.07.19 10:15</div><div class="news-single-img"><img src=x>'
        f'<p class="news-single-imgcaption">{sheet.noise()}</p></div><h2>{sheet.title}</h2><h3>{sheet.p(1)}</h3>'
        f'<div class="news-single-author">Von: {sheet.out(sheet.author)}</div>{text}<hr class="clearer"><div class='
        f'"news-single-backlink"><a href="/b">&lt;- Zurück zu: News</a></div><div class="news-single-additional-info">'
        f'<dl class="news-single-links"><dt>Links:</dt><dd><a href="/l">{sheet.other()}</a></dd></dl></div></div></div></div>'
    )


def drupal6(sheet: Sheet) -> str:
    return sheet.html(
        f'<div id="wrapper"><div id="container" class="clear-block"><div id="sidebar-left" class="sidebar"><div class='
        f'"block block-user"><h2>Navigation</h2><div class="content"><ul class="menu">{sheet.menu()}</ul></div></div>'
        f'</div><div id="center"><div id="squeeze"><div class="breadcrumb"><a href="/">Start</a></div><h2>{sheet.title}'
        f'</h2><div class="clear-block"><div id="node-7" class="node"><span class="submitted">Fr, 12/07/2019 - 10:15 — '
        f'{sheet.out(sheet.author)}</span><div class="content clear-block">{sheet.ps()}</div><div class="clear-block">'
        f'<div class="meta"><div class="terms"><ul class="links inline"><li><a href="/t">Region</a></li></ul></div></div>'
        f'<div class="links"><ul class="links inline"><li class="comment_add"><a href="/c">Neuen Kommentar schreiben</a>'
        f'</li></ul></div></div></div></div><div id="comments"><h2 class="comments">Kommentare</h2><div class="comment '
        f'clear-block"><h3><a href="#c1">Betreff</a></h3><div class="content"><p>{sheet.noise(2)}</p></div></div></div>'
        f'</div></div></div></div><div id="footer">{sheet.noise()}</div>'
    )


def drupal8(sheet: Sheet) -> str:
    return sheet.html(
        f'<div class="dialog-off-canvas-main-canvas"><header role="banner"><nav role="navigation" class="block block-menu">'
        f'<ul>{sheet.menu()}</ul></nav></header><main role="main"><div class="layout-content"><div class="region '
        f'region-content"><div id="block-title" class="block"><h1 class="page-title"><span class="field field--name-title">'
        f'{sheet.title}</span></h1></div><div class="block block-system-main-block"><article role="article" class="node '
        f'node--type-article"><footer class="node__meta"><div class="node__submitted">{sheet.out("Gespeichert von")} '
        f'<span>{sheet.author}</span> am <span>{sheet.date}</span></div></footer><div class="node__content clearfix">'
        f'<div class="clearfix text-formatted field field--name-body field--type-text-with-summary field__item">'
        f'{sheet.ps()}<h3>{sheet.h()}</h3>{sheet.ps(number=2)}</div><div class="field field--name-field-tags"><div '
        f'class="field__label">Tags</div><ul class="links field__items"><li><a href="/t">Region</a></li></ul></div>'
        f'<section class="field field--name-comment comment-wrapper"><h2>{sheet.say("Kommentare", "Comments")}</h2>'
        f'<article class="comment"><div class="comment__content"><div class="text-formatted"><p>{sheet.noise(2)}</p></div>'
        f'</div></article></section></div></article></div></div></div></main><footer class="site-footer">{sheet.noise()}'
        f"</footer></div>"
    )


def joomla15(sheet: Sheet) -> str:
    """Tables around everything, the text in a cell."""
    return sheet.html(
        f'<table width="100%"><tr><td class="left"><table class="moduletable"><tr><th>Menü</th></tr><tr><td><ul class="menu">'
        f'{sheet.menu()}</ul></td></tr></table></td><td class="main"><span class="breadcrumbs pathway"><a href="/">Start</a>'
        f'</span><table class="contentpaneopen"><tr><td class="contentheading" width="100%">{sheet.title}</td><td class='
        f'"buttonheading"><a href="/p">Drucken</a></td></tr></table><table class="contentpaneopen"><tr><td valign="top">'
        f'<span class="small">Geschrieben von: {sheet.out(sheet.author)}</span></td></tr><tr><td class="createdate">'
        f'Freitag, den 12. Juli 2019 um 10:15 Uhr</td></tr><tr><td valign="top">{sheet.ps()}</td></tr><tr><td class='
        f'"modifydate">Zuletzt aktualisiert am Samstag</td></tr></table><table class="pagenav"><tr><th class="pagenav_prev">'
        f'<a href="/v">&lt; Zurück</a></th></tr></table></td></tr></table><div id="footer">{sheet.noise()}</div>'
    )


def joomla3(sheet: Sheet) -> str:
    return sheet.html(
        f'<div class="body"><div class="container"><nav class="navigation"><ul class="nav menu">{sheet.menu()}</ul></nav>'
        f'<div class="row-fluid"><main id="content" class="span9"><div class="item-page" itemscope itemtype='
        f'"https://schema.org/Article"><div class="page-header"><h2 itemprop="headline">{sheet.title}</h2></div><dl class='
        f'"article-info muted"><dt class="article-info-term">Details</dt><dd class="createdby">{sheet.out("Geschrieben von")}: '
        f'<span itemprop="name">{sheet.author}</span></dd><dd class="published">Veröffentlicht: 12. Juli 2019</dd><dd class='
        f'"hits">Zugriffe: 1234</dd></dl><div itemprop="articleBody">{sheet.ps()}</div><ul class="pager pagenav"><li class='
        f'"previous"><a href="/v">Zurück</a></li></ul></div></main><div id="aside" class="span3"><div class="well">'
        f'<h3 class="page-header">Neueste Beiträge</h3><ul class="latestnews">{sheet.links(5)}</ul></div></div></div></div>'
        f'</div><footer class="footer"><p>{sheet.noise()}</p></footer>'
    )


def contao(sheet: Sheet) -> str:
    text = "".join(f'<div class="ce_text block"><p>{sheet.p()}</p></div>' for _ in range(sheet.paragraphs))
    return sheet.html(
        f'<div id="wrapper"><header id="header"><nav class="mod_navigation block"><ul class="level_1">{sheet.menu()}</ul></nav>'
        f'</header><div id="container"><main id="main"><div class="inside"><div class="mod_article first last block">'
        f'<div class="mod_newsreader block"><div class="layout_full block"><h1>{sheet.title}</h1><p class="info"><time>'
        f'12.07.2019 10:15</time> von {sheet.author} <span class="comments">(Kommentare: 0)</span></p>{text}<div class='
        f'"ce_text block"><h2>{sheet.h()}</h2><p>{sheet.p()}</p></div></div><p class="back"><a href="/b">Zurück</a></p>'
        f'<div class="ce_comments block"><h3>Einen Kommentar schreiben</h3><form><textarea></textarea></form></div></div>'
        f'</div></div></main></div><footer id="footer"><div class="inside"><p>{sheet.noise()}</p></div></footer></div>'
    )


def spip(sheet: Sheet) -> str:
    return sheet.html(
        f'<div id="page"><div id="nav"><ul>{sheet.menu()}</ul></div><div id="conteneur"><div id="contenu"><div class='
        f'"cartouche"><p class="titre">{sheet.title}</p><p class="info-publi">par {sheet.author}</p></div><div class="chapo">'
        f'<p>{sheet.p(2)}</p></div><div class="texte surlignable clearfix">{sheet.ps()}<h3 class="spip">{sheet.h()}</h3>'
        f'{sheet.ps(number=2)}</div><div class="notes"><p>[1] {sheet.p(1)}</p></div><div class="rubrique"><h2>Autres</h2><ul>'
        f'{sheet.links(4)}</ul></div></div></div><div id="pied"><p>{sheet.noise()}</p></div></div>'
    )


def government(sheet: Sheet) -> str:
    """A ministry's press release: type, date, number, abstract, text, contact, service boxes, all in plain sections."""
    facts = "".join(f"<dt>{name}</dt><dd>{sheet.date}</dd>" for name in ("Datum", "Nummer"))
    return sheet.html(
        f'<div id="wrapperOuter"><div id="navServiceMeta"><ul>{sheet.menu()}</ul></div><div class="row"><div id="content" '
        f'class="content"><span class="dachzeile">Pressemitteilung</span><h1 class="isFirstInSlot">{sheet.title}</h1>'
        f'<div class="docData"><dl>{facts}</dl></div><div class="abstract"><p>{sheet.p(2)}</p></div><div class="picture '
        f'links"><img src="x.jpg"><p class="caption">{sheet.noise()} <span>Quelle: BPA</span></p></div>{sheet.ps()}<h2>'
        f"{sheet.h()}</h2>{sheet.ps(number=2)}<ul><li>{sheet.p(1)}</li><li>{sheet.p(1)}</li><li>{sheet.p(1)}</li></ul>"
        f'<p>{sheet.p(2)}</p></div><div id="supplement"><div class="module"><h2>Weitere Informationen</h2><ul>'
        f'{sheet.links(3)}</ul></div><div class="module"><h2>Kontakt</h2><p>{sheet.out("Pressestelle des Ministeriums")}'
        f'<br>Telefon: 030 1234567</p></div></div></div><div id="footer"><p>{sheet.noise()}</p></div></div>'
    )


def definitions(sheet: Sheet) -> str:
    """Government service as a definition list: the answers are the text."""
    items = "".join(
        f"<dt><h3>{sheet.h()}</h3></dt><dd><p>{sheet.p(2)}</p></dd>" for _ in range(max(3, sheet.paragraphs // 2))
    )
    return _page(sheet, f"<h1>{sheet.title}</h1><p>{sheet.p(2)}</p><dl>{items}</dl>")


def bare_definitions(sheet: Sheet) -> str:
    items = "".join(f"<dt>{sheet.h()}</dt><dd>{sheet.p(2)}</dd>" for _ in range(max(3, sheet.paragraphs)))
    return _page(sheet, f"<h1>{sheet.title}</h1><dl>{items}</dl>")


def list_article(sheet: Sheet) -> str:
    items = "".join(f"<li>{sheet.p(2)}</li>" for _ in range(max(4, sheet.paragraphs)))
    return _page(sheet, f"<h1>{sheet.title}</h1><p>{sheet.p(1)}</p><ol>{items}</ol>")


def list_only(sheet: Sheet) -> str:
    items = "".join(f"<li><strong>{sheet.h()}</strong> {sheet.p(2)}</li>" for _ in range(max(4, sheet.paragraphs)))
    return _page(sheet, f"<h1>{sheet.title}</h1><ul>{items}</ul>")


def short_items(sheet: Sheet) -> str:
    """A text that is mostly a list of short items."""
    items = "".join(f"<li>{sheet.h()}</li>" for _ in range(9))
    return _page(sheet, f"<h1>{sheet.title}</h1><p>{sheet.p(2)}</p><ul>{items}</ul><p>{sheet.p(2)}</p>")


def recipe(sheet: Sheet) -> str:
    ingredients = "".join(
        f'<li class="wprm-recipe-ingredient"><span>{at * 50}</span> <span>g</span> <span>{sheet.kept(f"Zutat{at} vom Hof")}'
        f"</span></li>"
        for at in range(1, 7)
    )
    steps = "".join(f'<li class="wprm-recipe-instruction"><div>{sheet.p(1)}</div></li>' for _ in range(5))
    return sheet.html(
        f'<div class="site-container"><nav class="nav-primary"><ul>{sheet.menu()}</ul></nav><main class="content"><article '
        f'class="post entry"><header class="entry-header"><h1 class="entry-title">{sheet.title}</h1></header><div class='
        f'"entry-content">{sheet.ps()}<div class="wprm-recipe-container"><h2>{sheet.title}</h2><div class="wprm-recipe-'
        f'rating">4.8 von 12</div><h3>Zutaten</h3><ul class="wprm-recipe-ingredients">{ingredients}</ul><h3>Zubereitung</h3>'
        f'<ol>{steps}</ol></div></div></article><div id="comments"><h3>2 Kommentare</h3><ol><li class="comment"><p>'
        f'{sheet.noise(2)}</p></li></ol></div></main><footer class="site-footer">{sheet.noise()}</footer></div>'
    )


def shop_guide(sheet: Sheet) -> str:
    """A guide of a shop with product cards between the paragraphs."""
    card = (
        f'<div class="product-box"><a href="/p/1"><img src="x.jpg"></a><a class="product-title" href="/p/1">'
        f'{sheet.other()}</a><div class="product-price">19,90 €*</div><button>In den Warenkorb</button></div>'
    )
    return sheet.html(
        f'<header><div class="navigation--list">{sheet.menu("<a href=/{1}>{0}</a>")}</div></header><section class='
        f'"content-main"><div class="content-main--inner"><div class="blog--detail"><div class="blog--detail-header">'
        f'<h1 class="blog--detail-headline">{sheet.title}</h1><div class="blog--metabox"><span>{sheet.date}</span></div>'
        f'</div><div class="blog--detail-description">{sheet.ps(number=2)}<div class="product-slider">{card}{card}</div>'
        f'{sheet.ps()}<h2>{sheet.h()}</h2>{sheet.ps(number=1)}</div></div></div></section><footer><div class="footer--'
        f'vat-info"><p>{sheet.noise()}</p></div></footer>'
    )


def questions(sheet: Sheet) -> str:
    items = "".join(
        f'<div class="accordion-item"><button class="accordion-toggle">{sheet.prose.headline()}?</button><div class='
        f'"accordion-content"><p>{sheet.p(2)}</p></div></div>'
        for _ in range(max(4, sheet.paragraphs))
    )
    return _page(sheet, f"<h1>{sheet.title}</h1><p>{sheet.p(2)}</p>{items}")


def details(sheet: Sheet) -> str:
    items = "".join(f"<details><summary>{sheet.h()}</summary><p>{sheet.p(2)}</p></details>" for _ in range(5))
    return _page(sheet, f"<h1>{sheet.title}</h1><p>{sheet.p(2)}</p>{items}")


def press_portal(sheet: Sheet) -> str:
    return sheet.html(
        f'<header class="header"><ul class="nav">{sheet.menu()}</ul></header><main class="content"><article class="story">'
        f'<div class="story-meta"><p class="date">12.07.2019 – 10:15</p><p class="customer"><a href="/nr/1">Talwerk AG</a></p>'
        f'</div><h1 class="story-headline">{sheet.title}</h1><div class="card"><ul class="media-list"><li>Bild-Infos</li><li>'
        f'Download</li></ul></div><p><i>Altkirch (ots)</i></p>{sheet.ps()}<p>Pressekontakt:</p><p class="contact-text">'
        f'{sheet.author}<br>Tel.: 030 123456<br>presse@example.org</p><p class="originator">Original-Content von: Talwerk AG'
        f'</p></article><div class="more"><h2>Weitere Meldungen: Talwerk AG</h2><ul class="article-list">'
        f"{sheet.links(4, '<li><article><h3><a href=/{1}>{0}</a></h3><p>x</p></article></li>')}</ul></div></main>"
        f"<footer><p>{sheet.noise()}</p></footer>"
    )


PORTALS = {
    "typo3_fluid": typo3_fluid, "typo3_news": typo3_news, "typo3_old": typo3_old, "drupal6": drupal6,
    "drupal8": drupal8, "joomla15": joomla15, "joomla3": joomla3, "contao": contao, "spip": spip,
    "government": government, "definitions": definitions, "bare_definitions": bare_definitions,
    "list_article": list_article, "list_only": list_only, "short_items": short_items, "recipe": recipe,
    "shop_guide": shop_guide, "questions": questions, "details": details, "press_portal": press_portal,
}  # fmt: skip
