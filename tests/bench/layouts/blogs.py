"""Whole pages as blog systems make them, from what is generally known of their themes."""

from __future__ import annotations

from tests.bench.layouts.sheet import Sheet


def _comments_wp(sheet: Sheet) -> str:
    """As WordPress has listed them since 2.7."""
    html = f'<h3 id="comments">{sheet.out(sheet.say("3 Gedanken zu", "3 thoughts on"))} “{sheet.title}”</h3>'
    html += '<ol class="commentlist">'
    for number in range(3):
        html += (
            f'<li class="comment even depth-1" id="comment-{number}"><div class="comment-body">'
            f'<div class="comment-author vcard"><cite class="fn">{sheet.prose.name()}</cite>'
            f'<span class="says">{sheet.say("sagt:", "says:")}</span></div><div class="comment-meta commentmetadata">'
            f'<a href="#comment-{number}">{sheet.date} um 13:1{number}</a></div><p>{sheet.noise(2)}</p>'
            f'<div class="reply"><a href="#respond">{sheet.say("Antworten", "Reply")}</a></div></div></li>'
        )
    form = sheet.out(
        sheet.say("Deine E-Mail-Adresse wird nicht veröffentlicht", "Your email address will not be published")
    )
    return (
        f'{html}</ol><div id="respond"><h3>{sheet.say("Schreibe einen Kommentar", "Leave a Reply")}</h3>'
        f'<form action="/wp-comments-post.php"><p>{form}. <textarea name="comment"></textarea></p></form></div>'
    )


def _widgets(sheet: Sheet, tag: str = "div") -> str:
    return (
        f'<{tag} id="secondary" class="widget-area"><ul><li class="widget"><h3>'
        f'{sheet.say("Neueste Beiträge", "Recent Posts")}</h3><ul>{sheet.links(5)}</ul></li><li class="widget">'
        f"<h3>{sheet.say('Über mich', 'About me')}</h3><p>{sheet.noise(2)}</p></li></ul></{tag}>"
    )


def wp_kubrick(sheet: Sheet) -> str:
    """WordPress 1.5 to 2.9: no article element, the text in `entry`, everything about it in `postmetadata`."""
    about = sheet.out(
        sheet.say("Du kannst alle Kommentare zu diesem Beitrag über den", "You can follow any responses to this entry")
    )
    return sheet.html(
        f'<div id="page"><div id="header"><div id="headerimg"><h1><a href="/">Talbote</a></h1></div></div>'
        f'<div id="content" class="widecolumn"><div class="navigation"><div class="alignleft">&laquo; '
        f'<a href="/a">{sheet.other()}</a></div><div class="alignright"><a href="/b">{sheet.other()}</a> &raquo;</div>'
        f'</div><div class="post" id="post-12"><h2>{sheet.title}</h2><div class="entry">{sheet.ps()}'
        f'<p class="postmetadata alt"><small>{about} <a href="/feed">RSS 2.0</a>.</small></p></div></div>'
        f'{_comments_wp(sheet)}</div><hr /><div id="footer"><p>{sheet.noise()} WordPress</p></div></div>'
    )


def wp_twentyten(sheet: Sheet) -> str:
    filed = sheet.out(sheet.say("Dieser Beitrag wurde unter", "This entry was posted in"))
    return sheet.html(
        f'<div id="wrapper" class="hfeed"><div id="header"><div id="access" role="navigation"><div class="menu"><ul>'
        f'{sheet.menu()}</ul></div></div></div><div id="main"><div id="container"><div id="content" role="main">'
        f'<div id="nav-above" class="navigation"><div class="nav-previous"><a href="/a">{sheet.other()}</a></div></div>'
        f'<div id="post-8" class="post-8 post type-post status-publish hentry category-allgemein">'
        f'<h1 class="entry-title">{sheet.title}</h1><div class="entry-meta"><span class="meta-prep">'
        f'{sheet.say("Veröffentlicht am", "Posted on")}</span> <span class="entry-date">{sheet.date}</span> von '
        f'<span class="author vcard"><a href="/author/x">{sheet.author}</a></span></div>'
        f'<div class="entry-content">{sheet.ps()}</div><div class="entry-utility">{filed} <a href="/c">Allgemein</a> '
        f'{sheet.say("veröffentlicht. Setze ein Lesezeichen auf den", "Bookmark the")} <a href="/p">Permalink</a>.</div>'
        f'</div><div id="comments">{_comments_wp(sheet)}</div></div></div>{_widgets(sheet)}</div>'
        f'<div id="footer" role="contentinfo"><div id="site-info">{sheet.noise()}</div></div></div>'
    )


