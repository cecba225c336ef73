"""What the authors of markup call their boxes: class and id read as words. Pure, memoised, general knowledge only.

`articleBody`, `article__body` and `article-body` are the same two words. A name is believed only within the guards of
`clear`: on a real page every one of these words stands on some article's own wrapper.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_MAX_CHARS = 300
_MAX_NAMES = 24


class Verdict(NamedTuple):
    """What a class and an id say about the element that bears them."""

    beside: bool = False
    """Named as something that stands beside an article: navigation, advertising, comments, teasers, sharing, ..."""
    text: bool = False
    """Named as the article's text."""
    byline: bool = False
    paywall: bool = False
    standfirst: bool = False
    apart: bool = False
    """Named as what is never the article's, however much it is: what readers wrote, what is asked about cookies."""
    consent: bool = False


NOTHING = Verdict()

_BESIDE = frozenset(
    """
    nav navi navigation navbar subnav menu submenu megamenu breadcrumb breadcrumbs breadcrumps pager pagination paging
    sidebar rightrail rail masthead toolbar toolbox footer skiplink skiplinks sitemap
    ad ads adv advert adverts advertisement advertisements advertising advertorial adslot adsbygoogle adbox adunit
    adcontainer adwrap adwrapper adplacement adspace adzone adblock admodule adframe adlabel adcontent adspot
    anzeige anzeigen werbung reklame publicite publicidad publicidade pubblicita
    banner skyscraper billboard sponsor sponsored sponsors sponsoring affiliate outbrain taboola plista revcontent mgid
    cookie cookies cookiebanner consent gdpr dsgvo modal popup overlay lightbox tooltip interstitial
    share shares sharing sharebar sharebuttons sharelinks sharer sharethis socialshare socialmedia socialbar social
    socials shariff addthis addtoany sharedaddy teilen partage partager condividi compartir follow followus
    comment comments commentlist commentbox commentform commentaires commentaire commenti comentarios kommentar
    kommentare kommentarbereich leserkommentare disqus respond replies
    newsletter newsletters signup subscribe subscription subscriptions abo abos abonnement abobox aboteaser login signin
    related relatedposts relatedarticles relatedcontent relatedlinks relatednews recommended recommendation
    recommendations recommend recirc recirculation teaser teasers teaserbox teaserlist promo promos promobox trending
    popular mostread mostpopular meistgelesen empfehlung empfehlungen verwandte correlati relacionadas relacionados
    similaires yarpp crosssell crosslink crosslinks upnext
    author authors authorbox authorinfo authorbio byline bylines bio autor autoren autorin auteur autore vcard
    caption captions credit credits bildunterschrift bildunterzeile bildtext bildnachweis bildquelle bildrechte
    legende legend didascalia piedefoto imagecaption imagecredit photocredit
    meta metadata metainfo taglist tagcloud keywords schlagworte schlagwort timestamp postmeta
    donate donation donations spende spenden
    hauptnavigation metanavigation servicenavigation subnavigation unternavigation navigationsleiste hauptmenue
    brotkrumen brotkrume brotkruemel seitenleiste randspalte marginalspalte marginalie marginalien kopfzeile
    fusszeile fussbereich seitenfuss piedpage piedipagina piepagina breadcrump rootline
    postmetadata postinfo entrymeta entryfooter linklist auchinteressant aehnliche weiterempfehlen
    rating ratings poll quiz survey feedback voting votes
    slideshow carousel slider gallery galerie bildergalerie player videoplayer
    copyright disclaimer noprint printonly
    widgetarea widgettitle
    """.split()  # noqa: SIM905 - a table of words reads better than a list of strings
)
_BESIDE_PAIRS = frozenset(
    """
    more-news more-stories more-articles more-links more-posts more-from more-topics also-read read-also read-more
    see-also most-read most-popular most-viewed mehr-zum zum-thema lesen-sie lire-aussi leggi-anche lee-tambien
    read-next next-article next-articles next-post prev-post previous-post post-nav top-stories latest-news
    widget-area widget-title skip-link skip-links jump-link inline-video image-caption image-credit
    entry-footer post-footer article-footer story-footer entry-utility post-info article-info article-tags
    entry-tags post-tags story-tags tag-list tag-cloud side-bar right-rail right-column left-column mini-cart
    cookie-bar call-to visually-hidden sr-only screen-reader screenreader-only email-signup
    article-tools story-tools article-actions story-actions social-bar about-author author-box print-link
    topic-list topic-links link-list link-box
    weitere-artikel weitere-beitraege weitere-meldungen weitere-themen weitere-informationen aehnliche-artikel
    aehnliche-beitraege auch-interessant beitrag-navigation beitrags-navigation post-utility entry-author post-author
    article-author skip-nav sprung-marken rechte-spalte linke-spalte colonne-droite
    """.split()  # noqa: SIM905
)
_WHOLE = frozenset({"tag", "tags", "hidden", "hide", "tools", "actions", "skip", "foot", "zone-ad", "topics", "themen"})
"""Believed only as the whole name: as one word of several they mean other things."""
_TEXT_FIRST = frozenset(
    {"article", "story", "post", "entry", "news", "main", "content", "rich", "body", "page", "artikel", "beitrag"}
)
_TEXT_LAST = frozenset({"body", "bodytext", "content", "text", "copy", "fulltext", "inhalt", "txt", "article"})
_TEXT_JOINED = frozenset(
    """
    articlebody articletext articlecontent storybody storytext storycontent entrycontent postcontent postbody posttext
    newstext newsbody maincontent contentbody bodytext bodycopy richtext fulltext artikeltext artikelinhalt textbody
    article-body-content singlecontent
    """.split()  # noqa: SIM905
)
_BYLINE = frozenset({"byline", "bylines", "author", "authors", "autor", "autoren", "autorin", "auteur", "autore"})
_STANDFIRST = frozenset({
    "lead", "leadtext", "standfirst", "subtitle", "subheadline", "subhead", "subheading", "deck", "dek", "vorspann",
    "teasertext", "intro", "introtext", "chapeau", "chapo", "sommario", "occhiello", "entradilla", "unterzeile",
    "dachzeile",
})  # fmt: skip
_APART = frozenset({
    "comments", "commentlist", "commentaires", "commenti", "comentarios", "kommentare", "leserkommentare", "disqus",
    "kommentarbereich",
})  # fmt: skip
# `comment-text` is what a reader wrote. In German a `kommentar` may be an article, so only where it is no such word.
_APART_PAIRS = frozenset(
    f"{first}-{last}"
    for first in ("comment", "commentaire", "comentario", "commento")
    for last in (
        "text", "body", "content", "contents", "list", "item", "entry", "message", "texte", "texto", "testo", "inner",
        "container", "wrap", "wrapper", "thread", "copy",
    )
)  # fmt: skip
_CONSENT = frozenset({
    "cookie", "cookies", "cookiebanner", "cookieconsent", "cookienotice", "consent", "gdpr", "dsgvo", "onetrust",
    "usercentrics", "didomi", "sourcepoint", "cmp", "cmpbox",
})  # fmt: skip
_PAYWALL = frozenset({"paywall", "regwall", "paidcontent", "bezahlschranke"})
_PAYWALL_PAIRS = frozenset({"pay-wall", "piano-offer", "subscription-wall", "paid-content", "premium-content"})
# `has-sidebar`, `no-ads`, `with-comments`: about something else on the page.
_ABOUT = frozenset({"no", "non", "has", "with", "without", "not", "is", "ohne", "mit", "hide", "show", "toggle"})
_WORD = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*|\d+[A-Za-z]*")