def wp_twentysixteen(sheet: Sheet) -> str:
    shared = sheet.out(sheet.say("Klick, um über Twitter zu teilen", "Click to share on Twitter"))
    return sheet.html(
        f'<div id="page" class="site"><div class="site-inner"><header id="masthead" class="site-header">'
        f'<nav id="site-navigation"><ul>{sheet.menu()}</ul></nav></header><div id="content" class="site-content">'
        f'<div id="primary" class="content-area"><main id="main" class="site-main"><article id="post-5" '
        f'class="post-5 post type-post"><header class="entry-header"><h1 class="entry-title">{sheet.title}</h1>'
        f'</header><div class="entry-content">{sheet.ps()}<h3>{sheet.h()}</h3>{sheet.ps(number=2)}<blockquote><p>'
        f'{sheet.p(2)}</p></blockquote>{sheet.ps(number=1)}<div class="sharedaddy sd-sharing-enabled"><div class='
        f'"robots-nocontent sd-block"><h3 class="sd-title">{sheet.say("Teilen mit:", "Share this:")}</h3><ul><li>'
        f'<a href="?share=twitter" title="{shared}"><span></span>{shared}</a></li></ul></div></div>'
        f'<div id="jp-relatedposts" class="jp-relatedposts"><h3><em>{sheet.say("Ähnliche Beiträge", "Related")}</em>'
        f'</h3><div class="jp-relatedposts-items">{sheet.links(3, "<p><a href=/{1}>{0}</a></p>")}</div></div></div>'
        f'<footer class="entry-footer"><span class="byline">{sheet.author}</span> <span class="posted-on">'
        f'{sheet.date}</span></footer></article><div id="comments" class="comments-area">{_comments_wp(sheet)}</div>'
        f'<nav class="navigation post-navigation"><h2>{sheet.say("Beitragsnavigation", "Post navigation")}</h2>'
        f"{sheet.links(2, '<div><a href=/{1}>{0}</a></div>')}</nav></main></div>{_widgets(sheet, 'aside')}</div></div>"
        f'<footer id="colophon">{sheet.noise()}</footer></div>'
    )


def wp_blocks(sheet: Sheet) -> str:
    """Block themes: every part is a `wp-block-...`; no widget area, no footer classes of old."""
    card = (
        '<li class="wp-block-post"><h2 class="wp-block-post-title has-large-font-size"><a href="/{1}">{0}</a></h2>'
        '<div class="wp-block-post-date"><time datetime="2019-07-01">1. Juli 2019</time></div></li>'
    )
    return sheet.html(
        f'<div class="wp-site-blocks"><header class="wp-block-template-part"><div class="wp-block-group"><p class='
        f'"wp-block-site-title"><a href="/">Talbote</a></p><nav class="wp-block-navigation"><ul>{sheet.menu()}</ul>'
        f'</nav></div></header><main class="wp-block-group"><div class="wp-block-group has-global-padding">'
        f'<h1 class="wp-block-post-title">{sheet.title}</h1><div class="wp-block-group is-layout-flex">'
        f'<div class="wp-block-post-date"><time datetime="2019-07-12T08:00:00+02:00">{sheet.date}</time></div>'
        f'<p class="has-small-font-size">—</p><p class="wp-block-post-author-name">{sheet.author}</p></div></div>'
        f'<div class="entry-content wp-block-post-content is-layout-constrained">{sheet.ps()}'
        f'<h2 class="wp-block-heading">{sheet.h()}</h2>{sheet.ps(number=2)}<ul class="wp-block-list"><li>{sheet.p(1)}'
        f'</li><li>{sheet.p(1)}</li></ul><blockquote class="wp-block-quote"><p>{sheet.p(1)}</p></blockquote>'
        f'<p>{sheet.p(2)}</p></div><div class="wp-block-group"><div class="taxonomy-post_tag wp-block-post-terms">'
        f'<a rel="tag" href="/t">Dorf</a>, <a rel="tag" href="/u">Region</a></div></div><div class="wp-block-comments">'
        f'<h2 class="wp-block-comments-title">{sheet.say("Eine Antwort", "One response")}</h2>'
        f'<ol class="wp-block-comment-template"><li><div class="wp-block-comment-content"><p>{sheet.noise(2)}</p></div>'
        f'<div class="wp-block-comment-reply-link"><a href="#r">{sheet.say("Antworten", "Reply")}</a></div></li></ol>'
        f'</div><div class="wp-block-query"><h2>{sheet.say("Mehr Beiträge", "More posts")}</h2><ul class='
        f'"wp-block-post-template">{sheet.links(4, card)}</ul></div></main><footer class="wp-block-template-part"><p>'
        f"{sheet.noise()}</p></footer></div>"
    )


def wp_elementor(sheet: Sheet) -> str:
    def widget(kind: str, inner: str) -> str:
        return (
            f'<div class="elementor-element elementor-widget elementor-widget-{kind}" data-id="5{len(inner)}">'
            f'<div class="elementor-widget-container">{inner}</div></div>'
        )

    text = "".join(widget("text-editor", f"<p>{sheet.p(2 + at % 3)}</p>") for at in range(sheet.paragraphs))
    posts = sheet.links(
        3,
        '<article class="elementor-post"><div class="elementor-post__text"><h3 class="elementor-post__title">'
        '<a href="/{1}">{0}</a></h3></div></article>',
    )
    return sheet.html(
        f'<div data-elementor-type="header">{widget("nav-menu", f"<ul>{sheet.menu()}</ul>")}</div>'
        f'<div data-elementor-type="single-post" class="elementor"><section class="elementor-section"><div class='
        f'"elementor-container"><div class="elementor-column"><div class="elementor-widget-wrap">'
        f"{widget('theme-post-title', f'<h1>{sheet.title}</h1>')}{widget('post-info', sheet.out(sheet.date))}"
        f"{text}{widget('heading', f'<h2>{sheet.h()}</h2>')}{widget('text-editor', f'<p>{sheet.p()}</p>')}"
        f"{widget('share-buttons', sheet.say('Teilen', 'Share'))}{widget('posts', posts)}</div></div></div></section>"
        f'</div><div data-elementor-type="footer">{widget("text-editor", f"<p>{sheet.noise()}</p>")}</div>'
    )


def wp_tagdiv(sheet: Sheet) -> str:
    """A newspaper theme: modules and blocks, the author in a box, boxes of other articles below."""
    module = (
        '<div class="td_module_mx4 td_module_wrap"><div class="td-module-image"><a href="/{1}"><img src="x.jpg"></a>'
        '</div><h3 class="entry-title td-module-title"><a href="/{1}">{0}</a></h3></div>'
    )
    return sheet.html(
        f'<div id="td-outer-wrap"><div class="td-header-menu-wrap"><ul>{sheet.menu()}</ul></div><div class='
        f'"td-main-content-wrap"><div class="td-container"><div class="td-crumb-container"><a href="/">Start</a> '
        f'<a href="/r">Region</a></div><div class="td-pb-row"><div class="td-pb-span8 td-main-content"><div class='
        f'"td-ss-main-content"><article class="post type-post hentry"><div class="td-post-header"><header class='
        f'"td-post-title"><h1 class="entry-title">{sheet.title}</h1><div class="td-module-meta-info"><div class='
        f'"td-post-author-name">Von <a href="/a">{sheet.author}</a></div><span class="td-post-date">{sheet.date}</span>'
        f'<div class="td-post-views">1234</div></div></header></div><div class="td-post-content tagdiv-type">'
        f'{sheet.ps(number=2)}<div class="td-a-rec"><span>{sheet.say("Anzeige", "Advertisement")}</span></div>'
        f'{sheet.ps()}</div><footer><div class="td-post-source-tags"><ul class="td-tags"><li><span>TAGS</span></li><li>'
        f'<a href="/t">Dorf</a></li></ul></div><div class="td-block-row td-post-next-prev"><div class='
        f'"td-post-next-prev-content"><span>{sheet.say("Vorheriger Artikel", "Previous article")}</span>'
        f'<a href="/v">{sheet.other()}</a></div></div><div class="author-box-wrap"><div class="desc"><div class='
        f'"td-author-name"><a href="/a">{sheet.author}</a></div><div class="td-author-description">{sheet.noise(2)}'
        f'</div></div></div></footer></article><div class="td_block_related_posts"><h4>'
        f"{sheet.say('Verwandte Artikel', 'Related articles')}</h4>{sheet.links(3, module)}</div></div></div>"
        f'<div class="td-pb-span4 td-main-sidebar"><aside class="widget">{sheet.links(4, module)}</aside></div></div>'
        f'</div></div><div class="td-footer-wrapper"><div class="footer-text-wrap">{sheet.noise(2)}</div></div></div>'
    )