_BESIDE_BIT, _TEXT_BIT, _BYLINE_BIT, _PAYWALL_BIT, _STANDFIRST_BIT, _APART_BIT, _CONSENT_BIT = (
    1 << bit for bit in range(7)
)
_TABLES = (
    (_BESIDE, _BESIDE_BIT), (_BYLINE, _BYLINE_BIT), (_PAYWALL, _PAYWALL_BIT | _BESIDE_BIT),
    (_STANDFIRST, _STANDFIRST_BIT),
)  # fmt: skip
_MEANS = {word: sum(bit for table, bit in _TABLES if word in table) for table, _ in _TABLES for word in table}
_PAIRS = {
    **dict.fromkeys(_BESIDE_PAIRS, _BESIDE_BIT),
    **dict.fromkeys(_APART_PAIRS, _APART_BIT),
    **dict.fromkeys(_PAYWALL_PAIRS, _PAYWALL_BIT | _BESIDE_BIT),
}
_VERDICTS = {
    bits: Verdict(
        bool(bits & _BESIDE_BIT) and not bits & _TEXT_BIT, bool(bits & _TEXT_BIT), bool(bits & _BYLINE_BIT),
        bool(bits & _PAYWALL_BIT), bool(bits & _STANDFIRST_BIT),
        bool(bits & (_APART_BIT | _CONSENT_BIT)) and not bits & _TEXT_BIT, bool(bits & _CONSENT_BIT),
    )
    for bits in range(1, 128)
} | {0: NOTHING}  # fmt: skip


@lru_cache(maxsize=20_000)
def read(names: str) -> Verdict:
    """Verdict over all class names and the id, separated by white space; longer lists are read in part."""
    bits = 0
    for name in names[:_MAX_CHARS].split()[:_MAX_NAMES]:
        bits |= _meaning(name)
    return _VERDICTS[bits]


@lru_cache(maxsize=50_000)
def _meaning(name: str) -> int:
    words = [word.rstrip("0123456789") for word in map(str.lower, _WORD.findall(name))]
    if len(words) == 1:
        bits = _MEANS.get(words[0], 0) | (_TEXT_BIT if words[0] in _TEXT_JOINED else 0)
    else:
        joined = "".join(words)
        if not words or joined in _TEXT_JOINED or _names_text(words):
            return _TEXT_BIT if words else 0
        if words[0] in _ABOUT:
            return 0
        bits = _MEANS.get(joined, 0)
        before = ""
        for word in words:
            bits |= _MEANS.get(word, 0) | _PAIRS.get(f"{before}-{word}", 0)
            before = word
    if name.lower().rstrip("0123456789") in _WHOLE:
        bits |= _BESIDE_BIT
    if len(words) <= 3 and not _APART.isdisjoint(words):
        bits |= _APART_BIT
    if len(words) <= 4 and not _CONSENT.isdisjoint(words):
        bits |= _CONSENT_BIT | _BESIDE_BIT
    return bits


def _names_text(words: list[str]) -> bool:
    """`article-body`, `story__body__content`, but not `article-body-ad`."""
    if words[-1] not in _TEXT_LAST or words[0] not in _TEXT_FIRST:
        return False
    return all(word in _TEXT_FIRST or word in _TEXT_LAST for word in words)