def wp_divi(sheet: Sheet) -> str:
    return sheet.html(
        f'<div id="page-container"><header id="main-header"><nav id="top-menu-nav"><ul>{sheet.menu()}</ul></nav></header>'
        f'<div id="et-main-area"><div id="main-content"><div class="container"><div id="content-area"><div id='
        f'"left-area"><article class="et_pb_post"><div class="et_post_meta_wrapper"><h1 class="entry-title">'
        f'{sheet.title}</h1><p class="post-meta">von <span class="author vcard">{sheet.out(sheet.author)}</span> | '
        f'<span class="published">{sheet.date}</span> | <a href="/k">Allgemein</a> | 0 {sheet.say("Kommentare", "comments")}'
        f'</p></div><div class="entry-content"><div class="et_pb_section"><div class="et_pb_row"><div class='
        f'"et_pb_column"><div class="et_pb_module et_pb_text"><div class="et_pb_text_inner">{sheet.ps()}</div></div>'
        f'<div class="et_pb_module et_pb_text"><div class="et_pb_text_inner"><h2>{sheet.h()}</h2>{sheet.ps(number=2)}'
        f'</div></div></div></div></div></div></article><section id="comment-wrap">{_comments_wp(sheet)}</section></div>'
        f'{_widgets(sheet)}</div></div></div></div><footer id="main-footer">{sheet.noise()}</footer></div>'
    )


def blogger(sheet: Sheet) -> str:
    """Text in line breaks directly in the body, comments with their own blocks, a blog archive beside."""
    text = "<br /><br />".join(sheet.p() for _ in range(sheet.paragraphs))
    posted = sheet.out(sheet.say("Eingestellt von", "Posted by"))
    comments = "".join(
        f'<dl><dt class="comment-author"><a href="/p">{sheet.prose.name()}</a> {sheet.say("hat gesagt…", "said...")}</dt>'
        f'<dd class="comment-body"><p>{sheet.noise(2)}</p></dd><dd class="comment-footer"><span class='
        f'"comment-timestamp"><a href="#c{at}">{sheet.date} 10:0{at}</a></span></dd></dl>'
        for at in range(2)
    )
    return sheet.html(
        f'<div class="content-outer"><div class="header section"><h1 class="title"><a href="/">Talbote</a></h1></div>'
        f'<div class="main-outer"><div class="column-center-outer"><div class="main section" id="main"><div class='
        f'"blog-posts hfeed"><div class="date-outer"><h2 class="date-header"><span>{sheet.date}</span></h2><div class='
        f'"date-posts"><div class="post-outer"><div class="post hentry"><h3 class="post-title entry-title">{sheet.title}'
        f'</h3><div class="post-header"></div><div class="post-body entry-content" id="post-body-1">{text}<div style='
        f'"clear: both;"></div></div><div class="post-footer"><div class="post-footer-line"><span class="post-author '
        f'vcard">{posted} <span class="fn">{sheet.author}</span></span> <span class="post-timestamp">um 08:15</span>'
        f'</div><div class="post-share-buttons"><a href="/s">{sheet.say("Diesen Post per E-Mail versenden", "Email This")}'
        f'</a></div></div></div><div class="comments" id="comments"><h4>2 {sheet.say("Kommentare:", "comments:")}</h4>'
        f'{comments}</div></div></div></div></div><div class="blog-pager"><a href="/n">'
        f'{sheet.say("Neuerer Post", "Newer Post")}</a></div></div></div><div class="column-right-outer"><aside>'
        f'<div class="widget BlogArchive"><ul>{sheet.links(6)}</ul></div></aside></div></div>'
        f'<div class="footer-outer">{sheet.noise()}</div></div>'
    )


def ghost(sheet: Sheet) -> str:
    card = (
        '<article class="post-card"><a class="post-card-content-link" href="/{1}/"><header class="post-card-header">'
        '<h2 class="post-card-title">{0}</h2></header></a></article>'
    )
    return sheet.html(
        f'<div class="viewport"><header id="gh-head" class="gh-head"><nav><ul>{sheet.menu()}</ul></nav></header><main '
        f'id="site-main"><article class="article post"><header class="article-header gh-canvas"><h1 class='
        f'"article-title">{sheet.title}</h1><p class="article-excerpt">{sheet.prose.sentence()}</p><div class='
        f'"article-byline"><h4 class="author-name">{sheet.author}</h4><div class="byline-meta-content"><time>'
        f'{sheet.date}</time> <span class="byline-reading-time">4 min read</span></div></div></header><section class='
        f'"gh-content gh-canvas">{sheet.ps()}<h2 id="x">{sheet.h()}</h2>{sheet.ps(number=2)}<div class="kg-card '
        f'kg-callout-card"><div class="kg-callout-text">{sheet.p(1)}</div></div><p>{sheet.p(2)}</p></section></article>'
        f'<section class="footer-cta"><h2>{sheet.noise()}</h2><a href="#/portal">{sheet.say("Abonnieren", "Subscribe")}'
        f'</a></section><aside class="read-more-wrap"><div class="read-more">{sheet.links(3, card)}</div></aside></main>'
        f'<footer class="site-footer">{sheet.noise()}</footer></div>'
    )


def medium(sheet: Sheet) -> str:
    """Hashed names, the paragraphs alone are named; sections part the text."""
    part = '<p id="a{0}" class="pw-post-body-paragraph ng nh fr ni">{1}</p>'
    text = "".join(part.format(at, sheet.p()) for at in range(sheet.paragraphs))
    more = sheet.links(3, '<div class="ab ca"><a href="/{1}"><h2 class="be gx">{0}</h2><div><h3>x</h3></div></a></div>')
    return sheet.html(
        f'<div id="root"><div class="a b c"><div class="d e f"><a href="/">Open in app</a> <a href="/s">Sign up</a></div>'
        f'<article><div class="l"><div class="l"><section><div><div class="fr fs ft"><div class="ab ca"><div class='
        f'"ch bg"><div><h1 class="pw-post-title">{sheet.title}</h1><div class="speechify"><div><a href="/@x">'
        f"{sheet.author}</a></div><div><span>4 min read</span> · <span>{sheet.date}</span></div><div><span>--</span>"
        f'</div><div><button>Listen</button><button>Share</button></div></div></div>{text}<h2 class="nt">{sheet.h()}</h2>'
        f'{part.format("z", sheet.p())}</div></div></div></div></section></div></div></article><div class="bg"><div>'
        f'<a href="/tag/x">Region</a></div><div><h2>Written by {sheet.author}</h2><p>{sheet.noise()}</p></div></div>'
        f'<div>{more}</div><div><a href="/h">Help</a><a href="/p">Privacy</a></div></div></div>'
    )


def squarespace(sheet: Sheet) -> str:
    block = '<div class="sqs-block html-block sqs-block-html"><div class="sqs-block-content">{}</div></div>'
    half = max(1, sheet.paragraphs // 2)
    pager = sheet.links(2, '<a class="item-pagination-link" href="/{1}"><h2 class="item-pagination-title">{0}</h2></a>')
    return sheet.html(
        f'<header id="header"><div class="header-nav">{sheet.menu("<div><a href=/{1}>{0}</a></div>")}</div></header>'
        f'<main id="page"><article class="sections"><section class="page-section"><div class="content-wrapper"><div '
        f'class="content"><div class="blog-item-wrapper"><article class="h-entry entry"><div class="blog-item-top-wrapper">'
        f'<div class="blog-item-meta-wrapper"><span>{sheet.date}</span> <span>Written By {sheet.author}</span></div>'
        f'<div class="blog-item-title"><h1 class="entry-title">{sheet.title}</h1></div></div><div class='
        f'"blog-item-content e-content"><div class="sqs-layout sqs-grid-12"><div class="row sqs-row"><div class="col">'
        f"{block.format(sheet.ps(number=half))}{block.format('<h3>' + sheet.h() + '</h3>' + sheet.ps())}"
        f'</div></div></div></div></article></div></div></div></section></article><section class="item-pagination">'
        f"{pager}</section></main><footer>{block.format(f'<p>{sheet.noise()}</p>')}</footer>"
    )


def wix(sheet: Sheet) -> str:
    """Div in div; every paragraph a wrapper with an id of its own, spans inside."""
    one = '<div type="paragraph" data-hook="rcv-block{0}"></div><div id="viewer-{0}"><p class="mm8Nw"><span>{1}</span></p></div>'
    text = "".join(one.format(at, sheet.p()) for at in range(sheet.paragraphs))
    recent = sheet.links(
        3, '<div class="blog-post-homepage"><a href="/post/{1}"><div class="TBrkhx"><p>{0}</p></div></a></div>'
    )
    return sheet.html(
        f'<div id="SITE_CONTAINER"><div><div id="SITE_HEADER" class="xU8fqS"><div>{sheet.menu("<p><a href=/{1}>{0}</a></p>")}'
        f'</div></div><div id="PAGES_CONTAINER"><div><div id="post1" data-hook="post-page"><div><div class="post-header">'
        f'<ul><li><span data-hook="user-name">{sheet.author}</span></li><li><span>{sheet.date}</span></li><li>'
        f'<span>4 Min. Lesezeit</span></li></ul></div><h1 data-hook="post-title"><span>{sheet.title}</span></h1><section>'
        f'<div class="rich-content"><div class="kvdbP">{text}<div id="viewer-z"><h2><span>{sheet.h()}</span></h2></div>'
        f'{one.format("y", sheet.p())}</div></div></section><div class="pc"><ul><li>Region</li></ul></div></div></div>'
        f'<div data-hook="recent-posts"><h2>{sheet.say("Aktuelle Beiträge", "Recent Posts")}</h2>{recent}</div></div>'
        f'</div><div id="SITE_FOOTER"><div><p class="font_8">{sheet.noise()}</p></div></div></div></div>'
    )


def jimdo(sheet: Sheet) -> str:
    module = '<div id="cc-m-{0}" class="j-module n j-{1} "><{3}>{2}</{3}></div>'
    text = "".join(
        module.format(at, "text", f"<p>{sheet.p()}</p><p>\xa0</p>", "div")
        for at in range(max(2, sheet.paragraphs // 2))
    )
    return sheet.html(
        f'<div class="jtpl-main"><div class="jtpl-navigation"><ul class="cc-nav-level-0">{sheet.menu()}</ul></div>'
        f'<div class="jtpl-content"><div id="content_area"><div id="cc-matrix-1">'
        f"{module.format('a', 'header', sheet.title, 'h1')}{module.format('b', 'imageSubtitle', '<img src=x>', 'div')}"
        f"{text}{module.format('c', 'header', sheet.h(), 'h2')}{module.format('d', 'text', f'<p>{sheet.p()}</p>', 'div')}"
        f'</div></div></div><div class="jtpl-sidebar"><div id="cc-matrix-2">'
        f'{module.format("e", "text", f"<p>{sheet.noise()}</p>", "div")}</div></div><div class="jtpl-footer"><div id='
        f'"contentfooter"><a href="/about/">Impressum</a> | <a href="/j/privacy">Datenschutz</a></div></div></div>'
    )


def serendipity(sheet: Sheet) -> str:
    replies = "".join(
        f'<div class="serendipity_comment"><a id="c{at}"></a><div class="serendipity_commentBody">{sheet.noise(2)}</div>'
        f'<div class="serendipity_comment_source">{sheet.prose.name()} am <a href="#c{at}">{sheet.date} 11:2{at}</a>'
        f"</div></div>"
        for at in range(2)
    )
    return sheet.html(
        f'<div id="serendipity_banner"><h1><a href="/">Talbote</a></h1></div><table id="mainpane"><tr><td id='
        f'"serendipityLeftSideBar"><div class="serendipitySideBarItem"><ul>{sheet.links(4)}</ul></div></td><td id="content">'
        f'<div class="serendipity_Entry_Date"><h3 class="serendipity_date">{sheet.date}</h3><h4 class='
        f'"serendipity_title"><a href="/x">{sheet.title}</a></h4><div class="serendipity_entry"><div class='
        f'"serendipity_entry_body">{sheet.ps(number=1)}</div><div class="serendipity_entry_extended"><a id="extended">'
        f'</a>{sheet.ps()}</div><div class="serendipity_entryFooter">{sheet.out(sheet.say("Geschrieben von", "Posted by"))} '
        f'<a href="/a">{sheet.author}</a> um 10:15 | <a href="#c">Kommentare (2)</a></div></div><div class='
        f'"serendipity_comments"><div class="serendipity_commentsTitle">Kommentare</div>{replies}</div></div></td></tr>'
        f"</table>"
    )


def typepad(sheet: Sheet) -> str:
    return sheet.html(
        f'<div id="container"><div id="banner"><h1><a href="/">Talbote</a></h1></div><div id="pagebody"><div id="alpha">'
        f'<p class="content-nav"><a href="/a">&laquo; {sheet.other()}</a> | <a href="/">Main</a> | <a href="/b">'
        f'{sheet.other()} &raquo;</a></p><div class="entry" id="entry-1"><h3 class="entry-header">{sheet.title}</h3>'
        f'<div class="entry-content"><div class="entry-body">{sheet.ps(number=2)}</div><div class="entry-more">'
        f'{sheet.ps()}</div></div><div class="entry-footer"><p class="entry-footer-info"><span class="post-footers">'
        f'{sheet.out("Posted by")} {sheet.author} at 08:15 AM in <a href="/c">Weblogs</a></span> <a href="/p">Permalink</a>'
        f'</p></div></div><h2 id="trackback">TrackBack</h2><p><span>TrackBack URL for this entry:</span></p>'
        f'<div class="comments-open"><h2>Comments</h2><div class="comment"><div class="comment-content"><p>{sheet.noise(2)}'
        f'</p></div><p class="comment-footer">Posted by: {sheet.prose.name()} | {sheet.date} at 10:01 AM</p></div></div>'
        f'</div><div id="beta"><div class="module"><ul>{sheet.links(4)}</ul></div></div></div></div>'
    )


def jekyll(sheet: Sheet) -> str:
    return sheet.html(
        f'<header class="site-header"><a class="site-title" href="/">talbote</a><nav class="site-nav"><div class="trigger">'
        f'{sheet.menu("<a class=page-link href=/{1}>{0}</a>")}</div></nav></header><main class="page-content"><div class='
        f'"wrapper"><article class="post h-entry"><header class="post-header"><h1 class="post-title p-name">{sheet.title}'
        f'</h1><p class="post-meta"><time class="dt-published">{sheet.out(sheet.date)}</time></p></header><div class='
        f'"post-content e-content">{sheet.ps()}<pre><code>{sheet.kept("for value in rows: print(value)")}</code></pre>'
        f'{sheet.ps(number=1)}<ol><li>{sheet.p(1)}</li><li>{sheet.p(1)}</li></ol><div class="footnotes"><ol><li id="fn1">'
        f'<p>{sheet.p(1)} <a href="#fnref1">↩</a></p></li></ol></div></div></article></div></main><footer class='
        f'"site-footer"><p>{sheet.noise()}</p></footer>'
    )


BLOGS = {
    "wp_kubrick": wp_kubrick, "wp_twentyten": wp_twentyten, "wp_twentysixteen": wp_twentysixteen,
    "wp_blocks": wp_blocks, "wp_elementor": wp_elementor, "wp_tagdiv": wp_tagdiv, "wp_divi": wp_divi,
    "blogger": blogger, "ghost": ghost, "medium": medium, "squarespace": squarespace, "wix": wix, "jimdo": jimdo,
    "serendipity": serendipity, "typepad": typepad, "jekyll": jekyll,
}  # fmt: skip
